"""What is written down for customers' systems: with the change it tells of, and for those who asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select

from app.extensions import db
from app.models import Account, DeliveryState, Message, MessageStatus, OutgoingDelivery
from app.models import MessageTemplateStatus as State
from app.queries.access import SYSTEM
from app.services import accounts, event_work, messages
from app.services.outgoing import attention
from app.services.statuses import apply_kept_statuses
from tests.support.factories import Factory
from tests.support.webhooks import Meta, change, envelope, status, text_message


@pytest.fixture
def meta(app: Flask) -> Meta:
    return Meta(app)


def work() -> None:
    db.session.commit()
    while event_work.work_off():
        continue
    db.session.expire_all()


def told() -> list[dict[str, Any]]:
    """All bodies, the oldest first."""
    rows = db.session.scalars(select(OutgoingDelivery).order_by(OutgoingDelivery.id)).all()
    bodies = [json.loads(row.body) for row in rows]
    assert [(body["id"], body["type"]) for body in bodies] == [(row.event_id, row.event) for row in rows]
    return bodies


@contextmanager
def counted(word: str) -> Iterator[list[str]]:
    """The statements that name it."""
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if word in statement:
            found.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def test_a_customers_message_is_told_with_its_words(make: Factory, meta: Meta) -> None:
    account, webhook = make.account(), make.outgoing_webhook()
    meta.tell(account, text_message(account, body="Is it ready?", wa_id="447700900555", wamid="wamid.A"))
    work()
    row = db.session.scalars(select(OutgoingDelivery)).one()
    assert (row.webhook_id, row.account_id, row.state) == (webhook.id, account.id, DeliveryState.WAITING)
    (body,) = told()
    assert (body["type"], body["data"]["wamid"]) == ("message.received", "wamid.A")
    assert body["data"]["text_content"] == "Is it ready?"
    assert {body["data"][name] for name in ("context", "referral", "group_id")} == {None}
    assert body["data"]["from_phone_number"] == "+447700900555"
    assert body["data"]["waba_account_id"] == account.id


def test_a_message_that_comes_twice_is_told_once(make: Factory, meta: Meta) -> None:
    account, _ = make.account(), make.outgoing_webhook()
    value = text_message(account, wamid="wamid.A")
    for _ in range(3):
        meta.tell(account, value)
    work()
    meta.tell(account, value)
    work()
    assert len(told()) == 1


def test_a_status_is_told_when_it_moves_the_message_and_not_when_it_is_late(
    make: Factory, meta: Meta
) -> None:
    conversation = make.conversation()
    message = make.message(conversation, status=MessageStatus.SENT, wamid="wamid.OUT")
    make.outgoing_webhook()
    for word in ("read", "delivered", "read"):
        meta.tell(conversation.account, status(conversation.account, word, "wamid.OUT"))
        work()
    (body,) = told()
    assert (body["type"], body["data"]["id"]) == ("message.status", message.id)
    assert (body["data"]["status"], body["data"]["error"]) == ("read", None)
    assert "text_content" not in body["data"]


def test_a_failure_is_told_with_its_reason_in_words(make: Factory, meta: Meta) -> None:
    conversation = make.conversation()
    make.message(conversation, status=MessageStatus.SENT, wamid="wamid.OUT")
    make.outgoing_webhook()
    errors = [{"code": 131026, "title": "Message undeliverable"}]
    meta.tell(conversation.account, status(conversation.account, "failed", "wamid.OUT", errors=errors))
    work()
    (body,) = told()
    assert body["data"]["status"] == "failed"
    assert body["data"]["error"]["code"] == 131026
    error = body["data"]["error"]
    assert set(error) == {"code", "title", "explanation", "whose_side", "can_retry", "what_to_do"}
    assert (error["whose_side"], error["can_retry"]) == ("customer", True)


def test_a_status_that_came_before_its_message_is_told_when_it_applies(make: Factory, meta: Meta) -> None:
    conversation = make.conversation()
    make.outgoing_webhook()
    meta.tell(conversation.account, status(conversation.account, "delivered", "wamid.EARLY"))
    work()
    assert told() == []
    message = make.message(conversation, status=MessageStatus.SENT, wamid="wamid.EARLY")
    apply_kept_statuses({message.id: (message.account_id, "wamid.EARLY")})
    db.session.commit()
    assert [body["data"]["status"] for body in told()] == ["delivered"]


def test_only_those_are_told_who_chose_this_event_and_this_account(make: Factory, meta: Meta) -> None:
    ours, theirs = make.account(), make.account()
    wanting = make.outgoing_webhook(accounts=[ours], events=["message.received"])
    make.outgoing_webhook(accounts=[theirs])
    make.outgoing_webhook(accounts=[])
    make.outgoing_webhook(events=["message.status"])
    make.outgoing_webhook(is_on=False)
    everything = make.outgoing_webhook()
    meta.tell(ours, text_message(ours))
    work()
    rows = db.session.scalars(select(OutgoingDelivery)).all()
    assert {row.webhook_id for row in rows} == {wanting.id, everything.id}
    assert len({row.event_id for row in rows}) == 1


def test_a_batch_of_many_is_told_with_one_insert_and_nothing_without_listeners(
    make: Factory, meta: Meta
) -> None:
    account = make.account()
    values = [text_message(account, wa_id=f"4477009{number:05d}") for number in range(40)]
    meta.post(envelope(*(change(account, value) for value in values[:20])))
    with counted("outgoing_") as without:
        work()
    make.outgoing_webhook()
    meta.post(envelope(*(change(account, value) for value in values[20:])))
    with counted("INSERT INTO outgoing_deliveries") as inserts:
        work()
    assert (len(without), len(inserts), len(told())) == (1, 1, 20)


def test_a_batch_that_fails_tells_nothing(make: Factory, meta: Meta) -> None:
    """What is told stands or falls with the change itself."""
    account, _ = make.account(), make.outgoing_webhook()
    meta.tell(account, text_message(account))
    db.session.commit()

    def fail_at_commit(_session: Any) -> None:
        raise RuntimeError("the database is in a bad mood")

    event.listen(db.session, "before_commit", fail_at_commit)
    try:
        with pytest.raises(RuntimeError):
            event_work.work_off()
    finally:
        event.remove(db.session, "before_commit", fail_at_commit)
    db.session.rollback()
    assert (told(), db.session.scalars(select(Message)).all()) == ([], [])
    work()
    assert len(told()) == 1


def test_a_message_templates_new_state_is_told(make: Factory, meta: Meta) -> None:
    account = make.account()
    row = make.message_template(account, meta_id="901", status=State.PENDING)
    make.outgoing_webhook()
    value = {
        "event": "REJECTED",
        "message_template_id": 901,
        "message_template_name": row.name,
        "message_template_language": row.language,
        "reason": "INVALID_FORMAT",
    }
    for _ in range(2):
        meta.tell(account, value, "message_template_status_update")
        work()
    (body,) = told()
    assert body["type"] == "message_template.status"
    assert (body["data"]["id"], body["data"]["status"]) == (row.id, "REJECTED")
    assert body["data"]["rejected_reason"] == "INVALID_FORMAT"


def test_an_account_in_trouble_is_told_once_and_its_all_clear_too(make: Factory) -> None:
    account: Account = make.account()
    make.outgoing_webhook()
    attention.hold(account, "The token is dead.")
    attention.hold(account, "The token is dead, still.")
    attention.all_clear(account)
    db.session.commit()
    health = [(body["type"], body["data"]["status"], body["data"]["attention_reason"]) for body in told()]
    assert health == [
        ("account.health", "needs_attention", "The token is dead."),
        ("account.health", "live", ""),
    ]


def test_messages_that_never_left_are_told_as_failed(make: Factory) -> None:
    conversation = make.conversation()
    unconfirmed = make.message(conversation, status=MessageStatus.UNCONFIRMED)
    queued = make.message(conversation)
    make.outgoing_webhook()
    messages.leave_unconfirmed(message=unconfirmed)
    accounts.archive_account(account=conversation.account, actor=SYSTEM)
    failed = [(body["data"]["id"], body["data"]["status"]) for body in told()]
    assert failed == [(unconfirmed.id, "failed"), (queued.id, "failed")]
