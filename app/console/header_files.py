"""A picture, film or document above an interactive message: checked by its bytes, kept, handed to Meta."""

from __future__ import annotations

import hashlib
import io
import json
from typing import Any

from werkzeug.datastructures import FileStorage

from app.console import tray
from app.console.forms import FileHeaderForm
from app.console.leaving import is_for_later, plan_with_files, quoted, sender
from app.errors import FieldProblem, InvalidFields
from app.models import Conversation, OutgoingFile
from app.queries import outgoing_files as queries
from app.services import messages
from app.services.attachments import keeping, kinds
from app.services.attachments.keeping import Promise
from app.services.attachments.sending import queue_with_header

_KINDS = ("image", "video", "document")
_TAKEN = "A header takes pictures, films and documents only."


def leave_with_file(
    form: FileHeaderForm, content: dict[str, Any], file: FileStorage, conversation: Conversation
) -> object:
    """Queue or plan the message with this header; `content` is Meta's object without it. Pressed twice it is
    one message. Raises DomainError.
    """
    if "header" in content:
        raise _refused("A header is either text or a file. Take one of them away.")
    if is_for_later():
        return plan_with_files(
            conversation, "interactive", form, [file], lambda kept: content | {"header": _header_of(kept[0])}
        )
    digest = _digest(conversation, content, file)
    account_id, client_key = conversation.account_id, form.client_key
    if client_key and (earlier := messages.find_by_key(account_id, client_key, digest)):
        return earlier
    key = hashlib.sha256(f"{digest}.{client_key}".encode()).hexdigest()[:32]
    try:
        kept = _keep(conversation, key, file)
        return queue_with_header(
            conversation=conversation,
            content=content | {"header": _header_of(kept)},
            file=kept,
            client_key_digest=digest,
            context_wamid=quoted(conversation),
            **sender(form),
        )
    finally:
        # Nothing was queued: it waits in no composer.
        if (left := queries.find_by_key(key)) is not None:
            keeping.remove(left)


def _keep(conversation: Conversation, key: str, file: FileStorage) -> OutgoingFile:
    """Checked by its bytes, kept here as what the thread shows, and with Meta."""
    name = tray.name_of(file)
    found = kinds.identify(file.stream, file.stream.seek(0, io.SEEK_END), name)
    if found.problem or found.kind not in _KINDS:
        raise _refused(f"“{name}” cannot stand above the text. {found.problem or _TAKEN}")
    promise = Promise(key, name, file.stream.seek(0, io.SEEK_END))
    kept = keeping.add_whole(conversation=conversation, user=tray.me(), promise=promise, content=file.stream)
    if not kept.meta_id:
        raise _refused(f"“{name}” did not get to WhatsApp. {kept.problem}")
    return kept


def _header_of(kept: OutgoingFile) -> dict[str, Any]:
    if kept.kind not in _KINDS:
        raise _refused(f"“{kept.file_name}” cannot stand above the text. {_TAKEN}")
    named = {"filename": kept.file_name} if kept.kind == "document" else {}
    return {"type": kept.kind, kept.kind: {"id": kept.meta_id, **named}}


def _digest(conversation: Conversation, content: dict[str, Any], file: FileStorage) -> str:
    """Of the file itself, not of Meta's id, which another upload changes."""
    given = [conversation.id, content, tray.digest_of_file(file)]
    return hashlib.sha256(json.dumps(given, sort_keys=True).encode()).hexdigest()


def _refused(said: str) -> InvalidFields:
    return InvalidFields([FieldProblem("header_file", f"{said} Nothing was sent.")])
