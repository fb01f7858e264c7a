"""Outgoing webhooks over the JSON API, and that what is posted has the API's own shapes."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.models import AuditEntry, DeliveryState, MessageStatus, OutgoingDelivery, OutgoingWebhook
from app.models import MessageTemplateStatus as State
from app.services import event_work
from app.services.message_template_states import set_state
from app.services.outgoing import attention, claims, delivering
from config import Settings
from tests.api.conftest import Program
from tests.support.factories import Factory
from tests.support.receiver import Receiver
from tests.support.webhooks import Meta, status, text_message

Programs = Callable[..., Program]
PATH = "outgoing-webhooks/"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, outgoing_webhook_networks=(ipaddress.ip_network("127.0.0.1/32"),))


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


def wanted(receiver: Receiver, **more: Any) -> dict[str, Any]:
    return {"url": receiver.url, "events": ["message.received"], "is_for_all": True, **more}


def deliver() -> None:
    for claim in claims.claim("tester", 20, {}, 20):
        delivering.deliver(claim)


def test_an_integrator_sets_one_up_gets_a_signed_test_and_sees_how_it_ended(
    program: Programs, receiver: Receiver
) -> None:
    caller = program()
    made = caller.call("POST", PATH, json=wanted(receiver, description="Shop"), status=201)
    assert made["secret"].startswith("whsec_")
    shown = caller.get(f"{PATH}{made['id']}/")
    assert "secret" not in shown
    assert {**shown, "secret": made["secret"]} == made
    sent = caller.call("POST", f"{PATH}{made['id']}/test/", status=202)
    assert (sent["event"], sent["state"]) == ("test", "waiting")
    deliver()
    db.session.rollback()
    (post,) = receiver.posts
    assert post.is_signed_with(made["secret"])
    assert set(post.json) == {"id", "type", "timestamp", "data"}
    ended = caller.get(f"{PATH}deliveries/{sent['id']}/")
    assert (ended["state"], ended["body"]) == ("delivered", post.body.decode())
    assert [(one["number"], one["status"]) for one in ended["tries"]] == [(1, 204)]


def test_the_secret_is_made_anew_and_kept_out_of_the_audit_log(program: Programs, receiver: Receiver) -> None:
    caller = program()
    made = caller.call("POST", PATH, json=wanted(receiver), status=201)
    fresh = caller.call("POST", f"{PATH}{made['id']}/rotate_secret/", status=200)
    assert fresh["secret"] != made["secret"]
    assert fresh["previous_secret_until"] is not None
    caller.call("DELETE", f"{PATH}{made['id']}/", status=204)
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    told = [entry.action for entry in entries]
    assert told == [f"outgoing_webhook.{what}" for what in ("created", "secret_changed", "deleted")]
    assert "whsec_" not in str([entry.details for entry in entries])


def test_it_is_changed_as_a_whole_and_narrowed_to_accounts(
    program: Programs, make: Factory, receiver: Receiver
) -> None:
    account, caller = make.account(), program()
    id_ = caller.call("POST", PATH, json=wanted(receiver), status=201)["id"]
    body = {"url": receiver.url, "events": ["account.health"], "account_ids": [account.id], "is_on": False}
    changed = caller.call("PUT", f"{PATH}{id_}/", json=body, status=200)
    assert (changed["is_for_all"], changed["account_ids"]) == (False, [account.id])
    assert (changed["is_on"], changed["events"]) == (False, ["account.health"])
    assert caller.refused("POST", f"{PATH}{id_}/test/", 409)["message"]
    again = caller.call("PUT", f"{PATH}{id_}/", json={**body, "is_on": True}, status=200)
    assert (again["is_on"], again["account_ids"]) == (True, [account.id])
    assert [row["id"] for row in caller.get(PATH)["results"]] == [id_]


@pytest.mark.parametrize(
    "wrong, field",
    [
        ({"url": "http://169.254.169.254/latest"}, "url"),
        ({"url": "https://user:pw@shop.example.com/"}, "url"),
        ({"url": "not an address"}, "url"),
        ({"events": []}, "events"),
        ({"events": ["test"]}, "events.0"),
        ({"is_for_all": False}, "account_ids"),
        ({"is_for_all": False, "account_ids": [987_654_321]}, "account_ids"),
        ({"description": "x" * 201}, "description"),
    ],
)
def test_a_wrong_value_is_named(
    program: Programs, receiver: Receiver, wrong: dict[str, Any], field: str
) -> None:
    assert field in program().refused_fields("POST", PATH, json={**wanted(receiver), **wrong})
    assert db.session.scalars(select(OutgoingWebhook)).all() == []


def test_the_log_is_filtered_and_replayed_one_by_one_or_as_a_range(
    program: Programs, make: Factory, receiver: Receiver
) -> None:
    webhook, caller = make.outgoing_webhook(url=receiver.url), program()
    failed = make.outgoing_delivery(webhook, state=DeliveryState.FAILED, next_attempt_at=None)
    make.outgoing_delivery(webhook, state=DeliveryState.DELIVERED, next_attempt_at=None)
    make.outgoing_delivery(state=DeliveryState.FAILED, next_attempt_at=None)
    found = caller.get(f"{PATH}deliveries/", state="failed", outgoing_webhook=webhook.id)["results"]
    assert [row["id"] for row in found] == [failed.id]
    once_more = caller.call("POST", f"{PATH}deliveries/{failed.id}/replay/", status=202)
    assert (once_more["replay_of_id"], once_more["is_replay"]) == (failed.id, True)
    assert once_more["event_id"] == failed.event_id
    body = {"outgoing_webhook": webhook.id, "state": "failed"}
    assert caller.call("POST", f"{PATH}deliveries/replay/", json=body, status=202) == {"replayed": 1}
    assert caller.get(f"{PATH}deliveries/", event="message.status")["results"] == []


def test_only_an_owners_key_may_look(program: Programs, make: Factory) -> None:
    webhook, account = make.outgoing_webhook(), make.account()
    for role in ("manager", "agent", "viewer"):
        program(role=role, accounts=[account]).refused("GET", f"{PATH}{webhook.id}/", 403)
    program().refused("GET", f"{PATH}{webhook.id + 1}/", 404)
    program().refused("GET", f"{PATH}deliveries/{2**63}/", 404)


def test_what_is_posted_says_what_the_api_says(app: Flask, program: Programs, make: Factory) -> None:
    """Field by field, under the same names."""
    conversation = make.conversation()
    account = conversation.account
    message_template = make.message_template(account, status=State.PENDING)
    make.message(conversation, status=MessageStatus.SENT, wamid="wamid.OUT")
    make.outgoing_webhook()
    meta = Meta(app)
    meta.tell(account, text_message(account, body="Grüße", wamid="wamid.IN"))
    errors = [{"code": 131026, "title": "Message undeliverable"}]
    meta.tell(account, status(account, "failed", "wamid.OUT", errors=errors))
    while event_work.work_off():
        continue
    set_state(message_template, State.REJECTED, reason="INVALID_FORMAT")
    attention.hold(account, "The token is dead.")
    db.session.commit()
    caller, paths = program(), {"message_template.status": "templates/", "account.health": "accounts/"}
    rows = db.session.scalars(select(OutgoingDelivery).order_by(OutgoingDelivery.id)).all()
    told = {row.event.value: json.loads(row.body)["data"] for row in rows}
    db.session.rollback()
    assert len(told) == 4
    for event, data in told.items():
        said = caller.get(f"{paths.get(event, 'messages/')}{data['id']}/")
        assert data == {name: said[name] for name in data}, event
