"""A picture, film or document above an interactive message: checked by its bytes, then handed to Meta."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from werkzeug.datastructures import FileStorage

from app.console.forms import FileHeaderForm
from app.console.leaving import is_for_later, plan_with_files, quoted, sender
from app.errors import FieldProblem, InvalidFields
from app.models import Conversation, OutgoingFile
from app.services import media_uploads, messages
from app.services.attachments import kinds
from app.web.identity import current_actor

_KINDS = ("image", "video", "document")
_TAKEN = "A header takes pictures, films and documents only."


def leave_with_file(form: FileHeaderForm, file: FileStorage, conversation: Conversation) -> object:
    """Queue or plan the message with this header. Pressed twice it is one message. Raises DomainError."""
    content, name = form.content(), (file.filename or "file").replace("\0", "")
    if "header" in content:
        raise _refused("A header is either text or a file. Take one of them away.")
    if is_for_later():
        return plan_with_files(
            conversation, "interactive", form, [file], lambda kept: content | {"header": _header_of(kept[0])}
        )
    data = file.stream.read()
    digest = _digest(conversation, content, data)
    key = form.client_key
    if key and (earlier := messages.find_by_key(conversation.account_id, key, digest)):
        return earlier
    content["header"] = _header(conversation, data, name)
    return messages.queue_message(
        conversation=conversation,
        message_type="interactive",
        content=content,
        client_key_digest=digest,
        context_wamid=quoted(conversation),
        **sender(form),
    )


def _header_of(kept: OutgoingFile) -> dict[str, Any]:
    if kept.kind not in _KINDS:
        raise _refused(f"“{kept.file_name}” cannot stand above the text. {_TAKEN}")
    named = {"filename": kept.file_name} if kept.kind == "document" else {}
    return {"type": kept.kind, kept.kind: {"id": kept.meta_id, **named}}


def _header(conversation: Conversation, data: bytes, name: str) -> dict[str, Any]:
    file = FileStorage(filename=name)
    file.stream.write(data)
    found = kinds.identify(file.stream, len(data), name)
    if found.problem or found.kind not in _KINDS:
        said = found.problem or _TAKEN
        raise _refused(f"“{name}” cannot stand above the text. {said}")
    media_id = media_uploads.upload(
        account=conversation.account,
        number=conversation.phone_number,
        content=data,
        mime_type=found.mime_type,
        file_name=name,
        actor=current_actor(),
    )
    named = {"filename": name} if found.kind == "document" else {}
    return {"type": found.kind, found.kind: {"id": media_id, **named}}


def _digest(conversation: Conversation, content: dict[str, Any], data: bytes) -> str:
    """Of the file itself, not of Meta's id, which another upload changes."""
    given = [conversation.id, content, hashlib.sha256(data).hexdigest()]
    return hashlib.sha256(json.dumps(given, sort_keys=True).encode()).hexdigest()


def _refused(said: str) -> InvalidFields:
    return InvalidFields([FieldProblem("header_file", f"{said} Nothing was sent.")])
