"""Business hours: days of the week in a time zone, with holidays. Pure: times come in as arguments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

DAY = 24 * 60
_LOOK_AHEAD_DAYS = 62

Span = tuple[int, int]
"""First minute and end minute of the day. An end at or before the begin lies on the next day."""


@lru_cache(maxsize=600)
def zone(name: str) -> ZoneInfo:
    """Raises ValueError for a name that this machine does not know."""
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:
        raise ValueError(f"no time zone is called {name!r}") from error


@lru_cache(maxsize=1)
def zones() -> tuple[str, ...]:
    """The names to choose from; what only this machine calls so is none of them."""
    return tuple(sorted({"UTC", *available_timezones()} - {"localtime", "posixrules", "Factory"}))


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
