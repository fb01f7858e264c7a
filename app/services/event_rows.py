"""Rows of events that are being worked off: locked with one statement, written back with a few."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, bindparam, case, func, or_, select

from app.extensions import db
from app.models import Account, EventState, WebhookEvent
from app.services.bulk import rows_for, stretches, write_rows

MOST_BYTES = 4_000_000
"""What one batch may hold: Meta's largest post has 3 MB, and a batch of those must not fill the memory."""

_EVENTS = cast(Table, WebhookEvent.__table__)
_ACCOUNTS = cast(Table, Account.__table__)

_DUE = (
    select(_EVENTS.c.id, func.length(_EVENTS.c.body).label("bytes"))
    .where(
        _EVENTS.c.state == EventState.PENDING,
        # A new one is due whatever the clock of the machine said that took it in.
        or_(_EVENTS.c.attempts == 0, _EVENTS.c.next_attempt_at <= bindparam("now")),
    )
    .order_by(_EVENTS.c.next_attempt_at, _EVENTS.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_BODIES = select(_EVENTS.c.id, _EVENTS.c.body).where(_EVENTS.c.id.in_(bindparam("ids", expanding=True)))
_PENDING = (
    select(
        _EVENTS.c.id,
        _EVENTS.c.account_id,
        _EVENTS.c.received_at,
        _EVENTS.c.verified_account_ids,
        _EVENTS.c.body_sha256,
        _EVENTS.c.attempts,
        _EVENTS.c.replayed_at,
        _EVENTS.c.is_repeat,
    )
    .where(_EVENTS.c.id.in_(bindparam("ids", expanding=True)), _EVENTS.c.state == EventState.PENDING)
    .order_by(_EVENTS.c.id)
    .with_for_update(skip_locked=True)
)
_FINISH = (
    _EVENTS.update()
    .where(_EVENTS.c.id.in_(bindparam("ids", expanding=True)))
    .values(
        account_id=bindparam("account", type_=_EVENTS.c.account_id.type),
        state=bindparam("new_state", type_=_EVENTS.c.state.type),
        reason=bindparam("new_reason"),
        summary=bindparam("new_summary"),
        attempts=_EVENTS.c.attempts + 1,
        processed_at=bindparam("at"),
    )
)
_SEEN = (
    _ACCOUNTS.update()
    .where(
        _ACCOUNTS.c.id == bindparam("account"),
        # An older one changes nothing, so that the row keeps its time of change too.
        or_(
            _ACCOUNTS.c.first_event_at.is_(None),
            _ACCOUNTS.c.last_event_at.is_(None),
            _ACCOUNTS.c.last_event_at < bindparam("last", type_=_ACCOUNTS.c.last_event_at.type),
        ),
    )
    .values(
        first_event_at=func.coalesce(
            _ACCOUNTS.c.first_event_at, bindparam("first", type_=_ACCOUNTS.c.first_event_at.type)
        ),
        last_event_at=case(
            (
                or_(_ACCOUNTS.c.last_event_at.is_(None), _ACCOUNTS.c.last_event_at < bindparam("last")),
                bindparam("last", type_=_ACCOUNTS.c.last_event_at.type),
            ),
            else_=_ACCOUNTS.c.last_event_at,
        ),
    )
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


def read_due(limit: int, now: datetime) -> list[tuple[int, bytes]]:
    """(id, body) of the next pending events: at most `limit`, and one more than fit into MOST_BYTES.

    On PostgreSQL they are locked until the transaction ends, so that each worker has its own; on
    SQLite the transaction is ended here, since its lock is everybody's.
    """
    ids: list[int] = []
    size = 0
    for row in db.session.execute(_DUE, {"now": now, "most": limit}).all():
        if size > MOST_BYTES:
            break
        ids.append(row.id)
        size += row.bytes
    bodies = {row.id: row.body for row in rows_for(_BODIES, "ids", ids)}
    if db.session.get_bind().dialect.name == "sqlite" or not ids:
        db.session.rollback()
    return [(id_, bodies[id_]) for id_ in ids if id_ in bodies]


def lock_pending(event_ids: Iterable[int]) -> list[EventRow]:
    """Those that are still pending; another worker may have been faster."""
    return [EventRow(*tuple(row)) for row in rows_for(_PENDING, "ids", event_ids)]


def store(events: Iterable[EventRow], now: datetime) -> None:
    """Write how they ended. Most ended alike, so a few statements do. The caller commits."""
    alike: dict[tuple[Any, ...], list[int]] = {}
    for event in events:
        end = (event.account_id, event.state, event.reason, event.summary)
        alike.setdefault(end, []).append(event.id)
    for (account, state, reason, summary), ids in alike.items():
        values = {"account": account, "new_state": state, "new_reason": reason, "new_summary": summary}
        for stretch in stretches(ids):
            db.session.execute(_FINISH, {"ids": stretch, "at": now, **values})


def note_seen(seen: Iterable[tuple[int, datetime]]) -> None:
    """(account id, when an event of it came): its first and its last one. The caller commits."""
    times: dict[int, list[datetime]] = {}
    for account_id, at in seen:
        times.setdefault(account_id, []).append(at)
    write_rows(
        _SEEN,
        (
            {"account": account_id, "first": min(moments), "last": max(moments)}
            for account_id, moments in sorted(times.items())
        ),
    )
