"""Rows of events that are being worked off: locked with one statement, written back with a few."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any, cast

from sqlalchemy import Table, bindparam, text

from app.extensions import db
from app.models import Account, EventState, WebhookEvent
from app.services.bulk import Find, Update

MOST_BYTES = 4_000_000
"""What one batch may hold: Meta's largest post has 3 MB, and a batch of those must not fill the memory."""

_EVENTS = cast(Table, WebhookEvent.__table__)
_ACCOUNTS = cast(Table, Account.__table__)

_FACTS = (
    _EVENTS.c.id,
    _EVENTS.c.account_id,
    _EVENTS.c.received_at,
    _EVENTS.c.verified_account_ids,
    _EVENTS.c.body_sha256,
    _EVENTS.c.attempts,
    _EVENTS.c.replayed_at,
    _EVENTS.c.is_repeat,
)


def _due(*, index: str = "", lock: str = "") -> Any:
    """By hand: each database wants a word that the other does not know.

    The state is written out, not bound: only so can a database tell that its index of pending ones
    serves. A new event is due whatever the clock of the machine said that took it in. Bodies are looked
    up one by one: no plan may take it for worth reading the whole table.
    """
    facts = ", ".join(column.name for column in _FACTS)
    statement = f"""
        WITH due AS (
            SELECT {facts}, next_attempt_at, length(body) AS bytes FROM whatsapp_webhook_events {index}
            WHERE state = 'pending' AND (attempts = 0 OR next_attempt_at <= :now)
            ORDER BY next_attempt_at, id LIMIT :most {lock}
        ),
        sized AS (
            SELECT {facts}, sum(bytes) OVER (ORDER BY next_attempt_at, id) - bytes AS bytes_before FROM due
        )
        SELECT {facts}, (SELECT body FROM whatsapp_webhook_events AS stored WHERE stored.id = sized.id)
        FROM sized WHERE bytes_before <= {MOST_BYTES} ORDER BY id
    """  # noqa: S608
    return (
        text(statement)
        .bindparams(bindparam("now", type_=_EVENTS.c.next_attempt_at.type))
        .columns(*_FACTS, _EVENTS.c.body)
    )


_DUE = {
    # Else it would sort all that wait.
    "sqlite": _due(index="INDEXED BY ix_whatsapp_webhook_events_due"),
    "postgresql": _due(lock="FOR UPDATE SKIP LOCKED"),
}
# The state is looked at here: in the condition it would lead SQLite through all pending ones.
_LOCK = Find(*_FACTS, _EVENTS.c.state, by=(_EVENTS.c.id,), lock="FOR UPDATE SKIP LOCKED")
_FINISH = Update(
    _EVENTS,
    {name: _EVENTS.c[name] for name in ("id", "account_id", "state", "reason", "summary", "processed_at")},
    {
        **{name: f"new.{name}" for name in ("account_id", "state", "reason", "summary", "processed_at")},
        "attempts": "whatsapp_webhook_events.attempts + 1",
    },
)
# In one order, so that two workers never wait for each other in a ring.
_LOCK_ACCOUNTS = Find(_ACCOUNTS.c.id, by=(_ACCOUNTS.c.id,), lock="FOR NO KEY UPDATE")
_SEEN = Update(
    _ACCOUNTS,
    {"id": _ACCOUNTS.c.id, "first_at": _ACCOUNTS.c.first_event_at, "last_at": _ACCOUNTS.c.last_event_at},
    {
        "first_event_at": "coalesce(first_event_at, new.first_at)",
        "last_event_at": "CASE WHEN last_event_at > new.last_at THEN last_event_at ELSE new.last_at END",
    },
    # An older one changes nothing, so that the row keeps its time of change too.
    more="(first_event_at IS NULL OR last_event_at IS NULL OR last_event_at < new.last_at)",
)


@dataclass(slots=True)
class EventRow:
    """A locked event without its body, and what becomes of it."""

    id: int
    account_id: int | None
    received_at: datetime
    verified_account_ids: str
    body_sha256: str
    attempts: int
    replayed_at: datetime | None
    is_repeat: bool
    state: EventState = EventState.PENDING
    reason: str = ""
    summary: str = ""


def read_due(limit: int, now: datetime) -> tuple[list[tuple[EventRow, bytes]], bool]:
    """The next pending events with their bodies: at most `limit`, and one more than fit into MOST_BYTES.
    And whether they are locked.

    On PostgreSQL they are, until the transaction ends, so that each worker has its own. On SQLite the
    lock is everybody's: they are read beside the writers, and looked at again when it is ours.
    """
    dialect = db.session.get_bind().dialect.name
    is_locking = dialect == "postgresql"
    db.session.connection(execution_options={} if is_locking else {"reads": True})
    rows = db.session.execute(_DUE[dialect], {"now": now, "most": limit}).all()
    if not is_locking or not rows:
        db.session.rollback()
    return [(EventRow(*tuple(row)[:-1]), row.body) for row in rows], is_locking


def lock_pending(event_ids: Iterable[int]) -> list[EventRow]:
    """Those that are still pending, in the order of their ids; another worker may have been faster."""
    rows = (EventRow(*row) for row in _LOCK.rows(event_ids))
    return sorted((row for row in rows if row.state is EventState.PENDING), key=attrgetter("id"))


def store(events: Iterable[EventRow], now: datetime) -> None:
    """Write how they ended. The caller commits."""
    _FINISH.write(
        [(event.id, event.account_id, event.state, event.reason, event.summary, now) for event in events]
    )


def note_seen(seen: Iterable[tuple[int, datetime]]) -> None:
    """(account id, when an event of it came): its first and its last one. The caller commits."""
    times: dict[int, list[datetime]] = {}
    for account_id, at in seen:
        times.setdefault(account_id, []).append(at)
    if len(times) > 1:
        _LOCK_ACCOUNTS.rows(times)
    _SEEN.write([(account_id, min(moments), max(moments)) for account_id, moments in times.items()])
