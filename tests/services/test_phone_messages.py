"""Numbers that are used in the WhatsApp Business app too: echoes of what is written there, and old chats."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.extensions import db
from app.models import (
    Account,
    Conversation,
    ConversationCase,
    Direction,
    EventState,
    MediaFile,
    Message,
    MessageStatus,
    OutgoingDelivery,
    UsageChange,
    WebhookEvent,
    utcnow,
)
from app.models.time_zones import day_of
from app.queries.usage import Figures, count_days
from app.services import event_work
from tests.support.factories import Factory
from tests.support.webhooks import Meta, metadata, status, text_message

ADA = "447700900555"
ECHOES, HISTORY = "smb_message_echoes", "history"


@pytest.fixture
def meta(app: Flask) -> Meta:
    return Meta(app)


def work() -> None:
    while event_work.work_off():
        continue
    db.session.expire_all()


def stamp(minutes_ago: float) -> str:
    return str(int((utcnow() - timedelta(minutes=minutes_ago)).timestamp()))


def echo(account: Account, wamid: str = "wamid.E", minutes_ago: float = 0, **values: Any) -> dict[str, Any]:
    content = {"type": "text", "text": {"body": "On its way"}} | values
    entry = {"from": "442079460101", "to": ADA, "id": wamid, "timestamp": stamp(minutes_ago), **content}
    return {"messaging_product": "whatsapp", "metadata": metadata(account), "message_echoes": [entry]}


def history(account: Account, *messages: dict[str, Any]) -> dict[str, Any]:
    thread = {"id": ADA, "context": {"wa_id": ADA, "user_id": "GB.55"}, "messages": list(messages)}
    chunk = {"metadata": {"phase": 0, "chunk_order": 1, "progress": 100}, "threads": [thread]}
    return {"messaging_product": "whatsapp", "metadata": metadata(account), "history": [chunk]}


def past(wamid: str, days: float, word: str = "READ", **values: Any) -> dict[str, Any]:
    content = {"type": "text", "text": {"body": wamid}} | values
    moment = stamp(days * 24 * 60)
    return {"from": ADA, "id": wamid, "timestamp": moment, "history_context": {"status": word}, **content}


def conversation() -> Conversation:
    return db.session.scalars(select(Conversation)).one()


def outbound() -> Message:
    return db.session.scalars(select(Message).where(Message.direction == Direction.OUTBOUND)).one()


def test_an_echo_shows_once_and_answers_the_customer(make: Factory, meta: Meta) -> None:
    account = make.account()
    make.outgoing_webhook(events=["message.status"])
    meta.tell(account, text_message(account, wa_id=ADA, timestamp=stamp(5)))
    work()
    assert conversation().waiting_since is not None
    meta.tell(account, status(account, "delivered", "wamid.E"))
    for _ in range(2):
        meta.tell(account, echo(account), ECHOES)
        work()
    message, shown = outbound(), conversation()
    assert (message.text_content, message.status, message.next_attempt_at) == (
        "On its way",
        MessageStatus.DELIVERED,
        None,
    )
    assert (shown.waiting_since, shown.unread_count, shown.last_message_preview) == (None, 0, "On its way")
    assert shown.last_message_direction is Direction.OUTBOUND
    assert shown.last_message_status is MessageStatus.DELIVERED
    case = db.session.scalars(select(ConversationCase)).one()
    assert (case.answered_at, case.answered_by_id) == (message.occurred_at, None)
    assert db.session.scalar(select(func.count(OutgoingDelivery.id))) == 1
    states = db.session.scalars(select(WebhookEvent.state).order_by(WebhookEvent.id)).all()
    assert states[-2:] == [EventState.PROCESSED, EventState.DUPLICATE]


def test_what_was_asked_after_the_echo_still_waits(make: Factory, meta: Meta) -> None:
    account = make.account()
    meta.tell(account, text_message(account, wa_id=ADA))
    meta.tell(account, echo(account, minutes_ago=10), ECHOES)
    work()
    shown = conversation()
    assert (shown.waiting_since is None, shown.unread_count) == (False, 1)
    assert shown.last_message_direction is Direction.INBOUND


def test_history_is_there_to_read_and_nothing_else(make: Factory, meta: Meta) -> None:
    account = make.account(auto_reply_enabled=True)
    make.outgoing_webhook(events=["message.received", "message.status"])
    ours = {"from": "442079460101", "to": ADA}
    told = history(account, past("wamid.1", 3), past("wamid.2", 2, "ERROR", **ours), past("wamid.3", 0.001))
    for _ in range(2):
        meta.tell(account, told, HISTORY)
        work()
    rows = db.session.scalars(select(Message).order_by(Message.occurred_at)).all()
    assert [(row.wamid, row.direction, row.status) for row in rows] == [
        ("wamid.1", Direction.INBOUND, MessageStatus.RECEIVED),
        ("wamid.2", Direction.OUTBOUND, MessageStatus.FAILED),
        ("wamid.3", Direction.INBOUND, MessageStatus.RECEIVED),
    ]
    assert all(row.created_at == row.occurred_at for row in rows)
    assert rows[0].contact.user_id == "GB.55"
    shown = conversation()
    assert (shown.unread_count, shown.waiting_since, shown.last_inbound_at) == (0, None, None)
    assert shown.last_message_preview == "wamid.3"
    assert db.session.scalar(select(func.count(OutgoingDelivery.id))) == 0
    assert db.session.scalar(select(func.count()).select_from(UsageChange)) == 0
    days = count_days([rows[0].phone_number_id], day_of(rows[0].created_at), day_of(utcnow()))
    assert sum((count.figures for _, _, count in days), Figures()) == Figures()


def test_a_file_of_history_takes_the_place_it_was_announced_at(make: Factory, meta: Meta) -> None:
    account = make.account()
    hidden = {"type": "media_placeholder"}
    meta.tell(account, history(account, past("wamid.1", 1, **hidden)), HISTORY)
    work()
    image = {"type": "image", "image": {"id": "1234567890", "mime_type": "image/png", "caption": "Here"}}
    value = {"metadata": metadata(account), "messages": [past("wamid.1", 1, **image)]}
    for _ in range(2):
        meta.tell(account, value, HISTORY)
        work()
    message = db.session.scalars(select(Message)).one()
    assert (message.message_type, message.text_content) == ("image", "Here")
    assert db.session.scalars(select(MediaFile)).one().message_id == message.id


@pytest.mark.parametrize(
    "field, value, why",
    [
        ("group_lifecycle_update", {"groups": [{"type": "group_create"}]}, "no groups in the console"),
        ("smb_app_state_sync", {"state_sync": []}, "address book"),
        ("history", {"history": [{"errors": [{"code": 2593109}]}]}, "did not share"),
        ("something_newer", {"event": "X"}, "newer than the console"),
    ],
)
def test_what_is_not_used_says_why(
    make: Factory, meta: Meta, field: str, value: dict[str, Any], why: str
) -> None:
    account = make.account()
    meta.tell(account, {"metadata": metadata(account), **value}, field)
    work()
    row = db.session.scalars(select(WebhookEvent)).one()
    assert row.state is EventState.IGNORED
    assert f"({field}): not used by the console, because" in row.reason
    assert why in row.reason
