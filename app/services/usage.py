"""Daily figures per number: finished days are counted once and kept, today is counted live.

A day is a UTC day, and a message belongs to the day on which it was created here.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import delete, func, select

from app.extensions import db
from app.models import (
    AccountUsageLog,
    Message,
    PhoneNumber,
    UsageDirtyDay,
    utcnow,
)
from app.queries.usage import count_day

_MOST_DAYS_AT_ONCE = 40


def roll_up() -> int:
    """Count what is finished and not yet counted, and what changed afterwards. Returns the days counted."""
    today = utcnow().date()
    due = _uncounted(today) | _dirty()
    for phone_number_id, day in sorted(due):
        _count(phone_number_id, day)
    return len(due)


def _uncounted(today: date) -> set[tuple[int, date]]:
    """Days since the last one counted for each number, the first message's day at the earliest."""
    last = dict(
        db.session.execute(
            select(AccountUsageLog.phone_number_id, func.max(AccountUsageLog.day)).group_by(
                AccountUsageLog.phone_number_id
            )
        ).all()
    )
    due: set[tuple[int, date]] = set()
    for number_id in db.session.scalars(select(PhoneNumber.id)).all():
        first = db.session.scalar(
            select(func.min(Message.created_at)).where(Message.phone_number_id == number_id)
        )
        start = last.get(number_id)
        day = start + timedelta(days=1) if start else (first.date() if first else today)
        day = max(day, today - timedelta(days=_MOST_DAYS_AT_ONCE)) if start else day
        while day < today:
            due.add((number_id, day))
            day += timedelta(days=1)
    return due


def _dirty() -> set[tuple[int, date]]:
    rows = db.session.execute(select(UsageDirtyDay.phone_number_id, UsageDirtyDay.day)).all()
    return {(number_id, day) for number_id, day in rows}


def _count(phone_number_id: int, day: date) -> None:
    """Replace one number's day. The dirty mark goes in the same transaction as the count it asked for."""
    db.session.execute(
        delete(UsageDirtyDay).where(
            UsageDirtyDay.phone_number_id == phone_number_id, UsageDirtyDay.day == day
        )
    )
    number = db.session.get(PhoneNumber, phone_number_id)
    if number is not None:
        figures = count_day(phone_number_id, *day_bounds(day))
        row = db.session.scalar(
            select(AccountUsageLog).where(
                AccountUsageLog.account_id == number.account_id,
                AccountUsageLog.phone_number_id == phone_number_id,
                AccountUsageLog.day == day,
            )
        )
        if row is None:
            row = AccountUsageLog(account_id=number.account_id, phone_number_id=phone_number_id, day=day)
            db.session.add(row)
        _fill(row, figures)
    db.session.commit()


def _fill(row: AccountUsageLog, figures: dict[str, Any]) -> None:
    for name, value in figures.items():
        setattr(row, name, value)


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """The first moment of a UTC day and of the next."""
    start = datetime.combine(day, time.min, UTC)
    return start, start + timedelta(days=1)
