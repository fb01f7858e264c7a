"""A number's usual rhythm, and the alarm when its webhooks stay away for longer than is usual.

Kept: in which hours something arrived for a number (`number_active_hours`). What is usual follows from
the same hour of the week before, so that nights and weekends are quiet without being silent:

- An hour is *expected* if the number was active in the same hour seven days earlier.
- Its *slack* is the largest number of expected hours that passed in a row without an event, anywhere in
  the week before the last event: how irregular it is by nature.
- It is silent once more than `max(1, 2 × slack)` expected hours have passed whole since its last event.
  A number that is busy round the clock is noticed after two to three hours, one of office hours in the
  second or third such hour, and one that hears something now and then only after much longer.

A number with less than two weeks of history, with few active hours, or so rare that a week does not
hold enough expected hours, is left alone. A public holiday looks like silence: the alarm says what was
expected, and goes by itself with the next event.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update

from app.extensions import db
from app.models import (
    Account,
    AccountStatus,
    EventState,
    NumberActiveHour,
    PhoneNumber,
    WebhookEvent,
    hour_of,
    utcnow,
)
from app.services.conversations import insert_ignoring_conflict

_HOUR = timedelta(hours=1)
_WEEK = timedelta(days=7)
_NOTE_EVERY = timedelta(seconds=10)
"""A busy number's row is not written with every batch."""
_LEAST_HOURS = 20
_LEAST_HISTORY = timedelta(days=10)
"""Two weeks, less a long weekend at their begin."""
_FACTOR = 2
_STUCK_AFTER = timedelta(minutes=2)


def note(seen: Iterable[tuple[PhoneNumber, datetime]]) -> None:
    """(number, when an event about it arrived) of a batch. The caller commits."""
    numbers: dict[int, PhoneNumber] = {}
    times: dict[int, list[datetime]] = {}
    for number, at in seen:
        numbers[number.id] = number
        times.setdefault(number.id, []).append(at)
    # In one order, so that two workers never wait for each other.
    for id_, number in sorted(numbers.items()):
        last, latest = number.last_event_at, max(times[id_])
        _note_hours(id_, last, {hour_of(at) for at in times[id_]})
        if last is None or latest - last >= _NOTE_EVERY:
            _note_latest(id_, latest)


def _note_hours(number_id: int, last: datetime | None, hours: set[datetime]) -> None:
    """The hour of the last event noted is there already."""
    fresh = sorted(hours - ({hour_of(last)} if last else set()))
    if fresh:
        rows = [{"phone_number_id": number_id, "hour_at": hour} for hour in fresh]
        insert_ignoring_conflict(NumberActiveHour, rows)


def _note_latest(number_id: int, at: datetime) -> None:
    db.session.execute(
        update(PhoneNumber)
        .where(
            PhoneNumber.id == number_id,
            or_(PhoneNumber.last_event_at.is_(None), PhoneNumber.last_event_at < at),
        )
        # `updated_at` stays: nothing of the number itself has changed.
        .values(last_event_at=at, silent_since=None, updated_at=PhoneNumber.updated_at)
        .execution_options(synchronize_session=False)
    )


def look_for_silence() -> int:
    """Work out each number's usual gap and set its alarm. Returns how many are silent. Commits."""
    if _events_are_stuck():
        # What is missing may be among them: first they are worked off.
        db.session.rollback()
        return 0
    live = select(Account.id).where(Account.status.in_((AccountStatus.LIVE, AccountStatus.NEEDS_ATTENTION)))
    numbers = db.session.execute(
        select(PhoneNumber.id, PhoneNumber.last_event_at)
        .where(PhoneNumber.account_id.in_(live), PhoneNumber.last_event_at.is_not(None))
        .order_by(PhoneNumber.id)
    ).all()
    silent = sum(_judge(number_id, last) for number_id, last in numbers if last is not None)
    db.session.execute(
        update(PhoneNumber)
        .where(PhoneNumber.silent_since.is_not(None), PhoneNumber.account_id.not_in(live))
        .values(silent_since=None, updated_at=PhoneNumber.updated_at)
        .execution_options(synchronize_session=False)
    )
    db.session.commit()
    return silent


def _events_are_stuck() -> bool:
    statement = select(WebhookEvent.id).where(
        WebhookEvent.state == EventState.PENDING, WebhookEvent.received_at < utcnow() - _STUCK_AFTER
    )
    return db.session.scalar(statement.limit(1)) is not None


def _judge(number_id: int, last: datetime) -> bool:
    """Write down what is usual after this number's last event, and whether it is over."""
    hours = db.session.scalars(
        select(NumberActiveHour.hour_at).where(
            NumberActiveHour.phone_number_id == number_id,
            NumberActiveHour.hour_at > hour_of(last) - 2 * _WEEK,
        )
    )
    gap = usual_gap(last, set(hours))
    is_silent = gap is not None and utcnow() - last > gap
    db.session.execute(
        update(PhoneNumber)
        # Not if an event has arrived meanwhile.
        .where(PhoneNumber.id == number_id, PhoneNumber.last_event_at == last)
        .values(
            usual_gap_s=int(gap.total_seconds()) if gap else None,
            silent_since=last if is_silent else None,
            updated_at=PhoneNumber.updated_at,
        )
        .execution_options(synchronize_session=False)
    )
    return is_silent


def usual_gap(last: datetime, hours: Collection[datetime]) -> timedelta | None:
    """How long after its last event a number may be quiet; None while there is too little to tell.

    `hours`: those in which it was active, of the two weeks before `last`.
    """
    final = hour_of(last)
    if len(hours) < _LEAST_HOURS or min(hours) > final - _LEAST_HISTORY:
        return None
    patience = max(1, _FACTOR * _slack(final, hours))
    missed = 0
    for hour in _hours_after(final):
        missed += hour - _WEEK in hours
        if missed > patience:
            return hour + _HOUR - last
    return None


def _slack(final: datetime, hours: Collection[datetime]) -> int:
    """The most expected hours in a row without an event, in the week that ends with this hour."""
    slack = missed = 0
    for hour in _hours_after(final - _WEEK):
        if hour in hours:
            slack, missed = max(slack, missed), 0
        else:
            missed += hour - _WEEK in hours
    return slack


def _hours_after(hour: datetime) -> Iterator[datetime]:
    """The week of hours that follows."""
    return (hour + number * _HOUR for number in range(1, 7 * 24 + 1))
