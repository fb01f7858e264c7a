"""Business hours by the clock on the wall: zones, summer time, nights, holidays."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.models.time_zones import zone
from app.services.bot.hours import Hours

EVERY_DAY = [[(540, 1080)]] * 7  # 9 to 18
NEVER: list[list[tuple[int, int]]] = [[]] * 7


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "time_zone,at,is_open",
    [
        ("Europe/London", "2026-03-28T09:00", True),  # winter: 9 o'clock there
        ("Europe/London", "2026-03-28T08:30", False),
        ("Europe/London", "2026-03-29T08:30", True),  # summer time began in the night: half past 9 there
        ("Europe/London", "2026-03-29T17:30", False),
        ("Europe/London", "2026-10-24T08:00", True),
        ("Europe/London", "2026-10-25T08:30", False),  # and ended
        ("Asia/Kolkata", "2026-06-01T03:29", False),
        ("Asia/Kolkata", "2026-06-01T03:30", True),  # five and a half hours ahead
        ("America/Los_Angeles", "2026-06-02T00:59", True),  # still yesterday evening there
        ("America/Los_Angeles", "2026-06-02T01:00", False),
        ("Pacific/Kiritimati", "2026-06-01T19:00", True),  # tomorrow morning there
        (
            "Australia/Lord_Howe",
            "2026-10-02T22:29",
            False,
        ),  # half an hour of summer time, from the next night
        ("Australia/Lord_Howe", "2026-10-02T22:30", True),
        ("Australia/Lord_Howe", "2026-10-03T22:00", True),
    ],
)
def test_open_is_by_the_wall_clock_there(time_zone: str, at: str, is_open: bool) -> None:
    assert Hours(time_zone, EVERY_DAY).is_open(utc(at)) is is_open


def test_a_night_shift_goes_on_after_midnight_but_not_into_a_holiday() -> None:
    hours = Hours("UTC", [[(1320, 120)], *NEVER[1:]], {})  # Monday 22:00 to Tuesday 02:00
    assert hours.is_open(utc("2026-11-30T23:00"))
    assert hours.is_open(utc("2026-12-01T01:59"))
    assert not hours.is_open(utc("2026-12-01T02:00"))
    assert not hours.is_open(utc("2026-11-30T01:00"))
    closed = Hours("UTC", hours.week, {date(2026, 12, 1): ""})
    assert not closed.is_open(utc("2026-12-01T01:00"))


def test_the_next_opening_skips_closed_days_and_holidays() -> None:
    week = [[(540, 1080)]] * 5 + [[], []]
    hours = Hours("Europe/Paris", week, {date(2026, 12, 25): "Christmas", date(2026, 12, 28): "Bridge"})
    assert hours.next_opening(utc("2026-12-24T20:00")) == utc("2026-12-29T08:00")
    assert Hours("UTC", NEVER).next_opening(utc("2026-12-24T20:00")) is None


def test_an_opening_in_the_hour_that_summer_time_skips_is_still_an_opening() -> None:
    hours = Hours("Europe/London", [[(90, 600)]] * 7)  # 01:30, which is not on the clock on 29 March
    opening = hours.next_opening(utc("2026-03-29T00:30"))
    assert opening is not None
    assert opening <= utc("2026-03-29T01:30")


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../../etc/passwd", "Europe", "\0", "x" * 300])
def test_a_zone_that_does_not_exist_is_a_value_error(name: str) -> None:
    with pytest.raises(ValueError, match="time zone"):
        zone(name)


@given(
    # Zones without summer time: a minute that the clock skips is a case of its own, above.
    st.sampled_from(["UTC", "Asia/Kolkata", "Asia/Kathmandu", "Pacific/Kiritimati", "America/Phoenix"]),
    st.lists(
        st.lists(st.tuples(st.integers(0, 1439), st.integers(1, 1440)), max_size=2), min_size=7, max_size=7
    ),
    st.integers(0, 60 * 24 * 400),
)
def test_it_is_open_at_its_next_opening(
    time_zone: str, week: list[list[tuple[int, int]]], minutes: int
) -> None:
    hours = Hours(time_zone, week)
    at = utc("2026-01-01T00:00") + timedelta(minutes=minutes)
    opening = hours.next_opening(at)
    if opening is None:
        assert not any(week)
        return
    assert opening > at
    assert hours.is_open(opening)
