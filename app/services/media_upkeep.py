"""Letting files go: old ones by the retention setting, what was noted for deletion, and what nobody knows of.

Rows first, bytes after their commit: a crash in between leaves a row of `media_deletions`, which is
worked off later, and never a row that promises bytes which are not there.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, cast

from flask import current_app
from sqlalchemy import Table, insert, select, update

from app import failpoints
from app.extensions import db
from app.media_store import NotStored, StoreTrouble, open_store
from app.models import (
    WITHOUT_THUMBNAIL,
    Conversation,
    MediaDeletion,
    MediaFile,
    MediaState,
    Message,
    MessageTemplateFile,
    OutgoingFile,
    utcnow,
)
from app.queries.outgoing_files import is_left
from config import MEDIA_STORES, Settings

log = logging.getLogger(__name__)

ORPHANS_AFTER = timedelta(days=2)
"""Longer than any try to store a file lasts, and long enough to notice a database put back from a backup."""
_AT_A_TIME = 500
_MOST_A_RUN = 2000
_LONGEST_WAIT = timedelta(hours=6)

_FILES = cast(Table, MediaFile.__table__)
_DELETIONS = cast(Table, MediaDeletion.__table__)
_PLACES = (MediaFile.store, MediaFile.store_key, MediaFile.thumbnail_key)


def let_go_of_old(days: int) -> int:
    """Files that have been here for more than so many days; 0 keeps all. Answers how many."""
    if days <= 0:
        return 0
    let_go = 0
    while rows := _let_go(days):
        let_go += rows
    return let_go


def _let_go(days: int) -> int:
    now = utcnow()
    statement = (
        select(MediaFile.id, *_PLACES, Message.conversation_id)
        .join(Message, Message.id == MediaFile.message_id)
        .where(MediaFile.state == MediaState.STORED, MediaFile.stored_at < now - timedelta(days=days))
        .order_by(MediaFile.id)
        .limit(_AT_A_TIME)
        .with_for_update(of=MediaFile, skip_locked=True)
    )
    rows = db.session.execute(statement).all()
    if not rows:
        db.session.rollback()
        return 0
    note_for_deletion(_keys_in(rows))
    values = WITHOUT_THUMBNAIL | {
        "state": MediaState.GONE,
        "reason": f"It was deleted here after {days} days (MEDIA_RETENTION_DAYS, or the command purge).",
        "store": None,
        "store_key": None,
        "updated_at": now,
    }
    db.session.execute(update(_FILES).where(_FILES.c.id.in_([row.id for row in rows])).values(values))
    shown = sorted({row.conversation_id for row in rows})
    db.session.execute(
        update(Conversation).where(Conversation.id.in_(shown)).values(version=Conversation.version + 1)
    )
    db.session.commit()
    return len(rows)


def note_files_of(message_ids: Sequence[int]) -> None:
    """Messages are about to be deleted: the bytes of their files go afterwards. The caller commits."""
    statement = select(*_PLACES).where(
        MediaFile.message_id.in_(message_ids), MediaFile.store_key.is_not(None)
    )
    note_for_deletion(_keys_in(db.session.execute(statement)))


def _keys_in(rows: Iterable[Any]) -> list[tuple[str, str]]:
    """(store, key) of the files, and of the small pictures beside them."""
    return [(row.store, key) for row in rows for key in (row.store_key, row.thumbnail_key) if key]


def let_go_of_unsent(days: int) -> int:
    """Files that were chosen and not sent for so many days. Answers how many."""
    before, gone = utcnow() - timedelta(days=days), 0
    old = (
        select(OutgoingFile)
        .where(is_left(before))
        .order_by(OutgoingFile.id)
        .limit(_AT_A_TIME)
        .with_for_update(of=OutgoingFile, skip_locked=True)
    )
    while rows := list(db.session.scalars(old)):
        for row in rows:
            note_for_deletion(keys_of(row))
            db.session.delete(row)
        db.session.commit()
        gone += len(rows)
    db.session.rollback()
    return gone


def note_unsent_of(conversation_ids: Sequence[int]) -> None:
    """What was chosen for these conversations is about to be deleted, too. The caller commits."""
    chosen = select(OutgoingFile).where(OutgoingFile.conversation_id.in_(conversation_ids))
    for file in db.session.scalars(chosen):
        note_for_deletion(keys_of(file))


def keys_of(file: OutgoingFile) -> list[tuple[str, str]]:
    """(store, key) of all that lies in a store for this file."""
    keys = [*file.pieces.get("keys", []), *([file.store_key] if file.store_key else [])]
    return [(file.store, key) for key in keys]


def note_for_deletion(keys: Sequence[tuple[str, str]]) -> None:
    """(store, key) of what no row will name any more. The caller commits."""
    now = utcnow()
    rows = [
        {"store": store, "store_key": key, "due_at": now, "attempts": 0, "reason": ""} for store, key in keys
    ]
    if rows:
        db.session.execute(insert(_DELETIONS), rows)


def work_off_deletions() -> int:
    """Delete what is due; answers how much. What a store refuses is tried again later."""
    deleted = 0
    while deleted < _MOST_A_RUN:
        due = _due()
        if not due:
            return deleted
        for id_, store, key in due:
            _delete(id_, store, key)
        deleted += len(due)
    return deleted


def _due() -> list[tuple[int, str, str]]:
    statement = (
        select(MediaDeletion.id, MediaDeletion.store, MediaDeletion.store_key)
        .where(MediaDeletion.due_at <= utcnow())
        .order_by(MediaDeletion.due_at, MediaDeletion.id)
        .limit(_AT_A_TIME)
    )
    rows = [(row.id, row.store, row.store_key) for row in db.session.execute(statement)]
    db.session.rollback()
    return rows


def _delete(id_: int, store: str, key: str) -> None:
    """With no transaction open around the store's answer."""
    trouble = ""
    if not _is_in_use(key):
        try:
            open_store(store, current_app.config["SETTINGS"], db.engine).delete(key)
        except NotStored:
            pass
        except StoreTrouble as error:
            trouble = str(error)
    failpoints.reach("media-after-delete")
    row = db.session.get(MediaDeletion, id_)
    if row is not None and trouble:
        row.attempts += 1
        row.reason = trouble
        row.due_at = utcnow() + min(timedelta(minutes=2 ** min(row.attempts, 12)), _LONGEST_WAIT)
        log.warning("a file that is to go could not be deleted: %s", trouble)
    elif row is not None:
        db.session.delete(row)
    db.session.commit()


def _is_in_use(key: str) -> bool:
    """A row that promises these bytes wins over one that lets them go."""
    found = [
        db.session.scalar(select(column).where(column == key).limit(1))
        for column in (
            MediaFile.store_key,
            MediaFile.thumbnail_key,
            MessageTemplateFile.store_key,
            OutgoingFile.store_key,
        )
    ]
    db.session.rollback()
    return any(found)


def note_orphans() -> int:
    """Look through the stores for files that no row names, and note them for deletion. Answers how many."""
    settings: Settings = current_app.config["SETTINGS"]
    found = 0
    for name in MEDIA_STORES:
        if name == "s3" and settings.s3 is None:
            continue
        try:
            found += _note_orphans_of(name, settings)
        except StoreTrouble as trouble:
            db.session.rollback()
            log.warning("the store %s could not be looked through: %s", name, trouble)
    return found


def _note_orphans_of(name: str, settings: Settings) -> int:
    found = 0
    batch: list[str] = []
    keys = open_store(name, settings, db.engine).keys(utcnow() - ORPHANS_AFTER)
    while True:
        batch = [key for _, key in zip(range(_AT_A_TIME), keys, strict=False)]
        if not batch:
            return found
        found += _note_unknown(name, batch)


def _note_unknown(name: str, keys: Sequence[str]) -> int:
    known: set[Any] = set()
    for column in (
        _FILES.c.store_key,
        _FILES.c.thumbnail_key,
        MessageTemplateFile.store_key,
        OutgoingFile.store_key,
        _DELETIONS.c.store_key,
    ):
        known |= set(db.session.scalars(select(column).where(column.in_(keys))))
    orphans = [key for key in keys if key not in known]
    note_for_deletion([(name, key) for key in orphans])
    db.session.commit()
    return len(orphans)
