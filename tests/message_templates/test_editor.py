"""The editor of message templates: every part there is, drafts that save themselves, steps in the form."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup

from app.extensions import db
from app.models import (
    GraphCall,
    MessageTemplate,
    MessageTemplateChange,
    MessageTemplateFile,
    MessageTemplateVersion,
)
from app.models import MessageTemplateStatus as State
from app.queries import message_templates as queries
from app.services import message_templates
from app.services.message_templates import MessageTemplateDraft
from tests.graph.conftest import samples
from tests.support.media import PNG

TEXT = {
    "name": "parcel_news",
    "language": "en_US",
    "category": "UTILITY",
    "body": "Your parcel is on its way.",
}
OF_CREATION = ("library_", "message_send", "cta_")
BODY = {"type": "BODY", "text": TEXT["body"]}


@pytest.fixture
def account(make: Any, sign_in: Any) -> Any:
    account = make.account()
    sign_in("manager", [account])
    return account


def typed(html: str) -> dict[str, str]:
    """What a browser would post of the editor's form as it stands."""
    soup = BeautifulSoup(html, "html5lib")
    inside = soup.select("#editor-form [name]") + soup.select("[form=editor-form][name]")
    given: dict[str, str] = {}
    for field in inside:
        if field.name == "button" or field.get("type") == "file":
            continue
        if field.get("type") == "checkbox":
            if field.has_attr("checked"):
                given[field["name"]] = field.get("value", "on")
        elif field.name == "select":
            chosen = field.select_one("option[selected]") or field.select_one("option")
            given[field["name"]] = chosen["value"] if chosen else ""
        elif field.name == "textarea":
            given[field["name"]] = field.get_text().removeprefix("\n")
        else:
            given[field["name"]] = field.get("value", "")
    return given


def find(account: Any, name: str = "parcel_news", language: str = "en_US") -> MessageTemplate:
    db.session.expire_all()
    row = queries.find_by_name(account.id, name, language)
    assert row is not None
    return row


def save(page: Any, row: MessageTemplate, form: dict[str, Any]) -> None:
    page.post("message_templates.save", message_template_id=row.id, data=form, status=303)


def in_any_order(components: list[Any]) -> list[str]:
    return sorted(json.dumps(part, sort_keys=True) for part in components)


@pytest.mark.parametrize("path", samples("templates/*.create.json"))
def test_each_sample_of_meta_is_opened_and_saved_without_losing_anything(
    page: Any, make: Any, account: Any, path: Path
) -> None:
    body = json.loads(path.read_text(encoding="utf-8"))
    row = make.message_template(
        account,
        name=body["name"],
        language=body["language"],
        category=body["category"],
        status=State.DRAFT,
        meta_id=None,
        parameter_format=body.get("parameter_format", "POSITIONAL"),
        components=body.get("components", []),
        options={
            key: value for key, value in body.items() if key.startswith(("library_", "message_send", "cta_"))
        },
    )
    before = MessageTemplateDraft.from_body(message_templates.draft_of(row).to_body())
    form = typed(page.get("message_templates.edit", message_template_id=row.id).html)
    page.post(
        "message_templates.save", message_template_id=row.id, data={**form, "step": "draft"}, status=303
    )
    after = message_templates.draft_of(find(account, body["name"], body["language"]))
    assert in_any_order(after.components) == in_any_order(before.components)
    assert after.message_send_ttl_seconds == before.message_send_ttl_seconds
    assert after.cta_url_link_tracking_opted_out == before.cta_url_link_tracking_opted_out
    assert after.extra == before.extra


def test_what_the_editor_does_not_know_is_carried_along(page: Any, make: Any, account: Any) -> None:
    odd = [
        BODY,
        {"type": "HOLOGRAM", "beam": {"colour": "blue"}},
        {"type": "BUTTONS", "buttons": [{"type": "ORDER_DETAILS", "text": "Pay", "deep": {"a": [1]}}]},
    ]
    row = make.message_template(account, status=State.DRAFT, meta_id=None, components=odd)
    form = typed(page.get("message_templates.edit", message_template_id=row.id).html)
    page.post(
        "message_templates.save", message_template_id=row.id, data={**form, "step": "draft"}, status=303
    )
    assert in_any_order(find(account, row.name, row.language).components) == in_any_order(odd)


@pytest.mark.parametrize("carried", ["[", "{}", '{"a": NaN}', '[1, "x", null]', "[" * 5000])
def test_a_meddled_form_is_no_fault_of_the_server(page: Any, account: Any, carried: str) -> None:
    data = {**TEXT, "account": account.id, "others": carried, "extra": carried, "buttons.0.rest": carried}
    data |= {"buttons.0.kind": "../x", "cards.99.body": "x", "step": "remove-card:zzz", "seen": "-1"}
    page.post("message_templates.create", data=data, status=200)


class TestSavingByItself:
    def test_a_new_one_becomes_a_draft_and_later_texts_go_into_it(self, page: Any, account: Any) -> None:
        data = {**TEXT, "account": account.id}
        first = page.post("message_templates.autosave", data=data, htmx=True, status=200)
        row = find(account)
        assert first.response.headers["HX-Replace-Url"] == f"/message-templates/{row.id}/edit/"
        assert "Saved as a draft" in first.text()
        more = {**data, "row": row.id, "seen": row.revision, "body": "Your parcel is at your door."}
        page.post("message_templates.autosave", data=more, htmx=True, status=200)
        assert find(account).body_text == "Your parcel is at your door."
        # What one person writes in one sitting is one version.
        assert db.session.query(MessageTemplateVersion).count() == 1

    def test_a_button_pressed_while_it_saves_itself_goes_into_the_same_draft(
        self, page: Any, account: Any
    ) -> None:
        data = {**TEXT, "account": account.id}
        page.post("message_templates.autosave", data=data, htmx=True, status=200)
        later = {**data, "body": "Your parcel is at your door.", "step": "draft"}
        page.post("message_templates.create", data=later, status=303)
        assert find(account).body_text == "Your parcel is at your door."
        assert db.session.query(MessageTemplate).count() == 1

    def test_two_who_write_at_once_are_told_and_nothing_is_lost(
        self, page: Any, make: Any, account: Any, sign_in: Any
    ) -> None:
        row = make.message_template(account, name="parcel_news", status=State.DRAFT, meta_id=None)
        seen = row.revision
        theirs = {**TEXT, "row": row.id, "seen": seen, "body": "Hers stands here already."}
        page.post("message_templates.autosave", data=theirs, htmx=True, status=200)
        sign_in("manager", [account])
        mine = {**TEXT, "row": row.id, "seen": seen, "body": "His is another one."}
        told = page.post("message_templates.autosave", data=mine, htmx=True, status=200)
        assert "has saved another text meanwhile" in told.text()
        assert find(account).body_text == "Hers stands here already."
        page.post(
            "message_templates.save",
            message_template_id=row.id,
            data={**mine, "step": "overwrite"},
            status=303,
        )
        assert find(account).body_text == "His is another one."
        texts = [version.components[0]["text"] for version in db.session.query(MessageTemplateVersion)]
        assert texts[-2:] == ["Hers stands here already.", "His is another one."]

    def test_a_change_of_one_at_meta_waits_beside_it_until_it_is_sent_or_discarded(
        self, page: Any, make: Any, account: Any
    ) -> None:
        row = make.message_template(account, name="parcel_news", components=[BODY], body_text=TEXT["body"])
        data = {**TEXT, "row": row.id, "name": "ignored", "body": "Your parcel comes today."}
        kept = page.post("message_templates.autosave", data=data, htmx=True, status=200)
        assert "Meta has not seen it yet" in kept.text()
        assert find(account).body_text == TEXT["body"]
        shown = page.get("message_templates.edit", message_template_id=row.id)
        assert shown.soup.select_one("#f-body").get_text().strip() == "Your parcel comes today."
        page.post("message_templates.discard", message_template_id=row.id, status=303)
        assert db.session.query(MessageTemplateChange).count() == 0
        again = page.get("message_templates.edit", message_template_id=row.id)
        assert again.soup.select_one("#f-body").get_text().strip() == TEXT["body"]

    def test_one_in_review_takes_no_change(self, page: Any, make: Any, account: Any) -> None:
        row = make.message_template(account, status=State.PENDING)
        assert (
            "takes no changes"
            in page.get("message_templates.edit", message_template_id=row.id, status=409).text()
        )


def take(page: Any, account: Any, step: str, form: dict[str, str]) -> dict[str, str]:
    """The form after a step, as HTMX gets it."""
    data = {**TEXT, **form, "account": account.id, "step": step}
    answer = page.post("message_templates.arrange", data=data, htmx=True, status=200)
    return typed(f'<form id="editor-form">{answer.html}</form>')


class TestSteps:
    def test_a_button_is_added_moved_and_taken_away(self, page: Any, account: Any) -> None:
        form = {"buttons.0.kind": "QUICK_REPLY", "buttons.0.text": "Yes", "new_button": "URL"}
        more = take(page, account, "add-button", form)
        assert more["buttons.1.kind"] == "URL"
        moved = take(page, account, "up-button:1", more)
        assert (moved["buttons.0.kind"], moved["buttons.1.text"]) == ("URL", "Yes")
        less = take(page, account, "remove-button:0", moved)
        assert less["buttons.0.text"] == "Yes"
        assert "buttons.1.kind" not in less

    def test_a_carousel_gets_its_buttons_on_every_card(self, page: Any, account: Any) -> None:
        form = take(page, account, "preview", {"category": "MARKETING", "shape": "carousel"})
        assert form["cards.1.buttons.0.kind"] == "QUICK_REPLY"
        form |= {"cards.1.body": "Second", "sample-card.1.body.1": "x", "new_card_button": "URL"}
        wider = take(page, account, "add-card-button", form)
        assert [wider[f"cards.{card}.buttons.1.kind"] for card in (0, 1)] == ["URL", "URL"]
        longer = take(page, account, "add-card", wider)
        assert longer["cards.2.buttons.1.kind"] == "URL"
        shorter = take(page, account, "remove-card:0", longer)
        assert shorter["cards.0.body"] == "Second"
        assert "cards.2.body" not in shorter

    def test_a_variable_is_renamed_everywhere_it_stands(self, page: Any, account: Any) -> None:
        form = {
            "header": "TEXT",
            "header_text": "News for {{1}}",
            "body": "Hello {{1}}, see {{2}} for more.",
            "sample-body.1": "Grace",
            "buttons.0.kind": "URL",
            "buttons.0.url": "https://example.com/{{1}}",
            "rename-1": "first_name",
        }
        renamed = take(page, account, "rename:1", form)
        assert renamed["header_text"] == "News for {{first_name}}"
        assert renamed["body"] == "Hello {{first_name}}, see {{value_b}} for more."
        assert renamed["buttons.0.url"] == "https://example.com/{{first_name}}"
        assert renamed["sample-body.first_name"] == "Grace"

    @pytest.mark.parametrize(
        "fix, given, name, made",
        [
            ("name", {"name": "Größe & Preis"}, "name", "grosse_preis"),
            ("numbers", {"body": "On {{3}} and on {{5}} then."}, "body", "On {{1}} and on {{2}} then."),
            ("marks", {"header": "TEXT", "header_text": "*News*"}, "header_text", "News"),
            ("lines", {"body": "One.\n\n\n\nTwo."}, "body", "One.\n\nTwo."),
            ("samples", {"body": "Hello {{name}}, see you."}, "sample-body.name", "Grace"),
            ("opt_out", {"category": "MARKETING"}, "buttons.0.text", "Stop"),
            ("touching", {"body": "See {{1}} {{2}} now."}, "body", "See {{1}} – {{2}} now."),
            ("edges", {"body": "{{1}} is here"}, "body", "Hello {{1}} is here"),
        ],
    )
    def test_a_fix_by_one_click(
        self, page: Any, account: Any, fix: str, given: dict[str, str], name: str, made: str
    ) -> None:
        assert take(page, account, f"fix:{fix}", given)[name].replace("\r\n", "\n") == made


class TestSampleFiles:
    def test_a_picture_is_kept_shown_and_handed_to_meta(
        self, sandbox: Any, page: Any, make: Any, sign_in: Any
    ) -> None:
        account = make.sandbox_account(sandbox.new_account())
        sign_in("manager", [account])
        data = {**TEXT, "account": account.id, "header": "IMAGE", "step": "send"}
        upload = {"file": (io.BytesIO(PNG), "holiday.png", "image/png")}
        page.post("message_templates.create", data={**data, **upload}, status=303)
        row = find(account)
        [file] = db.session.query(MessageTemplateFile)
        # The log writes beside the request, and could not while that held the database.
        calls = db.session.scalars(db.select(GraphCall.path)).all()
        assert [path for path in calls if "upload" in path] != []
        assert row.components[0]["example"]["header_handle"] == [file.handle]
        assert page.get("message_templates.sample", file_id=file.id).response.data == PNG
        sandbox.control("POST", f"message_templates/{row.meta_id}/review", {"decision": "approve"})
        page.post("message_templates.sync", data={"account": account.id}, status=303)
        found = find(account)
        assert found.status is State.APPROVED
        # Meta's own copy has an address that soon expires; ours stays in its place.
        assert found.components[0]["example"]["header_handle"] == [file.handle]

    def test_what_is_no_picture_is_refused_and_the_text_stays(self, page: Any, account: Any) -> None:
        upload = {"file": (io.BytesIO(b"MZ not a picture"), "holiday.png", "image/png")}
        data = {**TEXT, "account": account.id, "header": "IMAGE", "step": "draft", **upload}
        shown = page.post("message_templates.create", data=data, status=422)
        assert "does not take this type of file" in shown.texts("#f-file-err")[0]
        assert shown.soup.select_one("#f-body").get_text().strip() == TEXT["body"]
        assert db.session.query(MessageTemplateFile).count() == 0

    def test_the_file_of_another_account_is_not_shown(self, page: Any, make: Any, account: Any) -> None:
        other = make.account()
        file = MessageTemplateFile(
            account_id=other.id,
            mime_type="image/png",
            size_bytes=1,
            sha256="0",
            store="disk",
            store_key="1-" + "0" * 32,
        )
        db.session.add(file)
        db.session.commit()
        page.get("message_templates.sample", file_id=file.id, status=404)

    def test_one_whose_sample_is_at_meta_only_can_be_changed_here(
        self, sandbox: Any, page: Any, make: Any, sign_in: Any
    ) -> None:
        """Made elsewhere: its sample is an address of Meta's, which is read and handed over again."""
        account = make.sandbox_account(sandbox.new_account())
        sign_in("manager", [account])
        data = {**TEXT, "account": account.id, "header": "IMAGE", "step": "send"}
        upload = {"file": (io.BytesIO(PNG), "holiday.png", "image/png")}
        page.post("message_templates.create", data={**data, **upload}, status=303)
        row = find(account)
        sandbox.control("POST", f"message_templates/{row.meta_id}/review", {"decision": "reject"})
        row.components = [BODY]
        db.session.commit()
        page.post("message_templates.sync", data={"account": account.id}, status=303)
        found = find(account)
        assert found.components[0]["example"]["header_handle"][0].startswith("http")
        form = typed(page.get("message_templates.edit", message_template_id=found.id).html)
        changed = {**form, "body": "Your parcel is at your door.", "step": "send"}
        page.post("message_templates.save", message_template_id=found.id, data=changed, status=303)
        assert find(account).status is State.PENDING


class TestLanguages:
    def test_another_language_begins_with_this_ones_text(self, page: Any, make: Any, account: Any) -> None:
        row = make.message_template(account, name="parcel_news", components=[BODY], body_text=TEXT["body"])
        page.post(
            "message_templates.add_language", message_template_id=row.id, data={"language": "de"}, status=303
        )
        made = find(account, language="de")
        assert (made.status, made.body_text) == (State.DRAFT, TEXT["body"])
        tabs = page.get("message_templates.edit", message_template_id=made.id).texts(
            "nav[aria-label=Languages] a"
        )
        assert [tab.split()[0] for tab in tabs] == ["German", "English"]
        page.post(
            "message_templates.add_language", message_template_id=row.id, data={"language": "xx"}, status=303
        )
        assert db.session.query(MessageTemplate).count() == 2

    def test_side_by_side_it_is_said_which_variable_one_lacks(
        self, page: Any, make: Any, account: Any
    ) -> None:
        make.message_template(
            account, name="hi", language="de", components=[{"type": "BODY", "text": "Hallo da."}]
        )
        row = make.message_template(account, name="hi")
        shown = page.get("message_templates.compare_languages", message_template_id=row.id)
        assert shown.texts(".wc-beside h2") == ["German", "English (United States)"]
        assert "German lacks" in shown.text()


def test_the_preview_takes_a_real_customers_name_on_request(page: Any, make: Any, account: Any) -> None:
    contact = make.contact(account, profile_name="Noor Haddad")
    data = {**TEXT, "account": account.id, "body": "Hello {{1}}, welcome back to us.", "contact": contact.id}
    shown = page.post("message_templates.check", data=data, htmx=True, status=200)
    assert shown.texts(".wc-phone .wc-bub-t") == ["Hello Noor, welcome back to us."]
