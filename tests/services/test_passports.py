"""What the passport of a message is made of: Meta's real posts, worked off, and what the rows say."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.models import GraphCall, Message, MessageAttempt, MessagePriority, MessageStatus, utcnow
from app.queries.access import SYSTEM, actor_of_user
from app.services import event_work
from app.services.passports import By, read_passport
from tests.support.factories import Factory
from tests.support.webhooks import Meta, status, text_message

pytestmark = pytest.mark.one_database


@pytest.fixture
def meta(app: Flask) -> Meta:
    return Meta(app)


def work() -> None:
    while event_work.work_off():
        continue
    db.session.expire_all()


def test_statuses_come_with_their_delay_their_price_and_metas_posts(make: Factory, meta: Meta) -> None:
    message = make.message(make.conversation(), status=MessageStatus.SENT, wamid="wamid.OUT")
    pricing = {"billable": True, "pricing_model": "PMP", "type": "regular", "category": "utility"}
    written = int(time.time()) - 90
    meta.tell(
        message.account, status(message.account, "sent", "wamid.OUT", pricing=pricing, timestamp=written)
    )
    meta.tell(message.account, status(message.account, "read", "wamid.OUT", timestamp=written + 60))
    work()
    passport = read_passport(message, SYSTEM)
    assert [line.row.status for line in passport.statuses] == ["sent", "read"]
    assert timedelta(seconds=89) < passport.statuses[0].delay < timedelta(seconds=120)
    assert passport.price is not None
    assert (passport.price.words, passport.price.model) == ("Utility, charged", "PMP")
    assert passport.price.is_billable
    assert passport.events is not None
    assert [line.kinds for line in passport.events] == [("status.sent",), ("status.read",)]
    assert all(line.waited is not None for line in passport.events)


def test_a_price_that_is_told_by_its_flag_alone_is_kept(make: Factory, meta: Meta) -> None:
    message = make.message(make.conversation(), status=MessageStatus.SENT, wamid="wamid.OUT")
    meta.tell(message.account, status(message.account, "sent", "wamid.OUT", pricing={"billable": False}))
    work()
    price = read_passport(message, SYSTEM).price
    assert price is not None
    assert (price.words, price.is_billable) == ("free", False)


def test_a_price_without_a_status_is_what_the_message_keeps(make: Factory) -> None:
    values = {"pricing_category": "service", "pricing_type": "free_customer_service"}
    priced = read_passport(make.message(make.conversation(), **values), SYSTEM).price
    assert priced is not None
    assert (priced.words, priced.is_billable) == ("Service, free, in the service window", False)
    assert read_passport(make.message(make.conversation()), SYSTEM).price is None


def test_an_inbound_message_names_the_event_it_came_by(make: Factory, meta: Meta) -> None:
    account = make.account()
    meta.tell(account, text_message(account, wamid="wamid.IN", timestamp=int(time.time()) - 30))
    meta.tell(account, text_message(account, wamid="wamid.OTHER"))
    work()
    message = db.session.scalars(select(Message).where(Message.wamid == "wamid.IN")).one()
    passport = read_passport(message, SYSTEM)
    assert passport.cause.by is By.CUSTOMER
    assert passport.events is not None
    assert [line.words for line in passport.events] == ["Message: text"]
    assert passport.arrival_delay > timedelta(seconds=29)
    assert passport.attempts == []


def test_what_meta_found_wrong_with_a_customers_message_is_said(make: Factory, meta: Meta) -> None:
    account = make.account()
    errors = [{"code": 131051, "title": "Message type unknown"}]
    meta.tell(account, text_message(account, type="unsupported", errors=errors))
    work()
    passport = read_passport(db.session.scalars(select(Message)).one(), SYSTEM)
    assert [failure.code for failure in passport.reported] == [131051]
    odd = make.message(make.conversation(account), outbound=False, content={"_errors": [7, {"code": "x"}]})
    assert read_passport(odd, SYSTEM).reported == []


def test_the_bots_reply_is_traced_by_the_question_or_by_the_reply(make: Factory) -> None:
    conversation = make.conversation()
    asked = make.message(conversation, outbound=False)
    reply = make.message(conversation, priority=MessagePriority.BOT, bot_reply_to_id=asked.id)
    later = make.message(conversation, priority=MessagePriority.BOT)
    trace = make.bot_trace(asked, reply_message_id=later.id)
    for message in (asked, reply, later):
        assert read_passport(message, SYSTEM).cause.trace == trace
    assert read_passport(reply, SYSTEM).cause.answers == asked
    assert read_passport(make.message(conversation), SYSTEM).cause.trace is None


def test_traces_are_named_once_in_the_order_of_the_tries(make: Factory) -> None:
    message = make.message(make.conversation(), status=MessageStatus.FAILED, error_trace_id="B")
    call: dict[str, Any] = {"method": "POST", "path": "1/messages", "outcome": "ok", "duration_ms": 1}
    db.session.add_all(
        [
            MessageAttempt(message_id=message.id, trace_id="A", finished_at=utcnow()),
            MessageAttempt(message_id=message.id, trace_id="B", finished_at=utcnow()),
            GraphCall(account_id=message.account_id, message_id=message.id, trace_id="C", **call),
        ]
    )
    db.session.commit()
    assert read_passport(message, SYSTEM).trace_ids == ["A", "B", "C"]


@pytest.mark.parametrize("role, sees", [("viewer", False), ("agent", False), ("manager", True)])
def test_calls_posts_and_traces_are_for_managers_and_owners(make: Factory, role: str, sees: bool) -> None:
    message = make.message(make.conversation(), status=MessageStatus.FAILED, error_trace_id="A")
    passport = read_passport(message, actor_of_user(make.user(role=role, accounts=[message.account])))
    assert ((passport.calls is not None), (passport.events is not None)) == (sees, sees)
    assert passport.trace_ids == (["A"] if sees else [])
