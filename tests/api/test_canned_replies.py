"""Canned replies over the API."""

from __future__ import annotations

from typing import Any


def test_a_program_keeps_the_canned_replies_of_its_account(program: Any, make: Any) -> None:
    account = make.account()
    make.canned_reply(make.account())
    make.canned_reply(name="Everywhere")
    caller = program(role="manager", accounts=[account])
    body = {"waba_account_id": account.id, "name": " Opening  hours ", "body": "From 8 to 18."}
    made = caller.call("POST", "canned-replies/", status=201, json=body)
    assert made["name"] == "Opening hours"
    path = f"canned-replies/{made['id']}/"
    caller.call("PUT", path, status=200, json={"name": "Opening hours", "body": "Closed."})
    assert caller.get(path)["body"] == "Closed."
    listed = caller.get("canned-replies/", account=account.id)["results"]
    assert [row["name"] for row in listed] == ["Opening hours", "Everywhere"]
    caller.call("DELETE", path, status=204)
    caller.refused("GET", path, 404)


def test_one_for_all_accounts_takes_an_owners_key(program: Any, make: Any) -> None:
    account = make.account()
    body = {"waba_account_id": None, "name": "Hours", "body": "From 8 to 18."}
    manager = program(role="manager", accounts=[account])
    assert manager.refused("POST", "canned-replies/", 403, json=body)["code"] == "forbidden"
    made = program(role="owner").call("POST", "canned-replies/", status=201, json=body)
    manager.refused("PUT", f"canned-replies/{made['id']}/", 403, json={"name": "Hours", "body": "x"})
    manager.refused("DELETE", f"canned-replies/{made['id']}/", 403)


def test_another_account_does_not_exist_and_an_empty_text_is_named(program: Any, make: Any) -> None:
    caller = program(role="manager", accounts=[make.account()])
    body = {"waba_account_id": make.account().id, "name": "Hours", "body": "x"}
    caller.refused("POST", "canned-replies/", 404, json=body)
    answer = caller.refused("POST", "canned-replies/", 422, json={**body, "body": ""})
    assert "body" in str(answer["details"])
