"""Sending against the real sandbox: each outcome, and that nothing goes out twice."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from app.crypto import Secret
from app.errors import WindowClosed
from app.extensions import db
from app.models import (
    Account,
    AccountStatus,
    AttemptOutcome,
    Conversation,
    Message,
    MessageAttempt,
    MessageStatus,
    NumberPace,
    utcnow,
)
from app.queries.access import SYSTEM
from app.services import claiming, connections, messages, outcomes, sending
from tests.support.factories import Factory
from tests.support.sandbox import RunningSandbox


@pytest.fixture
def account(make: Factory, sandbox: RunningSandbox) -> Account:
    return make.sandbox_account(sandbox.new_account())


@pytest.fixture
def conversation(make: Factory, account: Account) -> Conversation:
    return make.conversation(account)


def send_all() -> list[sending.Outcome]:
    """One round of what the worker's sender does."""
    results = [sending.deliver(outgoing) for outgoing in claiming.claim("test-worker", 16).outgoing]
    outcomes.record(results)
    db.session.expire_all()
    return results


def end_the_wait(message: Message) -> None:
    """As if the time that the message and its number had to wait were over."""
    message.next_attempt_at = utcnow()
    db.session.execute(update(NumberPace).values(paused_until=None))
    db.session.commit()


def delivered(sandbox: RunningSandbox, message: Message) -> list[dict[str, Any]]:
    """What the sandbox took under this message's reference."""
    return [
        found for found in sandbox.messages() if found.get("biz_opaque_callback_data") == message.client_ref
    ]


def test_a_queued_text_is_handed_to_meta_once(sandbox: RunningSandbox, conversation: Conversation) -> None:
    message = messages.queue_text(conversation=conversation, body="Your order is ready", actor=SYSTEM)
    assert message.status is MessageStatus.QUEUED
    send_all()
    send_all()
    assert message.status is MessageStatus.SENT
    (taken,) = delivered(sandbox, message)
    assert taken["wamid"] == message.wamid
    attempt = db.session.scalars(select(MessageAttempt)).one()
    assert attempt.outcome is AttemptOutcome.ACCEPTED


def test_the_same_client_key_is_the_same_message(conversation: Conversation) -> None:
    first = messages.queue_text(conversation=conversation, body="Hello", actor=SYSTEM, client_key="k1")
    again = messages.queue_text(conversation=conversation, body="Hello", actor=SYSTEM, client_key="k1")
    assert again.id == first.id


def test_an_answer_that_gets_lost_is_never_sent_again(
    sandbox: RunningSandbox, conversation: Conversation
) -> None:
    message = messages.queue_text(conversation=conversation, body="Once", actor=SYSTEM)
    sandbox.control("POST", "faults", {"kind": "lost_answer"})
    send_all()
    assert message.status is MessageStatus.UNCONFIRMED
    send_all()
    assert len(delivered(sandbox, message)) == 1


def test_a_throttled_message_waits_and_goes_out(sandbox: RunningSandbox, conversation: Conversation) -> None:
    message = messages.queue_text(conversation=conversation, body="Later", actor=SYSTEM)
    sandbox.control("POST", "faults", {"kind": "throttle"})
    send_all()
    assert message.status is MessageStatus.QUEUED
    assert message.next_attempt_at is not None
    assert message.next_attempt_at > utcnow()
    end_the_wait(message)
    send_all()
    assert message.status is MessageStatus.SENT
    assert len(delivered(sandbox, message)) == 1


def test_a_refused_message_fails_with_metas_words(
    sandbox: RunningSandbox, conversation: Conversation
) -> None:
    message = messages.queue_text(conversation=conversation, body="No", actor=SYSTEM)
    sandbox.control("POST", "faults", {"kind": "error", "code": 131009})
    send_all()
    assert (message.status, message.error_code) == (MessageStatus.FAILED, 131009)
    assert message.error_trace_id
    assert delivered(sandbox, message) == []


def test_a_token_that_meta_refuses_holds_the_queue_until_a_new_one_is_there(
    sandbox: RunningSandbox, account: Account, conversation: Conversation
) -> None:
    good = account.access_token
    account.access_token = Secret("EAAwrong0000000000")
    db.session.commit()
    message = messages.queue_text(conversation=conversation, body="Wait", actor=SYSTEM)
    send_all()
    assert message.status is MessageStatus.QUEUED
    assert account.status is AccountStatus.NEEDS_ATTENTION
    assert "token" in account.attention_reason
    account.access_token, account.status = good, AccountStatus.LIVE
    db.session.commit()
    send_all()
    assert message.status is MessageStatus.SENT
    assert len(delivered(sandbox, message)) == 1


def test_an_unreachable_meta_is_tried_again_without_a_doubt(
    app: Any, sandbox: RunningSandbox, conversation: Conversation
) -> None:
    message = messages.queue_text(conversation=conversation, body="Down", actor=SYSTEM)
    settings = app.config["SETTINGS"]
    app.config["SETTINGS"] = replace(settings, graph_api_base_url="http://127.0.0.1:9")
    send_all()
    assert message.status is MessageStatus.QUEUED
    app.config["SETTINGS"] = settings
    end_the_wait(message)
    send_all()
    assert len(delivered(sandbox, message)) == 1


def test_free_text_is_not_sent_after_its_window_closed(
    sandbox: RunningSandbox, conversation: Conversation
) -> None:
    message = messages.queue_text(conversation=conversation, body="Too late", actor=SYSTEM)
    conversation.last_inbound_at = utcnow() - timedelta(hours=25)
    db.session.commit()
    send_all()
    assert (message.status, message.error_code) == (MessageStatus.FAILED, 131047)
    assert delivered(sandbox, message) == []


def test_one_customers_messages_go_out_one_after_the_other(conversation: Conversation) -> None:
    queued = [
        messages.queue_text(conversation=conversation, body=str(number), actor=SYSTEM) for number in range(3)
    ]
    orders = [[result.outgoing.message_id for result in send_all()] for _ in queued]
    assert orders == [[message.id] for message in queued]


def test_two_workers_together_send_no_faster_than_a_numbers_pace(make: Factory, account: Account) -> None:
    for _ in range(60):
        messages.queue_text(conversation=make.conversation(account), body="x", actor=SYSTEM)
    started = time.monotonic()
    claimed = []
    while time.monotonic() < started + 0.5 or sum(claimed) <= 15:
        claimed += [len(claiming.claim(name, 40).outgoing) for name in ("one", "another")]
    passed_s = time.monotonic() - started
    assert max(claimed) <= 8
    assert sum(claimed) <= 7.2 + passed_s * 72 + 1


def test_an_account_of_the_sandbox_is_never_shown_to_meta(app: Any, account: Account) -> None:
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], graph_api_base_url="https://graph.facebook.com")
    with pytest.raises(Exception, match="sandbox"):
        connections.client_for(account)


def test_a_persons_retry_sends_a_failed_message_again(
    sandbox: RunningSandbox, conversation: Conversation
) -> None:
    message = messages.queue_text(conversation=conversation, body="Again", actor=SYSTEM)
    sandbox.control("POST", "faults", {"kind": "error", "code": 131009})
    send_all()
    messages.retry_message(message=message, actor=SYSTEM)
    send_all()
    assert message.status is MessageStatus.SENT
    assert message.error_code is None
    assert len(delivered(sandbox, message)) == 1


def test_a_refused_first_message_leaves_no_empty_conversation(make: Factory, account: Account) -> None:
    conversation = messages.open_conversation(
        account=account, phone_number=account.phone_numbers[0], to="+44 7700 900321"
    )
    with pytest.raises(WindowClosed):
        messages.queue_text(conversation=conversation, body="Hello", actor=SYSTEM)
    db.session.rollback()
    assert db.session.scalars(select(Conversation)).all() == []
