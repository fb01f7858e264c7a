"""Files of message templates: what an export holds, what an import would do, and that it does just that."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.extensions import db
from app.models import (
    AuditEntry,
    MessageTemplate,
    MessageTemplateFamily,
    MessageTemplateFile,
    MessageTemplateTag,
    MessageTemplateVersion,
    VersionOrigin,
)
from app.models import MessageTemplateStatus as State
from app.queries import message_templates as queries
from app.services.message_templates.families import settings_of

BODY: dict[str, Any] = {
    "name": "parcel_update",
    "language": "en_US",
    "category": "UTILITY",
    "components": [
        {
            "type": "BODY",
            "text": "Hello {{1}}, your order is on its way to you.",
            "example": {"body_text": [["Grace"]]},
        }
    ],
}
BADGES = "td .wc-badge"


def body(**values: Any) -> dict[str, Any]:
    return {**BODY, **values}


def send(page: Any, account: Any, given: Any, status: int = 200, **values: Any) -> Any:
    text = given if isinstance(given, str) else json.dumps(given)
    data = {"account": account.id, "text": text, "step": "look", **values}
    return page.post("message_templates.import_file", data=data, status=status)


def upload(page: Any, account: Any, content: bytes, status: int) -> Any:
    """As a browser sends a file; the test client would leave one of its own open."""
    fields = {"csrf_token": page.csrf_token(), "account": str(account.id), "step": "look"}
    begin = "--x\r\nContent-Disposition: form-data; name="
    parts = [f'{begin}"{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()]
    head = f'{begin}"file"; filename="f.json"\r\n\r\n'
    whole = "".join([*parts, head]).encode() + content + b"\r\n--x--\r\n"
    options = {"method": "POST", "data": whole, "content_type": "multipart/form-data; boundary=x"}
    return page.open("/message-templates/import/", status=status, **options)


def export(page: Any, query: str = "") -> Any:
    return json.loads(page.open(f"/message-templates/export.json{query}", status=200).response.get_data())


def rows(account: Any) -> list[MessageTemplate]:
    db.session.expire_all()
    return queries.list_of_account(account.id)


def test_what_is_exported_can_be_imported_elsewhere_with_its_settings(
    page: Any, make: Any, sign_in: Any
) -> None:
    here, there = make.account(), make.account()
    sign_in("manager", [here, there])
    for language in ("en_US", "de"):
        make.message_template(here, name="parcel", language=language)
    family = MessageTemplateFamily(account_id=here.id, name="parcel", fallback_language="de")
    db.session.add(family)
    db.session.flush()
    db.session.add(MessageTemplateTag(family_id=family.id, tag="orders"))
    db.session.commit()
    file = export(page, f"?account={here.id}")
    assert file["format"] == "waba-console.message-templates"
    assert [one["language"] for one in file["message_templates"]] == ["de", "en_US"]
    assert send(page, there, file).texts(BADGES) == ["New draft", "New draft"]
    assert rows(there) == []
    send(page, there, file, 303, step="make")
    made = rows(there)
    assert {(row.language, row.status, row.meta_id) for row in made} == {
        ("de", State.DRAFT, None),
        ("en_US", State.DRAFT, None),
    }
    assert settings_of(there.id, "parcel").tags == ("orders",)
    assert settings_of(there.id, "parcel").fallback_language == "de"
    assert send(page, there, file).texts(BADGES) == ["As it is here", "As it is here"]


def test_the_export_is_what_the_filters_show_or_one_name(page: Any, make: Any, account: Any) -> None:
    make.message_template(account, name="one", category="MARKETING")
    make.message_template(account, name="two")
    make.message_template(account, name="gone", status=State.DELETED)
    make.message_template(make.account(), name="foreign")

    def names(query: str) -> list[str]:
        return [one["name"] for one in export(page, query)["message_templates"]]

    assert names("") == ["one", "two"]
    assert names("?category=MARKETING") == ["one"]
    assert names("?name=two") == ["two"]
    assert names("?name=three") == []


def test_each_entry_is_judged_by_itself(page: Any, make: Any, account: Any) -> None:
    make.message_template(account, name="at_meta")
    make.message_template(account, name="draft", status=State.DRAFT, meta_id=None)
    shown = send(
        page,
        account,
        [
            body(),
            body(name="at_meta"),
            body(name="draft"),
            body(name="Bad Name"),
            body(components=[{"type": "BODY", "text": "Another text."}]),
            7,
        ],
    )
    assert sorted(shown.texts(BADGES)) == [
        "Cannot be taken",
        "Cannot be taken",
        "Differs from the draft here",
        "Name is taken at Meta",
        "New draft",
        "Twice, with different texts",
    ]
    assert "lower-case letters" in shown.text()


def test_what_meta_would_refuse_is_named_with_its_place_and_kept_as_a_draft(page: Any, account: Any) -> None:
    given = body(components=[{"type": "BODY", "text": "{{1}} is your code"}], surprise=1)
    shown = send(page, account, given)
    assert "components[0].text" in shown.text()
    assert "surprise" in shown.text()
    send(page, account, given, 303, step="make")
    (row,) = rows(account)
    assert row.options == {}
    assert row.status is State.DRAFT


def test_a_draft_gets_another_text_only_when_that_is_asked_for(page: Any, make: Any, account: Any) -> None:
    make.message_template(account, name="parcel_update", status=State.DRAFT, meta_id=None)
    send(page, account, BODY, 200, step="make")
    assert rows(account)[0].components != BODY["components"]
    send(page, account, BODY, 303, step="make", overwrite="y")
    (row,) = rows(account)
    assert row.components == BODY["components"]
    versions = db.session.query(MessageTemplateVersion).filter_by(message_template_id=row.id).all()
    assert [one.origin for one in versions] == [VersionOrigin.IMPORTED]
    assert db.session.query(AuditEntry).filter_by(action="message_template.imported").count() == 1


def test_one_at_meta_is_never_touched(page: Any, make: Any, account: Any) -> None:
    before = make.message_template(account, name="parcel_update").components
    send(page, account, BODY, 200, step="make", overwrite="y")
    assert rows(account)[0].components == before


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "{",
        "7",
        '"x"',
        "null",
        "[]",
        '{"message_templates": 7}',
        '{"message_templates": [], "families": {}}',
        '{"format": "other", "message_templates": [{}]}',
        '{"version": 2, "message_templates": [{}]}',
        "[" * 200 + "]" * 200,
        '{"name": NaN}',
        '{"name": 1, "name": 2}',
        '{"name": "\\ud800"}',
        json.dumps([{}] * 1001),
    ],
    ids=lambda text: text[:24],
)
def test_what_is_no_file_of_message_templates_is_refused_in_words(page: Any, account: Any, text: str) -> None:
    shown = send(page, account, text, 422, step="make")
    assert shown.soup.select("#file-err")
    assert rows(account) == []


@pytest.mark.parametrize(
    "given",
    [
        {},
        [{}, [], None, "x"],
        body(components=7),
        body(components=[7, {"type": 7}, {"type": "BODY", "text": ["x"]}]),
        body(components=[{"type": "BUTTONS", "buttons": {"x": 1}}]),
        body(
            components=[{"type": "CAROUSEL", "cards": [7, {"components": 7}, {"components": [{"type": 1}]}]}]
        ),
        body(components=[{"type": "HEADER", "format": "IMAGE", "example": {"header_handle": [7, None, {}]}}]),
        body(language=["en"], category={"a": 1}, name=None),
        {"message_templates": [BODY], "families": [7, {}, {"name": 7}, {"name": "x", "tags": [7]}]},
        {"message_templates": [BODY], "families": [{"name": "parcel_update", "least_role": "viewer"}]},
        {"message_templates": [BODY], "families": [{"name": "parcel_update", "fallback_language": {}}]},
        body(message_send_ttl_seconds="soon", parameter_format={}, cta_url_link_tracking_opted_out=[]),
    ],
    ids=lambda given: json.dumps(given)[-48:],
)
def test_any_json_is_judged_and_imported_without_an_accident(page: Any, account: Any, given: Any) -> None:
    send(page, account, given)
    answer = page.open(
        "/message-templates/import/",
        method="POST",
        data={
            "csrf_token": page.csrf_token(),
            "account": account.id,
            "text": json.dumps(given),
            "step": "make",
        },
    )
    assert answer.status in {200, 303}
    page.get("message_templates.index")


def test_a_file_that_is_too_large_is_told_so(page: Any, account: Any) -> None:
    shown = upload(page, account, b" " * (5 * 1024 * 1024 + 10), 422)
    assert "5 MB" in shown.texts("#file-err")[0]


def test_what_was_looked_at_as_a_file_is_confirmed_as_text(page: Any, account: Any) -> None:
    shown = upload(page, account, json.dumps([BODY]).encode(), 200)
    text = shown.soup.select_one("textarea[name=text]").text.strip()
    send(page, account, text, 303, step="make")
    assert [row.name for row in rows(account)] == ["parcel_update"]


def test_a_confirmed_file_may_have_megabytes(page: Any, account: Any) -> None:
    long = [{"type": "BODY", "text": "x" * 9000}]
    send(
        page,
        account,
        [body(name=f"parcel_{number}", components=long) for number in range(300)],
        303,
        step="make",
    )
    assert len(rows(account)) == 300


def test_a_viewer_may_take_along_but_bring_nothing(page: Any, make: Any, sign_in: Any) -> None:
    account = make.account()
    make.message_template(account, name="one")
    sign_in("viewer", [account])
    assert len(export(page)["message_templates"]) == 1
    page.get("message_templates.import_page", status=403)
    send(page, account, BODY, 403, step="make")


def test_the_account_of_others_takes_nothing(page: Any, make: Any, account: Any) -> None:
    other = make.account()
    send(page, other, BODY, 422, step="make")
    assert rows(other) == []


# --- copies ------------------------------------------------------------------------------------------------


@pytest.fixture
def two(make: Any, sign_in: Any) -> Any:
    accounts = make.account(name="Here"), make.account(name="There")
    sign_in("manager", list(accounts))
    return accounts


def copy(page: Any, source: Any, target: Any, *names: str, status: int = 200, **values: Any) -> Any:
    data = {"account": source.id, "target": target.id, "name": list(names), "step": "look", **values}
    return page.post("message_templates.make_copies", data=data, status=status)


def test_names_are_copied_with_all_their_languages_as_drafts(page: Any, make: Any, two: Any) -> None:
    here, there = two
    for name, language in (("one", "en_US"), ("one", "de"), ("two", "en_US"), ("three", "en_US")):
        make.message_template(here, name=name, language=language)
    shown = page.get("message_templates.copy", account=here.id, name="one")
    assert [one["value"] for one in shown.soup.select("[name=name][checked]")] == ["one"]
    assert copy(page, here, there, "one", "two").texts(BADGES) == ["New draft"] * 3
    copy(page, here, there, "one", "two", status=303, step="make")
    assert {(row.name, row.language, row.status) for row in rows(there)} == {
        ("one", "en_US", State.DRAFT),
        ("one", "de", State.DRAFT),
        ("two", "en_US", State.DRAFT),
    }


def test_files_and_flows_that_are_not_there_are_named_and_the_file_is_left_out(
    page: Any, make: Any, two: Any
) -> None:
    here, there = two
    file = MessageTemplateFile(
        account_id=here.id, mime_type="image/png", size_bytes=1, sha256="0", store="x", store_key="y"
    )
    db.session.add(file)
    db.session.commit()
    flow = make.flow(here, meta_id="123456")
    components = [
        {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": [file.handle]}},
        {"type": "BODY", "text": "Look at what came in today."},
        {"type": "BUTTONS", "buttons": [{"type": "FLOW", "text": "Open", "flow_id": flow.meta_id}]},
    ]
    make.message_template(here, name="one", components=components)
    shown = copy(page, here, there, "one")
    assert "components[0].example.header_handle" in shown.text()
    assert "components[2].buttons[0].flow_id" in shown.text()
    copy(page, here, there, "one", status=303, step="make")
    (row,) = rows(there)
    assert row.components[0]["example"]["header_handle"] == []


def test_a_name_that_is_there_is_left_as_it_is(page: Any, make: Any, two: Any) -> None:
    here, there = two
    make.message_template(here, name="one")
    make.message_template(there, name="one", components=[{"type": "BODY", "text": "Their own."}])
    assert copy(page, here, there, "one", step="make").texts(BADGES) == ["Name is taken at Meta"]
    assert rows(there)[0].components == [{"type": "BODY", "text": "Their own."}]


def test_without_a_name_or_into_a_foreign_account_nothing_is_copied(page: Any, make: Any, two: Any) -> None:
    here, there = two
    make.message_template(here, name="one")
    copy(page, here, there, status=422, step="make")
    copy(page, here, make.account(), "one", status=422, step="make")
    copy(page, make.account(), there, "one", status=404, step="make")
    assert rows(there) == []
