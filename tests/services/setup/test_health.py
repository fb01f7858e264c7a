"""The check list: what each line says about the account, and what follows for it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from app.crypto import Secret
from app.errors import NotReady
from app.extensions import db
from app.graph.client import GraphClient
from app.models import Account, AccountHealthLog, AccountStatus, CheckState
from app.queries.access import SYSTEM
from app.queries.health import list_accounts_checked_too_early
from app.services import accounts, health
from app.services.connections import client_for
from app.services.health_lines import CONNECT, TAKE_OVER
from app.services.numbers import sync_numbers
from app.services.webhook_connection import callback_url, connect_webhook
from tests.support.sandbox import RunningSandbox

pytestmark = pytest.mark.one_database


@pytest.fixture
def account(make: Any, meta: dict[str, str]) -> Account:
    values = {**meta, "webhook_verify_token": "verify-me-please"}
    return accounts.set_up_account(values=values, actor=SYSTEM)


def client_of(account: Account) -> GraphClient:
    """With no transaction left open: Meta's call back to our webhook has to write."""
    client = client_for(account)
    db.session.commit()
    return client


def lines(log: AccountHealthLog) -> dict[str, dict[str, Any]]:
    return {check["key"]: check for check in log.checks}


def test_a_good_account_passes_every_line_but_the_first_event(account: Account) -> None:
    log = health.run_health_check(account)
    states = {key: line["state"] for key, line in lines(log).items()}
    assert states.pop("first_event") == "waiting"
    assert set(states.values()) == {"passed"}
    assert log.state is CheckState.WAITING


def test_each_line_of_meta_says_what_it_found_and_how_long_it_took(account: Account) -> None:
    found = lines(health.run_health_check(account))
    assert found["token"]["evidence"].startswith("Permanent.")
    assert "Quality high." in found["number"]["evidence"]
    assert callback_url() in found["subscription"]["evidence"]
    assert all(found[key]["seconds"] is not None for key in ("token", "number", "subscription"))


def test_a_revoked_token_makes_the_account_need_attention(
    account: Account, meta: dict[str, str], sandbox: RunningSandbox
) -> None:
    sandbox.control("POST", "tokens/revoke", {"access_token": meta["access_token"]})
    log = health.run_health_check(account)
    assert lines(log)["token"]["title"] == "Token does not work"
    assert account.status is AccountStatus.NEEDS_ATTENTION
    assert "Token does not work" in account.attention_reason


def test_an_account_that_fails_between_two_checks_is_checked_again_once(
    account: Account, meta: dict[str, str], sandbox: RunningSandbox
) -> None:
    health.run_health_check(account)
    assert list_accounts_checked_too_early() == [], "as long as all is well"
    sandbox.control("POST", "tokens/revoke", {"access_token": meta["access_token"]})
    account.status = AccountStatus.NEEDS_ATTENTION
    db.session.commit()
    assert list_accounts_checked_too_early() == [account.id]
    assert lines(health.run_health_check(account))["token"]["state"] == "failed"
    assert list_accounts_checked_too_early() == []


def test_silence_of_meta_is_no_reason_for_alarm(account: Account, sandbox: RunningSandbox) -> None:
    sandbox.control("POST", "faults", {"kind": "outage", "count": None})
    log = health.run_health_check(account)
    assert lines(log)["token"]["state"] == "warning"
    assert account.status is AccountStatus.LIVE


def test_silence_of_meta_is_no_recovery_either(account: Account, sandbox: RunningSandbox) -> None:
    account.status, account.attention_reason = AccountStatus.NEEDS_ATTENTION, "Token does not work."
    db.session.commit()
    sandbox.control("POST", "faults", {"kind": "outage", "count": None})
    health.run_health_check(account)
    assert account.status is AccountStatus.NEEDS_ATTENTION


def test_an_account_recovers_and_its_held_messages_are_rung_for(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    rings: list[str] = []
    monkeypatch.setattr("app.services.bell.ring", rings.append)
    account.status, account.attention_reason = AccountStatus.NEEDS_ATTENTION, "Token does not work."
    db.session.commit()
    health.run_health_check(account)
    assert account.status is AccountStatus.LIVE
    assert account.attention_reason == ""
    assert rings == ["messages"]


def test_a_token_that_ends_soon_is_a_warning(
    account: Account, meta: dict[str, str], sandbox: RunningSandbox
) -> None:
    token = sandbox.control(
        "POST",
        "tokens",
        {"app_id": meta["app_id"], "target_ids": [meta["waba_id"]], "expires_in_s": 3 * 86_400 + 600},
    )
    account.access_token = Secret(token["access_token"])
    db.session.commit()
    line = lines(health.run_health_check(account))["token"]
    assert (line["state"], line["evidence"][:12]) == ("warning", "3 days left.")
    assert account.status is AccountStatus.LIVE
    assert account.token_expires_at is not None


def test_a_number_that_is_not_registered_fails(
    account: Account, meta: dict[str, str], sandbox: RunningSandbox
) -> None:
    sandbox.control("POST", f"phone_numbers/{meta['phone_number_id']}", {"status": "DISCONNECTED"})
    line = lines(health.run_health_check(account))["number"]
    assert line["title"] == "Number is not registered"
    assert account.first_number is not None
    assert account.first_number.status == "DISCONNECTED"


def test_events_that_go_elsewhere_are_found(account: Account) -> None:
    waba_id = str(account.meta_id)
    client_of(account).accounts.unsubscribe(waba_id)
    line = lines(health.run_health_check(account))["subscription"]
    assert line["title"] == "App is not subscribed to the account"
    assert line["action"] == CONNECT
    connect_webhook(account=account, actor=SYSTEM)
    assert lines(health.run_health_check(account))["subscription"]["state"] == "passed"


def test_the_callback_another_system_has_set_is_left_alone_until_told_otherwise(
    account: Account, meta: dict[str, str], open_door: Any
) -> None:
    elsewhere = f"{open_door.url}/api/whatsapp/api/webhook/webhook/"
    client_of(account).apps.subscribe(
        meta["app_id"],
        meta["app_secret"],
        callback_url=elsewhere,
        verify_token="verify-me-please",
        fields=("messages",),
    )
    connect_webhook(account=account, actor=SYSTEM)
    line = lines(health.run_health_check(account))["subscription"]
    assert line["state"] == "warning"
    assert line["action"] == TAKE_OVER
    assert elsewhere in line["evidence"]
    connect_webhook(account=account, actor=SYSTEM, take_over=True)
    assert lines(health.run_health_check(account))["subscription"]["state"] == "passed"


def test_one_line_can_be_asked_alone(account: Account, sandbox: RunningSandbox) -> None:
    before = lines(health.run_health_check(account))
    sandbox.control("POST", "faults", {"kind": "outage", "count": None})
    after = lines(health.run_health_check(account, only="number"))
    assert after["number"]["state"] == "warning"
    assert after["token"] == before["token"]


def test_an_account_of_the_other_world_is_not_asked_about(account: Account) -> None:
    account.is_sandbox = False
    db.session.commit()
    with pytest.raises(NotReady):
        health.run_health_check(account)


def test_syncing_fetches_a_number_that_is_new_at_meta(account: Account, meta: dict[str, str]) -> None:
    account.phone_numbers.clear()
    db.session.commit()
    assert sync_numbers(account=account, actor=SYSTEM).added == 1
    number = account.phone_numbers[0]
    assert (number.meta_id, number.phone_number) == (meta["phone_number_id"], meta["phone_number"])


def test_syncing_marks_a_number_that_is_gone_at_meta(account: Account, make: Any) -> None:
    stray = make.number(account, meta_id="424242424242424")
    assert sync_numbers(account=account, actor=SYSTEM).gone == 1
    assert stray.status == "DELETED"


def test_syncing_leaves_a_number_where_it_is_connected(
    account: Account, make: Any, meta: dict[str, str]
) -> None:
    other = make.account(number=False)
    account.phone_numbers[0].account_id = other.id
    db.session.commit()
    result = sync_numbers(account=account, actor=SYSTEM)
    assert result.added == 0
    assert result.refused == (meta["display_number"],)


def test_a_version_of_the_api_that_ends_is_told_but_keeps_nothing_from_working(
    account: Account, app: Flask
) -> None:
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], graph_api_version="v20.0")
    log = health.run_health_check(account)
    line = lines(log)["api_version"]
    assert line["state"] == "warning"
    assert line["evidence"].startswith("Graph API v20.0 ended on 24 September 2026")
    assert "GRAPH_API_VERSION" in line["what_to_do"]
    assert not health.must_pass(line)
