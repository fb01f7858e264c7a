"""Values as pages show them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from flask import Flask, g
from hypothesis import given
from hypothesis import strategies as st

from app.web import filters

NOW = datetime(2026, 11, 19, 14, 32, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "seconds, said",
    [
        (0, "just now"),
        (4, "just now"),
        (40, "40 s ago"),
        (60, "1 min ago"),
        (3_599, "59 min ago"),
        (3 * 3_600, "3 h ago"),
        (86_400, "18 Nov, 14:32"),
        (-3, "just now"),
        (-120, "in 2 min"),
    ],
)
def test_age_is_relative_under_a_day_and_a_date_after(seconds: int, said: str) -> None:
    assert filters.ago(NOW - timedelta(seconds=seconds), NOW) == said


def test_age_of_what_never_happened_is_never() -> None:
    assert filters.ago(None) == "never"


def test_date_names_the_year_only_when_it_is_another_one() -> None:
    assert filters.day_time(datetime(2026, 3, 3, 9, 5, tzinfo=UTC), NOW) == "3 Mar, 09:05"
    assert filters.day_time(datetime(2025, 3, 3, 9, 5, tzinfo=UTC), NOW) == "3 Mar 2025, 09:05"


@pytest.mark.parametrize(
    "days, said", [(0, "Today"), (1, "Yesterday"), (2, "Tuesday, 17 Nov"), (400, "Wednesday, 15 Oct 2025")]
)
def test_line_between_days_of_a_thread(days: int, said: str) -> None:
    assert filters.day_label(NOW - timedelta(days=days), NOW) == said


@pytest.mark.parametrize("days, said", [(0, "14:32"), (1, "Wed"), (6, "Fri"), (7, "12 Nov")])
def test_time_in_a_list_is_as_short_as_it_can_be(days: int, said: str) -> None:
    assert filters.short_time(NOW - timedelta(days=days), NOW) == said


def test_times_are_shown_in_the_zone_of_the_request(kit: Flask) -> None:
    kit.config["DISPLAY_TIMEZONE"] = "Europe/London"
    with kit.app_context():
        assert filters.clock(datetime(2026, 7, 1, 12, 0, tzinfo=UTC)) == "13:00"
        g.timezone = "Asia/Kolkata"
        assert filters.clock(datetime(2026, 7, 1, 12, 0, tzinfo=UTC)) == "17:30"


def test_day_changes_at_midnight_of_that_zone(kit: Flask) -> None:
    kit.config["DISPLAY_TIMEZONE"] = "Pacific/Auckland"
    late = datetime(2026, 11, 19, 11, 30, tzinfo=UTC)
    with kit.app_context():
        assert filters.day_label(late - timedelta(hours=1), late) == "Yesterday"


def test_machine_readable_time_is_utc() -> None:
    assert filters.iso(NOW) == "2026-11-19T14:32:10Z"


@pytest.mark.parametrize(
    "value, said",
    [
        (0, "0 s"),
        (0.34, "0.3 s"),
        (12, "12 s"),
        (240, "4 m"),
        (timedelta(hours=23, minutes=57, seconds=40), "23 h 57 m"),
        (timedelta(hours=2), "2 h"),
        (timedelta(days=3, hours=4, minutes=5), "3 d 4 h"),
        (-5, "0 s"),
        (None, ""),
    ],
)
def test_duration_has_two_units_at_most(value: timedelta | float | None, said: str) -> None:
    assert filters.duration(value) == said


@pytest.mark.parametrize(
    "value, said", [(45_900, "45,900"), (0, "0"), (Decimal("1842.50"), "1,842.5"), (None, "–")]
)
def test_number_is_grouped(value: int | Decimal | None, said: str) -> None:
    assert filters.number(value) == said


@pytest.mark.parametrize("value, said", [(0.9754, "97.5%"), (1, "100.0%"), (0, "0.0%"), (None, "–")])
def test_percent_has_one_decimal(value: float | None, said: str) -> None:
    assert filters.percent(value) == said


def test_percent_without_decimals() -> None:
    assert filters.percent(0.876, 0) == "88%"


@pytest.mark.parametrize(
    "size, said",
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (184_000, "184 KB"),
        (3_100_000, "3.1 MB"),
        (2_500_000_000, "2.5 GB"),
    ],
)
def test_file_size_in_the_unit_that_fits(size: int, said: str) -> None:
    assert filters.file_size(size) == said


def test_plural_takes_the_form_that_is_given() -> None:
    assert [filters.plural(n, "reply", "replies") for n in (0, 1, 1_200)] == [
        "0 replies",
        "1 reply",
        "1,200 replies",
    ]


@pytest.mark.parametrize(
    "name, letters",
    [
        ("Grace Adeyemi", "GA"),
        ("Fatima Zahra Haddad", "FH"),
        ("Cher", "CH"),
        ("+44 7700 900461", "#"),
        ("", "?"),
        (None, "?"),
        ("(new) customer", "CU"),
    ],
)
def test_initials_for_an_avatar(name: str | None, letters: str) -> None:
    assert filters.initials(name) == letters


@given(st.text())
def test_any_name_has_initials_and_a_colour(name: str) -> None:
    assert 1 <= len(filters.initials(name)) <= 4  # some letters have two as capitals: ß
    assert filters.tint(name) in {"brand", "info", "ok", "warn", "bot"}


def test_lead_cuts_after_the_first_sentence() -> None:
    assert filters.lead("This name is taken. Choose another. Thanks.") == (
        "This name is taken.",
        "Choose another. Thanks.",
    )
    assert filters.lead("Write https://a.example") == ("Write https://a.example", "")
