"""Reads about the work itself: are workers alive, is anything waiting too long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, func, select

from app.extensions import db
from app.models import (
    Account,
    AccountStatus,
    NumberPace,
    PhoneNumber,
    WorkerHeartbeat,
    utcnow,
)
from app.queries.access import AccountScope

WORKER_SILENT_AFTER = timedelta(seconds=30)


@dataclass(frozen=True)
class LineState:
    """The state of the line to Meta, as the foot of the sidebar tells it.

    `is_worker_missing`: nothing is sent and nothing that arrives is shown; every page says so in a banner.
    `worker_seen_at` is None when the last one said goodbye, or none ever ran.
    """

    state: str
    text: str
    last_event_at: datetime | None
    is_worker_missing: bool = False
    worker_seen_at: datetime | None = None


def get_line_state(scope: AccountScope) -> LineState:
    """ "ok", "warn" or "bad", with one sentence. Every page asks: one statement, where nothing is paused."""
    paused_now = _paused(scope).with_only_columns(func.count())
    counted = (
        select(func.max(Account.last_event_at)).where(scope.covers(Account.id)),
        select(func.max(WorkerHeartbeat.seen_at)),
        select(func.count(Account.id)).where(scope.covers(Account.id), Account.attention_reason != ""),
        paused_now,
        select(func.count(PhoneNumber.id)).where(_is_silent(scope)),
    )
    last_event_at, seen_at, attention, pauses, silent = db.session.execute(
        select(*(one.scalar_subquery() for one in counted))
    ).one()
    if seen_at is None or utcnow() - seen_at > WORKER_SILENT_AFTER:
        return LineState(
            "bad", "The worker is not running", last_event_at, is_worker_missing=True, worker_seen_at=seen_at
        )
    if attention:
        return LineState("warn", "An account needs attention", last_event_at)
    paused = list_paused_numbers(scope) if pauses else []
    if paused:
        return LineState("warn", _paused_words(paused), last_event_at)
    if silent:
        text = "A number is silent" if silent == 1 else f"{silent} numbers are silent"
        return LineState("warn", text, last_event_at)
    return LineState("ok", "Line to Meta is up", last_event_at)


def list_silent_numbers(scope: AccountScope) -> list[PhoneNumber]:
    """Numbers of which nothing has been heard for longer than is usual, the longest silent first."""
    statement = (
        select(PhoneNumber).where(_is_silent(scope)).order_by(PhoneNumber.silent_since, PhoneNumber.id)
    )
    return list(db.session.scalars(statement))


def _is_silent(scope: AccountScope) -> ColumnElement[bool]:
    return scope.covers(PhoneNumber.account_id) & PhoneNumber.silent_since.is_not(None)


def _paused_words(paused: list[PausedNumber]) -> str:
    if len(paused) > 1:
        return f"{len(paused)} numbers pause before they send on"
    return f"{paused[0].number.shown_number} pauses. {paused[0].reason}"


@dataclass(frozen=True)
class PausedNumber:
    """A number that sends nothing until then, and why. `is_probing`: afterwards one message at a time,
    until one gets through."""

    number: PhoneNumber
    until: datetime
    reason: str
    is_probing: bool


def list_paused_numbers(scope: AccountScope) -> list[PausedNumber]:
    """Those whose pause is not over yet, the longest first."""
    statement = _paused(scope).order_by(NumberPace.paused_until.desc(), PhoneNumber.id)
    return [
        PausedNumber(number, pace.paused_until, pace.pause_reason, pace.failures > 0)
        for number, pace in db.session.execute(statement)
        if pace.paused_until is not None
    ]


def _paused(scope: AccountScope) -> Select[PhoneNumber, NumberPace]:
    return (
        select(PhoneNumber, NumberPace)
        .join(NumberPace, NumberPace.phone_number_id == PhoneNumber.id)
        .join(Account, Account.id == PhoneNumber.account_id)
        .where(
            scope.covers(PhoneNumber.account_id),
            Account.status != AccountStatus.ARCHIVED,
            NumberPace.paused_until > utcnow(),
        )
    )


def find_worker_seen_at() -> datetime | None:
    """When any worker last gave a sign of life."""
    return db.session.scalar(select(func.max(WorkerHeartbeat.seen_at)))
