"""How much an account may send, and how often a key may call."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest

from app.extensions import db
from app.models import AuditEntry
from config import Settings
from tests.api.conftest import Program

pytestmark = pytest.mark.both_databases  # calls are counted in memory, or in the database

TO = "+447700900123"
TEXT = {"to_phone_number": TO, "message_type": "text", "text_content": "Hello Grace"}


@pytest.fixture
def account(make: Any) -> Any:
    account = make.account()
    make.conversation(account, contact=make.contact(account, wa_id=TO[1:]))
    return account


def test_limits_are_set_kept_and_shown(program: Any, account: Any) -> None:
    caller: Program = program(role="manager", accounts=[account])
    path = f"accounts/{account.id}/limits/"
    caller.call("PUT", path, json={"messages_per_day": 2}, status=200)
    send = f"accounts/{account.id}/send_message/"
    for _ in range(2):
        caller.call("POST", send, json=TEXT, status=202)
    answer = caller.open("POST", send, json=TEXT)
    assert answer.status_code == 429
    assert answer.json["error"]["code"] == "too_many_requests"
    assert 0 < int(answer.headers["Retry-After"]) <= 24 * 3600
    limits = {entry["window"]: entry for entry in caller.get(path)["limits"]}
    assert (limits["day"]["limit"], limits["day"]["used"]) == (2, 2)
    assert limits["month"]["limit"] is None


def test_a_refused_key_of_ones_own_is_free_again(program: Any, account: Any) -> None:
    """The same message, tried again when there is room."""
    caller: Program = program(role="manager", accounts=[account])
    path, send = f"accounts/{account.id}/limits/", f"accounts/{account.id}/send_message/"
    caller.call("PUT", path, json={"messages_per_month": 1}, status=200)
    caller.call("POST", send, json=TEXT, status=202)
    again = {"json": TEXT, "headers": {"Idempotency-Key": "order-7"}}
    caller.call("POST", send, status=429, **again)
    caller.call("PUT", path, json={}, status=200)
    caller.call("POST", send, status=202, **again)


def test_a_change_of_limits_is_written_down(program: Any, account: Any) -> None:
    caller: Program = program(role="manager", accounts=[account])
    caller.call("PUT", f"accounts/{account.id}/limits/", json={"messages_per_minute": 60}, status=200)
    found = db.session.query(AuditEntry).filter_by(action="account.limits_changed").one()
    assert found.details["after"]["messages_per_minute"] == 60


@pytest.mark.parametrize("wrong", [0, -1, 1.5, "100", True, 10**9])
def test_a_limit_is_a_whole_number(program: Any, account: Any, wrong: object) -> None:
    caller: Program = program(role="manager", accounts=[account])
    fields = caller.refused_fields(
        "PUT", f"accounts/{account.id}/limits/", json={"messages_per_minute": wrong}
    )
    assert set(fields) == {"messages_per_minute"}


class TestCalls:
    """A key that may call three times a minute."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        left_s = 60 - time.time() % 60
        if left_s < 15:
            time.sleep(left_s)  # all within one minute
        return replace(settings, api_calls_per_minute=3)

    def test_each_answer_says_what_is_left_and_the_fourth_is_refused(self, program: Any) -> None:
        caller: Program = program()
        left = [caller.open("GET", "accounts/").headers["RateLimit-Remaining"] for _ in range(3)]
        assert left == ["2", "1", "0"]
        refused = caller.open("GET", "accounts/")
        assert refused.status_code == 429
        assert (refused.headers["RateLimit-Limit"], refused.headers["RateLimit-Remaining"]) == ("3", "0")
        assert refused.headers["Retry-After"] == refused.headers["RateLimit-Reset"]
        assert "3 times a minute" in refused.json["error"]["message"]

    def test_another_key_has_calls_of_its_own(self, program: Any) -> None:
        caller: Program = program()
        for _ in range(4):
            caller.open("GET", "accounts/")
        assert program().open("GET", "accounts/").status_code == 200

    def test_a_wrong_key_counts_for_nobody(self, program: Any) -> None:
        caller: Program = program()
        caller.open("GET", "accounts/", headers={"Authorization": "Bearer waba_nonsense"})
        assert caller.open("GET", "accounts/").headers["RateLimit-Remaining"] == "2"


class TestNoLimit:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, api_calls_per_minute=0)

    def test_nothing_is_counted(self, program: Any) -> None:
        assert "RateLimit-Limit" not in program().open("GET", "accounts/").headers
