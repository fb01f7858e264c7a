"""When things happen at Meridian: busy weekdays, quiet weekends, office hours in UTC."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from app.services.demo.company import DAYS

_BY_WEEKDAY = (1.12, 1.05, 1.0, 0.97, 0.9, 0.38, 0.24)
_BY_HOUR = {8: 6, 9: 10, 10: 12, 11: 11, 12: 7, 13: 8, 14: 10, 15: 10, 16: 8, 17: 6, 18: 4, 19: 2}


def days(today: date) -> Iterator[date]:
    """The days of the history, oldest first, today included."""
    for offset in range(DAYS - 1, -1, -1):
        yield today - timedelta(days=offset)


def busyness(day: date, rng: random.Random) -> float:
    """How much goes on that day; 1 is a usual one."""
    return _BY_WEEKDAY[day.weekday()] * rng.uniform(0.86, 1.14)


def moment(day: date, rng: random.Random) -> datetime:
    """Some time in that day's office hours."""
    hour = rng.choices(list(_BY_HOUR), list(_BY_HOUR.values()))[0]
    return datetime.combine(day, time(hour, tzinfo=UTC)) + timedelta(seconds=rng.uniform(0, 3600))


def weekday_before(day: date) -> date:
    """The day itself, or the Friday before a weekend."""
    return day - timedelta(days=max(0, day.weekday() - 4))
