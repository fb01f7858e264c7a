"""Day by day what one account used: finished days as they were counted, the last two as they stand now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.models import Account, AccountUsageLog, PhoneNumber
from app.models.time_zones import day_bounds, zone_or_utc
from app.queries.analytics import first_recent_day
from app.queries.usage import Figures, count_days, figures_of
from app.queries.usage_details import Details, count_calls, count_details, plain_kinds


@dataclass
class DayUsage:
    """A day, or the sum of some. `people`: summed over days and numbers, so somebody may be in it twice."""

    day: date
    figures: Figures = field(default_factory=Figures)
    kinds: dict[str, dict[str, int]] = field(default_factory=dict)
    pricing: dict[str, dict[str, int]] = field(default_factory=dict)
    bot_replies: int = 0
    people: int = 0
    api_calls: int = 0

    def add(self, other: DayUsage) -> None:
        self.figures += other.figures
        _merge(self.kinds, other.kinds)
        _merge(self.pricing, other.pricing)
        self.bot_replies += other.bot_replies
        self.people += other.people
        self.api_calls += other.api_calls


@dataclass(frozen=True)
class NumberDay:
    """What one number used on one day."""

    phone_number_id: int
    usage: DayUsage


def list_number_days(
    account: Account, start: date, end: date, *, phone_number_id: int | None = None
) -> list[NumberDay]:
    """Of the days from `start` to `end` in the account's time zone; days without anything may be missing."""
    numbers = [row for row in account.phone_numbers if phone_number_id in (None, row.id)]
    return [*_finished(account, numbers, start, end), *_recent(account, numbers, start, end)]


def sum_by_day(rows: Iterable[NumberDay], start: date, end: date) -> list[DayUsage]:
    """One entry for every day, the quiet ones too."""
    days = {day: DayUsage(day) for day in _days(start, end)}
    for row in rows:
        days[row.usage.day].add(row.usage)
    return list(days.values())


def sum_by_month(rows: Iterable[NumberDay], start: date, end: date) -> list[DayUsage]:
    """One entry for every month, named by its first day."""
    months = {day.replace(day=1): DayUsage(day.replace(day=1)) for day in _days(start, end)}
    for row in rows:
        months[row.usage.day.replace(day=1)].add(row.usage)
    return list(months.values())


def total_of(usages: Iterable[DayUsage], day: date) -> DayUsage:
    """Their sum."""
    total = DayUsage(day)
    for each in usages:
        total.add(each)
    return total


def _days(start: date, end: date) -> Iterable[date]:
    return (start + timedelta(days=n) for n in range((end - start).days + 1))


def _finished(
    account: Account, numbers: Sequence[PhoneNumber], start: date, end: date
) -> Iterable[NumberDay]:
    last = first_recent_day(zone_or_utc(account.time_zone)) - timedelta(days=1)
    rows = db.session.scalars(
        select(AccountUsageLog).where(
            AccountUsageLog.account_id == account.id,
            AccountUsageLog.phone_number_id.in_([number.id for number in numbers]),
            AccountUsageLog.day >= start,
            AccountUsageLog.day <= min(end, last),
        )
    )
    for row in rows:
        details = Details(plain_kinds(row.kinds), row.pricing, row.bot_replies, row.unique_people)
        yield NumberDay(row.phone_number_id, _usage(row.day, figures_of(row), details, row.api_calls))


def _recent(account: Account, numbers: Sequence[PhoneNumber], start: date, end: date) -> Iterable[NumberDay]:
    there = zone_or_utc(account.time_zone)
    first = max(start, first_recent_day(there))
    ids = [number.id for number in numbers]
    counted = {(day, id_): count.figures for day, id_, count in count_days(ids, first, end, there)}
    for day in _days(first, min(end, first + timedelta(days=2))):
        bounds = day_bounds(day, there)
        for number in numbers:
            figures = counted.get((day, number.id), Figures())
            details = count_details(number.id, *bounds)
            calls = count_calls(number, *bounds)
            yield NumberDay(number.id, _usage(day, figures, details, calls))


def _usage(day: date, figures: Figures, details: Details, api_calls: int) -> DayUsage:
    return DayUsage(
        day,
        figures,
        details.kinds,
        details.pricing,
        details.bot_replies,
        details.unique_people,
        api_calls,
    )


def _merge(into: dict[str, dict[str, int]], other: dict[str, Any]) -> None:
    for name, parts in other.items():
        entry = into.setdefault(name, {})
        for part, count in parts.items():
            entry[part] = entry.get(part, 0) + count
