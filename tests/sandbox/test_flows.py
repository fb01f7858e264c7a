"""Flows: their life from draft to deprecation, and what is wrong in a Flow JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from tests.sandbox.support import Meta, Receiver, RunningSandbox, code_of, error_of, eventually

FOOTER = {"type": "Footer", "label": "Send", "on-click-action": {"name": "complete", "payload": {}}}
SCREEN = {
    "id": "CONFIRM",
    "title": "Confirm",
    "terminal": True,
    "data": {},
    "layout": {
        "type": "SingleColumnLayout",
        "children": [{"type": "TextBody", "text": "All right?"}, FOOTER],
    },
}
GOOD = {"version": "7.3", "screens": [SCREEN]}


def create(meta: Meta, name: str = "damage", **more: Any) -> Any:
    return meta.post(f"{meta.waba_id}/flows", {"name": name, "categories": ["SURVEY"], **more})


def created(meta: Meta, flow: Any = None, **more: Any) -> str:
    return str(create(meta, flow_json=json.dumps(GOOD if flow is None else flow), **more).json()["id"])


def upload(meta: Meta, flow_id: str, text: str) -> Any:
    files = {"file": ("flow.json", text, "application/json")}
    data = {"name": "flow.json", "asset_type": "FLOW_JSON"}
    return meta.call("POST", f"{flow_id}/assets", files=files, data=data)


def status(meta: Meta, flow_id: str) -> str:
    return str(meta.get(flow_id, fields="status").json()["status"])


def test_flow_lives_from_draft_to_deprecated(meta: Meta) -> None:
    flow_id = create(meta, categories='["SURVEY"]').json()["id"]
    assert meta.get(flow_id).json() == {
        "id": flow_id,
        "name": "damage",
        "status": "DRAFT",
        "categories": ["SURVEY"],
        "validation_errors": [],
    }
    assert upload(meta, flow_id, json.dumps(GOOD)).json() == {"success": True, "validation_errors": []}
    assert meta.post(f"{flow_id}/publish", {}).json() == {"success": True}
    assert meta.get(f"{meta.waba_id}/flows").json()["data"][0]["status"] == "PUBLISHED"
    assert meta.post(f"{flow_id}/deprecate", {}).json() == {"success": True}
    assert status(meta, flow_id) == "DEPRECATED"


def test_each_wrong_state_has_its_code(meta: Meta) -> None:
    flow_id = create(meta).json()["id"]
    assert code_of(meta.post(f"{flow_id}/publish", {})) == (400, 139002)
    assert code_of(meta.post(f"{flow_id}/deprecate", {})) == (400, 139003)
    upload(meta, flow_id, json.dumps(GOOD))
    meta.post(f"{flow_id}/publish", {})
    assert code_of(meta.call("DELETE", flow_id)) == (400, 139004)
    meta.post(f"{flow_id}/deprecate", {})
    assert code_of(meta.post(flow_id, {"name": "other"})) == (400, 139001)
    assert code_of(upload(meta, flow_id, "{}")) == (400, 139001)
    assert code_of(meta.get(flow_id, fields="metric.name(ENDPOINT_AVAILABILITY)")) == (400, 139006)


def test_changed_published_flow_is_a_draft_again_and_cannot_be_deleted(meta: Meta) -> None:
    flow_id = created(meta, publish=True)
    assert status(meta, flow_id) == "PUBLISHED"
    assert meta.post(flow_id, {"name": "renamed"}).json() == {"success": True}
    assert status(meta, flow_id) == "DRAFT"
    assert code_of(meta.call("DELETE", flow_id)) == (400, 139004)


def test_draft_is_deleted(meta: Meta) -> None:
    flow_id = created(meta)
    assert meta.call("DELETE", flow_id).json() == {"success": True}
    assert error_of(meta.get(flow_id))["error_subcode"] == 33


@pytest.mark.parametrize(
    "error,flow",
    [
        ("INVALID_FLOW_JSON", []),
        ("MISSING_FLOW_JSON_VERSION", {"screens": [SCREEN]}),
        ("INVALID_FLOW_JSON_VERSION", GOOD | {"version": "1.0"}),
        ("INVALID_PROPERTY_KEY", GOOD | {"colour": "red"}),
        ("MIN_ITEMS_REQUIRED", GOOD | {"screens": []}),
        ("INVALID_ROUTING_MODEL", GOOD | {"data_api_version": "3.0"}),
        ("PATTERN_MISMATCH", GOOD | {"screens": [SCREEN | {"id": "SUCCESS"}]}),
        ("INVALID_SCREEN_DYNAMIC_DATA", GOOD | {"screens": [SCREEN | {"data": {"a": {"type": "string"}}}]}),
        ("MAX_FOOTER_PER_SCREEN", GOOD | {"screens": [SCREEN | {"layout": {"children": [FOOTER, FOOTER]}}]}),
        (
            "INVALID_COMPLETE_ACTION",
            GOOD | {"screens": [SCREEN, SCREEN | {"id": "OTHER", "terminal": False}]},
        ),
        (
            "INVALID_NAVIGATE_ACTION_NEXT_SCREEN_NAME",
            GOOD
            | {
                "screens": [
                    SCREEN
                    | {
                        "layout": {
                            "children": [
                                FOOTER | {"on-click-action": {"name": "navigate", "next": {"name": "X"}}}
                            ]
                        }
                    }
                ]
            },
        ),
    ],
)
def test_wrong_flow_json_is_taken_with_its_errors_but_not_published(
    meta: Meta, error: str, flow: Any
) -> None:
    answer = create(meta, flow_json=json.dumps(flow)).json()
    assert error in [problem["error"] for problem in answer["validation_errors"]]
    assert {"line_start", "column_end", "pointers"} <= set(answer["validation_errors"][0])
    assert code_of(meta.post(f"{answer['id']}/publish", {})) == (400, 139002)


def test_preview_and_asset_can_be_fetched_and_a_preview_renewed(meta: Meta) -> None:
    flow_id = created(meta)
    [asset] = meta.get(f"{flow_id}/assets").json()["data"]
    assert requests.get(asset["download_url"], timeout=20).json() == GOOD
    first = meta.get(flow_id, fields="preview,json_version").json()
    assert first["json_version"] == "7.3"
    assert requests.get(first["preview"]["preview_url"], timeout=20).status_code == 200
    second = meta.get(flow_id, fields="preview.invalidate(true)").json()["preview"]["preview_url"]
    assert second != first["preview"]["preview_url"]
    assert requests.get(first["preview"]["preview_url"], timeout=20).status_code == 404


def test_name_categories_and_sources_are_checked(meta: Meta) -> None:
    flow_id = created(meta)
    assert code_of(create(meta)) == (400, 100)
    assert code_of(create(meta, name="b", categories=["NONE"])) == (400, 100)
    assert code_of(create(meta, name="b", clone_flow_id=flow_id, flow_json="{}")) == (400, 100)
    copied = create(meta, name="b", clone_flow_id=flow_id).json()
    assert copied["validation_errors"] == []


def test_blocked_and_throttled_flow_cannot_be_sent(meta: Meta) -> None:
    flow_id = created(meta, publish=True)
    parameters = {"flow_message_version": "3", "flow_id": flow_id, "flow_cta": "Start"}
    interactive = {
        "type": "flow",
        "body": {"text": "Hi"},
        "action": {"name": "flow", "parameters": parameters},
    }
    assert meta.send(type="interactive", interactive=interactive).status_code == 200
    meta.sandbox.control("POST", f"flows/{flow_id}", {"status": "BLOCKED"})
    assert code_of(meta.send(type="interactive", interactive=interactive)) == (400, 132068)
    meta.sandbox.control("POST", f"flows/{flow_id}", {"status": "THROTTLED"})
    answers = [meta.send(type="interactive", interactive=interactive) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [400]
    assert code_of(answers[-1]) == (400, 132069)


def test_app_is_told_of_each_new_status(meta: Meta, receiver: Receiver) -> None:
    meta.connect(receiver, "flows")
    flow_id = created(meta, publish=True)
    meta.post(flow_id, {"name": "renamed"})
    meta.post(flow_id, {"name": "renamed again"})
    meta.sandbox.control("POST", f"flows/{flow_id}", {"status": "BLOCKED"})
    told = eventually(lambda: found if len(found := receiver.changes("flows")) == 3 else None)
    assert {one["flow_id"] for one in told} == {flow_id}
    changes = [("DRAFT", "PUBLISHED"), ("PUBLISHED", "DRAFT"), ("DRAFT", "BLOCKED")]
    assert [(one["old_status"], one["new_status"]) for one in told] == changes


def test_flows_move_to_another_account(meta: Meta, sandbox: RunningSandbox) -> None:
    created(meta)
    other = sandbox.control("POST", "accounts", {}).json()
    both = {"app_id": meta.app_id, "target_ids": [meta.waba_id, other["waba_id"]]}
    token = sandbox.control("POST", "tokens", both).json()["access_token"]
    body = {"source_waba_id": meta.waba_id, "source_flow_names": ["damage", "unknown"]}
    answer = meta.call("POST", f"{other['waba_id']}/migrate_flows", token=token, json=body).json()
    assert [done["source_name"] for done in answer["migrated_flows"]] == ["damage"]
    assert answer["failed_flows"][0]["error_code"] == "4233041"
