"""A message template's life at Meta, against the sandbox: quota, deletion, name lock, categories, pauses."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest

from app.errors import ChangedMeanwhile, NotReady, TooMany
from app.extensions import db
from app.graph.message_template_rules import MessageTemplateDraft
from app.graph.webhooks import MessageTemplateCategory, MessageTemplateStatus
from app.models import (
    AuditEntry,
    HealthSignal,
    MessageStatus,
    MessageTemplate,
    MessageTemplateChange,
    MessageTemplateFamily,
    utcnow,
)
from app.models import MessageTemplateStatus as State
from app.queries import message_template_uses
from app.queries import message_templates as queries
from app.queries.access import SYSTEM
from app.queries.message_template_versions import list_versions
from app.services import message_templates
from app.services.message_template_life import category_note, pause_of, place_to_mend, quality_history
from app.services.message_template_states import set_quality, set_state
from app.services.message_template_words import explain_state
from tests.support.graph import client_of

pytestmark = pytest.mark.one_database

TEXT = "Your order is on its way to you."
DAY = timedelta(days=1)


def draft(name: str = "parcel_update", text: str = TEXT, **values: Any) -> MessageTemplateDraft:
    given: dict[str, Any] = {"language": "en_US", "category": "UTILITY"}
    return MessageTemplateDraft(name=name, components=[{"type": "BODY", "text": text}], **{**given, **values})


@pytest.fixture
def account(sandbox: Any, make: Any) -> Any:
    return make.sandbox_account(sandbox.new_account())


def submitted(account: Any, **values: Any) -> MessageTemplate:
    row = message_templates.create_draft(account=account, draft=draft(**values), actor=SYSTEM)
    return message_templates.submit(message_template=row, actor=SYSTEM)


def decide(sandbox: Any, account: Any, row: MessageTemplate, decision: str, **more: str) -> None:
    sandbox.control("POST", f"message_templates/{row.meta_id}/review", {"decision": decision, **more})
    message_templates.sync(account=account, actor=SYSTEM)


@pytest.fixture
def approved(sandbox: Any, account: Any) -> MessageTemplate:
    row = submitted(account)
    decide(sandbox, account, row, "approve")
    return row


def resubmit(row: MessageTemplate, text: str) -> MessageTemplate:
    return message_templates.resubmit(message_template=row, draft=draft(text=text), actor=SYSTEM)


def edited(row: MessageTemplate, *days_ago: float) -> None:
    """As if it had been changed then, while it was approved."""
    for days in days_ago:
        db.session.add(
            AuditEntry(
                action="message_template.resubmitted",
                account_id=row.account_id,
                object_type="message_template",
                object_id=str(row.id),
                details={"state": "APPROVED"},
                at=utcnow() - days * DAY,
            )
        )
    db.session.commit()


def test_a_second_change_within_a_day_is_refused_before_meta_is_asked(
    sandbox: Any, approved: MessageTemplate
) -> None:
    resubmit(approved, "Your order arrives today.")
    before = len(sandbox.control("GET", "requests")["data"])
    with pytest.raises(TooMany, match="possible on") as refusal:
        resubmit(approved, "Your order arrives tomorrow.")
    assert refusal.value.wait_s == pytest.approx(DAY.total_seconds(), abs=60)
    assert approved.body_text == "Your order arrives today."
    assert len(sandbox.control("GET", "requests")["data"]) == before


def test_ten_changes_in_thirty_days_are_all_and_the_oldest_makes_room(make: Any) -> None:
    row = make.message_template(make.account())
    edited(row, *range(2, 12))
    quota = message_templates.edit_quota(row)
    assert (quota.used_in_month, quota.left_in_month, quota.is_open) == (10, 0, False)
    assert quota.next_at is not None
    assert (quota.next_at - utcnow()).days == 18
    edited(row, 31)
    assert message_templates.edit_quota(row).used_in_month == 10


def test_a_rejected_one_may_be_changed_any_number_of_times(sandbox: Any, account: Any) -> None:
    row = submitted(account)
    for text in ("Your order is here now.", "Your order is at the door."):
        decide(sandbox, account, row, "reject")
        resubmit(row, text)
    decide(sandbox, account, row, "approve")
    assert message_templates.edit_quota(row).is_open, "what was changed while rejected is not counted"


def test_all_languages_of_a_name_go_in_one_call(sandbox: Any, account: Any) -> None:
    row, german = submitted(account), submitted(account, language="de", text="Ihre Bestellung ist da.")
    mine = message_templates.create_draft(account=account, draft=draft(language="fr"), actor=SYSTEM)
    count = message_templates.delete(message_template=row, actor=SYSTEM, all_languages=True)
    assert count == 3
    assert (row.status, german.status) == (State.DELETED, State.DELETED)
    assert queries.find_by_name(account.id, "parcel_update", "fr") is None
    assert mine not in db.session
    found = client_of(account).message_templates.list(account.meta_id)
    assert "parcel_update" not in {item.name for item in found}


def test_a_disabled_language_keeps_all_of_them(sandbox: Any, account: Any) -> None:
    row, german = submitted(account), submitted(account, language="de", text="Ihre Bestellung ist da.")
    decide(sandbox, account, german, "disable")
    with pytest.raises(NotReady, match="disabled"):
        message_templates.delete(message_template=row, actor=SYSTEM, all_languages=True)
    assert row.status is not State.DELETED


def test_the_name_of_one_that_was_approved_is_locked_for_thirty_days(approved: MessageTemplate) -> None:
    account_id = approved.account_id
    assert message_templates.name_lock(account_id, "parcel_update", "en_US") is None
    message_templates.delete(message_template=approved, actor=SYSTEM)
    until = message_templates.name_lock(account_id, "parcel_update", "en_US")
    assert until is not None
    assert until - utcnow() > timedelta(days=29)
    assert message_templates.name_lock(account_id, "parcel_update", "de") is None
    # A new draft of the name takes its row, and may be called otherwise later: the lock stays with the name.
    row = message_templates.create_draft(account=approved.account, draft=draft(), actor=SYSTEM)
    message_templates.update_draft(message_template=row, draft=draft("other_name"), actor=SYSTEM)
    assert message_templates.name_lock(account_id, "parcel_update", "en_US") == until
    assert message_templates.name_lock(account_id, "other_name", "en_US") is None


def test_the_name_of_one_that_was_never_approved_is_free(sandbox: Any, account: Any) -> None:
    row = submitted(account)
    decide(sandbox, account, row, "reject")
    message_templates.delete(message_template=row, actor=SYSTEM)
    assert message_templates.name_lock(account.id, "parcel_update", "en_US") is None


def test_what_uses_one_is_found_by_its_name_and_language(make: Any) -> None:
    account = make.account()
    row = make.message_template(account, name="order_update")
    german = make.message_template(account, name="order_update", language="de")
    content = {"name": "order_update", "language": {"code": "en_US"}}
    rule = make.bot_rule(account, message_type="template", content=content)
    make.bot_rule(account, message_type="template", content={**content, "language": {"code": "de"}})
    conversation = make.conversation(account)
    for status in (MessageStatus.QUEUED, MessageStatus.SENT):
        make.message(conversation, message_type="template", content=content, status=status)
    db.session.add(
        MessageTemplateFamily(account_id=account.id, name="order_update", fallback_language="en_US")
    )
    db.session.commit()
    uses = message_template_uses.list_uses(row)
    assert [one.id for one in uses.rules] == [rule.id]
    assert (uses.waiting, uses.conversation_ids) == (1, [conversation.id])
    assert uses.is_fallback
    assert [one.id for one in uses.languages] == [german.id]
    other = make.message_template(account, name="another")
    assert not message_template_uses.list_uses(other).is_used


def category(row: MessageTemplate, **values: Any) -> MessageTemplateCategory:
    return MessageTemplateCategory(
        message_template_id=row.meta_id or "", name=row.name, language=row.language, **values
    )


def test_an_announced_category_is_kept_with_its_moment_until_it_is_done(make: Any) -> None:
    account = make.account()
    row = make.message_template(account)
    at = utcnow().replace(microsecond=0) + DAY
    announced = category(row, current_category="UTILITY", upcoming_category="MARKETING", takes_effect_at=at)
    assert message_templates.apply_category(account, announced)
    assert not message_templates.apply_category(account, announced)
    assert (row.category, row.correct_category) == ("UTILITY", "MARKETING")
    note = category_note(row)
    assert note is not None
    assert (note.is_done, note.after, note.at) == (False, "Marketing", at)
    signals = db.session.scalars(db.select(HealthSignal).where(HealthSignal.account_id == account.id))
    assert signals.all()
    done = category(row, current_category="MARKETING", previous_category="UTILITY")
    assert message_templates.apply_category(account, done)
    assert (row.category, row.correct_category, row.previous_category) == ("MARKETING", "", "UTILITY")
    note = category_note(row)
    assert note is not None
    assert (note.is_done, note.before) == (True, "Utility")
    assert note.appeal_until is not None
    assert (note.appeal_until - utcnow()).days == 59


def test_a_sync_finds_an_announced_category_and_forgets_one_that_is_taken_back(
    sandbox: Any, account: Any, approved: MessageTemplate
) -> None:
    sandbox.control("POST", f"message_templates/{approved.meta_id}", {"new_category": "MARKETING"})
    message_templates.sync(account=account, actor=SYSTEM)
    assert approved.correct_category == "MARKETING"
    # As if Meta had announced something that it no longer says.
    row = submitted(account, name="second_one", text="Your parcel waits at the shop.")
    row.correct_category = "MARKETING"
    db.session.commit()
    message_templates.sync(account=account, actor=SYSTEM)
    assert row.correct_category == ""


@pytest.mark.parametrize("title, kind, hours", [("FIRST_PAUSE", "first", 3), ("SECOND_PAUSE", "second", 6)])
def test_a_pause_says_which_it_is_and_when_it_ends(make: Any, title: str, kind: str, hours: int) -> None:
    at = utcnow()
    row = make.message_template(
        make.account(),
        status=State.PAUSED,
        rejected_reason=f"{title} Paused for {hours} hours after negative feedback.",
        status_changed_at=at,
    )
    pause = pause_of(row)
    assert pause is not None
    assert (pause.kind, pause.ends_at, pause.can_be_ended) == (kind, at + timedelta(hours=hours), False)
    state = explain_state(row)
    assert state is not None
    assert state.quoted == f"Paused for {hours} hours after negative feedback."


def test_meta_says_why_a_pause_cannot_be_ended(sandbox: Any, account: Any, approved: MessageTemplate) -> None:
    decide(sandbox, account, approved, "pause")
    with pytest.raises(NotReady, match="this one ends by itself"):
        message_templates.unpause(message_template=approved, actor=SYSTEM)
    assert approved.status is State.PAUSED


def test_a_pause_of_pacing_is_ended_by_hand(sandbox: Any, account: Any, approved: MessageTemplate) -> None:
    sandbox.control("POST", f"message_templates/{approved.meta_id}", {"pacing_after": 1})
    sandbox.control("POST", f"message_templates/{approved.meta_id}", {"pacing": "drop"})
    message_templates.sync(account=account, actor=SYSTEM)
    assert approved.status is State.PAUSED
    with pytest.raises(NotReady, match="less than 5 minutes ago"):
        message_templates.unpause(message_template=approved, actor=SYSTEM)
    before = sandbox.control("GET", "settings")
    sandbox.control("POST", "settings", {"speed": 1000})
    time.sleep(0.4)  # its five minutes are 0.3 s now
    message_templates.unpause(message_template=approved, actor=SYSTEM)
    sandbox.control("POST", "settings", {"speed": before["speed"]})
    assert approved.status is State.APPROVED


def test_one_goes_into_the_archive_and_comes_out_again(account: Any, approved: MessageTemplate) -> None:
    message_templates.archive(message_template=approved, actor=SYSTEM)
    assert approved.status is State.ARCHIVED
    with pytest.raises(NotReady, match="not possible now"):
        message_templates.archive(message_template=approved, actor=SYSTEM)
    message_templates.unarchive(message_template=approved, actor=SYSTEM)
    assert approved.status is State.APPROVED


def test_quality_is_told_from_the_latest_change_back(make: Any) -> None:
    row = make.message_template(make.account(), quality_score="UNKNOWN")
    for score in ("GREEN", "RED"):
        set_quality(row, score)
        db.session.commit()
    assert [(line.before, line.after) for line in quality_history(row)] == [
        ("High", "Low"),
        ("Not rated", "High"),
    ]


@pytest.mark.parametrize(
    "reason, place",
    [
        ("INCORRECT_CATEGORY", "category"),
        ("INVALID_FORMAT: The header has too many signs. Correct it.", "header"),
        ("INVALID_FORMAT: The URL of a button is not allowed.", "buttons"),
        ("INVALID_FORMAT: The footer repeats the body.", "footer"),
        ("SCAM: It asks for a password.", "body"),
    ],
)
def test_a_rejection_leads_to_the_part_that_it_is_about(make: Any, reason: str, place: str) -> None:
    account = make.account()
    row = make.message_template(account, status=State.REJECTED, rejected_reason=reason)
    assert place_to_mend(row) == place
    assert place_to_mend(make.message_template(account)) == ""


def test_an_earlier_version_becomes_the_draft(account: Any) -> None:
    row = message_templates.create_draft(account=account, draft=draft(), actor=SYSTEM)
    message_templates.update_draft(message_template=row, draft=draft(text="Something else."), actor=SYSTEM)
    message_templates.restore(message_template=row, number=1, actor=SYSTEM)
    assert row.body_text == TEXT
    assert [(one.number, one.origin.value) for one in list_versions(row)] == [
        (3, "restored"),
        (2, "saved"),
        (1, "saved"),
    ]
    with pytest.raises(NotReady, match="how it stands now"):
        message_templates.restore(message_template=row, number=3, actor=SYSTEM)


def test_of_one_at_meta_a_version_becomes_a_change_that_is_not_sent(approved: MessageTemplate) -> None:
    resubmit(approved, "Your order arrives today.")
    message_templates.restore(message_template=approved, number=1, actor=SYSTEM, seen=0)
    change = message_templates.change_of(approved)
    assert isinstance(change, MessageTemplateChange)
    assert change.body["components"] == [{"type": "BODY", "text": TEXT}]
    assert approved.body_text == "Your order arrives today."
    with pytest.raises(ChangedMeanwhile):
        message_templates.restore(message_template=approved, number=1, actor=SYSTEM, seen=0)


def test_a_change_that_is_not_sent_outlives_a_sync_and_knows_that_it_is_outdated(
    account: Any, approved: MessageTemplate
) -> None:
    mine = draft(text="Your order waits for you.")
    message_templates.save_change(message_template=approved, draft=mine, actor=SYSTEM)
    message_templates.sync(account=account, actor=SYSTEM)
    assert not message_templates.is_outdated(approved)
    elsewhere = [{"type": "BODY", "text": "Written in WhatsApp Manager."}]
    client_of(account).message_templates.edit(approved.meta_id, components=elsewhere)
    result = message_templates.sync(account=account, actor=SYSTEM)
    assert [(one.what, one.parts, one.version) for one in result.changes] == [("updated", ["Body"], 2)]
    assert message_templates.is_outdated(approved)
    change = message_templates.change_of(approved)
    assert change is not None
    assert change.body["components"] == mine.components
    message_templates.save_change(message_template=approved, draft=mine, actor=SYSTEM)
    assert not message_templates.is_outdated(approved), "whoever saves it again has seen it"


def test_another_category_in_metas_answer_or_state_is_told(make: Any, account: Any) -> None:
    row = submitted(account, name="auto_recategorised_offer")
    item = MessageTemplateStatus(
        event="APPROVED",
        message_template_id=row.meta_id or "",
        name=row.name,
        language=row.language,
        category="MARKETING",
    )
    message_templates.apply_status(account, item)
    assert (row.category, row.previous_category) == ("MARKETING", "UTILITY")


def test_a_new_draft_of_a_deleted_name_begins_without_its_unsent_change(approved: MessageTemplate) -> None:
    account = approved.account
    message_templates.save_change(message_template=approved, draft=draft(text="Mine."), actor=SYSTEM)
    set_state(approved, State.DELETED)
    db.session.commit()
    row = message_templates.create_draft(account=account, draft=draft(), actor=SYSTEM)
    assert row.id == approved.id
    assert message_templates.change_of(row) is None
