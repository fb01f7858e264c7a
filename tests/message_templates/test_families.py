"""What all languages of a name share: set on its page, and kept when messages are sent."""

from __future__ import annotations

from typing import Any

import pytest

from app.extensions import db
from app.models import AuditEntry, Message, MessageTemplateFamily, Role
from app.models import MessageTemplateStatus as State
from app.services.message_templates.families import settings_of

SETTINGS = {"least_role": "agent", "fallback_language": "", "tags": ""}


def post(page: Any, row: Any, status: int = 303, **values: Any) -> Any:
    data = {**SETTINGS, **values}
    return page.post("message_templates.save_family", message_template_id=row.id, data=data, status=status)


def test_tags_are_added_and_removed_and_others_are_suggested(page: Any, make: Any, account: Any) -> None:
    row, other = make.message_template(account, name="one"), make.message_template(account, name="two")
    post(page, other, tags="Winter Sale")
    post(page, row, tags=" Claims , claims,  Urgent  now ")
    assert settings_of(account.id, "one").tags == ("claims", "urgent now")
    shown = page.get("message_templates.family", message_template_id=row.id)
    assert [one["value"] for one in shown.soup.select("#known-tags option")] == ["winter sale"]
    post(page, row, remove="claims")
    assert settings_of(account.id, "one").tags == ("urgent now",)


def test_settings_hold_for_every_language_and_leave_a_trace_with_before_and_after(
    page: Any, make: Any, account: Any
) -> None:
    row = make.message_template(account, name="one", language="en_US")
    german = make.message_template(account, name="one", language="de")
    post(page, row, least_role="manager", fallback_language="de")
    entry = db.session.query(AuditEntry).filter_by(action="message_template.family_changed").one()
    assert entry.details["before"] == {"least_role": "agent", "fallback_language": ""}
    assert entry.details["after"] == {"least_role": "manager", "fallback_language": "de"}
    shown = page.get("message_templates.family", message_template_id=german.id)
    assert shown.soup.select_one("#fallback_language option[selected]")["value"] == "de"
    post(page, german, least_role="manager", fallback_language="de")
    assert db.session.query(AuditEntry).filter_by(action="message_template.family_changed").count() == 1


@pytest.mark.parametrize(
    "values",
    [
        {"fallback_language": "fr"},
        {"least_role": "viewer"},
        {"least_role": "king"},
        {"tags": "x" * 41},
        {"tags": ",".join(f"t{n}" for n in range(21))},
    ],
)
def test_what_cannot_be_taken_is_said_and_nothing_is_kept(
    page: Any, make: Any, account: Any, values: dict[str, str]
) -> None:
    row = make.message_template(account, name="one")
    shown = post(page, row, 422, **values)
    assert shown.soup.select(".wc-err")
    assert db.session.query(MessageTemplateFamily).count() == 0


def test_a_viewer_sees_them_and_changes_nothing(page: Any, make: Any, sign_in: Any) -> None:
    account = make.account()
    row = make.message_template(account)
    sign_in("viewer", [account])
    assert not page.get("message_templates.family", message_template_id=row.id).soup.select("#family-form")
    post(page, row, 403)


def test_that_of_another_account_is_not_there(page: Any, make: Any, account: Any) -> None:
    row = make.message_template(make.account())
    page.get("message_templates.family", message_template_id=row.id, status=404)
    post(page, row, 404)


def keep_for(account: Any, name: str, role: Role) -> None:
    db.session.add(MessageTemplateFamily(account_id=account.id, name=name, least_role=role))
    db.session.commit()


@pytest.mark.parametrize("role,sees", [("agent", False), ("manager", True), ("owner", True)])
def test_pickers_offer_only_what_the_role_may_send(
    page: Any, make: Any, sign_in: Any, role: str, sees: bool
) -> None:
    account = make.account()
    make.message_template(account, name="for_all", components=[{"type": "BODY", "text": "Hello you."}])
    make.message_template(account, name="for_few", components=[{"type": "BODY", "text": "Hello few."}])
    keep_for(account, "for_few", Role.MANAGER)
    conversation = make.conversation(account)
    sign_in(role, [account])
    first = page.get("console.start").text()
    thread = page.get("console.thread", conversation_id=conversation.id, compose="template").text()
    assert ("for_few" in first, "for_few" in thread) == (sees, sees)
    assert "for_all" in first
    assert "for_all" in thread


def test_an_agent_cannot_send_what_is_kept_for_managers(page: Any, make: Any, sign_in: Any) -> None:
    account = make.account()
    row = make.message_template(account, name="for_few", components=[{"type": "BODY", "text": "Hello few."}])
    conversation = make.conversation(account)
    keep_for(account, "for_few", Role.MANAGER)
    sign_in("agent", [account])
    page.post(
        "console.send_message_template",
        conversation_id=conversation.id,
        data={"message_template": row.id, "client_key": "k1"},
        status=422,
    )
    assert db.session.query(Message).count() == 0


def test_its_page_shows_deleted_ones_when_nothing_else_is_left(page: Any, make: Any, account: Any) -> None:
    row = make.message_template(account, name="gone", status=State.DELETED)
    assert "Deleted" in page.get("message_templates.family", message_template_id=row.id).text()
