"""Reads about the work itself: are workers alive, is anything waiting too long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from app.extensions import db
from app.models import (
    Account,
    EventState,
    Message,
    MessageStatus,
    PhoneNumber,
    WebhookEvent,
    WorkerHeartbeat,
    utcnow,
)
from app.queries.access import AccountScope

WORKER_SILENT_AFTER = timedelta(seconds=30)


@dataclass(frozen=True)
class LineState:
    """The state of the line to Meta, as the foot of the sidebar tells it."""

    state: str
    text: str
    last_event_at: datetime | None


def get_line_state(scope: AccountScope) -> LineState:
    """ "ok", "warn" or "bad", with one sentence."""
    last_event_at = db.session.scalar(select(func.max(Account.last_event_at)).where(scope.covers(Account.id)))
    seen_at = find_worker_seen_at()
    if seen_at is None or utcnow() - seen_at > WORKER_SILENT_AFTER:
        return LineState("bad", "The worker is not running", last_event_at)
    attention = db.session.scalar(
        select(func.count(Account.id)).where(scope.covers(Account.id), Account.attention_reason != "")
    )
    if attention:
        return LineState("warn", "An account needs attention", last_event_at)
    silent = len(list_silent_numbers(scope))
    if silent:
        text = "A number is silent" if silent == 1 else f"{silent} numbers are silent"
        return LineState("warn", text, last_event_at)
    return LineState("ok", "Line to Meta is up", last_event_at)


def list_silent_numbers(scope: AccountScope) -> list[PhoneNumber]:
    """Numbers of which nothing has been heard for longer than is usual, the longest silent first."""
    statement = (
        select(PhoneNumber)
        .where(scope.covers(PhoneNumber.account_id), PhoneNumber.silent_since.is_not(None))
        .order_by(PhoneNumber.silent_since, PhoneNumber.id)
    )
    return list(db.session.scalars(statement))


def find_worker_seen_at() -> datetime | None:
    """When any worker last gave a sign of life."""
    return db.session.scalar(select(func.max(WorkerHeartbeat.seen_at)))


@dataclass(frozen=True)
class Backlog:
    """How much is waiting, and for how long the oldest has."""

    events: int
    oldest_event_s: float
    messages: int
    oldest_message_s: float
    parked_events: int
    unconfirmed_messages: int


def get_backlog() -> Backlog:
    """Counts over all accounts, for the health pages and metrics."""
    events, oldest_event = _count_and_oldest(
        select(func.count(WebhookEvent.id), func.min(WebhookEvent.received_at)).where(
            WebhookEvent.state == EventState.PENDING
        )
    )
    messages, oldest_message = _count_and_oldest(
        select(func.count(Message.id), func.min(Message.created_at)).where(
            Message.status == MessageStatus.QUEUED
        )
    )
    parked = db.session.scalar(
        select(func.count(WebhookEvent.id)).where(WebhookEvent.state == EventState.PARKED)
    )
    unconfirmed = db.session.scalar(
        select(func.count(Message.id)).where(Message.status == MessageStatus.UNCONFIRMED)
    )
    return Backlog(events, oldest_event, messages, oldest_message, parked or 0, unconfirmed or 0)


def _count_and_oldest(statement: object) -> tuple[int, float]:
    count, oldest = db.session.execute(statement).one()  # type: ignore[call-overload]
    return count, (utcnow() - oldest).total_seconds() if oldest else 0.0
