"""The list of conversations and one conversation's thread, and the polls that keep both fresh."""

from __future__ import annotations

from flask import Response, flash, request, url_for

from app.console import pages
from app.console.blueprint import blueprint
from app.console.composing import composer_for
from app.console.shown_views import start_query
from app.console.window import window_of
from app.errors import DomainError, InvalidFields
from app.models import Conversation, Message
from app.queries import conversations as queries
from app.queries.contact_identity import find_block
from app.services import mentions, messages, reactions, receipts
from app.services.looks import mark_seen
from app.web.identity import current_actor
from app.web.permissions import permission_required
from app.web.responses import go_to, respond, wants_fragment
from app.web.routing import row_id

_NOTHING_NEW = 204


@blueprint.get("/")
@permission_required("console.use")
def index() -> Response:
    """A bare address begins with the person's own view, if they have chosen one."""
    start = None if request.args or wants_fragment() else start_query()
    if start is not None:
        return go_to(url_for("console.index", **(start or {"desk": "all"})))
    context = pages.pane_context(None)
    return respond(page="console/console.html", fragment="console/_console.html", **context)


@blueprint.get("/list")
@permission_required("console.use")
def conversation_list() -> Response:
    """The list alone, for its poll; 204 when it shows what the page has already. `marks`: of the rows that
    the page has, `tabs`: of what stands above them; they are not sent again."""
    context = pages.list_context(request.args.get("current", type=int), is_poll=True)
    if context["list"].version == request.args.get("version"):
        return Response(status=_NOTHING_NEW)
    return pages.fragment("_rows.html", **context)


@blueprint.get("/pane")
@permission_required("console.use")
def conversation_pane() -> Response:
    """Search, filters and list, for a changed search or filter; the page's address follows."""
    current = request.args.get("current", type=int)
    context = pages.pane_context(current)
    args = context["list"].args(before=context["list"].cursor)
    url = url_for("console.index", **args)
    if current is not None:
        url = url_for("console.thread", conversation_id=current, **args)
    response = pages.fragment("_pane.html", **context)
    response.headers["HX-Replace-Url"] = url
    return response


@blueprint.get("/<int:conversation_id>/")
@permission_required("console.use")
def thread(conversation_id: int) -> Response:
    conversation = pages.get_conversation(conversation_id)
    context = pages.thread_context(conversation, composer_for(conversation))
    return respond(page="console/console.html", fragment="console/_console.html", **context)


@blueprint.get("/<int:conversation_id>/messages")
@permission_required("console.use")
def thread_messages(conversation_id: int) -> Response:
    """The open thread's poll: its messages and window bar, or 204."""
    conversation = pages.get_conversation(conversation_id)
    if request.args.get("version") == pages.log_version(conversation):
        return Response(status=_NOTHING_NEW)
    return pages.fragment("_fresh.html", log=pages.build_log(conversation), face=request.args.get("compose"))


@blueprint.get("/<int:conversation_id>/messages/older")
@permission_required("console.use")
def older_messages(conversation_id: int) -> Response:
    """Those before the first on the page, to be put above them."""
    return pages.fragment("_older.html", log=pages.build_older(pages.get_conversation(conversation_id)))


@blueprint.get("/<int:conversation_id>/window")
@permission_required("console.use")
def window(conversation_id: int) -> Response:
    """The window bar alone: time passes in it also when nobody writes."""
    conversation = pages.get_conversation(conversation_id)
    return pages.fragment(
        "_window.html",
        conversation=conversation,
        window=window_of(conversation, find_block(conversation.phone_number_id, conversation.contact_id)),
        face=request.args.get("compose"),
    )


@blueprint.post("/<int:conversation_id>/read")
@permission_required("console.use")
def mark_read(conversation_id: int) -> Response:
    """Somebody has the conversation before their eyes. A GET may not write, so the page says so itself."""
    conversation, user = pages.get_conversation(conversation_id), current_actor().user
    seen = request.args.get("seen", type=row_id)
    if user is not None:
        mentions.mark_read(user_id=user.id, conversation_id=conversation_id)
    if seen is not None and user is not None:
        mark_seen(conversation=conversation, user_id=user.id, message_id=seen)
    else:
        messages.mark_read(conversation=conversation)
    receipts.opened(conversation)
    return Response(status=_NOTHING_NEW, headers={"HX-Trigger": "conversation-changed"})


@blueprint.post("/<int:conversation_id>/messages/<int:message_id>/retry")
@permission_required("messages.send")
def retry(conversation_id: int, message_id: int) -> Response:
    """Send a failed or unconfirmed message again."""
    conversation, message = _own_message(conversation_id, message_id)
    problem = ""
    try:
        messages.retry_message(message=message, actor=current_actor())
    except DomainError as error:
        problem = error.message
    return after_choice(conversation, problem)


@blueprint.post("/<int:conversation_id>/messages/<int:message_id>/react")
@permission_required("messages.send")
def react(conversation_id: int, message_id: int) -> Response:
    """`emoji`: our reaction to a customer's message from now on; empty: none."""
    conversation, message = _own_message(conversation_id, message_id)
    problem = ""
    try:
        reactions.react(
            conversation=conversation,
            message=message,
            emoji=request.form.get("emoji", "") or request.form.get("other", ""),
            actor=current_actor(),
        )
    except InvalidFields as error:
        problem = " ".join(item.message for item in error.problems)
    except DomainError as error:
        problem = error.message
    return after_choice(pages.get_conversation(conversation_id), problem)


@blueprint.post("/<int:conversation_id>/messages/<int:message_id>/leave")
@permission_required("messages.send")
def leave(conversation_id: int, message_id: int) -> Response:
    """Do not send an unconfirmed message again."""
    conversation, message = _own_message(conversation_id, message_id)
    messages.leave_unconfirmed(message=message)
    return after_choice(conversation, "")


def _own_message(conversation_id: int, message_id: int) -> tuple[Conversation, Message]:
    scope = current_actor().scope("messages.send")
    conversation = queries.get_conversation(conversation_id, scope)
    return conversation, queries.get_message(conversation, message_id)


def after_choice(conversation: Conversation, problem: str) -> Response:
    """The thread as it is now, with what stood in the way."""
    if wants_fragment():
        log = pages.build_log(conversation)
        response = pages.fragment("_fresh.html", 422 if problem else 200, log=log, problem=problem)
        response.headers["HX-Trigger"] = "thread-changed"
        return response
    if problem:
        flash(problem, "bad")
    return go_to(pages.thread_url(conversation))
