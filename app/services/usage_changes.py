"""Saying which figures change: by whoever changes a message, in the same transaction (see UsageChange)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import cast

from sqlalchemy import Table, bindparam, select

from app.models import Message, UsageChange, hour_of
from app.services.bulk import rows_for, write_rows

_INSERT = cast(Table, UsageChange.__table__).insert()
_BY_ID = select(Message.phone_number_id, Message.created_at).where(
    Message.id.in_(bindparam("ids", expanding=True))
)


def note(messages: Iterable[tuple[int, datetime]]) -> None:
    """(phone number id, `created_at`) of messages that were stored as received, or whose status, error or
    times have changed. The caller commits."""
    hours = {(number_id, hour_of(created_at)) for number_id, created_at in messages}
    rows = [{"phone_number_id": number_id, "hour_at": hour} for number_id, hour in sorted(hours)]
    write_rows(_INSERT, rows)


def note_ids(message_ids: Iterable[int]) -> None:
    """As `note`, of messages that only their ids are known of."""
    note((row.phone_number_id, row.created_at) for row in rows_for(_BY_ID, "ids", message_ids))
