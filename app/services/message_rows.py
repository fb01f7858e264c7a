"""Rows of messages that a batch of statuses moves: read with one statement or two, written with one."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from itertools import compress
from operator import attrgetter
from typing import Any, cast

from sqlalchemy import Table

from app.models import Direction, Message, MessageStatus
from app.services.bulk import Find, Update

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

_LOCK = "FOR UPDATE"
_BY_ID = Find(*_COLUMNS, by=(_MESSAGES.c.id,), lock=_LOCK)
_BY_WAMID = Find(*_COLUMNS, by=(_MESSAGES.c.account_id, _MESSAGES.c.wamid), lock=_LOCK)
_IDS = {
    name: Find(_MESSAGES.c.id, by=(_MESSAGES.c.account_id, _MESSAGES.c[name]))
    for name in ("wamid", "client_ref")
}


@cache
def _update(names: tuple[str, ...]) -> Update:
    """Few sets of columns ever change together, so each statement is made once."""
    return Update(
        _MESSAGES,
        {name: _MESSAGES.c[name] for name in ("id", *names)},
        {name: f"new.{name}" for name in names},
    )


def lock(account_ids: set[int], wamids: set[str], client_refs: set[str]) -> list[MessageRow]:
    """The messages with one of these ids or references, locked in the order of their ids."""
    if not client_refs:
        return [MessageRow(*row) for row in _BY_WAMID.rows(account_ids, wamids)]
    ids = {
        id_
        for name, keys in (("wamid", wamids), ("client_ref", client_refs))
        for (id_,) in _IDS[name].rows(account_ids, keys)
    }
    return [MessageRow(*row) for row in _BY_ID.rows(ids)]


class Changes:
    """What a batch changes in the rows it has locked."""

    def __init__(self) -> None:
        self._before: dict[int, tuple[MessageRow, tuple[Any, ...]]] = {}

    def watch(self, row: MessageRow) -> None:
        """Remember the row as it is; before it is changed for the first time."""
        if row.id not in self._before:
            self._before[row.id] = (row, _values(row))

    def store(self) -> list[MessageRow]:
        """Write what is different by now; the rows concerned. The caller commits."""
        changed: list[tuple[MessageRow, tuple[Any, ...]]] = []
        differs = [False] * len(_CHANGING)
        for row, before in self._before.values():
            after = _values(row)
            if after != before:
                changed.append((row, after))
                for place, (new, old) in enumerate(zip(after, before, strict=True)):
                    differs[place] = differs[place] or new != old
        # What changed in one row is written in all: they are locked, so nobody else changed it meanwhile.
        _update(tuple(compress(_CHANGING, differs))).write(
            [(row.id, *compress(after, differs)) for row, after in changed]
        )
        return [row for row, _ in changed]
