"""A past for an account: numbers and message templates put straight in."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.sandbox.support import Meta, Receiver

BODY = {"type": "BODY", "text": "Thank you, {{1}}, we have it.", "example": {"body_text": [["Grace"]]}}
CLAIM = {"name": "claim_received", "language": "en_GB", "category": "UTILITY", "components": [BODY]}


def listed(meta: Meta, edge: str, fields: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = meta.get(f"{meta.waba_id}/{edge}", fields=fields).json()["data"]
    return found


def put(meta: Meta, path: str, **body: Any) -> Any:
    return meta.sandbox.control("POST", path, body)


def test_a_second_number_joins_the_account_once(meta: Meta) -> None:
    asked = {"waba_id": meta.waba_id, "phone_number_id": f"9{meta.waba_id}", "verified_name": "Claims"}
    first, again = put(meta, "phone_numbers", **asked), put(meta, "phone_numbers", **asked)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    numbers = listed(meta, "phone_numbers", "id,verified_name,status")
    assert {row["id"]: row["verified_name"] for row in numbers}[asked["phone_number_id"]] == "Claims"
    assert {row["status"] for row in numbers} == {"CONNECTED"}


def test_a_number_of_another_account_does_not_join(meta: Meta) -> None:
    other = meta.sandbox.control("POST", "accounts", {}).json()
    answer = put(meta, "phone_numbers", waba_id=meta.waba_id, phone_number_id=other["phone_number_id"])
    assert answer.status_code == 400
    assert "already used" in answer.json()["error"]["message"]


def test_a_number_can_be_called_something_else(meta: Meta) -> None:
    assert put(meta, f"phone_numbers/{meta.number_id}", verified_name="Claims").status_code == 200
    assert listed(meta, "phone_numbers", "verified_name") == [
        {"verified_name": "Claims", "id": meta.number_id}
    ]


@pytest.mark.parametrize("status", ["APPROVED", "PENDING", "REJECTED", "PAUSED", "DISABLED"])
def test_a_message_template_stays_as_its_review_left_it(
    connected: Meta, receiver: Receiver, status: str
) -> None:
    made = {**CLAIM, "status": status, "quality_score": "YELLOW"}
    assert put(connected, "message_templates", waba_id=connected.waba_id, message_templates=[made]).ok
    time.sleep(0.4)  # longer than a review takes at the tests' speed
    rows = listed(connected, "message_templates", "name,status,quality_score")
    found = next(row for row in rows if row["name"] == "claim_received")
    assert (found["status"], found["quality_score"]["score"]) == (status, "YELLOW")
    assert receiver.bodies == []


def test_ready_made_message_templates_may_give_way(meta: Meta) -> None:
    put(meta, "message_templates", waba_id=meta.waba_id, message_templates=[CLAIM], is_all=True)
    names = {row["name"] for row in listed(meta, "message_templates", "name")}
    assert names == {"hello_world", "claim_received"}


def test_a_message_template_that_meta_would_refuse_is_refused(meta: Meta) -> None:
    wrong = {**CLAIM, "name": "Claim received"}
    answer = put(meta, "message_templates", waba_id=meta.waba_id, message_templates=[CLAIM, wrong])
    assert answer.status_code == 400
    assert "Claim received: " in answer.json()["error"]["message"]
    assert "claim_received" not in {row["name"] for row in listed(meta, "message_templates", "name")}


@pytest.mark.parametrize(
    "path, body",
    [
        ("phone_numbers", {}),
        ("phone_numbers", {"waba_id": "1"}),
        ("message_templates", {"waba_id": "1", "message_templates": []}),
        ("message_templates", {"waba_id": "{waba}", "message_templates": {}}),
        ("message_templates", {"waba_id": "{waba}", "message_templates": [{"name": "a", "status": "GONE"}]}),
    ],
)
def test_what_makes_no_sense_is_refused(meta: Meta, path: str, body: dict[str, Any]) -> None:
    filled = {key: meta.waba_id if value == "{waba}" else value for key, value in body.items()}
    assert put(meta, path, **filled).status_code == 400
