"""Message templates over the API beside their rows: checks, files, families, who may send, which language."""

from __future__ import annotations

from typing import Any

import pytest

from app.extensions import db
from app.models import BotConversation, Contact, Message, MessageTemplateFamily, Role
from app.models import MessageTemplateStatus as State
from app.queries import message_templates as queries

BODY = {
    "name": "parcel_news",
    "language": "en_US",
    "category": "UTILITY",
    "components": [{"type": "BODY", "text": "Your order is packed and leaves our house today."}],
}
PLAIN = [{"type": "BODY", "text": "Hello there, here is your news."}]
TO = "+447700900999"


# --- checks ------------------------------------------------------------------------------------------------


def test_a_right_body_has_no_problems_and_nothing_is_saved(program, make):
    account = make.account()
    assert program().call("POST", "templates/lint/", json=BODY, status=200) == {"problems": []}
    assert queries.list_of_account(account.id) == []


def test_a_problem_has_its_place_a_code_and_a_severity(program):
    given = {**BODY, "components": [{"type": "BODY", "text": "Hello {{1}}"}], "colour": "red"}
    problems = program().call("POST", "templates/lint/", json=given, status=200)["problems"]
    assert {"field", "message", "code", "severity"} <= set(problems[0])
    assert {("colour", "unknown", "warning")} <= {
        (one["field"], one["code"], one["severity"]) for one in problems
    }
    assert any(one["severity"] == "error" and one["field"].startswith("components[0]") for one in problems)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"name": None, "language": 7, "category": [], "components": {"a": 1}},
        {**BODY, "components": [None, 7, [], {"type": None}, {"type": "BUTTONS", "buttons": [7, {}]}]},
        {**BODY, "components": [{"type": "CAROUSEL", "cards": [{}, 7]}, {"type": "HEADER", "format": {}}]},
        {**BODY, "components": [{"type": "BODY", "text": "{{1}}", "example": {"body_text": 7}}]},
        {**BODY, "components": [{"type": "BODY", "text": "{{a}}", "example": {"body_text_named_params": 7}}]},
        {**BODY, "library_template_name": {"a": []}, "parameter_format": 7},
        {
            **BODY,
            "category": "AUTHENTICATION",
            "components": [{"type": "BUTTONS", "buttons": [{"type": "OTP"}]}],
        },
    ],
)
def test_any_object_is_judged(program, given):
    assert program().call("POST", "templates/lint/", json=given, status=200)["problems"]


@pytest.mark.parametrize("given", [[], [BODY], 7, "x"])
def test_what_is_no_object_is_refused(program, given):
    assert program().refused("POST", "templates/lint/", 422, json=given)["code"] == "invalid_fields"


def test_a_submission_is_refused_with_the_codes_of_the_check(program, make):
    account = make.account()
    wrong = {**BODY, "components": [{"type": "BODY", "text": "x" * 1100}]}
    made = program().call("POST", "templates/", json={"waba_account_id": account.id, **wrong}, status=201)
    details = program().refused("POST", f"templates/{made['id']}/submit_for_approval/", 422)["details"]
    checked = program().call("POST", "templates/lint/", json=wrong, status=200)["problems"]
    errors = [one for one in checked if one["severity"] == "error"]
    assert details["problems"] == errors
    assert "too_long" in {one["code"] for one in details["problems"]}


# --- the list ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", [{"quality": "RED"}, {"tag": "winter"}, {"search": "winter"}])
def test_the_list_is_narrowed_by_quality_and_tag(program, make, query):
    account = make.account()
    make.message_template(account, name="offer", quality_score="RED")
    make.message_template(account, name="other", quality_score="GREEN")
    row = queries.find_by_name(account.id, "offer", "en_US")
    settings = {"tags": ["Winter"], "least_role": "agent", "fallback_language": ""}
    program().call("PUT", f"templates/{row.id}/family/", json=settings, status=200)
    assert [one["name"] for one in program().get("templates/", **query)["results"]] == ["offer"]


# --- files -------------------------------------------------------------------------------------------------


def test_an_export_is_imported_as_it_is(program, make):
    here, there = make.account(), make.account()
    for name in ("one", "two"):
        make.message_template(here, name=name, components=PLAIN)
    file = program().get("templates/export/", account=here.id)
    body = {"waba_account_id": there.id, "file": file}
    looked = program().call("POST", "templates/import/", json={**body, "dry_run": True}, status=200)
    assert (looked["dry_run"], looked["made"]) == (True, 2)
    assert queries.list_of_account(there.id) == []
    made = program().call("POST", "templates/import/", json=body, status=200)
    assert [(one["path"], one["fate"]) for one in made["entries"]] == [
        ("message_templates[0]", "new"),
        ("message_templates[1]", "new"),
    ]
    shown = program().get(f"templates/{made['entries'][0]['template_id']}/")
    assert (shown["name"], shown["status"]) == ("one", "DRAFT")
    again = program().call("POST", "templates/import/", json=body, status=200)
    assert {one["fate"] for one in again["entries"]} == {"same"}


@pytest.mark.parametrize(
    "file", [7, "x", None, [], {"message_templates": {}}, {"version": 9, "message_templates": []}]
)
def test_what_is_no_file_is_refused_by_its_field(program, make, file):
    body = {"waba_account_id": make.account().id, "file": file}
    assert "file" in program().refused_fields("POST", "templates/import/", json=body)


def test_an_import_may_have_five_megabytes(program, make):
    long = [{"type": "BODY", "text": "x" * 100_000}]
    body = {
        "waba_account_id": make.account().id,
        "file": [{**BODY, "components": long}] * 30,
        "dry_run": True,
    }
    assert program().call("POST", "templates/import/", json=body, status=200)["made"] == 1


def test_a_key_of_another_account_imports_nothing(program, make):
    mine, other = make.account(), make.account()
    body = {"waba_account_id": other.id, "file": BODY}
    program(role="manager", accounts=[mine]).refused("POST", "templates/import/", 404, json=body)


# --- families ----------------------------------------------------------------------------------------------


def test_what_the_languages_share_is_set_by_any_of_them(program, make):
    account = make.account()
    english = make.message_template(account, name="one", language="en_US")
    german = make.message_template(account, name="one", language="de")
    settings = {"tags": ["Claims", "claims "], "least_role": "manager", "fallback_language": "de"}
    program().call("PUT", f"templates/{english.id}/family/", json=settings, status=200)
    shown = program().get(f"templates/{german.id}/family/")
    assert shown["tags"] == ["claims"]
    assert (shown["least_role"], shown["fallback_language"]) == ("manager", "de")
    assert [one["language"] for one in shown["languages"]] == ["de", "en_US"]


@pytest.mark.parametrize(
    "changed,field",
    [
        ({"fallback_language": "fr"}, "fallback_language"),
        ({"least_role": "viewer"}, "least_role"),
        ({"tags": ["a,b"]}, "tags"),
        ({"tags": ["x"] * 21}, "tags"),
        ({"tags": "x"}, "tags"),
    ],
)
def test_a_wrong_setting_is_named(program, make, changed, field):
    row = make.message_template(make.account())
    settings = {"tags": [], "least_role": "agent", "fallback_language": "", **changed}
    assert field in program().refused_fields("PUT", f"templates/{row.id}/family/", json=settings)


# --- sending -----------------------------------------------------------------------------------------------


def send(caller: Any, account: Any, status: int = 202, **values: Any) -> Any:
    body = {"to_phone_number": TO, "message_type": "template", "template_name": "news", **values}
    return caller.call("POST", f"accounts/{account.id}/send_message/", json=body, status=status)


@pytest.mark.parametrize(
    "least,role,status",
    [
        (Role.AGENT, "agent", 202),
        (Role.MANAGER, "agent", 403),
        (Role.MANAGER, "manager", 202),
        (Role.OWNER, "manager", 403),
        (Role.OWNER, "owner", 202),
    ],
)
def test_a_key_sends_what_its_role_may(program, make, least, role, status):
    account = make.account()
    make.message_template(account, name="news", components=PLAIN)
    db.session.add(MessageTemplateFamily(account_id=account.id, name="news", least_role=least))
    db.session.commit()
    answer = send(program(role=role, accounts=[account]), account, status)
    assert db.session.query(Message).count() == (status == 202)
    if status == 403:
        assert answer["error"]["code"] == "forbidden"
        assert "owners may send" in answer["error"]["message"]


def test_metas_own_object_is_no_way_around_it(program, make):
    account = make.account()
    make.message_template(account, name="news", components=PLAIN)
    db.session.add(MessageTemplateFamily(account_id=account.id, name="news", least_role=Role.OWNER))
    db.session.commit()
    template = {"name": "news", "language": {"code": "pt_BR"}}
    body = {"to_phone_number": TO, "message_type": "template", "template": template}
    caller = program(role="agent", accounts=[account])
    caller.refused("POST", f"accounts/{account.id}/send_message/", 403, json=body)


def speaks(make: Any, account: Any, language: str) -> None:
    contact = make.contact(account, wa_id=TO.removeprefix("+"))
    conversation = make.conversation(account, contact=contact)
    db.session.add(BotConversation(conversation_id=conversation.id, account_id=account.id, language=language))
    db.session.commit()


@pytest.mark.parametrize(
    "known,there,fallback,sent",
    [
        ("de", ["de", "en_US"], "", "de"),
        ("de", ["de_AT", "en_US"], "en_US", "de_AT"),
        ("de_AT", ["de", "de_CH", "en_US"], "", "de"),
        ("fr", ["de", "en_US"], "en_US", "en_US"),
        ("", ["de", "en_US"], "de", "de"),
        ("", ["de"], "", "de"),
    ],
)
def test_auto_sends_the_language_that_fits(program, make, known, there, fallback, sent):
    account = make.account()
    for language in there:
        make.message_template(account, name="news", language=language, components=PLAIN)
    db.session.add(MessageTemplateFamily(account_id=account.id, name="news", fallback_language=fallback))
    speaks(make, account, known)
    assert send(program(), account, template_language="auto")["content"]["language"] == {"code": sent}


def test_what_is_noted_of_a_customer_goes_before_what_the_bot_understood(program, make):
    account = make.account()
    for language in ("de", "es"):
        make.message_template(account, name="news", language=language, components=PLAIN)
    speaks(make, account, "de")
    db.session.query(Contact).one().language = "es"
    db.session.commit()
    assert send(program(), account, template_language="auto")["content"]["language"] == {"code": "es"}


def test_auto_sends_only_what_is_approved(program, make):
    account = make.account()
    make.message_template(account, name="news", language="de", status=State.PAUSED, components=PLAIN)
    make.message_template(account, name="news", language="en_US", components=PLAIN)
    make.message_template(account, name="news", language="es", components=PLAIN)
    db.session.add(MessageTemplateFamily(account_id=account.id, name="news", fallback_language="es"))
    speaks(make, account, "de")
    assert send(program(), account, template_language="auto")["content"]["language"] == {"code": "es"}


def test_auto_says_when_it_cannot_choose(program, make):
    account = make.account()
    for language in ("de", "en_US"):
        make.message_template(account, name="news", language=language, components=PLAIN)
    fields = send(program(), account, 422, template_language="auto")["error"]["details"]["fields"]
    assert "de, en_US" in fields["template_language"][0]
    unknown = send(program(), account, 422, template_name="other", template_language="auto")
    assert "template_name" in unknown["error"]["details"]["fields"]
