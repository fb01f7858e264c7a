"""Time as people at work count it: business hours of an account or a team, and nothing of the night."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import select

from app.extensions import db
from app.models import BotSettings, Team
from app.services.bot.hours import Hours
from app.services.bot.plan import hours_of

_LONGEST = timedelta(days=400)
"""What takes longer is not counted to the end: nobody is served by the exact figure."""


def hours_of_accounts(account_ids: Iterable[int]) -> dict[int, Hours | None]:
    """By account id; None: always open. They are the hours that the account's bot keeps, too."""
    found = db.session.scalars(select(BotSettings).where(BotSettings.account_id.in_(set(account_ids))))
    hours = {row.account_id: hours_of(row) for row in found}
    return {id_: hours.get(id_) for id_ in account_ids}


def hours_at(account_id: int, team: Team | None) -> Hours | None:
    """A team's own hours go before those of the account."""
    if team is not None and team.has_hours:
        return hours_of(team)
    return hours_of_accounts([account_id])[account_id]


def is_open(hours: Hours | None, at: datetime) -> bool:
    return hours is None or hours.is_open(at)


def seconds_between(hours: Hours | None, begin: datetime, end: datetime) -> int:
    """Seconds of business between two moments; 0 when the end lies first."""
    end = min(end, begin + _LONGEST)
    if end <= begin:
        return 0
    if hours is None:
        return int((end - begin).total_seconds())
    return int(sum((stop - start).total_seconds() for start, stop in hours.stretches(begin, end)))


def after(hours: Hours | None, begin: datetime, seconds: int) -> datetime | None:
    """The moment at which so many seconds of business have passed; None when that is over a year away."""
    if hours is None:
        return begin + timedelta(seconds=seconds)
    left = float(seconds)
    for start, stop in hours.stretches(begin, begin + _LONGEST):
        length = (stop - start).total_seconds()
        if length >= left:
            return start + timedelta(seconds=left)
        left -= length
    return None
