"""Phone numbers over the API."""

from __future__ import annotations

from typing import Any

import pytest

from app.extensions import db
from app.models import Account


@pytest.fixture
def number(connected: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = connected["phone_numbers"][0]
    return found


def test_the_list_shows_what_meta_says(program, number):
    assert program().get("phone-numbers/")["results"] == [number]
    assert number["status"] == "CONNECTED"


def test_a_single_number_is_the_same_object(program, number):
    assert program().get(f"phone-numbers/{number['id']}/") == number


def test_how_a_number_is_written_can_change(program, number):
    path = f"phone-numbers/{number['id']}/"
    changed = program().call("PUT", path, json={"display_number": "020 7946 0101"}, status=200)
    assert changed["display_number"] == "020 7946 0101"
    assert changed["phone_number"] == number["phone_number"]


def test_a_number_written_in_letters_is_refused(program, number):
    path = f"phone-numbers/{number['id']}/"
    assert "display_number" in program().refused_fields("PUT", path, json={"display_number": "ring us"})


def test_a_number_that_is_not_in_the_account_at_meta_is_refused(program, connected, sandbox):
    body = {"waba_account_id": connected["id"], "phone_number_id": sandbox.new_account()["phone_number_id"]}
    assert "phone_number_id" in program().refused_fields("POST", "phone-numbers/", json=body)


def test_a_number_that_is_in_use_is_refused(program, connected, number):
    body = {"waba_account_id": connected["id"], "phone_number_id": number["phone_number_id"]}
    assert "phone_number_id" in program().refused_fields("POST", "phone-numbers/", json=body)


def test_a_number_that_was_taken_out_can_be_taken_in_again(program, make, connected, number):
    caller = program()
    kept = make.number(account_of(connected))
    caller.call("DELETE", f"phone-numbers/{number['id']}/", status=204)
    body = {"waba_account_id": connected["id"], "phone_number_id": number["phone_number_id"]}
    added = caller.call("POST", "phone-numbers/", json=body, status=201)
    assert (added["phone_number"], added["status"]) == (number["phone_number"], "CONNECTED")
    assert {row["id"] for row in caller.get("phone-numbers/")["results"]} == {kept.id, added["id"]}


def test_the_only_number_stays(program, number):
    error = program().refused("DELETE", f"phone-numbers/{number['id']}/", 409)
    assert error["code"] == "account_not_ready"


def test_a_number_with_conversations_stays(program, make, connected, number):
    account = account_of(connected)
    make.number(account)
    make.conversation(account)
    assert "conversations" in program().refused("DELETE", f"phone-numbers/{number['id']}/", 409)["message"]


def account_of(connected: dict[str, Any]) -> Account:
    return db.session.get_one(Account, connected["id"])
