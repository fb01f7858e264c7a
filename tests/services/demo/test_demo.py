"""The fictional company: real where it meets the sandbox, consistent wherever its figures stand."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from app.errors import NotReady, Unavailable
from app.extensions import db
from app.graph import payloads
from app.models import (
    Account,
    AccountHealthLog,
    AccountStatus,
    AccountUsageLog,
    CheckState,
    Contact,
    Conversation,
    Direction,
    Flow,
    FlowAnswer,
    KnowledgeArticle,
    MediaFile,
    MediaState,
    Message,
    MessageStatus,
    MessageTemplate,
    UsageDirtyDay,
    WebhookEvent,
    utcnow,
)
from app.models import MessageTemplateStatus as State
from app.queries import analytics
from app.queries.access import EVERYTHING, SYSTEM
from app.services import demo, event_work, message_templates
from app.services.knowledge.search import search_articles
from tests.support.graph import client_of
from tests.support.media import fetch_due
from tests.support.sandbox import RunningSandbox


def eventually(look: Callable[[], Any]) -> Any:
    """The first truthy answer of `look`; in between no transaction of ours keeps others from writing."""
    until = time.monotonic() + 15
    while time.monotonic() < until:
        found = look()
        db.session.rollback()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError("it never came")


def count(model: Any, *conditions: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model).where(*conditions)) or 0


def test_the_dashboard_agrees_with_the_rows(company: Account) -> None:
    today = utcnow().date()
    overview = analytics.get_overview(EVERYTHING, start=today - timedelta(days=29), end=today)
    inbound = Message.direction == Direction.INBOUND
    failed = Message.status == MessageStatus.FAILED
    assert overview.total.received == count(Message, inbound)
    assert overview.total.failed == count(Message, failed)
    assert overview.total.sent == count(Message, Message.sent_at.is_not(None), ~failed)
    assert overview.total.delivered == count(Message, Message.delivered_at.is_not(None))
    assert overview.total.read == count(Message, Message.read_at.is_not(None))
    assert sum(entry.count for entry in overview.failures) == overview.total.failed
    assert sum(entry.figures.sent for entry in overview.numbers) == overview.total.sent
    assert len(overview.numbers) == 2
    assert overview.unread_conversations == count(Conversation, Conversation.unread_count > 0)


def test_every_finished_day_is_counted(company: Account) -> None:
    days = set(db.session.scalars(select(AccountUsageLog.day)))
    first = db.session.scalar(select(func.min(Message.created_at)))
    yesterday = utcnow().date() - timedelta(days=1)
    assert first is not None
    assert (min(days), max(days)) == (first.date(), yesterday)
    assert count(UsageDirtyDay) == 0


def test_every_conversation_shows_its_last_message(company: Account) -> None:
    newest: dict[int, Message] = {}
    wrote: dict[int, Any] = {}
    for message in db.session.scalars(select(Message).order_by(Message.occurred_at, Message.id)):
        newest[message.conversation_id] = message
        if message.direction is Direction.INBOUND:
            wrote[message.conversation_id] = message.occurred_at
    conversations = list(db.session.scalars(select(Conversation)))
    assert len(conversations) == len(newest) > 60
    for row in conversations:
        last = newest[row.id]
        assert (row.last_message_id, row.last_message_at) == (last.id, last.occurred_at)
        assert (row.last_message_status, row.last_message_direction) == (last.status, last.direction)
        assert row.last_inbound_at == wrote.get(row.id)
        assert row.last_message_preview
        assert row.created_at <= row.last_message_at


def test_windows_are_open_closed_and_about_to_close(company: Account) -> None:
    now = utcnow()
    conversations = list(db.session.scalars(select(Conversation)))
    left = [row.window_closes_at - now for row in conversations if row.window_is_open(now)]
    assert 10 < len(left) < len(conversations) / 2
    assert min(left) < timedelta(hours=2)


def test_what_is_open_here_is_open_in_the_sandbox(company: Account, sandbox: RunningSandbox) -> None:
    row = db.session.scalar(
        select(Conversation)
        .join(Conversation.contact)
        .where(Contact.profile_name == "Olivia Marsh")
        .order_by(Conversation.last_message_at.desc())
    )
    assert row is not None
    client, number_id, wa_id = client_of(company), row.phone_number.meta_id, row.contact.wa_id
    sent = client.messages.send(number_id, payloads.envelope(wa_id, content=payloads.text("It has arrived.")))

    def settled() -> Any:
        rows = {entry["wamid"]: entry for entry in sandbox.messages(phone_number_id=number_id)}
        return rows[sent.wamid]["status"] not in ("accepted", "sent") and rows[sent.wamid]

    assert eventually(settled)["error"] is None


def test_the_freshest_messages_come_as_signed_webhooks(company: Account) -> None:
    assert eventually(lambda: count(WebhookEvent) >= 5)
    assert eventually(
        lambda: b"Can I still add my daughter" in b"".join(db.session.scalars(select(WebhookEvent.body)))
    )


def test_message_templates_stand_here_as_at_meta(company: Account) -> None:
    states = Counter(row.status for row in db.session.scalars(select(MessageTemplate)))
    assert states == {
        State.APPROVED: 7,
        State.PENDING: 1,
        State.REJECTED: 1,
        State.PAUSED: 1,
        State.DRAFT: 1,
    }
    assert not message_templates.sync(account=company, actor=SYSTEM).has_changes
    reasons = dict(db.session.execute(select(MessageTemplate.name, MessageTemplate.rejected_reason)).all())
    assert reasons["satisfaction_survey"].startswith("INCORRECT_CATEGORY: ")
    assert reasons["winter_travel_offer"]


def test_the_account_is_live_with_both_numbers(company: Account) -> None:
    assert (company.status, company.is_sandbox, company.auto_reply_enabled) == (
        AccountStatus.LIVE,
        True,
        False,
    )
    assert [number.verified_name for number in company.phone_numbers] == [
        "Meridian Claims",
        "Meridian Service",
    ]
    assert {number.status for number in company.phone_numbers} == {"CONNECTED"}
    latest = db.session.scalar(select(AccountHealthLog).order_by(AccountHealthLog.checked_at.desc()).limit(1))
    assert latest is not None
    assert all(
        check["state"] == CheckState.PASSED for check in latest.checks if check["key"] != "first_event"
    )


def test_a_second_run_changes_nothing(company: Account) -> None:
    before = count(Message), count(Contact), count(MessageTemplate)
    with pytest.raises(demo.HasAccounts, match="Meridian Insurance"):
        demo.create_demo()
    assert (count(Message), count(Contact), count(MessageTemplate)) == before


def test_it_stays_away_from_other_accounts(make: Any, sandbox: RunningSandbox) -> None:
    make.account(name="Harbour Lane Bakery")
    with pytest.raises(demo.HasAccounts, match="Harbour Lane Bakery"):
        demo.create_demo()
    assert sandbox.control("GET", "accounts")["data"] == []


def test_it_has_no_business_at_metas_own_address(app: Any, make: Any) -> None:
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], graph_api_base_url="https://graph.facebook.com")
    with pytest.raises(NotReady, match="Meta's own address"):
        demo.create_demo()
    assert count(Account) == 0


def test_without_a_sandbox_nothing_is_begun(app: Any, make: Any) -> None:
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], graph_api_base_url="http://127.0.0.1:9")
    with pytest.raises(Unavailable, match="sandbox did not answer"):
        demo.create_demo()
    assert count(Account) == 0


def test_a_run_that_fails_leaves_nothing_and_can_be_repeated(
    make: Any, sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.services.demo.creation.usage.roll_up", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        demo.create_demo()
    assert (count(Account), count(Message), count(Contact)) == (0, 0, 0)
    monkeypatch.undo()
    assert demo.create_demo() > 3_000


def test_the_newest_photos_are_real_files(company: Account) -> None:
    def photos() -> list[MediaFile]:
        db.session.rollback()  # a worker begins with no transaction open
        while event_work.work_off():
            continue
        return list(db.session.scalars(select(MediaFile))) if count(MediaFile) == 2 else []

    assert eventually(photos)
    fetch_due()
    found = {(file.state, file.mime_type, file.width) for file in db.session.scalars(select(MediaFile))}
    assert found == {(MediaState.STORED, "image/png", 240)}


def test_the_claim_form_is_published_at_the_sandbox_and_was_answered(company: Account) -> None:
    flow = db.session.scalars(select(Flow)).one()
    assert client_of(company).flows.get(flow.meta_id or "").status == "PUBLISHED"
    answers = list(db.session.scalars(select(FlowAnswer).order_by(FlowAnswer.created_at)))
    assert len(answers) >= 3
    assert {answer.flow_id for answer in answers} == {flow.id}
    assert all(answer.answers["policy_number"].startswith("MI-") for answer in answers)
    assert all(answer.created_at == answer.message.occurred_at for answer in answers)
    assert not any("$" in str(answer.answers) for answer in answers)


def test_its_bot_knows_an_answer_in_both_languages(company: Account) -> None:
    asked = {
        "is my windscreen covered": "Damaged windscreen",
        "a que hora abren los domingos": "Horario de atención",
        "what is my policy number": "policy number",
    }
    found = {text: search_articles(company.id, text, limit=1)[0].title for text in asked}
    assert found == asked
    assert count(KnowledgeArticle) == 18, "twelve of its own, and the six blocks of step 5"
