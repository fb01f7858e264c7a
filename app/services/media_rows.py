"""Rows for the files of inbound messages, written with the messages themselves; the worker fetches later."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from sqlalchemy import Table, insert, literal, select

from app.extensions import db
from app.graph import reading
from app.graph.identifiers import is_node_id
from app.models import MEDIA_KINDS, MediaDeletion, MediaFile, MediaState, utcnow
from app.services.bulk import stretches

_FILES = cast(Table, MediaFile.__table__)
_DELETIONS = cast(Table, MediaDeletion.__table__)
_INSERTED_AT_ONCE = 500
_LONGEST_NAME = 255


def write_new(rows: Iterable[Mapping[str, Any]], ids: Mapping[tuple[int, str], int]) -> int:
    """Write the files of new messages; answers how many. The caller commits.

    `ids`: of the messages that were stored, by account and wamid.
    """
    files = [
        file
        for row in rows
        if row["message_type"] in MEDIA_KINDS and (message_id := ids.get((row["account_id"], row["wamid"])))
        for file in _file(row, message_id)
    ]
    for stretch in stretches(files, _INSERTED_AT_ONCE):
        db.session.execute(insert(_FILES), stretch)
    return len(files)


def _file(row: Mapping[str, Any], message_id: int) -> Iterable[dict[str, Any]]:
    """One, or none if the object names no file: Meta could not get it either, and says so in `errors`."""
    content = row["content"]
    meta_id = reading.text(content.get("id"))
    if meta_id is None or not is_node_id(meta_id):
        return
    now = utcnow()
    yield {
        "account_id": row["account_id"],
        "message_id": message_id,
        "direction": row["direction"],
        "meta_id": meta_id,
        "mime_type": (reading.text(content.get("mime_type")) or "")[:_LONGEST_NAME],
        "file_name": (reading.text(content.get("filename")) or "")[:_LONGEST_NAME],
        "sha256": (reading.text(content.get("sha256")) or "")[:_LONGEST_NAME],
        "state": MediaState.WAITING,
        "reason": "",
        "attempts": 0,
        "next_attempt_at": now,
        "created_at": now,
        "updated_at": now,
    }


def let_go_of_account(account_id: int) -> None:
    """The account's row is about to be deleted, and its files' rows with it: note what is left in the stores.

    The caller commits both at once. A worker in the middle of a file finds its row gone, and deletes it.
    """
    kept = select(
        _FILES.c.store,
        _FILES.c.store_key,
        literal(utcnow(), type_=_DELETIONS.c.due_at.type),
        literal(0),
        literal(""),
    ).where(_FILES.c.account_id == account_id, _FILES.c.store_key.is_not(None))
    columns = ["store", "store_key", "due_at", "attempts", "reason"]
    db.session.execute(insert(_DELETIONS).from_select(columns, kept))
