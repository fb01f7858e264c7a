"""The files beside the text: those that wait there, and those that a form names or brings."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import request
from werkzeug.datastructures import FileStorage

from app.errors import FieldProblem, InvalidFields, NotAllowed
from app.models import Conversation, Message, OutgoingFile, PlannedMessage, User
from app.queries import outgoing_files as queries
from app.queries.access import Actor
from app.services.attachments import keeping
from app.services.attachments.keeping import Promise
from app.services.attachments.sending import WITH_CAPTION, Chosen, digest_of, find_earlier, queue_files
from app.services.planning import When
from app.web.file_answers import SHOWN_TYPES
from app.web.identity import current_actor

_KEY = re.compile(r"[0-9a-f]{32}")
_ICONS = {"image": "photo", "video": "video", "audio": "volume", "sticker": "sticker"}


@dataclass(frozen=True)
class TrayItem:
    """A chosen file as it stands beside the text, with what was typed as its caption."""

    file: OutgoingFile
    caption: str = ""

    @property
    def icon(self) -> str:
        return "microphone" if self.file.is_voice else _ICONS.get(self.file.kind, "file-text")

    @property
    def takes_caption(self) -> bool:
        return self.file.kind in WITH_CAPTION

    @property
    def shown_as(self) -> str:
        """picture, sound or file; a film is too much for a small place."""
        kind = self.file.mime_type.partition("/")[0] if self.file.mime_type in SHOWN_TYPES else ""
        return {"image": "picture", "audio": "sound"}.get(kind, "file")


def tray_of(conversation: Conversation) -> list[TrayItem]:
    """What this person has chosen here and not sent yet."""
    user = current_actor().user
    files = queries.list_waiting(conversation, user.id if user else None)
    return [TrayItem(file, request.form.get(f"caption-{file.key}", "")) for file in files]


def has_files() -> bool:
    """Does the form that was sent bring files, or name some that are here?"""
    return bool(_chosen() or _new_files())


def queue(
    conversation: Conversation,
    text: str,
    *,
    actor: Actor,
    client_key: str | None,
    when: When | None = None,
    **how: Any,
) -> Sequence[Message | PlannedMessage]:
    """Queue what was chosen before and what this very form brings, or plan it. Raises DomainError."""
    chosen, new = _chosen(), _new_files()
    digests = [digest_of_file(file) for file in new]
    digest = digest_of(conversation.id, text, chosen, *digests, *([when.send_at.isoformat()] if when else []))
    if earlier := find_earlier(conversation.account_id, client_key, digest, when):
        return [earlier]
    keys = [_key_of(client_key, number, name) for number, name in enumerate(digests)]
    for key, file in zip(keys, new, strict=True):
        _keep(conversation, key, file)
    queued = queue_files(
        conversation=conversation,
        text=text,
        chosen=[*chosen, *map(Chosen, keys)],
        actor=actor,
        client_key=client_key,
        client_key_digest=digest,
        when=when,
        **how,
    )
    for key in keys:
        # Pressed twice without script: the slower press brought the files once more.
        if (left := queries.find_by_key(key)) is not None:
            keeping.remove(left)
    return queued


def _keep(conversation: Conversation, key: str, file: FileStorage) -> None:
    name = name_of(file)
    size = file.stream.seek(0, 2)
    promise = Promise(key, name, size)
    try:
        keeping.add_whole(conversation=conversation, user=me(), promise=promise, content=file.stream)
    except InvalidFields as error:
        said = f"“{name}” cannot be sent. {error.message} Nothing was sent."
        raise InvalidFields([FieldProblem("file", said)]) from None


def _key_of(client_key: str | None, number: int, digest: str) -> str:
    """The same file of the same form has the same key, so that a second press finds it here."""
    if client_key is None:
        return uuid.uuid4().hex
    return hashlib.sha256(f"{client_key}.{number}.{digest}".encode()).hexdigest()[:32]


def digest_of_file(file: FileStorage) -> str:
    """Of all its bytes."""
    digest = hashlib.file_digest(file.stream, "sha256").hexdigest()  # type: ignore[arg-type]
    file.stream.seek(0)
    return digest


def _chosen() -> list[Chosen]:
    keys = dict.fromkeys(key for key in request.form.getlist("files") if _KEY.fullmatch(key))
    return [Chosen(key, request.form.get(f"caption-{key}", "")) for key in keys]


def _new_files() -> list[FileStorage]:
    return [file for file in request.files.getlist("new_files") if file.filename]


def name_of(file: FileStorage) -> str:
    """Its sender's word for it, as it can be stored."""
    return (file.filename or "").replace("\0", "")


def me() -> User:
    user = current_actor().user
    if user is None:
        raise NotAllowed("Files are attached by people.")
    return user
