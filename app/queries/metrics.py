"""What `/metrics` reads. Each question goes to an index or is bounded: a million messages cost nothing.

The database knows what all processes on all machines did; nothing has to be added up over processes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal, select

from app.extensions import db
from app.models import (
    EventState,
    GraphCall,
    Message,
    MessageStatus,
    MessageStatusEvent,
    NumberPace,
    PhoneNumber,
    WebhookEvent,
    WorkerHeartbeat,
    utcnow,
)
from app.queries.work import WORKER_SILENT_AFTER

WINDOW = timedelta(minutes=1)
MOST_COUNTED = 100_000
"""Queues are counted up to this many; a longer one is as bad."""
LATENCY_BUCKETS_MS = (50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000)
_MOST_STATUSES = 50_000
_OPEN = (MessageStatus.QUEUED, MessageStatus.SENDING, MessageStatus.UNCONFIRMED)
_KINDS = ("message_templates", "phone_numbers", "media", "messages", "subscribed_apps", "debug_token")


def _is(column: Any, value: Any) -> ColumnElement[bool]:
    """Written into the statement: with a parameter, a database cannot tell that a partial index fits."""
    is_it: ColumnElement[bool] = column == literal(value, column.type, literal_execute=True)
    return is_it


def _is_open(state: MessageStatus) -> ColumnElement[bool]:
    """Said twice: the second half is word for word what the index of open messages holds."""
    listed = [literal(one, Message.status.type, literal_execute=True) for one in _OPEN]
    return and_(_is(Message.status, state), Message.status.in_(listed))


@dataclass(frozen=True)
class Queues:
    """`messages` by state, at most MOST_COUNTED each. Ages in seconds, 0 when nothing waits."""

    messages: dict[str, int]
    put_off: int
    oldest_due_s: float
    events_pending: int
    events_parked: int
    oldest_event_s: float


def read_queues() -> Queues:
    now = utcnow()
    oldest_due = db.session.scalar(
        select(Message.next_attempt_at)
        .where(_is_open(MessageStatus.QUEUED), Message.next_attempt_at <= now)
        .order_by(Message.next_attempt_at)
        .limit(1)
    )
    oldest_event = db.session.scalar(
        select(WebhookEvent.received_at)
        .where(_is(WebhookEvent.state, EventState.PENDING))
        .order_by(WebhookEvent.received_at)
        .limit(1)
    )
    return Queues(
        messages={state.value: _count(Message.id, _is_open(state)) for state in _OPEN},
        put_off=_count(Message.id, _is_open(MessageStatus.QUEUED), Message.next_attempt_at > now),
        oldest_due_s=_age_s(oldest_due, now),
        events_pending=_count(WebhookEvent.id, _is(WebhookEvent.state, EventState.PENDING)),
        events_parked=_count(WebhookEvent.id, _is(WebhookEvent.state, EventState.PARKED)),
        oldest_event_s=_age_s(oldest_event, now),
    )


def _count(column: Any, *conditions: ColumnElement[bool]) -> int:
    some = select(column).where(*conditions).limit(MOST_COUNTED).subquery()
    return db.session.scalar(select(func.count()).select_from(some)) or 0


def _age_s(at: datetime | None, now: datetime) -> float:
    return max(0.0, (now - at).total_seconds()) if at is not None else 0.0


@dataclass(frozen=True)
class Totals:
    """The highest ids given so far: they only grow, and what is deleted later still counts."""

    events: int
    messages: int
    statuses: int


def read_totals() -> Totals:
    def highest(column: Any) -> int:
        return db.session.scalar(select(func.max(column))) or 0

    return Totals(highest(WebhookEvent.id), highest(Message.id), highest(MessageStatusEvent.id))


def count_recent_events() -> dict[str, int]:
    """The events received in the last minute, by what became of them."""
    since = utcnow() - WINDOW
    statement = (
        select(WebhookEvent.state, func.count())
        .where(WebhookEvent.state.in_(tuple(EventState)), WebhookEvent.received_at >= since)
        .group_by(WebhookEvent.state)
    )
    found = {state.value: count for state, count in db.session.execute(statement)}
    return {state.value: found.get(state.value, 0) for state in EventState}


def count_recent_statuses(totals: Totals) -> dict[str, int]:
    """The statuses received in the last minute, by Meta's word; of the last 50,000 at most."""
    statement = (
        select(MessageStatusEvent.status, func.count())
        .where(
            MessageStatusEvent.id > totals.statuses - _MOST_STATUSES,
            MessageStatusEvent.received_at >= utcnow() - WINDOW,
        )
        .group_by(MessageStatusEvent.status)
    )
    return {row.status: row[1] for row in db.session.execute(statement)}


@dataclass
class CallKind:
    """The calls of one kind in the last minute. `within`: how many took at most LATENCY_BUCKETS_MS[i]."""

    outcomes: dict[str, int] = field(default_factory=dict)
    within: list[int] = field(default_factory=lambda: [0] * len(LATENCY_BUCKETS_MS))
    seconds: float = 0.0

    @property
    def count(self) -> int:
        return sum(self.outcomes.values())


@dataclass(frozen=True)
class RecentCalls:
    kinds: dict[str, CallKind]
    errors: dict[int, int]
    usage_percent: int


def read_recent_calls() -> RecentCalls:
    """What Meta answered in the last minute, to all processes together."""
    kind = case(
        (GraphCall.message_id.is_not(None), "send"),
        *((GraphCall.path.endswith(f"/{name}"), name) for name in _KINDS[:-1]),
        (GraphCall.path == _KINDS[-1], _KINDS[-1]),
        else_="other",
    ).label("kind")
    within = [func.sum(case((GraphCall.duration_ms <= most, 1), else_=0)) for most in LATENCY_BUCKETS_MS]
    statement = (
        select(
            kind,
            GraphCall.outcome,
            GraphCall.error_code,
            func.count(),
            func.sum(GraphCall.duration_ms),
            func.max(GraphCall.usage_percent),
            *within,
        )
        .where(GraphCall.at >= utcnow() - WINDOW)
        .group_by(kind, GraphCall.outcome, GraphCall.error_code)
    )
    kinds: dict[str, CallKind] = {}
    errors: dict[int, int] = {}
    usage = 0
    for name, outcome, code, count, took_ms, percent, *buckets in db.session.execute(statement):
        found = kinds.setdefault(name, CallKind())
        found.outcomes[outcome] = found.outcomes.get(outcome, 0) + count
        found.within = [have + int(more) for have, more in zip(found.within, buckets, strict=True)]
        found.seconds += float(took_ms) / 1000
        if code is not None:
            errors[code] = errors.get(code, 0) + count
        usage = max(usage, percent or 0)
    return RecentCalls(kinds, errors, usage)


@dataclass(frozen=True)
class NumberThrottle:
    """One number's pace: Meta's id of it, how long it still pauses and why, what it may send at once."""

    phone_number_id: str
    account_id: int
    paused_s: float
    reason: str
    tokens: float
    is_probing: bool


def list_number_throttles() -> list[NumberThrottle]:
    now = utcnow()
    statement = (
        select(PhoneNumber.meta_id, PhoneNumber.account_id, NumberPace)
        .join(NumberPace, NumberPace.phone_number_id == PhoneNumber.id)
        .order_by(PhoneNumber.id)
    )
    return [
        NumberThrottle(
            phone_number_id=meta_id,
            account_id=account_id,
            paused_s=max(0.0, (pace.paused_until - now).total_seconds()) if pace.paused_until else 0.0,
            reason=pace.pause_reason if pace.paused_until and pace.paused_until > now else "",
            tokens=pace.tokens,
            is_probing=pace.failures > 0,
        )
        for meta_id, account_id, pace in db.session.execute(statement)
    ]


def worker_ages() -> dict[str, float]:
    """Seconds since each worker was last seen, by its name."""
    now = utcnow()
    rows = db.session.execute(select(WorkerHeartbeat.name, WorkerHeartbeat.seen_at))
    return {name: _age_s(seen_at, now) for name, seen_at in rows}


def count_alive(ages: dict[str, float]) -> int:
    return sum(age <= WORKER_SILENT_AFTER.total_seconds() for age in ages.values())
