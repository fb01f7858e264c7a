"""Keeping what is typed, while it is typed; and what another tab or device had kept meanwhile."""

from __future__ import annotations

from flask import Response, flash, request

from app.console import pages
from app.console.blueprint import blueprint
from app.console.composing import Face
from app.console.forms import SendForm, client_key_of
from app.errors import InvalidFields
from app.models import Conversation
from app.queries import conversations as queries
from app.services import drafts, receipts
from app.services.drafts import Kept
from app.web.identity import current_actor
from app.web.permissions import permission_required
from app.web.responses import go_to, wants_fragment

_NOTHING = 204


@blueprint.post("/<int:conversation_id>/draft")
@permission_required("messages.send")
def keep_draft(conversation_id: int) -> Response:
    """Keep what the composer holds. Without a form in it, or for a program, there is nothing to keep."""
    conversation = queries.get_conversation(conversation_id, current_actor().scope("messages.send"))
    before = request.form.get("draft", "")
    kept, problem = Kept(before), ""
    try:
        found = keep_typed(conversation)
    except InvalidFields as error:
        problem = " ".join(item.message for item in error.problems)
    else:
        if found is None:
            return Response(status=_NOTHING)
        kept = found
    is_note = request.form.get("compose") == Face.NOTE
    if (kept.other or kept.version not in {"", before}) and not is_note:
        receipts.typing(conversation)
    if wants_fragment():
        return pages.fragment("_draft.html", here=conversation, kept=kept, problem=problem)
    if problem or kept.other or kept.is_gone:
        flash(
            problem or "Another tab or device has this draft too. What is kept there was not changed.", "bad"
        )
    return go_to(pages.thread_url(conversation))


def keep_typed(conversation: Conversation) -> Kept | None:
    """What the request's form holds; None when that is no composer's. Raises InvalidFields."""
    user, face = current_actor().user, request.form.get("compose", "")
    send_key = request.form.get("send_key", "")
    if user is None or face not in set(Face) or not send_key:
        return None
    return drafts.keep(
        conversation=conversation,
        user_id=user.id,
        face=face,
        fields=dict(request.form.lists()),
        base=request.form.get("draft", ""),
        client_key=client_key_of(send_key),
    )


def forget(conversation: Conversation, form: SendForm) -> None:
    """What was sent is no draft any more."""
    user = current_actor().user
    if user is not None:
        drafts.forget(
            conversation_id=conversation.id,
            user_id=user.id,
            version=request.form.get("draft", ""),
            send_key=form.send_key.data or "",
        )
