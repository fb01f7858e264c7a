"""Message templates against the sandbox: sync, submission, changes, deletion, and what webhooks say."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.errors import InvalidFields, NotReady
from app.extensions import db
from app.graph.message_template_rules import MessageTemplateDraft
from app.graph.webhooks import MessageTemplateCategory, MessageTemplateQuality, MessageTemplateStatus
from app.models import MessageTemplate, utcnow
from app.models import MessageTemplateStatus as State
from app.queries import message_templates as queries
from app.queries.access import SYSTEM
from app.services import message_templates
from app.services.meta_refusals import RefusedByMeta
from tests.support.graph import client_of

BODY = {
    "type": "BODY",
    "text": "Hello {{1}}, your order {{2}} is on its way to you.",
    "example": {"body_text": [["Grace", "BM-1"]]},
}


def draft(name: str = "parcel_update", **values: Any) -> MessageTemplateDraft:
    given: dict[str, Any] = {"language": "en_US", "category": "UTILITY", "components": [BODY]}
    return MessageTemplateDraft(name=name, **{**given, **values})


@pytest.fixture
def account(sandbox: Any, make: Any) -> Any:
    return make.sandbox_account(sandbox.new_account())


def submitted(account: Any, name: str = "parcel_update") -> MessageTemplate:
    row = message_templates.create_draft(account=account, draft=draft(name), actor=SYSTEM)
    return message_templates.submit(message_template=row, actor=SYSTEM)


def at_meta(account: Any) -> dict[str, str]:
    """Name and state as the sandbox has them now."""
    found = client_of(account).message_templates.list(account.meta_id)
    return {item.name: item.status for item in found}


def test_a_draft_may_be_unfinished(account: Any) -> None:
    row = message_templates.create_draft(account=account, draft=draft(components=[]), actor=SYSTEM)
    assert row.status is State.DRAFT


def test_a_name_is_free_only_once_for_each_language(account: Any) -> None:
    message_templates.create_draft(account=account, draft=draft(), actor=SYSTEM)
    message_templates.create_draft(account=account, draft=draft(language="de"), actor=SYSTEM)
    with pytest.raises(InvalidFields, match="already"):
        message_templates.create_draft(account=account, draft=draft(), actor=SYSTEM)


def test_a_submission_reaches_meta_and_waits_for_review(account: Any) -> None:
    row = submitted(account)
    assert row.status in {State.PENDING, State.APPROVED}
    assert row.meta_id
    assert "parcel_update" in at_meta(account)


def test_what_breaks_a_rule_is_not_sent(account: Any) -> None:
    row = message_templates.create_draft(
        account=account, draft=draft(components=[{"type": "BODY", "text": "{{1}} first"}]), actor=SYSTEM
    )
    with pytest.raises(InvalidFields) as refusal:
        message_templates.submit(message_template=row, actor=SYSTEM)
    assert refusal.value.problems
    assert row.status is State.DRAFT
    assert "parcel_update" not in at_meta(account)


def test_a_refusal_of_meta_leaves_a_draft_and_says_why(account: Any) -> None:
    submitted(account)
    # The row is forgotten here, so only Meta knows that the name is taken.
    db.session.delete(queries.find_by_name(account.id, "parcel_update", "en_US"))
    db.session.commit()
    row = message_templates.create_draft(account=account, draft=draft(), actor=SYSTEM)
    with pytest.raises(RefusedByMeta) as refusal:
        message_templates.submit(message_template=row, actor=SYSTEM)
    assert refusal.value.meta_code is not None
    assert row.status is State.DRAFT
    assert row.submitted_at is None


def test_a_second_submission_is_refused(account: Any) -> None:
    row = submitted(account)
    with pytest.raises(NotReady):
        message_templates.submit(message_template=row, actor=SYSTEM)


def test_an_unreachable_meta_leaves_the_draft_as_it_was(make: Any) -> None:
    account = make.account()
    row = message_templates.create_draft(account=account, draft=draft(), actor=SYSTEM)
    with pytest.raises(RefusedByMeta, match="could not be reached"):
        message_templates.submit(message_template=row, actor=SYSTEM)
    assert row.status is State.DRAFT


def test_sync_brings_what_was_made_elsewhere(account: Any) -> None:
    row = submitted(account)
    db.session.delete(row)
    db.session.commit()
    result = message_templates.sync(account=account, actor=SYSTEM)
    found = queries.find_by_name(account.id, "parcel_update", "en_US")
    assert result.created >= 1
    assert found is not None
    assert found.meta_id
    assert found.body_text == BODY["text"]
    assert account.message_templates_synced_at is not None


def test_a_second_sync_changes_nothing(account: Any, sandbox: Any) -> None:
    row = submitted(account)
    sandbox.control("POST", f"message_templates/{row.meta_id}/review", {"decision": "approve"})
    message_templates.sync(account=account, actor=SYSTEM)
    assert not message_templates.sync(account=account, actor=SYSTEM).has_changes


def test_sync_takes_over_a_rejection_with_its_reason(account: Any, sandbox: Any) -> None:
    row = submitted(account)
    sandbox.control(
        "POST", f"message_templates/{row.meta_id}/review", {"decision": "reject", "reason": "PROMOTIONAL"}
    )
    message_templates.sync(account=account, actor=SYSTEM)
    assert row.status is State.REJECTED
    assert row.rejected_reason.startswith("PROMOTIONAL")


def test_sync_marks_what_vanished_as_deleted(account: Any) -> None:
    row = submitted(account)
    row.meta_id = "999"
    row.submitted_at = utcnow() - timedelta(hours=1)
    row.name = "gone_elsewhere"
    db.session.commit()
    assert message_templates.sync(account=account, actor=SYSTEM).gone == 1
    assert row.status is State.DELETED


def test_sync_never_loses_a_draft(account: Any) -> None:
    row = submitted(account)
    db.session.delete(row)
    db.session.commit()
    mine = message_templates.create_draft(
        account=account, draft=draft(components=[{"type": "BODY", "text": "My own words"}]), actor=SYSTEM
    )
    result = message_templates.sync(account=account, actor=SYSTEM)
    assert result.set_aside == ["parcel_update_2"]
    assert (mine.name, mine.status, mine.body_text) == ("parcel_update_2", State.DRAFT, "My own words")
    assert queries.find_by_name(account.id, "parcel_update", "en_US") is not None


def test_a_submission_meta_never_heard_of_becomes_a_draft_again(account: Any) -> None:
    row = message_templates.create_draft(account=account, draft=draft(), actor=SYSTEM)
    row.status, row.submitted_at = State.PENDING, utcnow() - timedelta(hours=1)
    db.session.commit()
    message_templates.sync(account=account, actor=SYSTEM)
    assert row.status is State.DRAFT


def test_deleting_a_draft_does_not_ask_meta(make: Any) -> None:
    account = make.account()
    row = message_templates.create_draft(account=account, draft=draft(), actor=SYSTEM)
    message_templates.delete(message_template=row, actor=SYSTEM)
    assert queries.find_by_name(account.id, "parcel_update", "en_US") is None


def test_deleting_an_approved_one_deletes_it_at_meta(account: Any, sandbox: Any) -> None:
    row = submitted(account)
    sandbox.control("POST", f"message_templates/{row.meta_id}/review", {"decision": "approve"})
    message_templates.delete(message_template=row, actor=SYSTEM)
    assert row.status is State.DELETED
    assert "parcel_update" not in at_meta(account)


def test_a_rejected_one_can_be_changed_and_sent_again(account: Any, sandbox: Any) -> None:
    row = submitted(account)
    sandbox.control("POST", f"message_templates/{row.meta_id}/review", {"decision": "reject"})
    message_templates.sync(account=account, actor=SYSTEM)
    changed = draft(components=[{"type": "BODY", "text": "Your order is on its way to you."}])
    message_templates.resubmit(message_template=row, draft=changed, actor=SYSTEM)
    assert row.status is State.PENDING
    assert row.body_text == "Your order is on its way to you."
    assert row.rejected_reason == ""


def status_item(row: MessageTemplate, event: str, **values: Any) -> MessageTemplateStatus:
    return MessageTemplateStatus(
        event=event, message_template_id=row.meta_id or "", name=row.name, language=row.language, **values
    )


def test_a_webhook_changes_the_state(make: Any) -> None:
    account = make.account()
    row = make.message_template(account, status=State.PENDING)
    assert message_templates.apply_status(account, status_item(row, "APPROVED"))
    assert row.status is State.APPROVED


def test_a_repeated_webhook_is_known(make: Any) -> None:
    account = make.account()
    row = make.message_template(account, status=State.PENDING)
    item = status_item(row, "REJECTED", reason="SCAM", detail="It asks for a password.")
    assert message_templates.apply_status(account, item)
    assert row.rejected_reason == "SCAM: It asks for a password."
    assert not message_templates.apply_status(account, item)


def test_a_late_webhook_does_not_turn_the_state_back(make: Any) -> None:
    account = make.account()
    row = make.message_template(account, status=State.PENDING)
    now = utcnow()
    message_templates.apply_status(account, status_item(row, "PAUSED", entry_time=now))
    late = status_item(row, "APPROVED", entry_time=now - timedelta(minutes=1))
    assert not message_templates.apply_status(account, late)
    assert row.status is State.PAUSED


def test_a_webhook_may_overtake_the_answer_to_the_submission(make: Any) -> None:
    account = make.account()
    row = make.message_template(account, status=State.PENDING, meta_id=None)
    item = MessageTemplateStatus(
        event="APPROVED", message_template_id="77", name=row.name, language=row.language
    )
    assert message_templates.apply_status(account, item)
    assert (row.status, row.meta_id) == (State.APPROVED, "77")


@pytest.mark.parametrize("event", ["FLAGGED", "LOCKED", "SOMETHING_NEW", ""])
def test_words_that_are_no_states_change_nothing(make: Any, event: str) -> None:
    account = make.account()
    row = make.message_template(account)
    assert not message_templates.apply_status(account, status_item(row, event))
    assert row.status is State.APPROVED


def test_a_webhook_about_a_stranger_changes_nothing(make: Any) -> None:
    mine, other = make.account(), make.account()
    row = make.message_template(other, status=State.PENDING)
    assert not message_templates.apply_status(mine, status_item(row, "APPROVED"))
    assert row.status is State.PENDING


def test_quality_and_category_follow_meta(make: Any) -> None:
    account = make.account()
    row = make.message_template(account)
    names = {"message_template_id": row.meta_id, "name": row.name, "language": row.language}
    quality = MessageTemplateQuality(new_score="RED", previous_score="GREEN", **names)
    assert message_templates.apply_quality(account, quality)
    assert not message_templates.apply_quality(account, quality)
    announced = MessageTemplateCategory(current_category="UTILITY", upcoming_category="MARKETING", **names)
    assert message_templates.apply_category(account, announced)
    assert row.category == "UTILITY"
    done = MessageTemplateCategory(current_category="MARKETING", previous_category="UTILITY", **names)
    assert message_templates.apply_category(account, done)
    assert (row.quality_score, row.category) == ("RED", "MARKETING")
