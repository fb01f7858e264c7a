"""Flows over the JSON API, against the real sandbox."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest

from app.extensions import db
from app.models import Flow, FlowEvent, Message, utcnow
from app.services import flow_tokens
from tests.support.flows import claim_json
from tests.support.graph import client_of


@pytest.fixture
def account(sandbox: Any, make: Any) -> Any:
    return make.sandbox_account(sandbox.new_account())


@pytest.fixture
def manager(program: Callable[..., Any], account: Any) -> Any:
    return program("manager", [account])


def wanted(account: Any, **values: Any) -> dict[str, Any]:
    return {
        "waba_account_id": account.id,
        "name": "Claim",
        "categories": ["CUSTOMER_SUPPORT"],
        "flow_json": json.loads(claim_json()),
        **values,
    }


def test_a_flow_lives_from_draft_to_retired(manager: Any, account: Any) -> None:
    made = manager.call("POST", "flows/", json=wanted(account), status=201)
    assert (made["status"], made["validation_errors"], made["has_unsent_text"]) == ("DRAFT", [], False)
    assert {question["name"] for question in made["questions"]} == {"place", "kind"}
    path = f"flows/{made['id']}/"
    changed = manager.call("PUT", path, json={"flow_json": claim_json(), "name": "Claim two"}, status=200)
    assert (changed["name"], changed["flow_json"]) == ("Claim two", claim_json())
    assert manager.call("POST", f"{path}preview/", status=200)["preview_url"].startswith("http")
    assert manager.call("POST", f"{path}publish/", status=200)["status"] == "PUBLISHED"
    assert manager.refused("DELETE", path, 409)["code"] == "flow_not_ready"
    assert manager.call("POST", f"{path}deprecate/", status=200)["status"] == "DEPRECATED"
    assert manager.get(path)["status"] == "DEPRECATED"
    assert [row["name"] for row in manager.get("flows/", status="DEPRECATED")["results"]] == ["Claim two"]
    assert manager.get("flows/", search="nothing")["results"] == []


def test_a_starting_form_needs_no_json_and_a_draft_is_deleted(manager: Any, account: Any) -> None:
    body = wanted(account, starting_form="survey")
    assert "flow_json" in manager.refused_fields("POST", "flows/", json=body)
    del body["flow_json"]
    made = manager.call("POST", "flows/", json=body, status=201)
    manager.call("DELETE", f"flows/{made['id']}/", status=204)
    assert client_of(account).flows.list(account.meta_id) == []


def test_what_meta_refuses_is_told_with_metas_code_and_nothing_is_kept(manager: Any, account: Any) -> None:
    client_of(account).flows.create(account.meta_id, name="Claim", categories=["OTHER"])
    error = manager.refused("POST", "flows/", 422, json=wanted(account))
    assert error["code"] == "refused_by_meta"
    assert error["details"]["meta_code"]
    assert manager.get("flows/")["results"] == []


def test_faults_bar_publishing_only(manager: Any, account: Any) -> None:
    text = claim_json().replace('"TextInput"', '"TextInputt"')
    made = manager.call("POST", "flows/", json=wanted(account, flow_json=text), status=201)
    assert made["validation_errors"][0]["line_start"]
    assert manager.refused("POST", f"flows/{made['id']}/publish/", 409)["message"].startswith(
        "Meta found faults"
    )


def test_sync_reads_what_was_made_elsewhere(manager: Any, account: Any) -> None:
    client_of(account).flows.create(
        account.meta_id, name="there", categories=["OTHER"], flow_json=claim_json()
    )
    body = {"waba_account_id": account.id}
    assert manager.call("POST", "flows/sync/", json=body, status=200)["created"] == 1
    assert [row["name"] for row in manager.get("flows/")["results"]] == ["there"]


@pytest.mark.parametrize(
    "body,status",
    [
        ("[" * 100_000, 400),
        ('{"flow_json":' * 100_000, 400),
        ("no JSON", 400),
        ("[]", 422),
        ("{}", 422),
        ('{"flow_json": 7}', 422),
        ('{"flow_json": "[[["}', 422),
        ('{"flow_json": "' + "[" * 100_000 + '"}', 422),
        ('{"name": "\\u0000"}', 400),
        ('{"categories": ["NONE"]}', 422),
        ('{"unknown": 1}', 422),
        ('{"flow_json": "' + "x" * (10 * 1024 * 1024 + 10) + '"}', 422),
        ('{"flow_json": "' + "x" * (13 * 1024 * 1024) + '"}', 413),
    ],
    ids=[
        *("deep list", "deep object", "words", "list", "nothing", "number", "broken text", "deep text"),
        *("nul", "category", "unknown field", "ten megabytes", "too large"),
    ],
)
def test_no_body_makes_a_server_error(manager: Any, make: Any, account: Any, body: str, status: int) -> None:
    flow = make.flow(account, claim_json(), status="DRAFT", published_at=None)
    for method, path in (("POST", "flows/"), ("PUT", f"flows/{flow.id}/")):
        if body == "{}" and method == "PUT":
            continue
        if body.startswith('{"flow_json": "') and status == 422 and method == "POST":
            body_here = body.replace(
                "{", f'{{"waba_account_id": {account.id}, "name": "n", "categories": ["OTHER"], ', 1
            )
        else:
            body_here = body
        answer = manager.open(method, path, data=body_here, content_type="application/json")
        assert answer.status_code == status, f"{method}: {answer.status_code} {answer.text[:300]}"


def test_answers_are_listed_page_by_page_and_exported(manager: Any, make: Any, account: Any) -> None:
    flow = make.flow(account, claim_json())
    conversation = make.conversation(account)
    for number in range(5):
        make.flow_answer(flow, {"place": f"={number}", "kind": "water"}, conversation=conversation)
    make.flow_answer(flow, {"place": "elsewhere"}, flow_id=None, conversation=conversation)
    first = manager.get(f"flows/{flow.id}/answers/", limit="3")
    rest = manager.call("GET", first["next"], status=200)
    found = [row["answers"]["place"] for page in (first, rest) for row in page["results"]]
    assert found == ["=4", "=3", "=2", "=1", "=0"]
    assert len(manager.get("flows/answers/")["results"]) == 6
    assert manager.get("flows/answers/", since="2999-01-01")["results"] == []
    number = conversation.contact.phone_number
    assert len(manager.get("flows/answers/", contact=number)["results"]) == 6
    assert manager.get(f"flows/{flow.id}/answers/", contact="+447700900999")["results"] == []
    nobody = manager.open("GET", f"flows/{flow.id}/answers/csv/?contact=GB.NOBODY")
    assert len(nobody.text.splitlines()) == 1
    answer = manager.open("GET", f"flows/{flow.id}/answers/csv/")
    rows = list(csv.DictReader(StringIO(answer.text.removeprefix("\ufeff"))))
    assert [row["place"] for row in rows] == [f"'={number}" for number in range(5)]


def test_news_of_meta_are_listed_page_by_page(manager: Any, program: Any, make: Any, account: Any) -> None:
    flow = make.flow(account, claim_json())
    for number in range(3):
        db.session.add(
            FlowEvent(
                account_id=account.id,
                flow_id=flow.id,
                event="ENDPOINT_ERROR_RATE",
                details={"alert_state": "ACTIVATED", "error_rate": number},
                occurred_at=utcnow(),
            )
        )
    db.session.commit()
    first = manager.get(f"flows/{flow.id}/events/", limit="2")
    rest = manager.call("GET", first["next"], status=200)
    rates = [row["details"]["error_rate"] for page in (first, rest) for row in page["results"]]
    assert rates == [2, 1, 0]
    assert first["results"][0]["event"] == "ENDPOINT_ERROR_RATE"
    stranger = program("manager", [make.account()])
    assert stranger.refused("GET", f"flows/{flow.id}/events/", 404)


def test_a_flow_is_sent_by_our_id_and_its_token_is_added(manager: Any, make: Any, account: Any) -> None:
    conversation = make.conversation(account)
    flow = make.flow(account, claim_json())
    body = {
        "to_phone_number": conversation.contact.phone_number,
        "message_type": "interactive",
        "flow": {"id": flow.id, "body": "Please tell us", "button": "Start", "data": {"policy": "MI-1"}},
    }
    made = manager.call("POST", f"accounts/{account.id}/send_message/", json=body, status=202)
    parameters = db.session.get_one(Message, made["id"]).content["action"]["parameters"]
    assert parameters["flow_id"] == flow.meta_id
    assert parameters["flow_action_payload"] == {"screen": "CLAIM", "data": {"policy": "MI-1"}}
    assert flow_tokens.key_of(parameters["flow_token"]) == flow.token_key
    other = make.flow(make.account(), claim_json())
    for wrong in ({"id": other.id}, {"id": 999}, {"button": "x" * 31}, {"body": ""}):
        given = {**body, "flow": {**body["flow"], **wrong}}
        assert manager.refused_fields("POST", f"accounts/{account.id}/send_message/", json=given)
    for wrong, field in (({"button": "Go 😀"}, "flow.button"), ({"screen": "NOPE"}, "flow.screen")):
        given = {**body, "flow": {**body["flow"], **wrong}}
        assert [*manager.refused_fields("POST", f"accounts/{account.id}/send_message/", json=given)] == [
            field
        ]
    both = {**body, "interactive": {"type": "button"}}
    assert "flow" in manager.refused_fields("POST", f"accounts/{account.id}/send_message/", json=both)


def test_what_belongs_to_somebody_else_does_not_exist(program: Any, make: Any, account: Any) -> None:
    flow = make.flow(make.account(), claim_json())
    stranger = program("manager", [account])
    for method, path in (
        *(("GET", ""), ("DELETE", ""), ("POST", "publish/"), ("POST", "deprecate/"), ("POST", "preview/")),
        *(("GET", "answers/"), ("GET", "answers/csv/")),
    ):
        stranger.refused(method, f"flows/{flow.id}/{path}", 404)
    body = {"waba_account_id": flow.account_id}
    stranger.refused("POST", "flows/sync/", 404, json=body)
    assert db.session.get_one(Flow, flow.id).status == "PUBLISHED"
