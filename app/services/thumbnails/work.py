"""Which picture gets its small one next, and how each try ends: short transactions around it, none during it.

Those that just came go first, newest before older, so what an agent looks at does not wait for an archive.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from flask import current_app
from sqlalchemy import Select, Table, select, text, update
from sqlalchemy.engine import Row

from app import failpoints
from app.extensions import db
from app.graph.media_limits import MEGABYTE, size_in_words
from app.log_fields import about
from app.media_store import MediaStore, NotStored, StoreTrouble, new_key, open_store
from app.models import (
    HAS_NO_THUMBNAIL_YET,
    WITHOUT_THUMBNAIL,
    Conversation,
    MediaFile,
    MediaState,
    Message,
    ThumbnailState,
)
from app.services import media_upkeep, pacing
from app.services.thumbnails.making import CannotMake, NoThumbnail, Small, make

log = logging.getLogger(__name__)

SIDE = 640
"""Twice what a thread shows at most, for screens with two points a pixel."""
STICKER_SIDE = 320
MOST_BYTES = 30 * MEGABYTE
"""WhatsApp's own pictures have 5 MB at most."""
MOST_TRIES = 3
"""After so many, the next over which a worker ends is the last."""
LEASE = timedelta(minutes=3)
"""Longer than reading, making and keeping take together."""
_JUST_NOW = timedelta(hours=1)
_LONGEST_WAIT = timedelta(hours=6)
_AS_A_FILE = "It was sent as a document, and is shown as one."
_CRASHED = "Workers ended in the middle of it."
_NO_SMALLER = "A small one would not be smaller."

_FILES = cast(Table, MediaFile.__table__)
_CANDIDATES = cast(
    Select[Any],
    select(
        MediaFile.id,
        MediaFile.account_id,
        MediaFile.size_bytes,
        MediaFile.store,
        MediaFile.store_key,
        MediaFile.stored_at,
        MediaFile.thumbnail_key,
        MediaFile.thumbnail_attempts,
        Message.message_type,
        Message.conversation_id,
    )
    .join(Message, Message.id == MediaFile.message_id)
    .where(text(HAS_NO_THUMBNAIL_YET))
    .limit(1)
    .with_for_update(of=MediaFile, skip_locked=True),
)
_FRESH = _CANDIDATES.where(MediaFile.thumbnail_due_at.is_(None)).order_by(MediaFile.id.desc())


@dataclass(frozen=True)
class _Claim:
    """A picture, copied out of its row."""

    file_id: int
    account_id: int
    conversation_id: int
    is_sticker: bool
    is_fresh: bool
    """Whether somebody may be looking at the place where it is to be."""
    size_bytes: int
    attempts: int
    store: str
    store_key: str
    key: str


def work_off(rest: Callable[[float], object] = lambda _seconds: None) -> int:
    """Deal with one picture; answers how many there were. After an old one it rests as long as it worked,
    for there may be a hundred thousand of them.
    """
    started = time.monotonic()
    now = pacing.database_now()
    row = db.session.execute(_FRESH).first() or db.session.execute(_put_off(now)).first()
    if row is None:
        db.session.rollback()
        return 0
    claim = _take(row, now)
    failpoints.reach("thumbnail-after-claim")
    if row.thumbnail_key is not None and row.thumbnail_attempts >= MOST_TRIES:
        _finish_without(claim, _CRASHED)
    elif row.message_type == "document":
        _finish_without(claim, _AS_A_FILE)
    else:
        _work_on(claim)
    if not claim.is_fresh:
        rest(time.monotonic() - started)
    return 1


def _put_off(now: datetime) -> Select[Any]:
    return _CANDIDATES.where(MediaFile.thumbnail_due_at <= now).order_by(
        MediaFile.thumbnail_due_at, MediaFile.id
    )


def _take(row: Row[Any], now: datetime) -> _Claim:
    """From here on the small picture's bytes have a row that names them."""
    key = new_key(row.id)
    db.session.execute(
        update(_FILES)
        .where(_FILES.c.id == row.id)
        .values(
            thumbnail_key=key,
            thumbnail_attempts=row.thumbnail_attempts + 1,
            thumbnail_due_at=now + LEASE,
        )
    )
    if row.thumbnail_key is not None:
        media_upkeep.note_for_deletion([(row.store, row.thumbnail_key)])
    db.session.commit()
    return _Claim(
        file_id=row.id,
        account_id=row.account_id,
        conversation_id=row.conversation_id,
        is_sticker=row.message_type == "sticker",
        is_fresh=row.stored_at is not None and row.stored_at > now - _JUST_NOW,
        size_bytes=row.size_bytes or 0,
        attempts=row.thumbnail_attempts + 1,
        store=row.store,
        store_key=row.store_key,
        key=key,
    )


def _work_on(claim: _Claim) -> None:
    try:
        store = open_store(claim.store, current_app.config["SETTINGS"], db.engine)
        small = _made(claim, store)
        if len(small.data) < claim.size_bytes:
            store.put(claim.key, [small.data], size_bytes=len(small.data))
            failpoints.reach("thumbnail-before-finish")
            _finish_with(claim, small)
        else:
            _finish_without(claim, _NO_SMALLER, small)
    except NoThumbnail as reason:
        _finish_without(claim, str(reason))
    except NotStored:
        _finish_without(claim, "The store does not have the picture any more.")
    except (StoreTrouble, CannotMake) as trouble:
        _put_off_again(claim, str(trouble))


def _made(claim: _Claim, store: MediaStore) -> Small:
    if claim.size_bytes > MOST_BYTES:
        size, most = size_in_words(claim.size_bytes), size_in_words(MOST_BYTES)
        raise NoThumbnail(f"It has {size}; small pictures are made of up to {most}.")
    content = b"".join(store.read(claim.store_key))
    return make(content, STICKER_SIDE if claim.is_sticker else SIDE)


def _finish_with(claim: _Claim, small: Small) -> None:
    values = {
        "thumbnail_state": ThumbnailState.MADE,
        "thumbnail_size_bytes": len(small.data),
        "thumbnail_width": small.width,
        "thumbnail_height": small.height,
        "thumbnail_reason": "",
        "thumbnail_due_at": None,
    }
    if not _finish(claim, values):
        _let_go_of_bytes(claim)
    db.session.commit()


def _finish_without(claim: _Claim, reason: str, small: Small | None = None) -> None:
    log.info(
        "file %d has no small picture: %s", claim.file_id, reason, extra=about(account_id=claim.account_id)
    )
    values = WITHOUT_THUMBNAIL | {
        "thumbnail_state": ThumbnailState.NONE,
        "thumbnail_width": small.width if small else None,
        "thumbnail_height": small.height if small else None,
        "thumbnail_reason": reason,
        "thumbnail_attempts": claim.attempts,
    }
    _finish(claim, values)
    db.session.commit()


def _put_off_again(claim: _Claim, trouble: str) -> None:
    """Its store does not answer, or this machine cannot; that says nothing about the picture."""
    log.warning("a small picture is put off: %s", trouble, extra=about(account_id=claim.account_id))
    wait = min(timedelta(seconds=5 * 3 ** min(claim.attempts - 1, 8)), _LONGEST_WAIT)
    values = {
        "thumbnail_key": None,
        "thumbnail_reason": trouble,
        "thumbnail_due_at": pacing.database_now() + wait,
    }
    _finish(claim, values)
    _let_go_of_bytes(claim)
    db.session.commit()


def _let_go_of_bytes(claim: _Claim) -> None:
    """What lies under this try's key, if anything does."""
    media_upkeep.note_for_deletion([(claim.store, claim.key)])


def _finish(claim: _Claim, values: dict[str, Any]) -> bool:
    """False when the row is not this try's any more, which the key tells: a file that was let go has none.
    The caller commits.
    """
    changed = db.session.execute(
        update(_FILES)
        .where(
            _FILES.c.id == claim.file_id,
            _FILES.c.state == MediaState.STORED,
            _FILES.c.thumbnail_key == claim.key,
        )
        .values(values)
    )
    is_ours = bool(cast(Any, changed).rowcount)
    if is_ours and claim.is_fresh:
        db.session.execute(
            update(Conversation)
            .where(Conversation.id == claim.conversation_id)
            .values(version=Conversation.version + 1)
        )
    return is_ours
