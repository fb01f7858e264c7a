"""Events processed again: nothing doubles, nothing goes backwards, parts keep their one row."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.errors import NotReady
from app.extensions import db
from app.models import (
    AuditEntry,
    EventState,
    Message,
    MessageStatus,
    MessageTemplate,
    MessageTemplateStatus,
    WebhookEvent,
    WebhookEventKey,
)
from app.queries.access import EVERYTHING, SYSTEM
from app.queries.webhook_events import EventFilters
from app.services import event_replay, event_work
from tests.rules.walking import changes, everything_stored
from tests.support.factories import Factory
from tests.support.webhooks import Meta, change, envelope, status, text_message

OF_EVENTS = {"whatsapp_webhook_events", "audit_log"}


@pytest.fixture
def meta(app: Flask) -> Meta:
    return Meta(app)


def work() -> None:
    while event_work.work_off():
        continue
    db.session.expire_all()


def replay_all() -> int:
    replayed = event_replay.replay_range(scope=EVERYTHING, filters=EventFilters(), actor=SYSTEM)
    work()
    return replayed


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_replaying_everything_changes_nothing_and_sends_nothing(make: Factory, meta: Meta) -> None:
    """Every kind of news, in an order in which the last word is not the first."""
    account = make.account(auto_reply_enabled=True, greeting_message="Hello, how can we help?")
    message_template = make.message_template(account, meta_id="700100042", quality_score="")
    names = {
        "message_template_id": 700100042,
        "message_template_name": message_template.name,
        "message_template_language": message_template.language,
    }
    conversation = make.conversation(account)
    make.message(conversation, status=MessageStatus.SENT, wamid="wamid.OUT")
    for number in range(3):
        meta.tell(account, text_message(account, wa_id=f"44770090{number:04d}"))
    for word in ("read", "delivered"):
        meta.tell(account, status(account, word, "wamid.OUT"))
    meta.tell(account, status(account, "delivered", "wamid.NOBODYS"))
    for score in ("GREEN", "RED", "GREEN", "YELLOW"):
        meta.tell(
            account,
            {**names, "previous_quality_score": "UNKNOWN", "new_quality_score": score},
            "message_template_quality_update",
        )
    for event in ("PAUSED", "APPROVED", "DISABLED"):
        meta.tell(account, {**names, "event": event, "reason": "NONE"}, "message_template_status_update")
    for new, old in (("MARKETING", "UTILITY"), ("UTILITY", "MARKETING")):
        meta.tell(
            account, {**names, "previous_category": old, "new_category": new}, "template_category_update"
        )
    display = account.phone_numbers[0].phone_number[1:]
    for event, limit in (("UPGRADE", "TIER_10K"), ("DOWNGRADE", "TIER_250")):
        meta.tell(
            account,
            {"display_phone_number": display, "event": event, "current_limit": limit},
            "phone_number_quality_update",
        )
    broken = text_message(account)
    broken["messages"].append("no object")
    meta.tell(account, broken)
    meta.post(b"not json at all")
    work()
    for _ in range(2):
        before = everything_stored()
        events = count(WebhookEvent)
        assert replay_all() == events
        assert set(changes(before, everything_stored())) == OF_EVENTS
        assert count(WebhookEvent) == events
        # The click is written down, and nothing else.
        assert {
            entry.action
            for entry in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1))
        } == {"webhook_events.replayed"}
        assert len(everything_stored()["audit_log"]) == len(before["audit_log"]) + 1


def test_an_event_that_had_no_effect_yet_has_it_when_replayed(make: Factory, meta: Meta) -> None:
    account = make.account()
    value = text_message(account)
    value["metadata"]["phone_number_id"] = "555000111"
    meta.tell(account, value)
    work()
    event = db.session.scalars(select(WebhookEvent)).one()
    assert event.state is EventState.PARKED
    make.number(account, meta_id="555000111")
    event_replay.replay_one(event=event, actor=SYSTEM)
    work()
    assert event.state is EventState.PROCESSED
    assert count(Message) == 1


def test_news_of_yesterday_does_not_overrule_those_of_today(make: Factory, meta: Meta) -> None:
    account = make.account()
    row = make.message_template(account, meta_id="700100043")
    about = {
        "message_template_id": 700100043,
        "message_template_name": row.name,
        "message_template_language": row.language,
    }
    for event in ("PAUSED", "APPROVED"):
        meta.tell(account, {**about, "event": event, "reason": "NONE"}, "message_template_status_update")
    work()
    first = db.session.scalars(select(WebhookEvent).order_by(WebhookEvent.id)).first()
    assert first is not None
    event_replay.replay_one(event=first, actor=SYSTEM)
    work()
    assert db.session.scalars(select(MessageTemplate.status)).one() is MessageTemplateStatus.APPROVED
    assert (first.state, first.reason) == (EventState.DUPLICATE, "Processed again: nothing new came of it.")


def test_a_part_is_tried_again_with_its_post_and_keeps_its_one_row(make: Factory, meta: Meta) -> None:
    account = make.account()
    value = text_message(account)
    value["messages"].append({"type": "text"})
    meta.tell(account, value)
    work()
    part = db.session.scalars(select(WebhookEvent).where(WebhookEvent.parent_id.is_not(None))).one()
    for _ in range(2):
        event_replay.replay_one(event=part, actor=SYSTEM)
        work()
        assert (count(WebhookEvent), part.state) == (2, EventState.PARKED)
    # What we learn to read later is closed with the post's next replay.
    parent = db.session.get(WebhookEvent, part.parent_id)
    assert parent is not None
    value["messages"].pop()
    parent.body = envelope(change(account, value))
    db.session.commit()
    event_replay.replay_one(event=part, actor=SYSTEM)
    work()
    assert (count(WebhookEvent), part.state) == (2, EventState.PROCESSED)


def test_a_range_is_what_the_filter_shows(make: Factory, meta: Meta, monkeypatch: pytest.MonkeyPatch) -> None:
    account = make.account()
    for number in range(5):
        meta.tell(account, text_message(account, wa_id=f"44770090{number:04d}"))
    work()
    only = EventFilters(found_by=(("p:447700900003",),))
    assert event_replay.replay_range(scope=EVERYTHING, filters=only, actor=SYSTEM) == 1
    waiting = db.session.scalars(select(WebhookEvent).where(WebhookEvent.state == EventState.PENDING)).one()
    assert b"447700900003" in waiting.body
    monkeypatch.setattr(event_replay, "MOST_AT_ONCE", 3)
    assert event_replay.replay_range(scope=EVERYTHING, filters=EventFilters(), actor=SYSTEM) == 3


def test_a_parked_event_can_be_set_aside_and_no_other(make: Factory, meta: Meta) -> None:
    make.account()
    meta.post(b"not json at all")
    work()
    event = db.session.scalars(select(WebhookEvent)).one()
    event_replay.set_aside(event=event, actor=SYSTEM)
    assert event.state is EventState.IGNORED
    assert event.reason.startswith("Set aside by system. The body")
    with pytest.raises(NotReady):
        event_replay.set_aside(event=event, actor=SYSTEM)


def test_an_event_is_found_by_all_it_speaks_of(make: Factory, meta: Meta) -> None:
    account = make.account()
    number = account.phone_numbers[0]
    meta.tell(account, text_message(account, wamid="wamid.A", from_user_id="GB.12345"))
    meta.tell(account, status(account, "read", "wamid.B"))
    meta.tell(account, {"anything": 1}, field="a_field_of_tomorrow")
    work()
    keys: dict[int, set[str]] = {}
    for row in db.session.scalars(select(WebhookEventKey)):
        keys.setdefault(row.event_id, set()).add(row.key)
    common = {f"n:{number.meta_id}", "p:447700900118"}
    assert [keys[event_id] for event_id in sorted(keys)] == [
        common | {"k:messages.text", "m:wamid.A", "u:GB.12345"},
        common | {"k:status.read", "m:wamid.B"},
        {"k:a_field_of_tomorrow"},
    ]


def test_keys_go_with_their_event(make: Factory, meta: Meta) -> None:
    account = make.account()
    meta.tell(account, text_message(account))
    work()
    db.session.delete(db.session.scalars(select(WebhookEvent)).one())
    db.session.commit()
    assert count(WebhookEventKey) == 0


def test_an_id_of_impossible_length_is_no_key(make: Factory, meta: Meta) -> None:
    account = make.account()
    meta.tell(account, {}, "x" * 5000)
    work()
    assert count(WebhookEventKey) == 0
