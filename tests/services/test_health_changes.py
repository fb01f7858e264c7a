"""What changed between two checks, in sentences that people can read."""

from __future__ import annotations

from typing import Any

import pytest

from app.models import AccountHealthLog, CheckState
from app.services.health_changes import find_changes

GOOD = {
    "shown": "+44 20 7946 0112",
    "status": "CONNECTED",
    "quality_rating": "GREEN",
    "messaging_limit": "TIER_10K",
    "throughput_level": "HIGH",
    "name_status": "APPROVED",
}


def log(checks: list[dict[str, Any]] | None = None, **facts: str) -> AccountHealthLog:
    return AccountHealthLog(state=CheckState.PASSED, checks=checks or [], numbers={"1": GOOD | facts})


def line(state: str, title: str, evidence: str = "", **more: Any) -> dict[str, Any]:
    return {"key": "token", "state": state, "title": title, "evidence": evidence, **more}


@pytest.mark.parametrize(
    "facts, kind, words",
    [
        ({"quality_rating": "YELLOW"}, "worse", "Quality of +44 20 7946 0112 fell from high to medium"),
        ({"status": "RATE_LIMITED"}, "worse", "+44 20 7946 0112 was connected and is now rate limited"),
        (
            {"messaging_limit": "TIER_250"},
            "worse",
            "Limit of +44 20 7946 0112 fell from 10,000 people a day to 250 people a day",
        ),
        (
            {"messaging_limit": "TIER_UNLIMITED"},
            "better",
            "Limit of +44 20 7946 0112 rose from 10,000 people a day to no limit",
        ),
        (
            {"throughput_level": "STANDARD"},
            "worse",
            "Throughput of +44 20 7946 0112 fell from 1,000 messages a second to 80 messages a second",
        ),
        ({"name_status": "DECLINED"}, "worse", "Name of +44 20 7946 0112 is now declined"),
        ({"quality_rating": "UNKNOWN"}, "other", "Quality of +44 20 7946 0112 is not rated any more"),
        (
            {"messaging_limit": "TIER_OF_THE_FUTURE"},
            "other",
            "Limit of +44 20 7946 0112 is now tier of the future",
        ),
    ],
)
def test_a_fact_of_a_number_says_where_it_came_from_and_where_it_went(
    facts: dict[str, str], kind: str, words: str
) -> None:
    (change,) = find_changes(log(**facts), log())
    assert (change.kind, change.sentence) == (kind, words)


def test_a_line_that_fails_and_recovers_is_told_both_times() -> None:
    good, bad = (
        log([line("passed", "Token is valid")]),
        log([line("failed", "Token does not work", "It ended.")]),
    )
    assert [change.sentence for change in find_changes(bad, good)] == ["Token does not work. It ended"]
    assert [change.sentence for change in find_changes(good, bad)] == ["Token is valid"]


def test_silence_of_meta_is_no_change() -> None:
    silent = log([line("warning", "Token could not be checked", cause="unanswered")])
    good = log([line("passed", "Token is valid")])
    assert list(find_changes(silent, good)) == []
    assert list(find_changes(good, silent)) == []


def test_a_log_of_an_earlier_version_has_no_facts_to_compare_with() -> None:
    old = AccountHealthLog(state=CheckState.PASSED, checks=[line("passed", "Token is valid")], numbers={})
    assert list(find_changes(log([line("passed", "Token is valid")], quality_rating="RED"), old)) == []
