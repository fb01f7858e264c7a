"""Every call to Meta is kept, with its message where it has one, without secrets, for a set time."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.extensions import db
from app.graph.errors import GraphRejected
from app.models import Account, AccountStatus, Conversation, GraphCall, MessageStatus, NumberPace, utcnow
from app.queries.access import SYSTEM
from app.services import claiming, health, messages, numbers, outcomes, sending
from app.services.connections import client_for
from tests.support.factories import Factory
from tests.support.retention import purge
from tests.support.sandbox import RunningSandbox

pytestmark = pytest.mark.one_database


@pytest.fixture
def account(make: Factory, sandbox: RunningSandbox) -> Account:
    return make.sandbox_account(sandbox.new_account())


@pytest.fixture
def conversation(make: Factory, account: Account) -> Conversation:
    return make.conversation(account)


def send_all() -> list[sending.Outcome]:
    results = [sending.deliver(outgoing) for outgoing in claiming.claim("test-worker", 16).outgoing]
    outcomes.record(results)
    return results


def kept() -> Sequence[GraphCall]:
    db.session.rollback()
    return db.session.scalars(select(GraphCall).order_by(GraphCall.id)).all()


def test_a_send_is_kept_with_its_message(conversation: Conversation) -> None:
    message = messages.queue_text(conversation=conversation, body="Your order is ready", actor=SYSTEM)
    send_all()
    (call,) = kept()
    assert (call.message_id, call.account_id, call.outcome) == (message.id, message.account_id, "ok")
    assert (call.method, call.http_status) == ("POST", 200)
    assert json.loads(call.request)["text"]["body"] == "Your order is ready"
    assert message.wamid
    assert message.wamid in call.answer


@pytest.mark.parametrize(
    "fault, outcome, code",
    [
        ({"kind": "throttle"}, "throttled", 130429),
        ({"kind": "error", "code": 131009}, "rejected", 131009),
        ({"kind": "lost_answer"}, "unconfirmed", None),
    ],
)
def test_a_send_that_went_wrong_is_kept_with_metas_code(
    sandbox: RunningSandbox,
    conversation: Conversation,
    fault: dict[str, object],
    outcome: str,
    code: int | None,
) -> None:
    message = messages.queue_text(conversation=conversation, body="Hello", actor=SYSTEM)
    sandbox.control("POST", "faults", fault)
    send_all()
    (call,) = kept()
    assert (call.message_id, call.outcome, call.error_code) == (message.id, outcome, code)
    assert bool(call.trace_id) is (code is not None)


def test_each_try_is_a_call_of_its_own(sandbox: RunningSandbox, conversation: Conversation) -> None:
    message = messages.queue_text(conversation=conversation, body="Hello", actor=SYSTEM)
    sandbox.control("POST", "faults", {"kind": "throttle"})
    send_all()
    message.next_attempt_at = utcnow()
    db.session.execute(update(NumberPace).values(paused_until=None))
    db.session.commit()
    send_all()
    assert [call.outcome for call in kept()] == ["throttled", "ok"]


def test_outcomes_that_are_told_twice_are_kept_once(conversation: Conversation) -> None:
    message = messages.queue_text(conversation=conversation, body="Hello", actor=SYSTEM)
    results = send_all()
    outcomes.record(results, is_retold=True)
    assert len(kept()) == 1
    assert message.status is MessageStatus.SENT


def test_a_check_is_kept_even_if_nothing_else_is(account: Account) -> None:
    health.run_health_check(account)
    db.session.rollback()
    paths = {call.path for call in kept()}
    assert any(path.endswith("phone_numbers") for path in paths)
    assert "debug_token" in paths
    assert {call.account_id for call in kept()} == {account.id}


def test_a_call_whose_account_is_gone_does_not_fail(app: Flask, account: Account) -> None:
    client, meta_id = client_for(account), account.meta_id or ""
    db.session.delete(account)
    db.session.commit()
    assert client.accounts.list_phone_numbers(meta_id)
    assert kept() == []


def test_calls_are_forgotten_after_their_days(account: Account) -> None:
    for days in (1, 15, 20):
        at = utcnow() - timedelta(days=days)
        row = GraphCall(account_id=account.id, at=at, method="GET", path="me", outcome="ok", duration_ms=1)
        db.session.add(row)
    db.session.commit()
    purge("graph-calls", 14)
    assert len(kept()) == 1


def test_no_secret_stands_in_the_kept_calls(
    sandbox: RunningSandbox, account: Account, conversation: Conversation
) -> None:
    """A whole scenario, also with a token that Meta refuses and repeats."""
    secrets = [account.access_token, account.app_secret, account.webhook_verify_token]
    values = [secret.reveal() for secret in secrets if secret is not None]
    client, waba_id, number_id = client_for(account), account.meta_id or "", account.phone_numbers[0].meta_id
    messages.queue_text(conversation=conversation, body="Hello", actor=SYSTEM)
    db.session.commit()
    send_all()
    health.run_health_check(account)
    numbers.sync_numbers(account=account, actor=SYSTEM)
    client.phone_numbers.register(number_id, "739184")
    with pytest.raises(GraphRejected):  # nothing listens there; the call is kept all the same
        client.accounts.subscribe(waba_id, "http://127.0.0.1:9/webhooks", values[2])
    account.status = AccountStatus.LIVE  # the check found no subscription
    sandbox.control("POST", "faults", {"kind": "error", "code": 190, "message": f"Bad token {values[0]}"})
    messages.queue_text(conversation=conversation, body="Again", actor=SYSTEM)
    send_all()
    assert kept()[-1].error_code == 190
    columns = [call.request + call.answer + call.path + call.trace_id for call in kept()]
    assert len(columns) >= 8
    text = "\n".join(columns)
    for value in [*values, "739184"]:
        raw = value.encode()
        for form in (value, base64.b64encode(raw).decode().rstrip("="), raw.hex()):
            assert form not in text
