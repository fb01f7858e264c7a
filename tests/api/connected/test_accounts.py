"""Accounts over the API: connect in one call, show, change, check, archive."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import Account, AccountStatus, AuditEntry
from app.services import event_work
from tests.support.factories import Factory

PATIENCE_S = 15
SECRETS = ("app_secret", "access_token", "webhook_verify_token")


def test_one_call_connects_an_account(connected, setup_values):
    assert connected["status"] == "live"
    assert connected["setup_step"] == 6
    assert connected["waba_id"] == setup_values["waba_id"]
    assert connected["is_sandbox"] is True
    assert connected["webhook_url"].endswith("/webhooks/whatsapp")
    assert connected["handshake_seen_at"] is not None
    number = connected["phone_numbers"][0]
    assert number["phone_number_id"] == setup_values["phone_number_id"]
    assert number["waba_account_id"] == connected["id"]


def test_no_answer_ever_holds_a_secret(program, connected, setup_values):
    caller = program()
    answers = [
        caller.open("GET", "accounts/"),
        caller.open("GET", f"accounts/{connected['id']}/"),
        caller.open("PATCH", f"accounts/{connected['id']}/", json={"name": "New"}),
        caller.open("POST", f"accounts/{connected['id']}/health_check/"),
        caller.open("POST", "accounts/setup/", json=setup_values),
    ]
    for answer in answers:
        assert not [name for name in SECRETS if setup_values[name] in answer.text]


def test_secrets_show_that_they_are_set_and_how_they_end(connected, setup_values):
    for name in SECRETS:
        assert connected[name] == {"is_set": True, "ends_in": setup_values[name][-4:]}


def test_a_managers_key_sees_the_account_that_it_connected(program, setup_values):
    caller = program(role="manager")
    account = caller.call("POST", "accounts/setup/", json=setup_values, status=201)
    assert [row["id"] for row in caller.get("accounts/")["results"]] == [account["id"]]


def test_every_wrong_field_of_the_set_up_is_named_at_once(program, setup_values):
    wrong = {**setup_values, "name": "", "waba_id": "abc", "business_email": "nobody", "colour": "red"}
    fields = program().refused_fields("POST", "accounts/setup/", json=wrong)
    assert set(fields) == {"colour"}
    del wrong["colour"]
    fields = program().refused_fields("POST", "accounts/setup/", json=wrong)
    assert set(fields) == {"name", "waba_id", "business_email"}
    assert db.session.scalars(db.select(Account)).all() == []


def test_what_meta_refuses_is_named_by_its_field(program, setup_values):
    wrong = {**setup_values, "access_token": "EAAwrongwrongwrong"}
    assert set(program().refused_fields("POST", "accounts/setup/", json=wrong)) == {"access_token"}


def test_a_meta_that_cannot_be_reached_is_a_503_and_leaves_nothing(program, setup_values, sandbox):
    sandbox.control("POST", "faults", {"kind": "outage", "count": 20})
    error = program().refused("POST", "accounts/setup/", 503, json=setup_values)
    assert error["code"] == "meta_unavailable"
    assert db.session.scalars(db.select(Account)).all() == []


def test_an_account_is_connected_once(program, connected, setup_values):
    assert "waba_id" in program().refused_fields("POST", "accounts/setup/", json=setup_values)


# --- drafts ----------------------------------------------------------------------------------------------


def test_a_draft_needs_only_a_name(program):
    account = program().call("POST", "accounts/", json={"name": "Harbour Lane"}, status=201)
    assert (account["status"], account["setup_step"]) == ("setup", 0)
    assert account["app_secret"] == {"is_set": False, "ends_in": ""}


def test_a_draft_without_a_name_is_refused(program):
    assert set(program().refused_fields("POST", "accounts/", json={})) == {"name"}


def test_a_draft_keeps_what_it_is_given_by_and_by(program, setup_values):
    caller = program()
    account = caller.call("POST", "accounts/", json={"name": "a", "waba_id": "104857392000009"}, status=201)
    path = f"accounts/{account['id']}/"
    caller.call("PATCH", path, json={"app_secret": setup_values["app_secret"]}, status=200)
    shown = caller.get(path)
    assert shown["waba_id"] == "104857392000009"
    assert shown["app_secret"]["is_set"]


def test_a_wrong_draft_leaves_nothing_behind(program):
    program().refused_fields("POST", "accounts/", json={"name": "a", "waba_id": "abc"})
    assert db.session.scalars(db.select(Account)).all() == []


def test_a_draft_that_is_deleted_is_gone(program):
    caller = program()
    account = caller.call("POST", "accounts/", json={"name": "a"}, status=201)
    caller.call("DELETE", f"accounts/{account['id']}/", status=204)
    caller.refused("GET", f"accounts/{account['id']}/", 404)


# --- changes ---------------------------------------------------------------------------------------------


def test_a_change_touches_only_what_it_names(program, connected):
    caller, path = program(), f"accounts/{connected['id']}/"
    changed = caller.call(
        "PATCH", path, json={"greeting_message": "Hello", "auto_reply_enabled": True}, status=200
    )
    moved = {name for name in changed if changed[name] != connected[name]}
    assert moved <= {"greeting_message", "auto_reply_enabled", "updated_at", "phone_numbers"}
    assert changed["greeting_message"] == "Hello"


def test_a_change_is_all_or_nothing(program, connected):
    caller, path = program(), f"accounts/{connected['id']}/"
    caller.refused_fields("PATCH", path, json={"greeting_message": "Hello", "business_email": "nobody"})
    assert caller.get(path)["greeting_message"] == ""


def test_a_wrong_token_is_refused_and_the_old_one_kept(program, connected, setup_values):
    caller, path = program(), f"accounts/{connected['id']}/"
    assert set(caller.refused_fields("PATCH", path, json={"access_token": "EAAwrongwrong"})) == {
        "access_token"
    }
    assert caller.get(path)["access_token"]["ends_in"] == setup_values["access_token"][-4:]


def test_a_secret_of_another_app_is_refused(program, connected, sandbox):
    other = sandbox.new_account()
    path = f"accounts/{connected['id']}/"
    fields = program().refused_fields("PATCH", path, json={"app_secret": other["app_secret"]})
    assert "app_secret" in fields


@pytest.mark.parametrize("name", ["waba_id", "phone_number_id"])
def test_an_account_in_use_stays_the_same_account(program, connected, sandbox, name):
    path = f"accounts/{connected['id']}/"
    assert name in program().refused_fields("PATCH", path, json={name: sandbox.new_account()[name]})


def test_a_profile_is_written_at_meta_too(program, connected, sandbox):
    path = f"accounts/{connected['id']}/"
    program().call("PATCH", path, json={"business_description": "Bread and cakes."}, status=200)
    newest = sandbox.control("GET", "requests")["data"][0]
    assert newest["path"].endswith("/whatsapp_business_profile")
    assert newest["body"]["description"] == "Bread and cakes."


def test_a_replacement_empties_what_it_leaves_out_and_keeps_secrets(program, connected, setup_values):
    caller, path = program(), f"accounts/{connected['id']}/"
    caller.call("PATCH", path, json={"greeting_message": "Hello"}, status=200)
    values = {name: value for name, value in setup_values.items() if name not in SECRETS}
    replaced = caller.call("PUT", path, json={**values, "fallback_message": "Later"}, status=200)
    assert (replaced["greeting_message"], replaced["fallback_message"]) == ("", "Later")
    assert replaced["access_token"]["is_set"]


def test_a_replacement_needs_what_the_set_up_needs(program, connected):
    fields = program().refused_fields("PUT", f"accounts/{connected['id']}/", json={"name": "a"})
    assert {"waba_id", "app_id", "phone_number_id", "phone_number"} <= set(fields)


def test_a_new_token_brings_a_held_account_back(program, connected, setup_values):
    account = db.session.get(Account, connected["id"])
    account.status, account.attention_reason = AccountStatus.NEEDS_ATTENTION, "Meta refused the token."
    db.session.commit()
    path = f"accounts/{connected['id']}/"
    changed = program().call("PATCH", path, json={"access_token": setup_values["access_token"]}, status=200)
    assert (changed["status"], changed["attention_reason"]) == ("live", "")


# --- check and archive -----------------------------------------------------------------------------------


def test_a_health_check_answers_line_by_line(program, connected):
    found = program().call("POST", f"accounts/{connected['id']}/health_check/", status=200)
    assert found["waba_account_id"] == connected["id"]
    states = {check["key"]: check["state"] for check in found["checks"]}
    assert states["token"] == "passed"
    assert all(check["title"] for check in found["checks"])


def test_what_fails_in_a_health_check_is_a_line_and_not_an_error(program, connected, sandbox):
    sandbox.control("POST", "faults", {"kind": "token_expired"})
    found = program().call("POST", f"accounts/{connected['id']}/health_check/", status=200)
    assert found["state"] in {"failed", "warning", "waiting"}


def test_an_archived_account_does_not_exist_any_more(program, connected):
    caller, path = program(), f"accounts/{connected['id']}/"
    caller.call("DELETE", path, status=204)
    caller.refused("GET", path, 404)
    assert caller.get("accounts/")["results"] == []
    db.session.expire_all()
    assert db.session.get(Account, connected["id"]).access_token is None


def test_a_test_message_comes_in_like_a_customers(program, connected):
    caller = program()
    sent = caller.call("POST", f"accounts/{connected['id']}/test_message/", status=202)
    assert sent["waba_account_id"] == connected["id"]
    assert sent["to_phone_number"] == connected["phone_numbers"][0]["phone_number"]
    until = time.monotonic() + PATIENCE_S
    while not (found := caller.get("messages/", direction="inbound")["results"]):
        assert time.monotonic() < until, "the test message never came in"
        db.session.rollback()
        event_work.work_off()
        time.sleep(0.05)
    assert [(row["wamid"], row["text_content"]) for row in found] == [(sent["wamid"], sent["text_content"])]
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "account.test_message")).one()
    assert (entry.account_id, entry.api_key_id is not None) == (connected["id"], True)


def test_a_test_message_waits_for_the_first_five_steps(program, sandbox):
    caller = program()
    draft = caller.call("POST", "accounts/", json={"name": "Harbour Lane Bakery"}, status=201)
    error = caller.refused("POST", f"accounts/{draft['id']}/test_message/", 409)
    assert (error["code"], error["message"]) == ("step_not_open", "Step 1 comes first.")
    assert sandbox.control("GET", "messages")["data"] == []


def test_there_is_no_test_message_with_meta_itself(app, program, connected):
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], graph_api_base_url="https://graph.facebook.com")
    error = program().refused("POST", f"accounts/{connected['id']}/test_message/", 409)
    assert error["code"] == "account_not_ready"


def test_a_health_check_without_a_token_says_what_to_do(program, make: Factory):
    account = make.account(access_token=None)
    found = program().call("POST", f"accounts/{account.id}/health_check/", status=200)
    token = next(check for check in found["checks"] if check["key"] == "token")
    assert (found["state"], token["state"]) == ("failed", "failed")
    assert token["what_to_do"]
