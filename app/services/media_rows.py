"""Rows for the files of inbound messages, written with the messages themselves; the worker fetches later."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from sqlalchemy import Table, insert, literal, select

from app.extensions import db
from app.graph import reading
from app.graph.identifiers import is_node_id
from app.models import Direction, MediaDeletion, MediaFile, MessageTemplateFile, OutgoingFile, utcnow
from app.services.bulk import Insert, Row

_FILES = cast(Table, MediaFile.__table__)
_UNSENT = cast(Table, OutgoingFile.__table__)
_SAMPLES = cast(Table, MessageTemplateFile.__table__)
_DELETIONS = cast(Table, MediaDeletion.__table__)
_INSERT = Insert(
    _FILES,
    "account_id",
    "message_id",
    "meta_id",
    "mime_type",
    "file_name",
    "sha256",
    constants={"direction": Direction.INBOUND},
)
_LONGEST_NAME = 255

NewMessage = tuple[int, int, Mapping[str, Any]]
"""Our account id, the message's id, and Meta's object of its kind."""


def write_new(messages: Iterable[NewMessage]) -> int:
    """Write the files of new messages; answers how many. The caller commits."""
    files = [file for message in messages for file in _file(*message)]
    _INSERT.write(files)
    return len(files)


def _file(account_id: int, message_id: int, content: Mapping[str, Any]) -> Iterable[Row]:
    """One, or none if the object names no file: Meta could not get it either, and says so in `errors`."""
    meta_id = reading.text(content.get("id"))
    if meta_id is None or not is_node_id(meta_id):
        return
    names = (reading.text(content.get(name)) or "" for name in ("mime_type", "filename", "sha256"))
    yield account_id, message_id, meta_id, *(name[:_LONGEST_NAME] for name in names)


def let_go_of_account(account_id: int) -> None:
    """The account's row is about to be deleted, and its files' rows with it: note what is left in the stores.

    The caller commits both at once. A worker in the middle of a file finds its row gone, and deletes it.
    """
    columns = ["store", "store_key", "due_at", "attempts", "reason"]
    for files, key in (
        (_FILES, _FILES.c.store_key),
        (_FILES, _FILES.c.thumbnail_key),
        (_SAMPLES, _SAMPLES.c.store_key),
        (_UNSENT, _UNSENT.c.store_key),
    ):
        kept = select(
            files.c.store,
            key,
            literal(utcnow(), type_=_DELETIONS.c.due_at.type),
            literal(0),
            literal(""),
        ).where(files.c.account_id == account_id, key.is_not(None))
        db.session.execute(insert(_DELETIONS).from_select(columns, kept))
