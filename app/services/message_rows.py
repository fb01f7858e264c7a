"""Rows of messages that a batch of statuses moves: read with few statements, written with one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, bindparam, select

from app.models import Direction, Message, MessageStatus
from app.services.bulk import rows_for, write_rows

_MESSAGES = cast(Table, Message.__table__)


@dataclass(slots=True)
class MessageRow:
    """What statuses look at and change; the names are the table's."""

    id: int
    account_id: int
    conversation_id: int
    phone_number_id: int
    client_ref: str
    direction: Direction
    created_at: datetime
    status: MessageStatus
    wamid: str | None
    next_attempt_at: datetime | None
    lease_owner: str | None
    lease_until: datetime | None
    sent_at: datetime | None
    delivered_at: datetime | None
    read_at: datetime | None
    played_at: datetime | None
    failed_at: datetime | None
    pricing_category: str
    pricing_type: str
    error_code: int | None
    error_title: str
    error_details: str

    @property
    def is_outbound(self) -> bool:
        return self.direction is Direction.OUTBOUND


_FIXED = {
    "id",
    "account_id",
    "conversation_id",
    "phone_number_id",
    "client_ref",
    "direction",
    "created_at",
}
_COLUMNS = [_MESSAGES.c[field.name] for field in fields(MessageRow)]
_CHANGED = [field.name for field in fields(MessageRow) if field.name not in _FIXED]


_IDS = {
    name: select(_MESSAGES.c.id).where(
        _MESSAGES.c.account_id.in_(bindparam("accounts", expanding=True)),
        _MESSAGES.c[name].in_(bindparam("keys", expanding=True)),
    )
    for name in ("wamid", "client_ref")
}
_LOCKED = (
    select(*_COLUMNS)
    .where(_MESSAGES.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(_MESSAGES.c.id)
    .with_for_update()
)
_MOVE = (
    _MESSAGES.update()
    .where(_MESSAGES.c.id == bindparam("message"))
    .values({name: bindparam(f"new_{name}", type_=_MESSAGES.c[name].type) for name in _CHANGED})
)


def lock(account_ids: set[int], wamids: set[str], client_refs: set[str]) -> list[MessageRow]:
    """The messages with one of these ids or references, locked in the order of their ids."""
    ids = {
        row.id
        for name, keys in (("wamid", wamids), ("client_ref", client_refs))
        for row in rows_for(_IDS[name], "keys", keys, accounts=list(account_ids))
    }
    return [MessageRow(**row._mapping) for row in rows_for(_LOCKED, "ids", ids)]


def store(rows: Iterable[MessageRow]) -> None:
    """Write what a batch changed. The caller holds the rows' locks, and commits."""
    write_rows(_MOVE, (_given(row) for row in sorted(rows, key=lambda row: row.id)))


def _given(row: MessageRow) -> dict[str, Any]:
    return {"message": row.id, **{f"new_{name}": getattr(row, name) for name in _CHANGED}}
