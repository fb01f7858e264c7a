"""Working off Meta's posts: every part of a batch, each once, in any order."""

from __future__ import annotations

import itertools
import json
import time

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.crypto import Secret
from app.extensions import db
from app.models import (
    Account,
    Contact,
    Conversation,
    Direction,
    EventState,
    Message,
    MessageStatus,
    MessageStatusEvent,
    WebhookEvent,
)
from app.queries.access import SYSTEM
from app.services import event_replay, event_work
from tests.support.factories import APP_SECRET, Factory
from tests.support.webhooks import Meta, change, envelope, status, text_message


@pytest.fixture
def meta(app: Flask) -> Meta:
    return Meta(app)


def work() -> None:
    while event_work.work_off():
        continue
    db.session.expire_all()


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def states() -> list[EventState]:
    return list(db.session.scalars(select(WebhookEvent.state).order_by(WebhookEvent.id)))


def test_an_inbound_text_opens_a_conversation_and_its_window(make: Factory, meta: Meta) -> None:
    account = make.account()
    meta.tell(account, text_message(account, body="Is it ready?", name="Ada Obi", wa_id="447700900555"))
    work()
    message = db.session.scalars(select(Message)).one()
    assert (message.direction, message.status) == (Direction.INBOUND, MessageStatus.RECEIVED)
    assert message.text_content == "Is it ready?"
    assert message.contact.display_name == "Ada Obi"
    conversation = message.conversation
    assert conversation.window_is_open()
    assert (conversation.unread_count, conversation.last_message_preview) == (1, "Is it ready?")
    assert states() == [EventState.PROCESSED]


def test_the_same_body_twenty_times_is_one_message(make: Factory, meta: Meta) -> None:
    account = make.account()
    body = envelope(change(account, text_message(account)))
    assert {meta.post(body).status_code for _ in range(20)} == {200}
    work()
    assert count(Message) == 1
    assert db.session.scalars(select(Conversation)).one().unread_count == 1
    assert sorted(states()) == sorted([EventState.PROCESSED] + [EventState.DUPLICATE] * 19)


def test_the_same_message_in_another_body_is_the_same_message(make: Factory, meta: Meta) -> None:
    account = make.account()
    value = text_message(account, wamid="wamid.ONCE")
    meta.tell(account, value)
    meta.post(envelope(change(account, value), change(account, text_message(account, wamid="wamid.OTHER"))))
    work()
    assert sorted(db.session.scalars(select(Message.wamid))) == ["wamid.ONCE", "wamid.OTHER"]


def test_every_part_of_a_batch_is_handled(make: Factory, meta: Meta) -> None:
    first = make.account()
    second = make.account()
    entries = [
        change(account, text_message(account, wa_id=f"44770090{number:04d}"))
        for account in (first, second)
        for number in range(7)
    ]
    meta.post(envelope(*entries))
    work()
    assert count(Message) == 14
    assert count(Contact) == 14


def test_one_bad_element_is_parked_and_the_rest_is_kept(make: Factory, meta: Meta) -> None:
    account = make.account()
    value = text_message(account, wamid="wamid.GOOD")
    value["messages"].append(["not", "a", "message"])
    meta.tell(account, value)
    work()
    assert list(db.session.scalars(select(Message.wamid))) == ["wamid.GOOD"]
    parked = db.session.scalars(select(WebhookEvent).where(WebhookEvent.state == EventState.PARKED)).one()
    assert parked.parent_id is not None
    assert parked.reason
    assert json.loads(parked.body)["part"] == ["not", "a", "message"]


def test_a_message_to_a_number_that_is_not_ours_is_parked_with_the_reason(make: Factory, meta: Meta) -> None:
    account = make.account()
    value = text_message(account)
    value["metadata"]["phone_number_id"] = "999"
    meta.tell(account, value)
    work()
    assert count(Message) == 0
    event = db.session.scalars(select(WebhookEvent)).one()
    assert event.state is EventState.PARKED
    assert "999" in event.reason


def test_a_part_for_an_account_the_signature_does_not_speak_for_is_not_believed(
    make: Factory, app: Flask
) -> None:
    ours = make.account()
    other = make.account(app_secret=Secret("the-secret-of-another-app-entirely"))
    meta = Meta(app, secret=APP_SECRET)
    meta.post(envelope(change(ours, text_message(ours)), change(other, text_message(other))))
    work()
    assert list(db.session.scalars(select(Message.account_id))) == [ours.id]
    event = db.session.scalars(select(WebhookEvent)).one()
    assert "does not speak for" in event.reason


def test_a_number_of_another_account_in_a_signed_event_is_parked(make: Factory, meta: Meta) -> None:
    ours = make.account()
    other = make.account()
    value = text_message(ours)
    value["metadata"]["phone_number_id"] = other.phone_numbers[0].meta_id
    meta.tell(ours, value)
    work()
    assert count(Message) == 0


def test_fifty_first_messages_of_one_customer_make_one_conversation(make: Factory, meta: Meta) -> None:
    account = make.account()
    now = int(time.time()) - 100
    for number in reversed(range(50)):
        meta.tell(account, text_message(account, body=f"photo {number}", timestamp=now + number))
    work()
    assert (count(Contact), count(Conversation), count(Message)) == (1, 1, 50)
    conversation = db.session.scalars(select(Conversation)).one()
    assert conversation.last_message_preview == "photo 49"
    assert conversation.unread_count == 50


def sent_message(make: Factory, account: Account) -> Message:
    conversation = make.conversation(account)
    return make.message(conversation, status=MessageStatus.SENT, wamid="wamid.OUT")


def test_a_status_never_goes_back(make: Factory, meta: Meta) -> None:
    account = make.account()
    message = sent_message(make, account)
    words = ("sent", "delivered", "read")
    for order in itertools.permutations([*words, "delivered"]):
        message.status = MessageStatus.SENT
        message.delivered_at = message.read_at = None
        db.session.query(MessageStatusEvent).delete()
        db.session.commit()
        for word in order:
            meta.tell(account, status(account, word, "wamid.OUT"))
        work()
        assert message.status is MessageStatus.READ, order
        assert message.delivered_at is not None


def test_failed_does_not_take_back_what_was_delivered(make: Factory, meta: Meta) -> None:
    account = make.account()
    message = sent_message(make, account)
    error = [{"code": 131026, "title": "Message undeliverable"}]
    meta.tell(account, status(account, "delivered", "wamid.OUT"))
    meta.tell(account, status(account, "failed", "wamid.OUT", errors=error))
    work()
    assert message.status is MessageStatus.DELIVERED
    assert message.failed_at is None


def test_a_failure_keeps_metas_code_and_words(make: Factory, meta: Meta) -> None:
    account = make.account()
    message = sent_message(make, account)
    error = [{"code": 131026, "title": "Message undeliverable", "error_data": {"details": "Not on WhatsApp"}}]
    meta.tell(account, status(account, "failed", "wamid.OUT", errors=error))
    work()
    assert message.status is MessageStatus.FAILED
    assert (message.error_code, message.error_details) == (131026, "Not on WhatsApp")


def test_a_status_that_overtakes_the_answer_settles_the_message(make: Factory, meta: Meta) -> None:
    account = make.account()
    message = make.message(make.conversation(account), status=MessageStatus.UNCONFIRMED)
    meta.tell(
        account,
        status(account, "delivered", "wamid.FAST", biz_opaque_callback_data=message.client_ref),
    )
    work()
    assert (message.status, message.wamid) == (MessageStatus.DELIVERED, "wamid.FAST")
    assert message.sent_at is not None


def test_a_status_for_an_unknown_message_is_kept(make: Factory, meta: Meta) -> None:
    account = make.account()
    meta.tell(account, status(account, "delivered", "wamid.STRANGE"))
    work()
    assert list(db.session.scalars(select(MessageStatusEvent.wamid))) == ["wamid.STRANGE"]
    assert states() == [EventState.PROCESSED]


def test_replaying_everything_changes_nothing(make: Factory, meta: Meta) -> None:
    account = make.account()
    message = sent_message(make, account)
    for word in ("delivered", "read"):
        meta.tell(account, status(account, word, "wamid.OUT"))
    for number in range(10):
        meta.tell(account, text_message(account, wa_id=f"44770090{number:04d}"))
    work()
    before = (count(Message), count(Contact), count(MessageStatusEvent), message.status)
    for event in db.session.scalars(select(WebhookEvent)).all():
        event_replay.replay_one(event=event, actor=SYSTEM)
    work()
    assert (count(Message), count(Contact), count(MessageStatusEvent), message.status) == before
    assert {EventState.DUPLICATE} == set(states())


def test_unknown_fields_and_kinds_are_kept_and_shown(make: Factory, meta: Meta) -> None:
    account = make.account()
    meta.tell(account, {"anything": 1}, field="a_field_of_tomorrow")
    value = text_message(account)
    value["messages"][0].update(type="hologram", hologram={"depth": 3})
    meta.tell(account, value)
    meta.post(b"not json at all")
    work()
    assert states() == [EventState.IGNORED, EventState.PROCESSED, EventState.PARKED]
    message = db.session.scalars(select(Message)).one()
    assert (message.message_type, message.content) == ("hologram", {"depth": 3})


def test_an_event_that_fails_here_is_tried_again_and_then_parked(make: Factory, meta: Meta) -> None:
    account = make.account()
    meta.tell(account, text_message(account, wamid="wamid.GOOD"))
    meta.tell(account, text_message(account, wamid="wamid.POISON", body="\ufffd" * 10))
    # A trigger in the database makes storing this one message fail, as a bug of ours would.
    _refuse_message(db.engine.dialect.name)
    for _ in range(event_work.MAX_TRIES):
        db.session.execute(WebhookEvent.__table__.update().values(next_attempt_at=func.now()))
        db.session.commit()
        work()
    assert list(db.session.scalars(select(Message.wamid))) == ["wamid.GOOD"]
    assert states() == [EventState.PROCESSED, EventState.PARKED]


def _refuse_message(dialect: str) -> None:
    with db.engine.begin() as connection:
        if dialect == "sqlite":
            connection.exec_driver_sql(
                "CREATE TRIGGER poison BEFORE INSERT ON whatsapp_messages WHEN NEW.wamid = 'wamid.POISON' "
                "BEGIN SELECT RAISE(ABORT, 'poison'); END"
            )
        else:
            connection.exec_driver_sql(
                "ALTER TABLE whatsapp_messages ADD CONSTRAINT poison CHECK (wamid <> 'wamid.POISON')"
            )
