"""When silence is unusual, and when it is only the night: with made-up histories."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.models import (
    Account,
    AccountStatus,
    CheckState,
    EventState,
    NumberActiveHour,
    PhoneNumber,
    WebhookEvent,
    utcnow,
)
from app.queries.access import EVERYTHING
from app.queries.work import get_line_state
from app.services import event_work, health, heartbeats, number_rhythm
from app.services.number_rhythm import usual_gap
from tests.support.factories import Factory
from tests.support.webhooks import Meta, text_message

HOUR = timedelta(hours=1)
MONDAY = datetime(2026, 11, 23, tzinfo=UTC)


def history(until: datetime, is_active: Callable[[datetime], bool], days: int = 14) -> set[datetime]:
    """The active hours of the days before `until`, and its own hour."""
    last = until.replace(minute=0, second=0, microsecond=0)
    hours = (last - number * HOUR for number in range(1, days * 24))
    return {last} | {hour for hour in hours if is_active(hour)}


def always(_hour: datetime) -> bool:
    return True


def office(hour: datetime) -> bool:
    return hour.weekday() < 5 and 8 <= hour.hour < 18


def test_a_number_busy_round_the_clock_is_missed_after_some_hours() -> None:
    last = MONDAY + timedelta(hours=3, minutes=30)
    assert usual_gap(last, history(last, always)) == timedelta(hours=2, minutes=30)


def test_the_night_is_no_silence() -> None:
    """Closing time on Tuesday: the second expected hour of Wednesday is over at ten."""
    last = MONDAY + timedelta(days=1, hours=17, minutes=50)
    gap = usual_gap(last, history(last, office))
    assert gap is not None
    assert last + gap == MONDAY + timedelta(days=2, hours=10)


def test_the_weekend_is_no_silence() -> None:
    last = MONDAY - timedelta(days=3) + timedelta(hours=17)
    gap = usual_gap(last, history(last, office))
    assert gap is not None
    assert last + gap == MONDAY + timedelta(hours=10)


def test_a_morning_in_the_office_without_an_event_is_silence() -> None:
    last = MONDAY + timedelta(hours=9, minutes=10)
    assert usual_gap(last, history(last, office)) == timedelta(hours=2, minutes=50)


def test_a_number_that_is_irregular_by_nature_gets_more_patience() -> None:
    def sometimes(hour: datetime) -> bool:
        return office(hour) and random.Random(hour.timestamp()).random() < 0.6

    last = MONDAY + timedelta(hours=9)
    regular, irregular = (usual_gap(last, history(last, kind)) for kind in (office, sometimes))
    assert regular is not None
    assert irregular is None or irregular >= 2 * regular


@pytest.mark.parametrize("seed", range(8))
def test_chance_alone_hardly_ever_cries_wolf(seed: int) -> None:
    """Four weeks of an office number that hears something in three of four hours: at most one alarm."""
    chance = random.Random(seed)
    start = MONDAY - timedelta(days=45)
    hours = [start + number * HOUR for number in range(44 * 24)]
    active = [hour for hour in hours if office(hour) and chance.random() < 0.75]
    alarms = 0
    for hour, following in itertools.pairwise(active):
        known = {other for other in active if hour - timedelta(days=14) < other <= hour}
        gap = usual_gap(hour, known)
        alarms += gap is not None and following - hour > gap
    assert alarms <= 1


@pytest.mark.parametrize(
    "hours",
    [
        set(),
        history(MONDAY, always, days=6),
        history(MONDAY, lambda hour: hour.hour == 9 and hour.weekday() == 2),
    ],
)
def test_with_too_little_to_tell_nothing_is_said(hours: set[datetime]) -> None:
    assert usual_gap(MONDAY, hours) is None


# --- kept and shown ---------------------------------------------------------------------------------


@pytest.fixture
def busy(make: Factory) -> Account:
    """Busy round the clock for two weeks, then nothing for five hours."""
    account: Account = make.account(handshake_seen_at=utcnow(), first_event_at=utcnow())
    number = account.phone_numbers[0]
    number.last_event_at = utcnow() - timedelta(hours=5)
    db.session.add_all(
        NumberActiveHour(phone_number_id=number.id, hour_at=hour)
        for hour in history(number.last_event_at, always)
    )
    db.session.commit()
    return account


def test_silence_shows_in_the_line_and_on_the_account(busy: Account) -> None:
    heartbeats.beat("a worker")
    assert number_rhythm.look_for_silence() == 1
    number = busy.phone_numbers[0]
    assert number.silent_since == number.last_event_at
    line = next(check for check in health.current_checks(busy, None) if check["key"] == "silence")
    assert line["state"] == CheckState.WARNING
    assert "within 3 hours" in line["evidence"] or "within 2 hours" in line["evidence"]
    state = get_line_state(EVERYTHING)
    assert (state.state, state.text) == ("warn", "A number is silent")


def test_the_next_event_ends_the_silence(busy: Account, app: Flask) -> None:
    number_rhythm.look_for_silence()
    Meta(app).tell(busy, text_message(busy))
    event_work.work_off()
    db.session.expire_all()
    number = busy.phone_numbers[0]
    assert number.silent_since is None
    assert utcnow() - number.last_event_at < timedelta(minutes=1)
    assert number_rhythm.look_for_silence() == 0


def test_events_that_wait_to_be_worked_off_are_not_missing(busy: Account) -> None:
    at = utcnow() - timedelta(minutes=5)
    db.session.add(WebhookEvent(body=b"{}", body_sha256="0" * 64, state=EventState.PENDING, received_at=at))
    db.session.commit()
    assert number_rhythm.look_for_silence() == 0


def test_an_account_out_of_use_is_not_silent(busy: Account, make: Factory) -> None:
    number_rhythm.look_for_silence()
    busy.status = AccountStatus.ARCHIVED
    db.session.commit()
    assert number_rhythm.look_for_silence() == 0
    assert db.session.scalars(select(PhoneNumber.silent_since)).all() == [None]


def test_an_hour_is_noted_once_and_the_number_itself_is_not_touched(make: Factory, app: Flask) -> None:
    account = make.account()
    changed_at = account.phone_numbers[0].updated_at
    meta = Meta(app)
    for _ in range(3):
        meta.tell(account, text_message(account))
        event_work.work_off()
    db.session.expire_all()
    assert 1 <= len(db.session.scalars(select(NumberActiveHour)).all()) <= 2
    number = account.phone_numbers[0]
    assert number.last_event_at is not None
    assert number.updated_at == changed_at
