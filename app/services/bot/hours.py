"""Business hours: days of the week in a time zone, with holidays. Pure: times come in as arguments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.models.time_zones import zone

DAY = 24 * 60
_LOOK_AHEAD_DAYS = 62

Span = tuple[int, int]
"""First minute and end minute of the day. An end at or before the begin lies on the next day."""


@dataclass(frozen=True)
class Hours:
    """`week`: seven days, Monday first, each its spans. A holiday is closed for the whole of its day."""

    time_zone: str = "UTC"
    week: Sequence[Sequence[Span]] = ()
    holidays: Mapping[date, str] = field(default_factory=dict)

    def is_open(self, at: datetime) -> bool:
        """By the clock on the wall there, whatever summer time does."""
        local = at.astimezone(zone(self.time_zone))
        minute = local.hour * 60 + local.minute
        today, yesterday = local.date(), local.date() - timedelta(days=1)
        if today in self.holidays:
            return False
        return any(first <= minute < end for first, end in self._spans(today)) or any(
            minute < end - DAY for _, end in self._spans(yesterday)
        )

    def holiday(self, at: datetime) -> str | None:
        """The holiday's name, which may be empty; None on any other day."""
        return self.holidays.get(at.astimezone(zone(self.time_zone)).date())

    def next_opening(self, at: datetime) -> datetime | None:
        """When it opens again after `at`; None when that is not within two months."""
        there = zone(self.time_zone)
        today = at.astimezone(there).date()
        for days in range(_LOOK_AHEAD_DAYS):
            day = today + timedelta(days=days)
            for opening in sorted(self._openings(day, there)):
                if opening > at:
                    return opening
        return None

    def stretches(self, begin: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """When it is open between two moments, in order; the first and the last are cut to them."""
        there = zone(self.time_zone)
        day, last = begin.astimezone(there).date() - timedelta(days=1), end.astimezone(there).date()
        while day <= last:
            is_shut_after = day + timedelta(days=1) in self.holidays
            for first, stop in sorted(self._spans(day)):
                opens = _moment(day, first, there)
                shuts = _moment(day, min(stop, DAY) if is_shut_after else stop, there)
                if max(opens, begin) < min(shuts, end):
                    yield max(opens, begin), min(shuts, end)
            day += timedelta(days=1)

    def _openings(self, day: date, there: ZoneInfo) -> list[datetime]:
        return [
            datetime.combine(day, time(first // 60, first % 60), there).astimezone(UTC)
            for first, _ in self._spans(day)
        ]

    def _spans(self, day: date) -> list[Span]:
        """Of one day; ends after midnight count on beyond 1440."""
        if day in self.holidays or not self.week:
            return []
        return [(first, end if end > first else end + DAY) for first, end in self.week[day.weekday()]]


def _moment(day: date, minute: int, there: ZoneInfo) -> datetime:
    """A minute of a day by the clock on the wall; from 1440 on it is the next day's."""
    whole, rest = divmod(minute, DAY)
    local = datetime.combine(day + timedelta(days=whole), time(rest // 60, rest % 60), there)
    return local.astimezone(UTC)
