"""Figures per number, counted ahead: finished days, and the hours of late as often as they change.

A day is a UTC day, and a message belongs to the day on which it was created here. Whatever changes a
message says so (`usage_changes`): its hour is counted again within a minute, a finished day at the next
roll-up. What is counted ahead but has changed since is counted from the messages by whoever reads it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import delete, func, select

from app.extensions import db
from app.models import (
    AccountUsageLog,
    Message,
    PhoneNumber,
    UsageChange,
    UsageDirtyDay,
    UsageHour,
    hour_of,
    utcnow,
)
from app.queries.analytics import first_recent_day
from app.queries.usage import HOUR, Count, Span, count_messages, day_bounds
from app.services.conversations import insert_ignoring_conflict

_MOST_DAYS_AT_ONCE = 40
_NUMBERS_AT_ONCE = 1_000
_TRUSTED_FOR = timedelta(hours=1)
"""Then an hour is counted again unasked: a hand in the database, or a process of the version before this,
says nothing of what it changes."""
_KEEP_HOURS = timedelta(days=1)
"""Beyond the days that are read: another host's clock may be in yesterday still."""


def roll_up() -> int:
    """Count what is finished and not yet counted, and what changed afterwards. Returns the days counted."""
    count_hours()
    today = utcnow().date()
    due = _uncounted(today) | _dirty()
    for phone_number_id, day in sorted(due):
        count_day(phone_number_id, day)
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


def count_day(phone_number_id: int, day: date) -> None:
    """Replace one number's day. The dirty mark goes in the same transaction as the count it asked for."""
    db.session.execute(
        delete(UsageDirtyDay).where(
            UsageDirtyDay.phone_number_id == phone_number_id, UsageDirtyDay.day == day
        )
    )
    number = db.session.get(PhoneNumber, phone_number_id)
    if number is not None:
        # Locked before it is counted, so that a slower count cannot overwrite a later one.
        row = db.session.scalar(
            select(AccountUsageLog)
            .where(
                AccountUsageLog.account_id == number.account_id,
                AccountUsageLog.phone_number_id == phone_number_id,
                AccountUsageLog.day == day,
            )
            .with_for_update()
        )
        if row is None:
            row = AccountUsageLog(account_id=number.account_id, phone_number_id=phone_number_id, day=day)
            db.session.add(row)
        counted = count_messages([Span((phone_number_id,), *day_bounds(day))])
        _fill(row, counted.get(phone_number_id, Count()))
    db.session.commit()


def _fill(row: AccountUsageLog | UsageHour, count: Count) -> None:
    for name, value in vars(count.figures).items():
        setattr(row, name, value)
    row.failures = count.failures


def count_hours() -> int:
    """Count the finished hours of the last days that are not counted yet, and those that changed since.

    Returns how many hours there were, each of one or more numbers.
    """
    now = utcnow()
    first, _ = day_bounds(first_recent_day())
    numbers = db.session.execute(select(PhoneNumber.id, PhoneNumber.account_id))
    accounts = {row.id: row.account_id for row in numbers}
    due = _due_hours(accounts, first, now)
    db.session.rollback()
    oldest = first - _KEEP_HOURS
    for hour, number_ids in sorted(due.items()):
        listed = sorted(number_ids)
        for start in range(0, len(listed), _NUMBERS_AT_ONCE):
            owners = {id_: accounts[id_] for id_ in listed[start : start + _NUMBERS_AT_ONCE]}
            _count_hour(hour, owners, now, is_kept=hour >= oldest)
    db.session.execute(delete(UsageHour).where(UsageHour.hour_at < oldest))
    db.session.commit()
    return len(due)


def _due_hours(number_ids: Collection[int], first: datetime, now: datetime) -> dict[datetime, set[int]]:
    """By hour, the numbers to count. Changes of an hour that runs still are left until it is over."""
    current = hour_of(now)
    due: dict[datetime, set[int]] = {}
    changed = select(UsageChange.hour_at, UsageChange.phone_number_id).where(UsageChange.hour_at < current)
    for hour, number_id in db.session.execute(changed.distinct()):
        # A number that came a moment ago is the next run's.
        if number_id in number_ids:
            due.setdefault(hour, set()).add(number_id)
    held = _held(first, now)
    hour = first
    while hour < current:
        missing = set(number_ids) - held.get(hour, set())
        if missing:
            due.setdefault(hour, set()).update(missing)
        hour += HOUR
    return due


def _held(first: datetime, now: datetime) -> dict[datetime, set[int]]:
    """The numbers whose rows were counted of late, by hour."""
    rows = select(UsageHour.hour_at, UsageHour.phone_number_id).where(
        UsageHour.hour_at >= first, UsageHour.counted_at > now - _TRUSTED_FOR
    )
    held: dict[datetime, set[int]] = {}
    for hour, number_id in db.session.execute(rows):
        held.setdefault(hour, set()).add(number_id)
    return held


def _count_hour(hour: datetime, owners: dict[int, int], now: datetime, *, is_kept: bool) -> None:
    """Replace the hour of these numbers (account ids by number), in one transaction.

    The changes go first and the messages are counted after that: a change that is not seen by then keeps its
    row, and the hour is counted once more.
    """
    rows = _lock_rows(hour, owners) if is_kept else []
    forgotten = (
        delete(UsageChange)
        .where(UsageChange.hour_at == hour, UsageChange.phone_number_id.in_(owners))
        .returning(UsageChange.phone_number_id)
        .execution_options(synchronize_session=False)
    )
    _mark_day(hour.date(), set(db.session.scalars(forgotten)))
    if rows:
        counted = count_messages([Span(tuple(owners), hour, hour + HOUR)])
        for row in rows:
            _fill(row, counted.get(row.phone_number_id, Count()))
            row.counted_at = now
    db.session.commit()


def _lock_rows(hour: datetime, owners: dict[int, int]) -> Sequence[UsageHour]:
    """The hour's rows, made where there were none. Before the count, as with days; always in one order."""
    rows = [
        {"phone_number_id": number_id, "hour_at": hour, "account_id": account_id}
        for number_id, account_id in sorted(owners.items())
    ]
    insert_ignoring_conflict(UsageHour, rows)
    statement = (
        select(UsageHour)
        .where(UsageHour.hour_at == hour, UsageHour.phone_number_id.in_(owners))
        .order_by(UsageHour.phone_number_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return db.session.scalars(statement).all()


def _mark_day(day: date, number_ids: set[int]) -> None:
    """A finished day changed. Today has no count yet, unless by a host whose clock is ahead."""
    if number_ids and day >= utcnow().date():
        counted = select(AccountUsageLog.phone_number_id).where(
            AccountUsageLog.day == day, AccountUsageLog.phone_number_id.in_(number_ids)
        )
        number_ids = set(db.session.scalars(counted))
    if number_ids:
        rows = [{"phone_number_id": number_id, "day": day} for number_id in sorted(number_ids)]
        insert_ignoring_conflict(UsageDirtyDay, rows)
