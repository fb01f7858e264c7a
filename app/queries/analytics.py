"""The dashboard's figures: finished days from the roll-up, the last two days as the messages stand now.

Each account's days are those of its own time zone. Yesterday is one of those two, so that a roll-up that is
a little late leaves no hole.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, timedelta, tzinfo
from typing import Any

from sqlalchemy import ColumnElement, func, select

from app.extensions import db
from app.models import Account, AccountUsageLog, Conversation, PhoneNumber, utcnow
from app.models.time_zones import day_of, zone_or_utc
from app.queries.access import AccountScope
from app.queries.conversation_filters import IS_UNREAD
from app.queries.usage import Figures, count_days, figures_of

__all__ = [
    "AccountFigures",
    "DayFigures",
    "Failure",
    "Figures",
    "NumberFigures",
    "Overview",
    "first_recent_day",
    "get_overview",
]

RECENT_DAYS = 2


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
    """Figures of the days from `start` to `end`, both included: each account's in its own time zone."""
    length = (end - start).days + 1
    first = start - timedelta(days=length)
    place = _Place(scope, account_id, phone_number_id)
    rows = [*_rolled_up(place, first, end), *_recent(place, first, end)]
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

    def conditions(self, account: Any, number: Any) -> list[ColumnElement[bool]]:
        """`account` and `number`: the columns that hold their ids."""
        found: list[ColumnElement[bool]] = [self.scope.covers(account)]
        if self.account_id is not None:
            found.append(account == self.account_id)
        if self.phone_number_id is not None:
            found.append(number == self.phone_number_id)
        return found


def first_recent_day(there: tzinfo = UTC) -> date:
    """From here on figures are those of this moment; the days before are as they were rolled up."""
    return day_of(utcnow(), there) - timedelta(days=RECENT_DAYS - 1)


def _rolled_up(place: _Place, start: date, end: date) -> list[_Row]:
    zones = _zones_of_accounts(place)
    statement = select(AccountUsageLog).where(
        *place.conditions(AccountUsageLog.account_id, AccountUsageLog.phone_number_id),
        AccountUsageLog.day >= start,
        AccountUsageLog.day <= end,
    )
    recent = {account_id: first_recent_day(there) for account_id, there in zones.items()}
    return [
        _Row(row.account_id, row.phone_number_id, row.day, figures_of(row), dict(row.failures))
        for row in db.session.scalars(statement)
        if row.day < recent[row.account_id]
    ]


def _recent(place: _Place, start: date, end: date) -> list[_Row]:
    numbers = select(PhoneNumber.id, PhoneNumber.account_id).where(
        *place.conditions(PhoneNumber.account_id, PhoneNumber.id)
    )
    accounts = {row.id: row.account_id for row in db.session.execute(numbers)}
    zones = _zones_of_accounts(place)
    by_zone: dict[tzinfo, list[int]] = defaultdict(list)
    for number_id, account_id in accounts.items():
        by_zone[zones[account_id]].append(number_id)
    return [
        _Row(accounts[number_id], number_id, day, count.figures, count.failures)
        for there, ids in by_zone.items()
        for day, number_id, count in count_days(ids, max(start, first_recent_day(there)), end, there)
    ]


def _zones_of_accounts(place: _Place) -> dict[int, tzinfo]:
    rows = db.session.execute(select(Account.id, Account.time_zone).where(place.scope.covers(Account.id)))
    return {row.id: zone_or_utc(row.time_zone) for row in rows}


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
    # Of rows, not of ids: then PostgreSQL needs no more than the index.
    base = (
        select(func.count())
        .select_from(Conversation)
        .where(*place.conditions(Conversation.account_id, Conversation.phone_number_id))
    )
    is_open = db.session.scalar(base.where(Conversation.last_inbound_at > since))
    unread = db.session.scalar(base.where(IS_UNREAD))
    return is_open or 0, unread or 0
