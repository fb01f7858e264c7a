"""The list of conversations and one conversation's thread, and the polls that keep both fresh."""

from __future__ import annotations

from flask import Response, flash, request, url_for

from app.console import pages
from app.console.blueprint import blueprint
from app.console.composing import composer_for
from app.console.window import window_of
from app.errors import DomainError
from app.models import Conversation, Message
from app.queries import conversations as queries
from app.services import messages
from app.web.identity import current_actor
from app.web.permissions import permission_required
from app.web.responses import go_to, respond, wants_fragment

_NOTHING_NEW = 204


@blueprint.get("/")
@permission_required("console.use")
def index() -> Response:
    context = pages.list_context(None)
    return respond(page="console/console.html", fragment="console/_console.html", **context)


@blueprint.get("/list")
@permission_required("console.use")
def conversation_list() -> Response:
    """The list alone, for its poll and its search; 204 when it shows what the page has already."""
    context = pages.list_context(request.args.get("current", type=int))
    if context["list"].version == request.args.get("version"):
        return Response(status=_NOTHING_NEW)
    return pages.fragment("_list.html", **context)


@blueprint.get("/pane")
@permission_required("console.use")
def conversation_pane() -> Response:
    """Search, filters and list, for a changed search or filter; the page's address follows."""
    current = request.args.get("current", type=int)
    context = pages.list_context(current)
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


@blueprint.get("/<int:conversation_id>/window")
@permission_required("console.use")
def window(conversation_id: int) -> Response:
    """The window bar alone: time passes in it also when nobody writes."""
    conversation = pages.get_conversation(conversation_id)
    return pages.fragment(
        "_window.html",
        conversation=conversation,
        window=window_of(conversation),
        face=request.args.get("compose"),
    )


@blueprint.post("/<int:conversation_id>/read")
@permission_required("console.use")
def mark_read(conversation_id: int) -> Response:
    """Somebody has the conversation before their eyes. A GET may not write, so the page says so itself."""
    messages.mark_read(conversation=pages.get_conversation(conversation_id))
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
        return pages.fragment("_fresh.html", 422 if problem else 200, log=log, problem=problem)
    if problem:
        flash(problem, "bad")
    return go_to(pages.thread_url(conversation))
