"""A chosen file on its way here: piece by piece into the store, checked, then handed to Meta.

Calls to the store and to Meta are made with no transaction open. A file that Meta does not take now stays
here with the reason, and can be handed over again.
"""

from __future__ import annotations

import hashlib
import io
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any, cast

from flask import current_app
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from app.errors import DomainError, FieldProblem, InvalidFields, NotFound, NotReady, Unavailable, WindowClosed
from app.extensions import db
from app.graph import payloads
from app.graph.errors import GraphError, GraphUnconfirmed
from app.media_store import NotStored, StoreTrouble, new_key, open_store
from app.models import (
    Account,
    Conversation,
    OutgoingFile,
    PhoneNumber,
    User,
    utcnow,
)
from app.queries import outgoing_files as queries
from app.services import media_upkeep
from app.services.attachments import kinds, voice
from app.services.connections import client_for
from app.services.meta_refusals import refused

MOST_FILES = 30
"""Of one person in one conversation: more are a mistake, or an attempt to fill the disk."""
PIECE_BYTES = 512 * 1024
"""Small enough for a poor line: the web server waits 20 seconds for a whole request."""
_PART_BYTES = 256 * 1024
_LONGEST_NAME = 240
_KEY = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Promise:
    """What the browser says of a file before it comes. `key`: 32 hex digits of its own making."""

    key: str
    file_name: str
    size_bytes: int
    is_voice: bool = False


def add_piece(
    *, conversation: Conversation, user: User, promise: Promise, offset: int, data: bytes
) -> OutgoingFile:
    """Take the next piece of a file, the first one (`offset` 0) with all that is known of it.

    A piece that is here already changes nothing: `received_bytes` of the row says what comes next. With all
    of them the file is checked, kept and handed to Meta. Raises InvalidFields for what WhatsApp does not
    take, WindowClosed, NotFound for a key of somebody else's, NotReady, Unavailable.
    """
    file = _find(conversation, user, promise.key)
    if file is None:
        if offset:
            raise NotFound("The beginning of this file is not here any more. Attach it again.")
        file = _begin(conversation, user, promise, data)
    if file.is_whole or offset + len(data) > file.size_bytes or not data:
        db.session.commit()
        return _only_whole(file)
    if len(data) == file.size_bytes:
        db.session.commit()
        return _finish(file, conversation, io.BytesIO(data))
    if offset == file.received_bytes:
        file = _keep_piece(file, offset, data)
    if file.is_whole or file.received_bytes < file.size_bytes:
        db.session.commit()
        return file
    # Of the same moment as the look at `is_whole`: whoever makes it whole empties the list.
    name, keys = file.store, list(file.pieces.get("keys", []))
    db.session.commit()
    with _together(name, keys) as spool:
        return _finish(file, conversation, spool)


def _only_whole(file: OutgoingFile) -> OutgoingFile:
    if not file.is_whole:
        raise InvalidFields([FieldProblem("piece", "This piece does not fit the file. Attach it again.")])
    return file


def add_whole(
    *,
    conversation: Conversation,
    user: User,
    promise: Promise,
    content: IO[bytes],
    needs_window: bool = True,
) -> OutgoingFile:
    """Take a file that a form brought in one go. Raises what `add_piece` raises."""
    content.seek(0)
    file = _find(conversation, user, promise.key)
    if file is None:
        head = content.read(kinds.HEAD_BYTES)
        file = _begin(conversation, user, promise, head, needs_window=needs_window)
    db.session.commit()
    return file if file.is_whole else _finish(file, conversation, content)


def _find(conversation: Conversation, user: User, key: str) -> OutgoingFile | None:
    file = queries.find_by_key(key)
    if file is not None and (file.conversation_id, file.user_id) != (conversation.id, user.id):
        raise NotFound("This file belongs to another conversation. Attach it again.")
    return file


def _begin(
    conversation: Conversation, user: User, promise: Promise, head: bytes, *, needs_window: bool = True
) -> OutgoingFile:
    if not _KEY.fullmatch(promise.key):
        raise InvalidFields([FieldProblem("key", "The file has no key of 32 hex digits.")])
    if needs_window and not conversation.window_is_open():
        raise WindowClosed(
            "The 24-hour window is closed, so files cannot be sent. Choose a message template instead."
        )
    if queries.count_chosen(conversation, user.id) >= MOST_FILES:
        raise NotReady(f"{MOST_FILES} files wait to be sent already. Send or take away some, then add more.")
    problem = kinds.too_large(promise.size_bytes)
    problem = problem or kinds.early_problem(head[: kinds.HEAD_BYTES], promise.size_bytes)
    if problem:
        raise InvalidFields([FieldProblem("file", problem)])
    file = OutgoingFile(
        key=promise.key,
        account_id=conversation.account_id,
        conversation_id=conversation.id,
        user_id=user.id,
        file_name=promise.file_name[-_LONGEST_NAME:],
        size_bytes=promise.size_bytes,
        is_voice=promise.is_voice,
        pieces={"keys": []},
        store=current_app.config["SETTINGS"].media_store,
    )
    db.session.add(file)
    try:
        db.session.commit()
    except IntegrityError:
        # The same piece came twice at the same moment.
        db.session.rollback()
        return _find(conversation, user, promise.key) or file
    return file


def _again(file_id: int) -> OutgoingFile:
    """The row as it is now, held until the commit. Raises NotFound when it was taken away meanwhile."""
    file = db.session.get(OutgoingFile, file_id, populate_existing=True, with_for_update=True)
    if file is None:
        db.session.rollback()
        raise NotFound("This file is not here any more. It was sent or taken away.")
    return file


def _keep_piece(file: OutgoingFile, offset: int, data: bytes) -> OutgoingFile:
    """Bytes first, then the row that names them: a crash in between is the nightly sweep's."""
    file_id, name, key = file.id, file.store, new_key(file.id)
    keys = [*file.pieces.get("keys", []), key]
    db.session.commit()
    _put(name, key, [data], len(data))
    statement = (
        update(OutgoingFile)
        .where(OutgoingFile.id == file_id, OutgoingFile.received_bytes == offset)
        .values(received_bytes=offset + len(data), pieces={"keys": keys})
    )
    is_ours = cast(Any, db.session.execute(statement)).rowcount
    if not is_ours:
        media_upkeep.note_for_deletion([(name, key)])
    db.session.commit()
    return _again(file_id)


@contextmanager
def _together(name: str, keys: list[str]) -> Iterator[IO[bytes]]:
    with tempfile.TemporaryFile(dir=current_app.config["SETTINGS"].instance_path) as spool:
        for key in keys:
            for part in _parts_of(name, key):
                spool.write(part)
        yield spool


def _finish(file: OutgoingFile, conversation: Conversation, content: IO[bytes]) -> OutgoingFile:
    """All bytes are here: say what it is, keep it whole, hand it to Meta."""
    file_id = file.id
    content, name = _as_ogg(content, file.file_name)
    size = content.seek(0, io.SEEK_END)
    found = kinds.identify(content, size, name)
    if found.problem:
        remove(file)
        raise InvalidFields([FieldProblem("file", found.problem)])
    file = _again(file_id)
    if file.is_whole:
        db.session.commit()
        return file
    file.store_key = key = new_key(file_id)
    store_name = file.store
    db.session.commit()
    _put(store_name, key, _parts(content), size)
    digest = _digest(content)
    file = _again(file_id)
    if file.store_key != key:
        # Another request finished it; these bytes are one copy too many.
        media_upkeep.note_for_deletion([(store_name, key)])
        db.session.commit()
        return file
    media_upkeep.note_for_deletion([(store_name, piece) for piece in file.pieces.get("keys", [])])
    file.file_name, file.size_bytes, file.received_bytes = name, size, size
    file.kind, file.mime_type, file.sha256 = found.kind, found.mime_type, digest
    file.width, file.height = found.width, found.height
    file.is_voice = file.is_voice and found.mime_type == "audio/ogg"
    file.pieces, file.stored_at = {"keys": []}, utcnow()
    db.session.commit()
    _to_meta(file, conversation.account, conversation.phone_number, content)
    return file


def _as_ogg(content: IO[bytes], name: str) -> tuple[IO[bytes], str]:
    """A browser's recording in the form that Meta takes; anything else as it is."""
    content.seek(0)
    if not voice.is_webm(content.read(8)):
        return content, name
    content.seek(0)
    try:
        sound = voice.ogg_from_webm(content.read())
    except voice.NotOpus:
        return content, name
    return io.BytesIO(sound), f"{name.rpartition('.')[0] or name}.ogg"


def hand_over(file: OutgoingFile, conversation: Conversation) -> OutgoingFile:
    """Try once more what Meta did not take; nothing happens when it has the file."""
    if file.meta_id or not file.is_whole or file.store_key is None:
        return file
    account, number = conversation.account, conversation.phone_number
    with tempfile.TemporaryFile(dir=current_app.config["SETTINGS"].instance_path) as spool:
        for part in read(file):
            spool.write(part)
        _to_meta(file, account, number, spool)
    return file


def _to_meta(file: OutgoingFile, account: Account, number: PhoneNumber, content: IO[bytes]) -> None:
    """Twice does no harm: Meta forgets what no message names."""
    file_id, size, mime_type = file.id, file.size_bytes, file.mime_type
    name = file.file_name or "file"
    meta_id, problem = None, ""
    content.seek(0)
    try:
        client, number_id = client_for(account), number.meta_id
        db.session.commit()
        meta_id = client.media.upload(number_id, content, size_bytes=size, mime_type=mime_type, filename=name)
    except payloads.InvalidPayload as error:
        problem = " ".join(one.message for one in error.problems)
    except GraphUnconfirmed:
        problem = "Meta did not answer in time. Try again."
    except GraphError as error:
        problem = refused(error).message
    except DomainError as error:
        problem = error.message
    file = _again(file_id)
    if meta_id:
        note_at_meta(file, meta_id)
    else:
        file.problem = "" if file.meta_id else problem
    db.session.commit()


def note_at_meta(file: OutgoingFile, meta_id: str) -> None:
    """Meta has it now. The caller commits."""
    file.meta_id, file.problem = meta_id, ""
    file.pieces = {**file.pieces, "at_meta_since": utcnow().isoformat()}


def at_meta_since(file: OutgoingFile) -> datetime:
    """When Meta got it; where that was not noted, when it was here, which is no later."""
    noted = file.pieces.get("at_meta_since")
    return datetime.fromisoformat(noted) if noted else file.stored_at or file.created_at


def upload_again(file: OutgoingFile) -> str:
    """Another id at Meta for what is kept here; nothing is written. Raises GraphError, DomainError."""
    account = db.session.get_one(Account, file.account_id)
    conversation = db.session.get_one(Conversation, file.conversation_id)
    client, number_id = client_for(account), conversation.phone_number.meta_id
    size, mime_type, name = file.size_bytes, file.mime_type, file.file_name or "file"
    with tempfile.TemporaryFile(dir=current_app.config["SETTINGS"].instance_path) as spool:
        for part in read(file):
            spool.write(part)
        db.session.rollback()
        spool.seek(0)
        return client.media.upload(number_id, spool, size_bytes=size, mime_type=mime_type, filename=name)


def remove(file: OutgoingFile) -> None:
    """It is not to be sent."""
    file = _again(file.id)
    media_upkeep.note_for_deletion(media_upkeep.keys_of(file))
    db.session.delete(file)
    db.session.commit()


def call_off(*, conversation: Conversation, user: User, key: str) -> None:
    """It is not wanted any more, however much of it is here; nothing happens when none of it is."""
    file = queries.find_by_key(key)
    if file is not None and (file.conversation_id, file.user_id) == (conversation.id, user.id):
        remove(file)
    db.session.rollback()


def read(file: OutgoingFile, start: int = 0, end: int | None = None) -> Iterator[bytes]:
    """Its bytes from `start` up to, not including, `end`. Raises NotFound, Unavailable."""
    if not file.is_whole or file.store_key is None:
        raise NotFound("This file is not all here yet.")
    name, key = file.store, file.store_key
    db.session.commit()
    return _parts_of(name, key, start, end)


def _put(name: str, key: str, parts: Any, size: int) -> None:
    try:
        _store(name).put(key, parts, size_bytes=size)
    except StoreTrouble as trouble:
        raise Unavailable(f"The file could not be kept. {trouble} Try again in a minute.") from None


def _parts_of(name: str, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
    try:
        parts = _store(name).read(key, start, end)
        first = next(parts, b"")
    except NotStored:
        raise NotFound("The store does not have this file any more. Attach it again.") from None
    except StoreTrouble as trouble:
        raise Unavailable(f"The file cannot be read just now. {trouble} Try again in a minute.") from None
    return _chained(first, parts)


def _chained(first: bytes, parts: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from parts


def _store(name: str) -> Any:
    return open_store(name, current_app.config["SETTINGS"], db.engine)


def _parts(content: IO[bytes]) -> Iterator[bytes]:
    content.seek(0)
    while part := content.read(_PART_BYTES):
        yield part


def _digest(content: IO[bytes]) -> str:
    digest = hashlib.sha256()
    for part in _parts(content):
        digest.update(part)
    return digest.hexdigest()
