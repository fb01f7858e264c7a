"""Statuses in any order, around the answer to the send; and webhooks that are signed and wrong."""

from __future__ import annotations

import copy
import json
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.extensions import db
from app.graph.messages import SentMessage
from app.models import (
    Account,
    AttemptOutcome,
    EventState,
    Message,
    MessageAttempt,
    MessageStatus,
    MessageStatusEvent,
    WebhookEvent,
    utcnow,
)
from app.services import event_work, outcomes
from app.services.sending import Outcome, Outgoing
from tests.chaos import corpus
from tests.support.factories import Factory
from tests.support.webhooks import Meta, status


@pytest.fixture
def account(make: Factory) -> Account:
    return make.account(auto_reply_enabled=True, greeting_message="Hello")


QUICK = hypothesis_settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
ANSWER = "the answer"


def work() -> None:
    while event_work.work_off():
        continue
    db.session.expire_all()


def expected_end(words: list[str]) -> MessageStatus:
    """The highest rank counts, in whatever order it came."""
    return max((MessageStatus(word) for word in ["sent", *words]), key=lambda end: end.rank)


@QUICK
@given(
    steps=st.permutations(["sent", "delivered", "read", ANSWER]).flatmap(
        lambda order: st.lists(st.sampled_from(["sent", "delivered", "read", "failed"]), max_size=3).map(
            lambda again: [*order, *again]
        )
    ),
    echoes=st.booleans(),
)
def test_statuses_in_any_order_around_the_answer_end_the_same(
    make: Factory, app: Flask, account: Account, steps: list[str], echoes: bool
) -> None:
    message = make.message(make.conversation(account), status=MessageStatus.SENDING, attempts=1)
    attempt = MessageAttempt(message_id=message.id, outcome=AttemptOutcome.STARTED)
    db.session.add(attempt)
    db.session.commit()
    wamid = f"wamid.ORDER{message.id}"
    more = {"biz_opaque_callback_data": message.client_ref} if echoes else {}
    outgoing = Outgoing(message.id, attempt.id, message.phone_number_id, "", {}, None)
    for step in steps:
        if step == ANSWER:
            outcomes.record([Outcome(outgoing, sent=SentMessage(wamid=wamid))])
            db.session.expire_all()
            continue
        before = db.session.get_one(Message, message.id).status.rank
        db.session.rollback()
        assert Meta(app).tell(account, status(account, step, wamid, **more)).status_code == 200
        work()
        assert db.session.get_one(Message, message.id).status.rank >= before
    words = [step for step in steps if step != ANSWER]
    message = db.session.get_one(Message, message.id)
    assert message.status is expected_end(words)
    assert message.wamid == wamid
    assert message.lease_until is None
    assert message.next_attempt_at is None
    kept = db.session.scalars(select(MessageStatusEvent.status).where(MessageStatusEvent.wamid == wamid))
    assert sorted(kept) == sorted(set(words))


WRONG: list[Any] = [None, True, -1, 2**70, 1e300, "", "x", "\u0000", "\ud800", [], {}, [[]], {"id": {}}]


@st.composite
def spoilt(draw: st.DrawFn) -> Any:
    """A webhook of the corpus in which something has another type, is gone, or is there twice."""
    body = copy.deepcopy(draw(st.sampled_from(corpus.BODIES)))
    for _ in range(draw(st.integers(1, 4))):
        _spoil(draw, body)
    return body


def _spoil(draw: st.DrawFn, node: Any) -> None:
    while isinstance(node, dict | list) and node:
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        key = draw(st.sampled_from(keys))
        if isinstance(node[key], dict | list) and node[key] and draw(st.integers(0, 4)):
            node = node[key]
            continue
        how = draw(st.sampled_from(["swap", "drop", "double"]))
        if how == "swap":
            node[key] = draw(st.sampled_from(WRONG))
        elif how == "drop":
            del node[key]
        elif isinstance(node, list):
            node.append(node[key])
        return


@QUICK
@given(bodies=st.lists(spoilt(), min_size=1, max_size=4))
def test_any_signed_webhook_is_stored_and_comes_to_an_end(
    app: Flask, account: Account, bodies: list[Any]
) -> None:
    meta = Meta(app)
    for body in bodies:
        text = json.dumps(body).replace(
            '"id": "7"', f'"id": "{account.meta_id}"').replace(
            '"phone_number_id": "100"', f'"phone_number_id": "{account.phone_numbers[0].meta_id}"'
        )  # fmt: skip
        assert meta.post(text.encode()).status_code == 200
    work()
    ends = db.session.execute(select(WebhookEvent.state, WebhookEvent.reason, WebhookEvent.attempts)).all()
    assert not [end for end in ends if end.state is EventState.PENDING]
    assert not [end for end in ends if end.state is EventState.PARKED and not end.reason]
    # Nothing failed here: each wrong part was recognised as wrong.
    assert not [end for end in ends if "It failed here" in end.reason]


@pytest.mark.parametrize("minutes", [10, -10])
def test_a_web_server_whose_clock_is_wrong_delays_nothing(
    app: Flask, account: Account, minutes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.failpoints.CLOCK_OFFSET", timedelta(minutes=minutes))
    wrong = utcnow()
    assert Meta(app).tell(account, status(account, "delivered", "wamid.SKEW")).status_code == 200
    monkeypatch.setattr("app.failpoints.CLOCK_OFFSET", timedelta(0))
    assert abs(utcnow() - wrong) > timedelta(minutes=9)
    work()
    assert db.session.scalars(select(WebhookEvent.state)).all() == [EventState.PROCESSED]
