"""The dashboard's figures: finished days from the roll-up, the last two days from the messages.

Yesterday is counted live too, so that a roll-up that is a little late leaves no hole.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select

from app.extensions import db
from app.models import Account, AccountUsageLog, Conversation, Message, utcnow
from app.queries.access import AccountScope
from app.queries.usage import FIGURES

LIVE_DAYS = 2


@dataclass(frozen=True)
class Figures:
    """Counts over some span: `sent` were accepted and did not fail since; `delivered` includes read ones."""

    sent: int = 0
    delivered: int = 0
    read: int = 0
    failed: int = 0
    received: int = 0

    def __add__(self, other: Figures) -> Figures:
        return Figures(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    @property
    def delivery_rate(self) -> float:
        """Delivered per accepted, 0 to 1."""
        return self.delivered / self.sent if self.sent else 0.0

    @property
    def read_rate(self) -> float:
        """Read per delivered, 0 to 1."""
        return self.read / self.delivered if self.delivered else 0.0

    @property
    def failure_rate(self) -> float:
        """Failed per all that were tried, 0 to 1."""
        tried = self.sent + self.failed
        return self.failed / tried if tried else 0.0


@dataclass(frozen=True)
class DayFigures:
    day: date
    figures: Figures


@dataclass(frozen=True)
class Failure:
    """Failed messages with one of Meta's codes; None for those that never reached Meta."""

    code: int | None
    count: int


@dataclass(frozen=True)
class AccountFigures:
    account_id: int
    name: str
    figures: Figures


@dataclass(frozen=True)
class NumberFigures:
    phone_number_id: int
    figures: Figures


@dataclass(frozen=True)
class Overview:
    """All of a dashboard, for the days [start, end] and, to compare, as many days before."""

    start: date
    end: date
    total: Figures
    before: Figures
    days: list[DayFigures]
    failures: list[Failure]
    accounts: list[AccountFigures]
    numbers: list[NumberFigures]
    open_conversations: int
    unread_conversations: int


@dataclass
class _Row:
    account_id: int
    phone_number_id: int
    day: date
    figures: Figures
    failures: dict[str, int]


def get_overview(
    scope: AccountScope,
    *,
    start: date,
    end: date,
    account_id: int | None = None,
    phone_number_id: int | None = None,
) -> Overview:
    """Figures of the UTC days from `start` to `end`, both included."""
    length = (end - start).days + 1
    first = start - timedelta(days=length)
    place = _Place(scope, account_id, phone_number_id)
    rows = [*_rolled_up(place, first, end), *_live(place, first, end)]
    now, then = [row for row in rows if row.day >= start], [row for row in rows if row.day < start]
    open_count, unread = _conversations(place)
    return Overview(
        start=start,
        end=end,
        total=_total(now),
        before=_total(then),
        days=_by_day(now, start, length),
        failures=_failures(now),
        accounts=_by_account(now),
        numbers=_by_number(now),
        open_conversations=open_count,
        unread_conversations=unread,
    )


@dataclass(frozen=True)
class _Place:
    """Which accounts and number are looked at."""

    scope: AccountScope
    account_id: int | None
    phone_number_id: int | None

    def conditions(self, model: Any) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = [self.scope.covers(model.account_id)]
        if self.account_id is not None:
            found.append(model.account_id == self.account_id)
        if self.phone_number_id is not None:
            found.append(model.phone_number_id == self.phone_number_id)
        return found


def _first_live_day() -> date:
    return utcnow().date() - timedelta(days=LIVE_DAYS - 1)


def _rolled_up(place: _Place, start: date, end: date) -> list[_Row]:
    last = min(end, _first_live_day() - timedelta(days=1))
    statement = select(AccountUsageLog).where(
        *place.conditions(AccountUsageLog), AccountUsageLog.day >= start, AccountUsageLog.day <= last
    )
    return [
        _Row(row.account_id, row.phone_number_id, row.day, _figures(row), dict(row.failures))
        for row in db.session.scalars(statement)
    ]


def _live(place: _Place, start: date, end: date) -> list[_Row]:
    found: list[_Row] = []
    day = max(start, _first_live_day())
    while day <= end:
        found += _live_day(place, day)
        day += timedelta(days=1)
    return found


def _live_day(place: _Place, day: date) -> list[_Row]:
    begin = datetime.combine(day, time.min, UTC)
    span = [
        *place.conditions(Message),
        Message.created_at >= begin,
        Message.created_at < begin + timedelta(days=1),
    ]
    # One pass for figures and failures: a busy day's messages take long to go through.
    parts = (Message.account_id, Message.phone_number_id, Message.error_code)
    counted = (
        select(*parts, *(expression.label(name) for name, expression in FIGURES.items()))
        .where(*span)
        .group_by(*parts)
    )
    found: dict[int, _Row] = {}
    for row in db.session.execute(counted):
        number = found.setdefault(
            row.phone_number_id, _Row(row.account_id, row.phone_number_id, day, Figures(), {})
        )
        number.figures += _figures(row)
        if row.failed:
            number.failures[str(row.error_code or "")] = int(row.failed)
    return list(found.values())


def _figures(row: Any) -> Figures:
    return Figures(*(int(getattr(row, f.name)) for f in fields(Figures)))


def _total(rows: Iterable[_Row]) -> Figures:
    return sum((row.figures for row in rows), Figures())


def _by_day(rows: Iterable[_Row], start: date, length: int) -> list[DayFigures]:
    totals: dict[date, Figures] = defaultdict(Figures)
    for row in rows:
        totals[row.day] += row.figures
    days = [start + timedelta(days=offset) for offset in range(length)]
    return [DayFigures(day, totals[day]) for day in days]


def _failures(rows: Iterable[_Row]) -> list[Failure]:
    counts: dict[str, int] = defaultdict(int)
    for row in rows:
        for code, count in row.failures.items():
            counts[code] += count
    found = [Failure(int(code) if code else None, count) for code, count in counts.items()]
    return sorted(found, key=lambda failure: -failure.count)


def _by_account(rows: Iterable[_Row]) -> list[AccountFigures]:
    totals: dict[int, Figures] = defaultdict(Figures)
    for row in rows:
        totals[row.account_id] += row.figures
    names = db.session.execute(select(Account.id, Account.name).where(Account.id.in_(totals)))
    found = [AccountFigures(account_id, name, totals[account_id]) for account_id, name in names]
    return sorted(found, key=lambda account: (-account.figures.sent, account.name))


def _by_number(rows: Iterable[_Row]) -> list[NumberFigures]:
    totals: dict[int, Figures] = defaultdict(Figures)
    for row in rows:
        totals[row.phone_number_id] += row.figures
    return [NumberFigures(number_id, figures) for number_id, figures in totals.items()]


def _conversations(place: _Place) -> tuple[int, int]:
    """Conversations whose 24-hour window is open, and those with something unread."""
    since = utcnow() - timedelta(hours=24)
    base = select(func.count(Conversation.id)).where(*place.conditions(Conversation))
    is_open = db.session.scalar(base.where(Conversation.last_inbound_at > since))
    unread = db.session.scalar(base.where(Conversation.unread_count > 0))
    return is_open or 0, unread or 0
