"""Figures per number, counted ahead: finished days, and the hours of late as often as they change.

A day is one in the time zone of the account, and a message belongs to the day on which it was created here.
Whatever changes a message says so (`usage_changes`): its hour is counted again within a minute, a finished
day at the next roll-up. What is counted ahead but has changed since is counted from the messages by whoever
reads it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo

from sqlalchemy import delete, func, select

from app.extensions import db
from app.models import (
    Account,
    AccountUsageLog,
    Message,
    PhoneNumber,
    UsageChange,
    UsageDirtyDay,
    UsageHour,
    hour_of,
    utcnow,
)
from app.models.time_zones import day_bounds, day_of, zone_or_utc
from app.queries.analytics import first_recent_day
from app.queries.usage import HOUR, Count, Figures, Span, count_messages, figures_of
from app.queries.usage_details import count_calls, count_details, count_names
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
    due = _uncounted_days() | _dirty()
    for phone_number_id, day in sorted(due):
        count_day(phone_number_id, day)
    return len(due)


def _zones() -> dict[int, tzinfo]:
    """The time zone of each number's account."""
    rows = db.session.execute(
        select(PhoneNumber.id, Account.time_zone).join(Account, Account.id == PhoneNumber.account_id)
    )
    return {row.id: zone_or_utc(row.time_zone) for row in rows}


def _uncounted_days() -> set[tuple[int, date]]:
    """Days since the last one counted for each number, the first message's day at the earliest."""
    last = dict(
        db.session.execute(
            select(AccountUsageLog.phone_number_id, func.max(AccountUsageLog.day)).group_by(
                AccountUsageLog.phone_number_id
            )
        ).all()
    )
    now = utcnow()
    due: set[tuple[int, date]] = set()
    for number_id, there in _zones().items():
        first = db.session.scalar(
            select(func.min(Message.created_at)).where(Message.phone_number_id == number_id)
        )
        today, start = day_of(now, there), last.get(number_id)
        day = start + timedelta(days=1) if start else (day_of(first, there) if first else today)
        day = max(day, today - timedelta(days=_MOST_DAYS_AT_ONCE)) if start else day
        while day < today:
            due.add((number_id, day))
            day += timedelta(days=1)
    return due


def _dirty() -> set[tuple[int, date]]:
    rows = db.session.execute(select(UsageDirtyDay.phone_number_id, UsageDirtyDay.day)).all()
    return {(number_id, day) for number_id, day in rows}


def count_day(phone_number_id: int, day: date) -> None:
    """Replace one number's day. The dirty mark goes in the same transaction as the count it asked for.

    A day that was counted, and of which messages were deleted since, stays as it was.
    """
    _count_day(phone_number_id, day)
    db.session.commit()


def settle_day(phone_number_id: int, day: date) -> None:
    """Count a day for the last time: its messages are about to be deleted, and nobody counts it again."""
    row = _count_day(phone_number_id, day)
    if row is not None and row.messages_purged_at is None:
        row.messages_purged_at = utcnow()
    db.session.commit()


def _count_day(phone_number_id: int, day: date) -> AccountUsageLog | None:
    """The day's row, locked; None without such a number."""
    db.session.execute(
        delete(UsageDirtyDay).where(
            UsageDirtyDay.phone_number_id == phone_number_id, UsageDirtyDay.day == day
        )
    )
    number = db.session.get(PhoneNumber, phone_number_id)
    if number is None:
        return None
    # Locked before it is counted, so that a slower count cannot overwrite a later one.
    row = db.session.scalar(
        select(AccountUsageLog)
        .where(
            AccountUsageLog.account_id == number.account_id,
            AccountUsageLog.phone_number_id == phone_number_id,
            AccountUsageLog.day == day,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    is_new = row is None
    if row is None:
        row = AccountUsageLog(account_id=number.account_id, phone_number_id=phone_number_id, day=day)
        db.session.add(row)
    if row.messages_purged_at is None:
        span = day_bounds(day, zone_or_utc(number.account.time_zone))
        _count_into(row, number, *span, is_new=is_new)
    return row


def _count_into(
    row: AccountUsageLog, number: PhoneNumber, start: datetime, end: datetime, *, is_new: bool
) -> None:
    # Calls to Meta are kept for days only: a later count finds fewer.
    row.api_calls = max(row.api_calls or 0, count_calls(number, start, end))
    details = count_details(number.id, start, end)
    count = count_messages([Span((number.id,), start, end)]).get(number.id, Count())
    has_messages = details.unique_people or count.figures != Figures()
    if not (is_new or has_messages or figures_of(row) == Figures()):
        return
    _fill(row, count)
    row.kinds = details.kinds | count_names(number.id, start, end)
    row.pricing = details.pricing
    row.bot_replies, row.unique_people = details.bot_replies, details.unique_people


def _fill(row: AccountUsageLog | UsageHour, count: Count) -> None:
    for name, value in vars(count.figures).items():
        setattr(row, name, value)
    row.failures = count.failures


def count_hours() -> int:
    """Count the finished hours of the last days that are not counted yet, and those that changed since.

    Returns how many hours there were, each of one or more numbers.
    """
    now = utcnow()
    zones = _zones()
    first = hour_of(min((_recent_start(there) for there in zones.values()), default=now))
    numbers = db.session.execute(select(PhoneNumber.id, PhoneNumber.account_id))
    accounts = {row.id: row.account_id for row in numbers}
    due = _due_hours(accounts, first, now)
    db.session.rollback()
    oldest = first - _KEEP_HOURS
    for hour, number_ids in sorted(due.items()):
        listed = sorted(number_ids)
        for start in range(0, len(listed), _NUMBERS_AT_ONCE):
            owners = {id_: accounts[id_] for id_ in listed[start : start + _NUMBERS_AT_ONCE]}
            _count_hour(hour, owners, zones, now, is_kept=hour >= oldest)
    db.session.execute(delete(UsageHour).where(UsageHour.hour_at < oldest))
    db.session.commit()
    return len(due)


def _recent_start(there: tzinfo) -> datetime:
    """The first moment that pages count from hours, for an account there."""
    return day_bounds(first_recent_day(there), there)[0]


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


def _count_hour(
    hour: datetime, owners: dict[int, int], zones: Mapping[int, tzinfo], now: datetime, *, is_kept: bool
) -> None:
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
    changed = set(db.session.scalars(forgotten))
    _mark_days({(id_, day) for id_ in changed for day in _days_of(hour, zones[id_])}, zones)
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


def _days_of(hour: datetime, there: tzinfo) -> set[date]:
    """The day of an hour; two where midnight is not on the hour."""
    return {day_of(hour, there), day_of(hour + HOUR - timedelta(microseconds=1), there)}


def _mark_days(changed: Iterable[tuple[int, date]], zones: Mapping[int, tzinfo]) -> None:
    """(number, finished day) that changed. Today has no count yet, unless by a host whose clock is ahead,
    or because the account has moved to another time zone."""
    now, due = utcnow(), []
    for number_id, day in sorted(changed):
        if day < day_of(now, zones[number_id]) or _is_counted(number_id, day):
            due.append({"phone_number_id": number_id, "day": day})
    if due:
        insert_ignoring_conflict(UsageDirtyDay, due)


def _is_counted(phone_number_id: int, day: date) -> bool:
    counted = select(AccountUsageLog.id).where(
        AccountUsageLog.phone_number_id == phone_number_id, AccountUsageLog.day == day
    )
    return db.session.scalar(counted) is not None


def recount_account(account: Account, before: str) -> None:
    """All its days are counted anew by the next roll-ups, after a change of its time zone from `before`. The
    caller commits. Days at both ends may be new ones: midnight moved across messages."""
    here, there = zone_or_utc(before), zone_or_utc(account.time_zone)
    today = day_of(utcnow(), there)
    for number in account.phone_numbers:
        logs = AccountUsageLog.phone_number_id == number.id
        first = db.session.scalar(
            select(func.min(Message.created_at)).where(Message.phone_number_id == number.id)
        )
        if first is not None and day_of(first, here) < day_of(first, there):
            # It has no message any more, and would be taken for one whose messages were deleted.
            db.session.execute(
                delete(AccountUsageLog).where(
                    logs,
                    AccountUsageLog.day == day_of(first, here),
                    AccountUsageLog.messages_purged_at.is_(None),
                )
            )
        days = set(db.session.scalars(select(AccountUsageLog.day).where(logs)))
        around = {day + timedelta(days=step) for day in days for step in (-1, 0, 1)}
        due = [
            {"phone_number_id": number.id, "day": day} for day in sorted(around) if day in days or day < today
        ]
        if due:
            insert_ignoring_conflict(UsageDirtyDay, due)
