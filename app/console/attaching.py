"""Files in the composer: they come piece by piece, wait beside the text, and are taken away again."""

from __future__ import annotations

from functools import partial

from flask import Response, jsonify, request

from app.console import pages
from app.console.blueprint import blueprint
from app.console.tray import TrayItem, me
from app.errors import DomainError, FieldProblem, InvalidFields, NotFound
from app.models import Conversation, OutgoingFile
from app.queries import conversations as conversation_queries
from app.queries import outgoing_files as queries
from app.services.attachments import keeping
from app.services.attachments.keeping import Promise
from app.web.file_answers import file_answer
from app.web.identity import current_actor
from app.web.permissions import permission_required
from app.web.responses import go_to, wants_fragment

_STILL_COMING = 202


@blueprint.post("/<int:conversation_id>/files")
@permission_required("messages.send")
def attach_file(conversation_id: int) -> Response:
    """The next piece of a file: 202 with `received` while more is to come, then the file in the tray.

    422 with `message` for what cannot be sent. With `cancel` what is here of it is taken away: 204.
    """
    conversation = _conversation(conversation_id)
    if request.form.get("cancel"):
        keeping.call_off(conversation=conversation, user=me(), key=request.form.get("key", ""))
        return Response(status=204)
    try:
        file = keeping.add_piece(
            conversation=conversation,
            user=me(),
            promise=_promise(),
            offset=_whole_number("offset"),
            data=_piece(),
        )
    except DomainError as error:
        answer = jsonify({"message": error.message})
        answer.status_code = error.status
        return answer
    if not file.is_whole:
        answer = jsonify({"received": file.received_bytes})
        answer.status_code = _STILL_COMING
        return answer
    return pages.fragment("_tray_item.html", item=TrayItem(file), conversation=conversation)


@blueprint.get("/<int:conversation_id>/files/<int:outgoing_file_id>")
@permission_required("messages.send")
def outgoing_file(conversation_id: int, outgoing_file_id: int) -> Response:
    """Its bytes, to look at or listen to before it is sent."""
    file = queries.get_outgoing_file(outgoing_file_id, _conversation(conversation_id))
    if not file.is_whole:
        raise NotFound("This file is not all here yet.")
    return file_answer(file, partial(keeping.read, file))


@blueprint.post("/<int:conversation_id>/files/<int:outgoing_file_id>/remove")
@permission_required("messages.send")
def remove_file(conversation_id: int, outgoing_file_id: int) -> Response:
    """Take it away again; what is typed stays."""
    conversation = _conversation(conversation_id)
    keeping.remove(_own_file(conversation, outgoing_file_id))
    if wants_fragment():
        return Response("", 200)
    return go_to(pages.thread_url(conversation))


@blueprint.post("/<int:conversation_id>/files/<int:outgoing_file_id>/hand-over")
@permission_required("messages.send")
def hand_file_over(conversation_id: int, outgoing_file_id: int) -> Response:
    """Another try to give Meta what it did not take before."""
    conversation = _conversation(conversation_id)
    file = keeping.hand_over(_own_file(conversation, outgoing_file_id), conversation)
    if wants_fragment():
        caption = request.form.get(f"caption-{file.key}", "")
        return pages.fragment("_tray_item.html", item=TrayItem(file, caption), conversation=conversation)
    return go_to(pages.thread_url(conversation))


def _promise() -> Promise:
    form = request.form
    return Promise(form.get("key", ""), form.get("name", ""), _whole_number("size"), form.get("voice") == "1")


def _whole_number(name: str) -> int:
    given = request.form.get(name, "")
    if not (given.isascii() and given.isdigit()) or len(given) > 12:
        raise InvalidFields([FieldProblem(name, f"“{name}” must be a whole number.")])
    return int(given)


def _piece() -> bytes:
    file = request.files.get("piece")
    return file.stream.read() if file is not None else b""


def _own_file(conversation: Conversation, outgoing_file_id: int) -> OutgoingFile:
    """Others may look at it, and neither send it nor take it away."""
    file = queries.get_outgoing_file(outgoing_file_id, conversation)
    if file.user_id != me().id:
        raise NotFound("This file was chosen by somebody else.")
    if file.is_planned:
        raise NotFound("This file waits for its planned message. Cancel that to take it away.")
    return file


def _conversation(conversation_id: int) -> Conversation:
    return conversation_queries.get_conversation(conversation_id, current_actor().scope("messages.send"))
