"""Message templates over the API: drafts, review, changes, deletion."""

from __future__ import annotations

from typing import Any

import pytest

BODY = {
    "type": "BODY",
    "text": "Hello {{1}}, your order {{2}} is packed and leaves our house today.",
    "example": {"body_text": [["Grace", "BM-1042"]]},
}
DRAFT = {"name": "parcel_news", "language": "en_US", "category": "UTILITY", "components": [BODY]}


@pytest.fixture
def draft(program: Any, connected: dict[str, Any]) -> dict[str, Any]:
    body = {"waba_account_id": connected["id"], **DRAFT}
    made: dict[str, Any] = program().call("POST", "templates/", json=body, status=201)
    return made


def test_a_draft_is_kept_here_only(draft, connected):
    assert draft["status"] == "DRAFT"
    assert draft["meta_id"] is None
    assert draft["waba_account_id"] == connected["id"]
    assert {name: draft[name] for name in DRAFT} == DRAFT


def test_the_set_up_brought_the_accounts_message_templates_along(program, connected):
    names = {row["name"] for row in program().get("templates/", status="APPROVED")["results"]}
    assert "hello_world" in names


@pytest.mark.parametrize(
    "query, found",
    [
        ({"search": "parcel"}, True),
        ({"search": "packed and leaves"}, True),
        ({"search": "%"}, False),
        ({"status": "DRAFT"}, True),
        ({"status": "REJECTED"}, False),
        ({"language": "de"}, False),
        ({"category": "UTILITY"}, True),
    ],
)
def test_the_list_is_narrowed(program, draft, query, found):
    names = {row["name"] for row in program().get("templates/", **query)["results"]}
    assert ("parcel_news" in names) is found


def test_a_name_is_taken_once(program, draft):
    body = {"waba_account_id": draft["waba_account_id"], **DRAFT}
    assert "name" in program().refused_fields("POST", "templates/", json=body)


def test_a_draft_can_be_changed(program, draft):
    changed = {**DRAFT, "name": "parcel_news_2", "category": "MARKETING"}
    row = program().call("PUT", f"templates/{draft['id']}/", json=changed, status=200)
    assert (row["name"], row["category"], row["status"]) == ("parcel_news_2", "MARKETING", "DRAFT")


def test_a_submission_goes_to_meta(program, draft):
    row = program().call("POST", f"templates/{draft['id']}/submit_for_approval/", status=200)
    assert row["status"] in {"PENDING", "APPROVED"}
    assert row["meta_id"]


def test_a_submission_that_breaks_a_rule_is_named_and_not_sent(program, draft):
    broken = {**DRAFT, "components": [{"type": "BODY", "text": "{{1}}"}]}
    caller, path = program(), f"templates/{draft['id']}/"
    caller.call("PUT", path, json=broken, status=200)
    assert caller.refused_fields("POST", f"{path}submit_for_approval/")
    assert caller.get(path)["status"] == "DRAFT"


def test_a_second_submission_is_a_409(program, draft):
    caller, path = program(), f"templates/{draft['id']}/submit_for_approval/"
    caller.call("POST", path, status=200)
    caller.refused("POST", path, 409)


def test_metas_refusal_is_told_with_what_to_do(program, draft, sandbox):
    sandbox.control("POST", "faults", {"kind": "throttle", "match": {"path": "message_templates"}})
    answer = program().open("POST", f"templates/{draft['id']}/submit_for_approval/")
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.json["error"]["details"]["what_to_do"]


def test_name_and_language_stay_once_it_is_at_meta(program, draft):
    caller, path = program(), f"templates/{draft['id']}/"
    caller.call("POST", f"{path}submit_for_approval/", status=200)
    fields = caller.refused_fields("PUT", path, json={**DRAFT, "name": "other", "language": "de"})
    assert set(fields) == {"name", "language"}


def test_a_draft_is_deleted_here(program, draft):
    caller, path = program(), f"templates/{draft['id']}/"
    caller.call("DELETE", path, status=204)
    caller.refused("GET", path, 404)


def test_one_that_is_at_meta_is_deleted_there_too(program, draft):
    caller, path = program(), f"templates/{draft['id']}/"
    caller.call("POST", f"{path}submit_for_approval/", status=200)
    caller.call("DELETE", path, status=204)
    assert caller.get(path)["status"] == "DELETED"
    assert not [row for row in caller.get("templates/")["results"] if row["id"] == draft["id"]]
