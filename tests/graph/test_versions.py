"""How long a version of the Graph API may still be used."""

from __future__ import annotations

from datetime import date

import pytest

from app.graph.versions import known_versions, version_end_date, warning


@pytest.mark.parametrize(
    "today, begins",
    [
        (date(2028, 4, 29), None),
        (date(2028, 4, 30), "Graph API v25.0 ends on 29 July 2028, in 90 days."),
        (date(2028, 7, 28), "Graph API v25.0 ends on 29 July 2028, in 1 day."),
        (date(2028, 7, 29), "Graph API v25.0 ended on 29 July 2028;"),
        (date(2030, 1, 1), "Graph API v25.0 ended on 29 July 2028;"),
    ],
)
def test_operator_is_warned_ninety_days_before_the_end(today: date, begins: str | None) -> None:
    for spelling in ("v25.0", "25.0"):
        said = warning(spelling, today)
        assert (said is None) if begins is None else said is not None and said.text.startswith(begins)


@pytest.mark.parametrize("version", ["v26.0", "v99.0"])
def test_version_without_a_known_end_is_no_worry(version: str) -> None:
    assert warning(version, date(2040, 1, 1)) is None


def test_advice_names_the_newest_version() -> None:
    said = warning("v20.0", date(2026, 11, 1))
    assert said is not None
    assert known_versions()[-1] in said.advice
    assert version_end_date(known_versions()[-1]) is None
