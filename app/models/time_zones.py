"""Time zones by their names (`Europe/London`), and what a day is in one. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones


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


def zone_or_utc(name: str) -> tzinfo:
    """UTC for a name that this machine does not know: a row may come from one that does."""
    try:
        return zone(name)
    except ValueError:
        return UTC


def day_bounds(day: date, there: tzinfo = UTC) -> tuple[datetime, datetime]:
    """The first moment (in UTC) of a day there and of the next: 23 or 25 hours where the clock is changed."""
    start = datetime.combine(day, time.min, there).astimezone(UTC)
    return start, datetime.combine(day + timedelta(days=1), time.min, there).astimezone(UTC)


def day_of(at: datetime, there: tzinfo = UTC) -> date:
    """The day on which a moment falls there."""
    return at.astimezone(there).date()


def latest_day(now: datetime, names: Iterable[str]) -> date:
    """The latest day that it is now in one of these zones; without any, in UTC."""
    return max((day_of(now, zone_or_utc(name)) for name in names), default=day_of(now))
