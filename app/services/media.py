"""A message's file as a page or a program asks for it: its bytes, and another try to fetch it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from flask import current_app
from sqlalchemy import update

from app.errors import NotFound, NotReady, Unavailable
from app.extensions import db
from app.media_store import NotStored, StoreTrouble, open_store
from app.models import Conversation, MediaFile, MediaState, Message, Thumbnail, utcnow
from app.services import bell, pacing
from app.services.media_claims import LIFE, TOO_OLD


def can_be_fetched(file: MediaFile, message: Message) -> bool:
    """Whether another try may help: it failed, waits, or is gone before its time."""
    is_open = file.state in (MediaState.FAILED, MediaState.GONE, MediaState.WAITING)
    return is_open and utcnow() < message.occurred_at + LIFE


def read(file: MediaFile, start: int = 0, end: int | None = None) -> Iterator[bytes]:
    """Its bytes from `start` up to, not including, `end`; the first piece is there when this returns.

    Raises NotFound when it is not stored here (any more), Unavailable when the store does not answer.
    """
    if not file.is_stored or file.store is None or file.store_key is None:
        raise NotFound("This file is not here. The message in the console says why.")
    return _read(file.store, file.store_key, start, end)


def read_thumbnail(thumbnail: Thumbnail, start: int = 0, end: int | None = None) -> Iterator[bytes]:
    """As `read`, of the small picture."""
    return _read(thumbnail.store, thumbnail.store_key, start, end)


def _read(store_name: str, key: str, start: int, end: int | None) -> Iterator[bytes]:
    try:
        store = open_store(store_name, current_app.config["SETTINGS"], db.engine)
        pieces = store.read(key, start, end)
        first = next(pieces, b"")
    except NotStored:
        raise NotFound(
            "This file was stored here once, and its store does not have it any more. If a backup was put "
            "back, put back the files of that day too."
        ) from None
    except StoreTrouble as trouble:
        raise Unavailable(f"The file cannot be read just now. {trouble} Try again in a minute.") from None
    return chain([first], pieces)


def fetch_again(file: MediaFile) -> None:
    """Let the worker try once more, by a person's choice. Raises NotReady when that is of no use."""
    db.session.refresh(file, with_for_update={"of": MediaFile})
    message = file.message
    if file.state in (MediaState.STORED, MediaState.FETCHING):
        db.session.rollback()
        return
    if not can_be_fetched(file, message):
        db.session.rollback()
        raise NotReady(TOO_OLD)
    file.state, file.reason, file.attempts = MediaState.WAITING, "", 0
    file.next_attempt_at = pacing.database_now()
    db.session.execute(
        update(Conversation)
        .where(Conversation.id == message.conversation_id)
        .values(version=Conversation.version + 1)
    )
    db.session.commit()
    bell.ring(bell.MEDIA)
