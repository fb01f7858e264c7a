"""The pages of message templates: list, one of them, the editor."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest

from app.extensions import db
from app.models import MessageTemplate
from app.models import MessageTemplateStatus as State
from app.queries import message_templates as queries

NAMES = "#message-template-list .wc-main-link"
PLAIN = {
    "name": "parcel_update",
    "language": "en_US",
    "category": "UTILITY",
    "body": "Hello {{1}}, your order is on its way to you.",
    "sample-body.1": "Grace",
    "buttons.0.kind": "QUICK_REPLY",
    "buttons.0.text": "Track it",
}


@pytest.fixture
def account(make: Any, sign_in: Any) -> Any:
    account = make.account()
    sign_in("manager", [account])
    return account


def find(account: Any, name: str = "parcel_update") -> MessageTemplate | None:
    db.session.expire_all()
    return queries.find_by_name(account.id, name, "en_US")


def test_the_list_shows_state_quality_and_reason(page: Any, make: Any, account: Any) -> None:
    make.message_template(account, name="good_one", quality_score="GREEN")
    make.message_template(account, name="bad_one", status=State.REJECTED, rejected_reason="SCAM")
    shown = page.get("message_templates.index")
    assert shown.texts(NAMES) == ["bad_one", "good_one"]
    assert "Meta suspects deception." in shown.text()
    assert "High" in shown.text()


def test_those_of_other_accounts_are_not_listed(page: Any, make: Any, account: Any) -> None:
    other = make.message_template(make.account())
    assert page.get("message_templates.index").texts(NAMES) == []
    page.get("message_templates.detail", message_template_id=other.id, status=404)


@pytest.mark.parametrize(
    "filters",
    [
        {"status": "PAUSED"},
        {"language": "de"},
        {"category": "MARKETING"},
        {"search": "winter"},
        {"search": "snow"},
    ],
)
def test_each_filter_narrows_the_list(page: Any, make: Any, account: Any, filters: dict[str, str]) -> None:
    make.message_template(
        account,
        name="winter_offer",
        status=State.PAUSED,
        language="de",
        category="MARKETING",
        body_text="Off to the snow?",
    )
    make.message_template(account)
    assert page.open(f"/message-templates/?{urlencode(filters)}").texts(NAMES) == ["winter_offer"]


def test_deleted_ones_are_shown_only_when_asked_for(page: Any, make: Any, account: Any) -> None:
    make.message_template(account, name="gone", status=State.DELETED)
    make.message_template(account, name="here")
    assert page.get("message_templates.index").texts(NAMES) == ["here"]
    assert page.open("/message-templates/?status=DELETED", status=200).texts(NAMES) == ["gone"]


def test_long_lists_go_on_on_the_next_page(page: Any, make: Any, account: Any) -> None:
    for number in range(53):
        make.message_template(account, name=f"t{number:03}")
    first = page.get("message_templates.index")
    second = page.open(first.soup.select_one("[aria-label='Next page']")["href"], status=200)
    assert [*first.texts(NAMES), *second.texts(NAMES)] == [f"t{number:03}" for number in range(53)]


def test_a_viewer_may_read_but_change_nothing(page: Any, make: Any, sign_in: Any) -> None:
    account = make.account()
    row = make.message_template(account, status=State.DRAFT, meta_id=None)
    sign_in("viewer", [account])
    shown = page.get("message_templates.detail", message_template_id=row.id)
    assert not {"Edit", "Delete", "Send to Meta for review"} & set(shown.texts(".wc-head-act > *"))
    page.post("message_templates.submit", message_template_id=row.id, status=403)
    page.get("message_templates.new", status=403)


def test_the_page_of_one_shows_it_with_its_samples(page: Any, make: Any, account: Any) -> None:
    row = make.message_template(account)
    shown = page.get("message_templates.detail", message_template_id=row.id)
    assert shown.texts(".wc-phone .wc-bub-t") == ["Hello Grace, your order BM-1 is on its way."]


def test_one_in_review_asks_for_itself_and_stops_when_it_is_decided(
    page: Any, make: Any, account: Any
) -> None:
    row = make.message_template(account, status=State.PENDING)
    poll = page.get("message_templates.detail", message_template_id=row.id).soup.select_one(
        "#message-template-state"
    )["hx-get"]
    assert page.open(poll, htmx=True).status == 204
    row.status = State.APPROVED
    db.session.commit()
    decided = page.open(poll, htmx=True, status=200)
    assert "Approved" in decided.text()
    assert "hx-get" not in decided.soup.select_one("#message-template-state").attrs


def test_saving_a_draft_keeps_all_that_was_typed(page: Any, account: Any) -> None:
    page.post("message_templates.create", data={**PLAIN, "account": account.id, "step": "draft"}, status=303)
    row = find(account)
    assert row is not None
    assert row.status is State.DRAFT
    assert row.components == [
        {"type": "BODY", "text": PLAIN["body"], "example": {"body_text": [["Grace"]]}},
        {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Track it"}]},
    ]
    shown = page.get("message_templates.edit", message_template_id=row.id)
    assert shown.soup.select_one("[name='sample-body.1']")["value"] == "Grace"
    assert shown.soup.select_one("[name='buttons.0.text']")["value"] == "Track it"


def test_named_variables_are_kept_by_name(page: Any, account: Any) -> None:
    data = {**PLAIN, "body": "Hello {{first_name}}, welcome to our shop.", "sample-body.first_name": "Noor"}
    page.post("message_templates.create", data={**data, "account": account.id, "step": "draft"}, status=303)
    row = find(account)
    assert row is not None
    assert row.parameter_format == "NAMED"
    named = [{"param_name": "first_name", "example": "Noor"}]
    assert row.components[0]["example"] == {"body_text_named_params": named}


def test_a_wrong_name_is_said_at_its_field_and_nothing_is_lost(page: Any, account: Any) -> None:
    data = {**PLAIN, "name": "Not Good", "account": account.id, "step": "send"}
    shown = page.post("message_templates.create", data=data, status=422)
    assert shown.soup.select_one("#f-name")["aria-invalid"] == "true"
    assert PLAIN["body"] in shown.soup.select_one("#f-body").get_text()
    assert shown.soup.select_one("[name='sample-body.1']")["value"] == "Grace"


def test_without_a_name_nothing_can_be_kept_and_that_is_said(page: Any, account: Any) -> None:
    data = {**PLAIN, "name": "", "account": account.id}
    shown = page.post("message_templates.create", data={**data, "step": "draft"}, status=422)
    assert "Give it a name" in shown.texts("#f-name-err")[0]
    saved = page.post("message_templates.autosave", data=data, htmx=True, status=200)
    assert "Give it a name" in saved.text()
    assert find(account, "") is None


def test_sending_what_breaks_a_rule_saves_the_draft_and_says_what(page: Any, account: Any) -> None:
    data = {**PLAIN, "body": "{{1}}, your order is on its way", "account": account.id, "step": "send"}
    shown = page.post("message_templates.create", data=data, status=422)
    assert "what you wrote is saved" in shown.text()
    assert shown.soup.select_one("#f-body")["aria-invalid"] == "true"
    row = find(account)
    assert row is not None
    assert row.status is State.DRAFT
    # Sent again from this very page it must not trip over the draft it has just saved.
    assert shown.soup.select_one("#editor-form")["action"].endswith(f"/{row.id}/edit/")


def test_the_live_check_names_faults_and_asks_for_samples(page: Any, account: Any) -> None:
    data = {
        **PLAIN,
        "account": account.id,
        "body": "Hello {{1}} and {{2}}, welcome to our shop.",
        "header": "TEXT",
        "header_text": "News for {{1}}",
    }
    shown = page.post("message_templates.check", data=data, htmx=True, status=200)
    assert "to correct" in shown.texts("#checked .wc-badge")[0]
    fields = [field["name"] for field in shown.soup.select("#samples .wc-grid2 input")]
    assert fields == ["sample-header.1", "sample-body.1", "sample-body.2"]
    assert shown.texts(".wc-phone .wc-bub-t") == ["Hello Grace and {{2}}, welcome to our shop."]
    assert find(account) is None


def test_without_script_preview_shows_the_same_and_keeps_nothing(page: Any, account: Any) -> None:
    data = {**PLAIN, "account": account.id, "step": "preview"}
    shown = page.post("message_templates.create", data=data, status=200)
    assert shown.texts(".wc-phone .wc-bub-t") == ["Hello Grace, your order is on its way to you."]
    assert find(account) is None


def test_a_draft_is_sent_approved_and_shown_by_the_sandbox(
    sandbox: Any, page: Any, make: Any, sign_in: Any
) -> None:
    account = make.sandbox_account(sandbox.new_account())
    sign_in("manager", [account])
    page.post("message_templates.create", data={**PLAIN, "account": account.id, "step": "send"}, status=303)
    row = find(account)
    assert row is not None
    sandbox.control("POST", f"message_templates/{row.meta_id}/review", {"decision": "approve"})
    page.post("message_templates.sync", data={"account": account.id}, status=303)
    assert "Approved" in page.get("message_templates.index", account=account.id).text()


def test_a_sync_that_fails_says_why_and_loses_nothing(page: Any, make: Any, account: Any) -> None:
    make.message_template(account, name="still_here")
    page.post("message_templates.sync", data={"account": account.id}, status=303)
    shown = page.get("message_templates.index", account=account.id)
    assert "Meta could not be reached" in shown.text()
    assert shown.texts(NAMES) == ["still_here"]


def test_name_and_language_of_one_at_meta_cannot_be_changed(
    sandbox: Any, page: Any, make: Any, sign_in: Any
) -> None:
    account = make.sandbox_account(sandbox.new_account())
    sign_in("manager", [account])
    page.post("message_templates.create", data={**PLAIN, "account": account.id, "step": "send"}, status=303)
    row = find(account)
    assert row is not None
    sandbox.control("POST", f"message_templates/{row.meta_id}/review", {"decision": "reject"})
    page.post("message_templates.sync", data={"account": account.id}, status=303)
    data = {
        **PLAIN,
        "name": "other_name",
        "language": "de",
        "body": "Hello {{1}}, it has arrived at your shop.",
    }
    page.post("message_templates.save", message_template_id=row.id, data={**data, "step": "send"}, status=303)
    changed = find(account)
    assert changed is not None
    assert (changed.status, changed.body_text) == (State.PENDING, data["body"])


def test_a_draft_is_deleted_after_asking(page: Any, make: Any, account: Any) -> None:
    row = make.message_template(account, name="draft_one", status=State.DRAFT, meta_id=None)
    asked = page.get("message_templates.detail", message_template_id=row.id).texts("#delete-dialog h2")
    assert asked == ["Delete the draft draft_one?"]
    page.post("message_templates.delete", message_template_id=row.id, status=303)
    assert find(account, "draft_one") is None


FLOW_BUTTON = "buttons.1."


def with_flow(flow: Any) -> dict[str, str]:
    return {
        f"{FLOW_BUTTON}kind": "FLOW",
        f"{FLOW_BUTTON}text": "Report it",
        f"{FLOW_BUTTON}flow_id": flow.meta_id,
        f"{FLOW_BUTTON}flow_action": "navigate",
        f"{FLOW_BUTTON}navigate_screen": "SECOND",
    }


def test_a_button_that_opens_a_flow_is_kept_and_can_be_taken_away(page: Any, make: Any, account: Any) -> None:
    flow = make.flow(account, name="claim form")
    make.flow(account, name="a draft", status="DRAFT", published_at=None)
    data = {**PLAIN, **with_flow(flow), "account": account.id, "step": "draft"}
    page.post("message_templates.create", data=data, status=303)
    row = find(account)
    assert row is not None
    assert row.components[-1]["buttons"][-1] == {
        "type": "FLOW",
        "text": "Report it",
        "flow_id": flow.meta_id,
        "flow_action": "navigate",
        "navigate_screen": "SECOND",
    }
    again = page.get("message_templates.edit", message_template_id=row.id)
    assert again.texts("#f-buttons-1-flow-id option") == ["Choose a published Flow", "claim form"]
    assert again.soup.select_one("#f-buttons-1-flow-id option[selected]")["value"] == flow.meta_id
    less = page.post(
        "message_templates.save",
        message_template_id=row.id,
        data={**data, "step": "remove-button:1"},
        status=200,
    )
    assert len(less.soup.select(".wc-button-row")) == 1
    plain = {**PLAIN, "step": "draft"}
    page.post("message_templates.save", message_template_id=row.id, data=plain, status=303)
    changed = find(account)
    assert changed is not None
    assert [one["type"] for one in changed.components[-1]["buttons"]] == ["QUICK_REPLY"]


def test_the_flow_of_another_account_is_refused_at_its_field_and_the_draft_stays(
    page: Any, make: Any, sign_in: Any
) -> None:
    mine, other = make.account(), make.account()
    sign_in("manager", [mine, other])
    foreign = make.flow(other, name="their form")
    data = {**PLAIN, **with_flow(foreign), "account": mine.id, "step": "send"}
    refused = page.post("message_templates.create", data=data, status=422)
    assert "This Flow belongs to another account" in refused.text()
    assert refused.soup.select_one("#f-buttons-1-flow-id")["aria-invalid"] == "true"
    row = find(mine)
    assert row is not None
    assert row.status is State.DRAFT
    own = make.flow(mine, name="my form")
    shown = page.get("message_templates.edit", message_template_id=row.id)
    offered = ["Choose a published Flow", "my form", f"Flow {foreign.meta_id}"]
    assert shown.texts("#f-buttons-1-flow-id option") == offered
    assert own.meta_id != foreign.meta_id


def test_a_flows_page_leads_to_a_message_template_that_opens_it(page: Any, make: Any, account: Any) -> None:
    flow = make.flow(account, name="claim form")
    link = page.get("flows.detail", flow_id=flow.id).soup.select_one("a[href*='message-templates/new']")
    shown = page.open(link["href"], status=200)
    assert shown.soup.select_one("#f-buttons-0-flow-id option[selected]")["value"] == flow.meta_id
    page.open("/message-templates/new/?flow=999", status=200)
