"""Reading from Meta over the API."""

from __future__ import annotations


def test_numbers_are_read_from_meta(program, connected):
    body = {"waba_account_id": connected["id"]}
    found = program().call("POST", "phone-numbers/sync/", json=body, status=200)
    assert (found["gone"], found["left_out"]) == (0, [])


def test_message_templates_are_read_from_meta(program, connected):
    body = {"waba_account_id": connected["id"]}
    found = program().call("POST", "templates/sync/", json=body, status=200)
    assert (found["gone"], found["left_out"]) == (0, [])
    assert len(program().get("templates/")["results"]) >= found["created"]


def test_an_account_of_others_is_not_read(program, make, connected):
    caller = program(role="manager", accounts=[make.account()])
    for path in ("phone-numbers/sync/", "templates/sync/"):
        caller.refused("POST", path, 404, json={"waba_account_id": connected["id"]})
