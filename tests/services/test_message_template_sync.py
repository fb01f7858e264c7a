"""Looks at Meta: what they take over, what they leave as it is, and when the worker makes them by itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from app.extensions import db
from app.graph.message_template_rules import MessageTemplateDraft
from app.graph.message_templates import MessageTemplate as FoundAtMeta
from app.graph.webhooks import MessageTemplateStatus
from app.models import AuditEntry, MessageTemplate, VersionOrigin, utcnow
from app.queries import message_templates as queries
from app.queries.access import SYSTEM
from app.queries.message_template_versions import list_versions
from app.services import message_template_asks, message_template_watch, message_templates
from app.services.message_template_pieces import compare_words, differences, pieces
from app.services.message_templates.comparing import TextAtMeta, read_text
from tests.support.graph import client_of

BODY = {"type": "BODY", "text": "Your order is on its way to you."}
ELSEWHERE = {"name": "made_elsewhere", "language": "en_US", "category": "UTILITY"}


@pytest.fixture
def account(sandbox: Any, make: Any) -> Any:
    return make.sandbox_account(sandbox.new_account())


@pytest.fixture(autouse=True)
def nothing_asked_for() -> Iterator[None]:
    message_template_asks.forget_all()
    yield
    message_template_asks.forget_all()


def read(components: list[Any], theirs: list[Any], category: str = "MARKETING", **more: Any) -> TextAtMeta:
    row = MessageTemplate(
        name="a", language="en", category=category, components=components, options=more.pop("options", {})
    )
    found = FoundAtMeta("1", "a", "en", "APPROVED", category, components=tuple(theirs), **more)
    return read_text(row, found)


def header(handle: str) -> dict[str, Any]:
    return {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": [handle]}}


@pytest.mark.parametrize(
    "ours, theirs",
    [
        ([header("sample-file:7")], [header("https://cdn.example.com/x?sig=1")]),
        ([header("4::aGFuZGxl")], [header("https://cdn.example.com/x?sig=2")]),
        ([{"type": "body", "text": "Hi"}], [{"type": "BODY", "text": "Hi"}]),
        (
            [{"type": "BODY", "text": "Hi {{1}} there", "example": {"body_text": ["x"]}}],
            [{"type": "BODY", "text": "Hi {{1}} there", "example": {"body_text": [["x"]]}}],
        ),
        (
            [{"type": "BUTTONS", "buttons": [{"type": "FLOW", "text": "Go", "flow_id": 7}]}],
            [
                {
                    "type": "BUTTONS",
                    "buttons": [{"type": "FLOW", "text": "Go", "flow_id": "7", "flow_action": "navigate"}],
                }
            ],
        ),
    ],
)
def test_the_same_in_metas_words_leaves_ours_as_it_is(ours: list[Any], theirs: list[Any]) -> None:
    assert read(ours, theirs).components == ours


def test_the_button_of_a_login_code_comes_back_as_a_link_and_stays_ours() -> None:
    ours = [
        {"type": "BODY", "add_security_recommendation": True},
        {"type": "BUTTONS", "buttons": [{"type": "OTP", "otp_type": "COPY_CODE"}]},
    ]
    theirs = [
        {"type": "BODY", "text": "*{{1}}* is your code.", "add_security_recommendation": True},
        {"type": "BUTTONS", "buttons": [{"type": "URL", "text": "Copy code", "url": "https://e.com/{{1}}"}]},
    ]
    assert read(ours, theirs, "AUTHENTICATION").components == ours
    without = [{"type": "BODY", "text": "*{{1}}* is your code."}, theirs[1]]
    assert read(ours, without, "AUTHENTICATION").components == without


def test_another_text_at_meta_keeps_our_own_sample_file() -> None:
    text = read(
        [header("sample-file:7"), BODY], [header("https://cdn.example.com/x"), {**BODY, "text": "New"}]
    )
    assert text.components == [header("sample-file:7"), {**BODY, "text": "New"}]


def test_what_meta_says_about_further_fields_is_taken_over_and_what_it_leaves_out_stays() -> None:
    text = read([BODY], [BODY], message_send_ttl_seconds=43200, options={"display_format": "X"})
    assert text.options == {"display_format": "X", "message_send_ttl_seconds": 43200}
    assert read([BODY], [BODY], cta_url_link_tracking_opted_out=False).options == {}


def test_one_made_elsewhere_comes_with_all_its_parts_and_further_fields(account: Any) -> None:
    buttons = [
        {
            "type": "URL",
            "text": "Track",
            "url": "https://example.com/{{1}}",
            "example": ["https://example.com/1"],
        },
        {"type": "PHONE_NUMBER", "text": "Call", "phone_number": "+15555550117"},
    ]
    body = {**ELSEWHERE, "components": [BODY, {"type": "BUTTONS", "buttons": buttons}]}
    client_of(account).message_templates.create(account.meta_id, {**body, "message_send_ttl_seconds": 3600})
    message_templates.sync(account=account, actor=SYSTEM)
    row = queries.find_by_name(account.id, "made_elsewhere", "en_US")
    assert row is not None
    assert row.components == body["components"]
    assert row.options == {"message_send_ttl_seconds": 3600}
    assert [(one.number, one.origin) for one in list_versions(row)] == [(1, VersionOrigin.META)]


def test_a_look_that_finds_nothing_new_changes_nothing_but_when_it_was(account: Any) -> None:
    message_templates.sync(account=account, actor=SYSTEM)
    row = queries.list_of_account(account.id)[0]
    before, count = row.updated_at, db.session.query(AuditEntry).count()
    result = message_templates.sync(account=account, actor=SYSTEM)
    db.session.expire_all()
    assert not result.changes
    assert row.updated_at == before
    assert row.last_synced_at == account.message_templates_synced_at
    assert db.session.query(AuditEntry).count() == count


def test_the_log_says_which_parts_changed_and_in_which_version(account: Any, sandbox: Any) -> None:
    draft = MessageTemplateDraft(**ELSEWHERE, components=[BODY])
    row = message_templates.create_draft(account=account, draft=draft, actor=SYSTEM)
    message_templates.submit(message_template=row, actor=SYSTEM)
    sandbox.control("POST", f"message_templates/{row.meta_id}/review", {"decision": "approve"})
    message_templates.sync(account=account, actor=SYSTEM)
    changed = [{**BODY, "text": "Your order is at the door."}, {"type": "FOOTER", "text": "Thank you"}]
    client_of(account).message_templates.edit(row.meta_id, components=changed)
    message_templates.sync(account=account, actor=SYSTEM)
    entry = db.session.scalars(db.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    change = {"message_template_id": row.id, "what": "updated", "parts": ["Body", "Footer"], "version": 2}
    assert entry.details["changes"] == [change]


def test_what_stood_before_versions_were_kept_is_not_lost(make: Any, account: Any) -> None:
    client = client_of(account)
    created = client.message_templates.create(account.meta_id, {**ELSEWHERE, "components": [BODY]})
    old = [{"type": "BODY", "text": "As it was."}]
    row = make.message_template(
        account, name="made_elsewhere", meta_id=created.message_template_id, components=old
    )
    message_templates.sync(account=account, actor=SYSTEM)
    assert [one.components for one in list_versions(row)] == [[BODY], old]


def test_a_version_stays_whose_it_was_when_only_the_state_changed(account: Any, sandbox: Any) -> None:
    draft = MessageTemplateDraft(**ELSEWHERE, components=[BODY])
    row = message_templates.create_draft(account=account, draft=draft, actor=SYSTEM)
    message_templates.submit(message_template=row, actor=SYSTEM)
    sandbox.control("POST", f"message_templates/{row.meta_id}/review", {"decision": "approve"})
    message_templates.sync(account=account, actor=SYSTEM)
    sandbox.control("POST", f"message_templates/{row.meta_id}", {"quality_score": "GREEN"})
    message_templates.sync(account=account, actor=SYSTEM)
    assert row.quality_score == "GREEN"
    assert [one.origin for one in list_versions(row)] == [VersionOrigin.SUBMITTED]


def test_what_was_sent_after_meta_was_asked_is_newer(account: Any, make: Any) -> None:
    created = client_of(account).message_templates.create(
        account.meta_id, {**ELSEWHERE, "components": [BODY]}
    )
    mine = [{"type": "BODY", "text": "Sent a moment ago."}]
    row = make.message_template(
        account,
        name="made_elsewhere",
        meta_id=created.message_template_id,
        components=mine,
        submitted_at=utcnow() + timedelta(minutes=1),
    )
    message_templates.sync(account=account, actor=SYSTEM)
    assert row.components == mine


def test_news_of_an_unknown_one_leads_to_a_look_at_once_and_then_rests(account: Any) -> None:
    client_of(account).message_templates.create(account.meta_id, {**ELSEWHERE, "components": [BODY]})
    item = MessageTemplateStatus(
        event="APPROVED", message_template_id="77", name="made_elsewhere", language="en_US"
    )
    assert not message_templates.apply_status(account, item)
    db.session.commit()
    assert message_template_watch.work_off() == 1
    assert queries.find_by_name(account.id, "made_elsewhere", "en_US") is not None
    message_template_asks.ask(account.id)
    assert message_template_watch.work_off() == 0, "however much news there is, once a minute"


def test_each_account_has_its_minute_and_late_ones_are_tried_again(make: Any) -> None:
    account = make.account()
    hour = utcnow().replace(minute=0, second=0, microsecond=0)
    its_own = hour + timedelta(minutes=account.id % 60)
    assert message_template_watch.ask_for_due(its_own) == 1
    assert message_template_watch.ask_for_due(its_own + timedelta(minutes=10)) == 0
    account.message_templates_synced_at = its_own - timedelta(hours=2)
    db.session.commit()
    assert message_template_watch.ask_for_due(its_own + timedelta(minutes=10)) == 1
    assert message_template_watch.ask_for_due(its_own + timedelta(minutes=11)) == 0


def test_meta_away_is_no_failure_of_the_worker(make: Any) -> None:
    message_template_asks.ask(make.account().id)
    assert message_template_watch.work_off() == 1


def text(*components: Any, **values: Any) -> TextAtMeta:
    return TextAtMeta(values.pop("category", "UTILITY"), "POSITIONAL", list(components), values)


def test_words_are_compared_one_by_one_and_phrases_stay_together() -> None:
    found = compare_words("Hello {{1}}, we are open today.", "Hello {{1}}, we are closed on Monday.")
    assert [(one.kind, one.text) for one in found] == [
        ("same", "Hello {{1}}, we are "),
        ("removed", "open today"),
        ("added", "closed on Monday"),
        ("same", "."),
    ]


def test_each_part_is_compared_by_its_name() -> None:
    old = text(BODY, {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Yes"}]})
    new = text(
        BODY,
        {"type": "FOOTER", "text": "Thank you"},
        {"type": "BUTTONS", "buttons": [{"type": "URL", "text": "Yes", "url": "https://example.com"}]},
        category="MARKETING",
        message_send_ttl_seconds=600,
    )
    found = {one.name: one.kind for one in differences(old, new)}
    assert found == {
        "Category": "changed",
        "Footer": "added",
        "Button 1": "changed",
        "Time to live": "added",
    }


def test_what_nobody_knows_yet_is_shown_as_it_came() -> None:
    strange = {"type": "HOLOGRAM", "beam": {"colour": "blue"}}
    assert pieces(text(strange, 7, None))["Hologram"] == '{"beam": {"colour": "blue"}}'
