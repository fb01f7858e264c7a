"""Customers who want no advertising: by a word, in WhatsApp itself, by a person or a program."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.errors import OptedOut
from app.extensions import db
from app.graph.errors import GraphRejected
from app.models import (
    Account,
    BotTrace,
    ConsentKind,
    ConsentSource,
    Contact,
    ContactConsent,
    Conversation,
    Direction,
    EventState,
    Message,
    MessageStatus,
    WebhookEvent,
    utcnow,
)
from app.queries.access import SYSTEM
from app.services import claiming, consents, event_work, messages, outcomes, sending
from app.services.consent_words import meaning_of
from tests.support.factories import Factory
from tests.support.webhooks import Meta, metadata, status, text_message

pytestmark = pytest.mark.both_databases
WA_ID = "447700900123"
VALUES = {"body.1": "Ada", "body.2": "BM-1"}


@pytest.fixture
def meta(app: Flask) -> Meta:
    return Meta(app)


def work() -> None:
    while event_work.work_off():
        continue
    db.session.expire_all()


def says(meta: Meta, account: Account, body: str, **values: Any) -> None:
    db.session.commit()
    meta.tell(account, text_message(account, body=body, wa_id=WA_ID, **values))
    work()


def contact() -> Contact:
    return db.session.scalars(select(Contact).where(Contact.wa_id == WA_ID)).one()


def history() -> list[tuple[ConsentKind, ConsentSource]]:
    rows = db.session.scalars(select(ContactConsent).order_by(ContactConsent.id))
    return [(row.kind, row.source) for row in rows]


def replies() -> list[str]:
    statement = (
        select(Message.text_content).where(Message.direction == Direction.OUTBOUND).order_by(Message.id)
    )
    return list(db.session.scalars(statement))


def preference(account: Account, value: str, **more: Any) -> dict[str, Any]:
    entry = {
        "wa_id": WA_ID,
        "category": "marketing_messages",
        "value": value,
        "timestamp": int(utcnow().timestamp()),
        **more,
    }
    return {"messaging_product": "whatsapp", "metadata": metadata(account), "user_preferences": [entry]}


@pytest.mark.parametrize("text", ["STOP", " stop. ", "Stopp!", "ABMELDEN", "¡Baja!", "arret", "Стоп"])
def test_a_word_in_any_spelling_stops_advertising(text: str) -> None:
    found = meaning_of(text)
    assert found is not None
    assert found[0] is ConsentKind.OPTED_OUT


@pytest.mark.parametrize("text", ["Please stop by at ten", "When do you stop?", "", "stop " * 40])
def test_a_word_inside_a_sentence_is_no_wish(text: str) -> None:
    assert meaning_of(text) is None


def test_a_stop_is_kept_with_its_message_and_confirmed_once(make: Factory, meta: Meta) -> None:
    account = make.account()
    says(meta, account, "Stopp!")
    says(meta, account, "STOP")
    assert contact().opted_out_at is not None
    row = db.session.scalars(select(ContactConsent)).one()
    first = db.session.scalars(select(Message).order_by(Message.id)).first()
    assert first is not None
    assert (row.kind, row.source) == (ConsentKind.OPTED_OUT, ConsentSource.WORD)
    assert (row.message_id, row.note) == (first.id, "Stopp!")
    (reply,) = replies()
    assert reply.startswith("Sie bekommen keine Werbenachrichten")


def test_the_same_stop_delivered_again_changes_nothing(make: Factory, meta: Meta) -> None:
    account = make.account()
    for _ in range(3):
        says(meta, account, "STOP", wamid="wamid.STOP")
    assert (len(history()), len(replies())) == (1, 1)


def test_a_start_takes_up_again_what_a_stop_ended(make: Factory, meta: Meta) -> None:
    account = make.account()
    says(meta, account, "STOP")
    says(meta, account, "Start")
    assert contact().opted_out_at is None
    assert [kind for kind, _ in history()] == [ConsentKind.OPTED_OUT, ConsentKind.OPTED_IN]
    assert replies()[-1].startswith("You will get our marketing messages again")


def test_the_bot_leaves_a_stop_alone_and_reads_a_start_that_ends_nothing(make: Factory, meta: Meta) -> None:
    account = make.account(auto_reply_enabled=True, fallback_message="I do not know.")
    says(meta, account, "STOP")
    assert db.session.scalars(select(BotTrace)).all() == []
    assert len(replies()) == 1
    meta.tell(account, text_message(account, body="START", wa_id="447700900777"))
    work()
    assert len(db.session.scalars(select(BotTrace)).all()) == 1
    assert len(history()) == 1


def test_an_old_wish_that_comes_late_does_not_undo_a_newer_one(make: Factory, meta: Meta) -> None:
    account = make.account()
    says(meta, account, "STOP")
    earlier = str(int((utcnow() - timedelta(hours=2)).timestamp()))
    says(meta, account, "START", timestamp=earlier)
    assert contact().opted_out_at is not None


def test_a_stop_out_of_a_closed_window_holds_without_a_reply(make: Factory, meta: Meta) -> None:
    account = make.account()
    says(meta, account, "STOP", timestamp=str(int((utcnow() - timedelta(days=2)).timestamp())))
    assert contact().opted_out_at is not None
    assert replies() == []


def test_a_choice_in_whatsapp_itself_counts(make: Factory, meta: Meta) -> None:
    account = make.account()
    db.session.commit()
    for value in ("stop", "stop", "resume"):
        meta.tell(account, preference(account, value), field="user_preferences")
        work()
    assert history() == [
        (ConsentKind.OPTED_OUT, ConsentSource.META),
        (ConsentKind.OPTED_IN, ConsentSource.META),
    ]
    states = list(db.session.scalars(select(WebhookEvent.state).order_by(WebhookEvent.id)))
    assert EventState.IGNORED not in states


def test_a_choice_about_something_else_is_nothing_here(make: Factory, meta: Meta) -> None:
    account = make.account()
    db.session.commit()
    meta.tell(account, preference(account, "stop", category="calls"), field="user_preferences")
    work()
    assert history() == []


def test_a_hand_leaves_its_name_and_shows_in_the_threads(make: Factory) -> None:
    conversation = make.conversation()
    before = conversation.version
    assert consents.opt_out(contact=conversation.contact, actor=SYSTEM, note="Asked by phone")
    assert not consents.opt_out(contact=conversation.contact, actor=SYSTEM)
    assert db.session.get_one(Conversation, conversation.id).version == before + 1
    assert db.session.scalars(select(ContactConsent.note)).all() == ["Asked by phone"]


def test_marketing_is_refused_and_utility_goes(make: Factory) -> None:
    conversation = make.conversation()
    account = conversation.account
    offer = make.message_template(account, name="offer", category="MARKETING")
    notice = make.message_template(account, name="notice", category="UTILITY")
    failed = messages.queue_message_template(
        conversation=conversation, message_template=offer, values=VALUES, actor=SYSTEM
    )
    failed.status = MessageStatus.FAILED
    consents.opt_out(contact=conversation.contact, actor=SYSTEM)
    with pytest.raises(OptedOut):
        messages.queue_message_template(
            conversation=conversation, message_template=offer, values=VALUES, actor=SYSTEM
        )
    with pytest.raises(OptedOut):
        messages.retry_message(message=failed, actor=SYSTEM)
    sent = messages.queue_message_template(
        conversation=conversation, message_template=notice, values=VALUES, actor=SYSTEM
    )
    assert sent.status is MessageStatus.QUEUED
    assert messages.queue_text(conversation=conversation, body="Hello", actor=SYSTEM).id


def test_marketing_that_has_not_left_fails_when_the_customer_opts_out(make: Factory) -> None:
    account = make.account()
    conversation = make.conversation(account, contact=make.contact(account, wa_id=WA_ID))
    for category in ("MARKETING", "UTILITY"):
        row = make.message_template(account, name=f"a_{category.lower()}", category=category)
        messages.queue_message_template(
            conversation=conversation, message_template=row, values=VALUES, actor=SYSTEM
        )
    marketing, utility = db.session.scalars(select(Message).order_by(Message.id)).all()
    consents.opt_out(contact=contact(), actor=SYSTEM)
    # One after the other in a conversation.
    claimed = [one.message_id for _ in range(2) for one in claiming.claim("w", 10).outgoing]
    db.session.expire_all()
    assert (claimed, marketing.status, utility.status) == ([utility.id], "failed", "sending")
    assert "opted out of marketing before" in marketing.error_title
    assert marketing.conversation.last_message_status == "sending"


def test_metas_refusal_for_a_customer_who_stopped_marketing_opts_them_out(make: Factory, meta: Meta) -> None:
    account = make.account()
    conversation = make.conversation(account, contact=make.contact(account, wa_id=WA_ID))
    now = utcnow().replace(microsecond=0)
    refused = make.message(conversation, status=MessageStatus.SENT, wamid="wamid.M")
    error = {"code": consents.STOPPED_MARKETING, "title": "User has stopped"}
    late = status(account, "failed", "wamid.M", timestamp=str(int(now.timestamp())), errors=[error])
    for _ in range(2):
        meta.tell(account, late)
        work()
    (kept,) = db.session.scalars(select(ContactConsent)).all()
    assert (kept.source, kept.message_id, contact().opted_out_at) == (ConsentSource.META, refused.id, now)
    assert "131050" in kept.note

    # In the answer to the send too; and who comes back later is back.
    consents.opt_in(contact=contact(), actor=SYSTEM)
    answered = make.message(conversation)
    (outgoing,) = claiming.claim("w", 10).outgoing
    refusal = GraphRejected("User has stopped", code=consents.STOPPED_MARKETING)
    outcomes.record([sending.Outcome(outgoing, error=refusal)])
    db.session.expire_all()
    assert answered.status is MessageStatus.FAILED
    assert contact().opted_out_at is not None
