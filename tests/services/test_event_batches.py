"""Many events at once: what they bring in common is written together, and nothing of it twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.extensions import db
from app.models import (
    Account,
    Contact,
    Conversation,
    ConversationEvent,
    EventState,
    Message,
    MessageStatus,
    TeamEvent,
    WebhookEvent,
)
from app.queries.access import SYSTEM
from app.services import event_work, teamwork
from app.services.event_rows import MOST_BYTES
from tests.support.factories import Factory
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


def texts(account: Account, *bodies: str, **values: str) -> dict[str, object]:
    """One value with several texts of one customer, a second apart."""
    value = text_message(account, body=bodies[0], timestamp=1_790_000_000, **values)
    first = value["messages"][0]
    value["messages"] = [
        {
            **first,
            "id": f"{first['id']}-{place}",
            "timestamp": str(1_790_000_000 + place),
            "text": {"body": body},
        }
        for place, body in enumerate(bodies)
    ]
    return value


def test_of_several_texts_in_one_batch_the_latest_stands_in_the_list(make: Factory, meta: Meta) -> None:
    account = make.account()
    meta.tell(account, texts(account, "one", "two", "three"))
    meta.tell(account, text_message(account, body="an old one", timestamp=1_780_000_000))
    work()
    conversation = db.session.scalars(select(Conversation)).one()
    assert (conversation.last_message_preview, conversation.unread_count) == ("three", 4)
    assert conversation.last_inbound_at == max(db.session.scalars(select(Message.occurred_at)))
    last = db.session.get(Message, conversation.last_message_id)
    assert last is not None
    assert last.text_content == "three"


def test_a_batch_of_old_texts_leaves_a_later_one_in_the_list(make: Factory, meta: Meta) -> None:
    account = make.account()
    meta.tell(account, text_message(account, body="today"))
    work()
    meta.tell(account, texts(account, "one", "two"))
    work()
    conversation = db.session.scalars(select(Conversation)).one()
    assert (conversation.last_message_preview, conversation.unread_count) == ("today", 3)
    assert conversation.window_is_open()


def test_a_known_customer_gets_his_new_name_and_the_id_that_was_missing(make: Factory, meta: Meta) -> None:
    account = make.account()
    meta.tell(account, text_message(account, name="Ada"))
    work()
    value = text_message(account, name="Ada Obi", from_user_id="GB.1349000000000000118")
    meta.tell(account, value)
    work()
    contact = db.session.scalars(select(Contact)).one()
    assert (contact.profile_name, contact.wa_id) == ("Ada Obi", "447700900118")
    assert contact.user_id == "GB.1349000000000000118"


def test_an_id_that_another_customer_has_is_not_taken_from_him(make: Factory, meta: Meta) -> None:
    account = make.account()
    by_id = text_message(account)
    del by_id["messages"][0]["from"], by_id["contacts"]
    by_id["messages"][0]["from_user_id"] = "GB.1"
    meta.tell(account, by_id)
    meta.tell(account, text_message(account))
    work()
    # The user id decides: it stays with a person whose number passes to somebody else.
    meta.tell(account, text_message(account, from_user_id="GB.1"))
    work()
    assert [(c.wa_id, c.user_id) for c in db.session.scalars(select(Contact).order_by(Contact.id))] in (
        [(None, "GB.1"), ("447700900118", None)],
        [("447700900118", None), (None, "GB.1")],
    )
    assert sorted(db.session.scalars(select(Conversation.unread_count))) == [1, 2]


def test_all_statuses_of_a_message_in_one_batch_leave_it_read_with_every_time(
    make: Factory, meta: Meta
) -> None:
    account = make.account()
    message = make.message(make.conversation(account), status=MessageStatus.SENT, wamid="wamid.ALL")
    version = message.conversation.version
    for word, at in (("read", 1_790_000_030), ("sent", 1_790_000_010), ("delivered", 1_790_000_020)):
        meta.tell(account, status(account, word, "wamid.ALL", timestamp=at))
    work()
    assert message.status is MessageStatus.READ
    assert [int(at.timestamp()) for at in (message.delivered_at, message.read_at) if at] == [
        1_790_000_020,
        1_790_000_030,
    ]
    assert message.conversation.version > version


def test_largest_posts_are_taken_few_at_a_time(make: Factory, meta: Meta) -> None:
    account = make.account()
    for _ in range(3):
        value = text_message(account)
        value["messages"][0]["padding"] = "x" * (MOST_BYTES * 3 // 4)
        # Stored by hand: a post of this size over HTTP says nothing more.
        event = WebhookEvent(
            body=envelope(change(account, value)), body_sha256="", verified_account_ids=str(account.id)
        )
        db.session.add(event)
    db.session.commit()
    assert [event_work.work_off(), event_work.work_off(), event_work.work_off()] == [2, 1, 0]
    assert count(Message) == 3


def test_workers_side_by_side_store_each_message_and_count_it_once(
    app: Flask, make: Factory, meta: Meta
) -> None:
    account = make.account()
    customers = [f"44770090{number:04d}" for number in range(5)]
    for place in range(60):
        wa_id = customers[place % 5]
        body = envelope(change(account, text_message(account, wa_id=wa_id, wamid=f"wamid.SIDE{place % 40}")))
        meta.post(body)

    def worker(_number: int) -> None:
        with app.app_context():
            for _ in range(200):
                if not event_work.work_off(7):
                    return

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(worker, range(3)))
    work()
    assert (count(Message), count(Contact), count(Conversation)) == (40, 5, 5)
    assert sum(db.session.scalars(select(Conversation.unread_count))) == 40
    pending = select(func.count()).where(WebhookEvent.state == EventState.PENDING)
    assert db.session.scalar(pending) == 0


def test_a_customers_message_opens_a_closed_conversation_again_and_a_reaction_does_not(
    make: Factory, meta: Meta
) -> None:
    account = make.account()
    meta.tell(account, texts(account, "one"))
    work()
    conversation = db.session.scalars(select(Conversation)).one()
    teamwork.close(conversation=conversation, actor=SYSTEM)
    value = texts(account, "x")
    reaction = {"message_id": "wamid.none", "emoji": "👍"}
    first = value["messages"][0]  # type: ignore[index]
    value["messages"] = [{**first, "id": "wamid.thumb", "type": "reaction", "reaction": reaction}]
    meta.tell(account, value)
    work()
    db.session.refresh(conversation)
    assert conversation.is_closed
    meta.tell(account, texts(account, "two", "three"))
    work()
    db.session.refresh(conversation)
    assert not conversation.is_closed
    kinds = db.session.scalars(select(ConversationEvent.kind).order_by(ConversationEvent.id)).all()
    assert kinds == [TeamEvent.CLOSED, TeamEvent.REOPENED]
