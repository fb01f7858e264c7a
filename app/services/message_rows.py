"""Rows of messages that a batch of statuses moves: read with few statements, written with one."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from operator import attrgetter
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
_CHANGING = [field.name for field in fields(MessageRow) if field.name not in _FIXED]
_values = attrgetter(*_CHANGING)


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


@cache
def _update(names: tuple[str, ...]) -> Any:
    """Few sets of columns ever change together, so each statement is made once."""
    new = {name: bindparam(f"new_{name}", type_=_MESSAGES.c[name].type) for name in names}
    return _MESSAGES.update().where(_MESSAGES.c.id == bindparam("message")).values(new)


def lock(account_ids: set[int], wamids: set[str], client_refs: set[str]) -> list[MessageRow]:
    """The messages with one of these ids or references, locked in the order of their ids."""
    ids = {
        row.id
        for name, keys in (("wamid", wamids), ("client_ref", client_refs))
        for row in rows_for(_IDS[name], "keys", keys, accounts=list(account_ids))
    }
    return [MessageRow(*tuple(row)) for row in rows_for(_LOCKED, "ids", ids)]


class Changes:
    """What a batch changes in the rows it has locked."""

    def __init__(self) -> None:
        self._before: dict[int, tuple[MessageRow, tuple[Any, ...]]] = {}

    def watch(self, row: MessageRow) -> None:
        """Remember the row as it is; before it is changed for the first time."""
        if row.id not in self._before:
            self._before[row.id] = (row, _values(row))

    def store(self) -> list[MessageRow]:
        """Write what is different by now, in the order of the ids; the rows concerned. The caller commits."""
        alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
        changed: list[MessageRow] = []
        for id_, (row, before) in sorted(self._before.items()):
            after = zip(_CHANGING, _values(row), before, strict=True)
            new = {name: value for name, value, old in after if value != old}
            if new:
                values = {f"new_{name}": value for name, value in new.items()}
                alike.setdefault(tuple(new), []).append({"message": id_, **values})
                changed.append(row)
        for names, rows in alike.items():
            write_rows(_update(names), rows)
        return changed
