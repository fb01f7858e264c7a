"""The pages about a message template's life: versions, deletion, pauses, categories, what a sync changed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.extensions import db
from app.graph.message_template_rules import MessageTemplateDraft
from app.models import AuditEntry, MessageTemplate, VersionOrigin, utcnow
from app.models import MessageTemplateStatus as State
from app.queries.access import SYSTEM
from app.services import message_templates
from app.services.message_template_states import announce_category, move_category, set_quality, set_state

OLD = [{"type": "BODY", "text": "We are open today."}]
NEW = [{"type": "BODY", "text": "We are closed today."}]


@pytest.fixture
def account(make: Any, sign_in: Any) -> Any:
    account = make.account()
    sign_in("manager", [account])
    return account


@pytest.fixture
def row(make: Any, account: Any) -> MessageTemplate:
    """With two versions; the second is how it stands."""
    row: MessageTemplate = make.message_template(account, components=OLD)
    make.message_template_version(row, actor_name="Grace")
    row.components = NEW
    db.session.commit()
    make.message_template_version(row, number=2, origin=VersionOrigin.META, actor_name="Meta")
    return row


def save_change(row: MessageTemplate, text: str = "We are away.") -> None:
    draft = MessageTemplateDraft(row.name, row.language, row.category, [{"type": "BODY", "text": text}])
    message_templates.save_change(message_template=row, draft=draft, actor=SYSTEM)


def test_versions_are_listed_and_the_two_newest_compared(page: Any, row: MessageTemplate) -> None:
    shown = page.get("message_templates.versions", message_template_id=row.id)
    cells = [
        [" ".join(td.get_text(" ").split()) for td in tr.select("td")][:3]
        for tr in shown.soup.select("tbody tr")
    ]
    assert cells == [["2 now", "Found at Meta", "Meta"], ["1", "Saved as a draft", "Grace"]]
    assert shown.texts("#comparison del") == ["taken out: open"]
    assert shown.texts("#comparison ins") == ["added: closed"]


def test_any_two_are_compared_also_with_what_is_not_sent(page: Any, row: MessageTemplate) -> None:
    save_change(row)
    address = page.url("message_templates.versions", message_template_id=row.id)
    shown = page.open(f"{address}?from=1&to=change", status=200)
    assert "the change that is not sent" in shown.texts("#comparison h2")[0]
    assert shown.texts("#comparison ins") == ["added: away"]
    same = page.open(f"{address}?from=2&to=2", htmx=True, status=200)
    assert "one and the same version" in same.text()
    assert page.open(f"{address}?from=x&to=999999999999", status=200).texts("#comparison del")


def test_a_version_is_restored_as_a_change_and_nothing_goes_to_meta(page: Any, row: MessageTemplate) -> None:
    asked = {"message_template_id": row.id, "number": 1, "data": {"seen": 0}}
    page.post("message_templates.restore_version", status=303, **asked)
    shown = page.get("message_templates.detail", message_template_id=row.id)
    assert "A change is written and not sent to Meta yet." in shown.text()
    db.session.refresh(row)
    assert row.components == NEW
    save_change(row, "Somebody else wrote this.")
    page.post("message_templates.restore_version", status=303, **asked)
    again = page.get("message_templates.versions", message_template_id=row.id)
    assert "has saved another text meanwhile" in again.text()


def test_without_versions_the_page_says_so(page: Any, make: Any, account: Any) -> None:
    plain = make.message_template(account)
    assert "No versions yet" in page.get("message_templates.versions", message_template_id=plain.id).text()


def test_a_viewer_compares_but_restores_nothing(
    page: Any, make: Any, sign_in: Any, row: MessageTemplate
) -> None:
    sign_in("viewer", [row.account])
    shown = page.get("message_templates.versions", message_template_id=row.id)
    assert not shown.soup.select("#restore-dialog")


def test_the_page_says_that_meta_got_another_text_since(page: Any, make: Any, row: MessageTemplate) -> None:
    save_change(row)
    make.message_template_version(
        row, number=3, origin=VersionOrigin.META, at=utcnow() + timedelta(seconds=5)
    )
    shown = page.get("message_templates.detail", message_template_id=row.id)
    assert "Since then Meta has got another text (found there" in shown.text()


def test_before_one_is_deleted_its_uses_and_languages_are_shown(page: Any, make: Any, account: Any) -> None:
    row = make.message_template(account, name="order_update")
    make.message_template(account, name="order_update", language="de")
    content = {"name": "order_update", "language": {"code": "en_US"}}
    rule = make.bot_rule(account, name="Orders", message_type="template", content=content)
    detail = page.get("message_templates.detail", message_template_id=row.id)
    assert "The bot’s rule Orders answers with it" in detail.text()
    shown = page.open(detail.soup.select_one("a[href*='/deletion/']")["href"], status=200)
    assert shown.soup.select_one(f"a[href$='/bot/rules/{rule.id}']")
    assert shown.texts("[name=languages] + span") == ["Only this one, en_US", "All 2 languages of this name"]
    assert "cannot be used again in this language for 30 days" in shown.text()


def test_all_languages_are_deleted_when_that_was_chosen(
    sandbox: Any, page: Any, make: Any, sign_in: Any
) -> None:
    account = make.sandbox_account(sandbox.new_account())
    sign_in("manager", [account])
    for language in ("en_US", "de"):
        draft = MessageTemplateDraft(
            "both_go", language, "UTILITY", [{"type": "BODY", "text": f"Hi {language}"}]
        )
        row = message_templates.create_draft(account=account, draft=draft, actor=SYSTEM)
        message_templates.submit(message_template=row, actor=SYSTEM)
    page.post("message_templates.delete", message_template_id=row.id, data={"languages": "all"}, status=303)
    assert "both_go is deleted in 2 languages." in page.get("message_templates.index").text()
    page.post("message_templates.sync", data={"account": account.id}, status=303)
    assert "both_go" not in page.get("message_templates.index").texts(".wc-main-link")


def test_an_announced_category_stands_on_the_page_and_in_the_list(page: Any, make: Any, account: Any) -> None:
    row = make.message_template(account)
    announce_category(row, "MARKETING", utcnow() + timedelta(days=1))
    db.session.commit()
    assert "Meta moves it to Marketing on" in page.get("message_templates.index").text()
    shown = page.get("message_templates.detail", message_template_id=row.id).text()
    assert "Meta moves it to Marketing on" in shown
    assert "cost the marketing rate" in shown
    move_category(row, "MARKETING")
    db.session.commit()
    done = page.get("message_templates.detail", message_template_id=row.id).text()
    assert "Meta has moved it from Utility to Marketing" in done
    assert "Meta moves it" not in page.get("message_templates.index").text()


def test_a_pause_of_pacing_has_a_button_and_others_do_not(page: Any, make: Any, account: Any) -> None:
    paced = make.message_template(
        account,
        status=State.PAUSED,
        rejected_reason="RATE_LIMITING_PAUSE Paused.",
        status_changed_at=utcnow(),
    )
    first = make.message_template(
        account, status=State.PAUSED, rejected_reason="FIRST_PAUSE Paused.", status_changed_at=utcnow()
    )
    shown = page.get("message_templates.detail", message_template_id=paced.id)
    assert shown.soup.select_one("form[action$='/unpause']")
    shown = page.get("message_templates.detail", message_template_id=first.id)
    assert not shown.soup.select("form[action$='/unpause']")
    assert "It ends" in shown.text()


def test_a_rejection_leads_into_the_editor_at_its_place(page: Any, make: Any, account: Any) -> None:
    row = make.message_template(
        account, status=State.REJECTED, rejected_reason="INVALID_FORMAT: The footer is too loud."
    )
    shown = page.get("message_templates.detail", message_template_id=row.id)
    link = shown.soup.select_one("#message-template-state .wc-note a.btn")
    assert link["href"].endswith(f"/{row.id}/edit/#f-footer")
    assert "The footer is too loud." in shown.text()
    assert "INVALID_FORMAT" not in shown.text()


def test_the_page_says_how_many_changes_are_left_and_how_its_quality_was(
    page: Any, make: Any, account: Any
) -> None:
    row = make.message_template(account, quality_score="GREEN")
    set_quality(row, "YELLOW")
    db.session.add(
        AuditEntry(
            action="message_template.resubmitted",
            account_id=account.id,
            object_type="message_template",
            object_id=str(row.id),
        )
    )
    db.session.commit()
    shown = page.get("message_templates.detail", message_template_id=row.id)
    assert "1 of 10 changes used in 30 days; the next one is possible" in shown.text()
    assert "High to medium" in shown.text()


def test_a_sync_leads_to_what_it_changed(sandbox: Any, page: Any, make: Any, sign_in: Any) -> None:
    account = make.sandbox_account(sandbox.new_account())
    sign_in("manager", [account])
    draft = MessageTemplateDraft("mine_first", "en_US", "UTILITY", OLD)
    row = message_templates.create_draft(account=account, draft=draft, actor=SYSTEM)
    message_templates.submit(message_template=row, actor=SYSTEM)
    row.components = NEW
    message_templates.versions.keep_version(row, VersionOrigin.EDITED)
    db.session.commit()
    answer = page.post("message_templates.sync", data={"account": account.id}, status=303)
    shown = page.open(answer.response.location, status=200)
    assert "Body" in shown.texts(".wc-diff h3")
    assert shown.texts(".wc-diff del") == ["taken out: closed"]
    nothing = page.post("message_templates.sync", data={"account": account.id}, status=303)
    assert "/syncs/" not in nothing.response.location
    assert page.get("message_templates.index").soup.select_one("a[href*='/syncs/']")


def test_a_draft_says_that_its_name_is_locked(page: Any, make: Any, account: Any) -> None:
    gone = make.message_template(account, name="come_back")
    set_state(gone, State.DELETED)
    db.session.commit()
    draft = MessageTemplateDraft("come_back", "en_US", "UTILITY", OLD)
    row = message_templates.create_draft(account=account, draft=draft, actor=SYSTEM)
    shown = page.get("message_templates.detail", message_template_id=row.id)
    assert "Meta keeps this name locked until" in shown.text()


def test_pauses_are_counted_without_those_of_pacing(page: Any, make: Any, account: Any) -> None:
    row = make.message_template(account)
    for reason in ("FIRST_PAUSE Paused.", "RATE_LIMITING_PAUSE Paused."):
        set_state(row, State.PAUSED, reason=reason)
        set_state(row, State.APPROVED)
    db.session.commit()
    shown = page.get("message_templates.detail", message_template_id=row.id)
    assert "Pauses 1 so far" in shown.text()


def test_an_approved_one_is_tried_on_the_sandboxs_phone(
    sandbox: Any, page: Any, make: Any, sign_in: Any
) -> None:
    account = make.sandbox_account(sandbox.new_account())
    sign_in("manager", [account])
    row = make.message_template(account)
    shown = page.get("message_templates.detail", message_template_id=row.id)
    [link] = [a for a in shown.soup.select(".wc-head-act a") if "Send a test" in a.get_text()]
    form = page.open(link["href"], status=200)
    assert form.soup.select_one("#to")["value"] == "+14155550123"
    assert form.soup.select_one("#value_body_1") is not None
