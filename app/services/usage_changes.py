"""Saying which figures change: by whoever changes a message, in the same transaction (see UsageChange)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import cast

from sqlalchemy import Table

from app.models import Message, UsageChange, hour_of
from app.services.bulk import Find, Insert

_MESSAGES = cast(Table, Message.__table__)
_INSERT = Insert(cast(Table, UsageChange.__table__), "phone_number_id", "hour_at")
_BY_ID = Find(_MESSAGES.c.phone_number_id, _MESSAGES.c.created_at, by=(_MESSAGES.c.id,))


def note(messages: Iterable[tuple[int, datetime]]) -> None:
    """(phone number id, `created_at`) of messages that were stored as received, or whose status, error or
    times have changed. The caller commits."""
    hours = {(number_id, hour_of(created_at)) for number_id, created_at in messages}
    _INSERT.write(sorted(hours))


def note_ids(message_ids: Iterable[int]) -> None:
    """As `note`, of messages that only their ids are known of."""
    note(_BY_ID.rows(message_ids))
