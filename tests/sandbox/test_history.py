"""A past for an account, by control: further numbers, reviewed message templates, known people."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.sandbox.support import CUSTOMER, Meta, Receiver, eventually

BODY = {"type": "BODY", "text": "Your documents were received and will be checked by our team this week."}


def add_templates(meta: Meta, *given: dict[str, Any]) -> Any:
    base = {"language": "en_US", "category": "UTILITY", "components": [BODY]}
    body = {"waba_id": meta.waba_id, "message_templates": [base | one for one in given]}
    return meta.sandbox.control("POST", "message_templates", body)


def test_further_number_belongs_to_the_account_and_is_made_once(meta: Meta) -> None:
    body = {"waba_id": meta.waba_id, "verified_name": "Second counter"}
    number = meta.sandbox.control("POST", "phone_numbers", body)
    assert number.status_code == 201
    listed = meta.get(f"{meta.waba_id}/phone_numbers").json()["data"]
    assert [row["verified_name"] for row in listed][1:] == ["Second counter"]
    again = {"waba_id": meta.waba_id, "phone_number_id": number.json()["phone_number_id"]}
    assert meta.sandbox.control("POST", "phone_numbers", again).status_code == 200
    assert len(meta.get(f"{meta.waba_id}/phone_numbers").json()["data"]) == 2


def test_message_templates_come_with_their_outcome_unannounced(connected: Meta, receiver: Receiver) -> None:
    rejected = {"name": "old_offer", "status": "REJECTED", "reason": "SCAM"}
    assert (
        add_templates(connected, rejected, {"name": "old_news", "quality_score": "GREEN"}).status_code == 201
    )
    fields = "name,status,rejected_reason,quality_score"
    listed = connected.get(f"{connected.waba_id}/message_templates", fields=fields).json()["data"]
    by_name = {row["name"]: row for row in listed}
    assert (by_name["old_offer"]["status"], by_name["old_offer"]["rejected_reason"]) == ("REJECTED", "SCAM")
    assert by_name["old_news"]["quality_score"]["score"] == "GREEN"
    connected.receive()
    eventually(receiver.messages)
    assert receiver.changes("message_template_status_update") == []


def test_bad_message_template_is_named_and_nothing_is_kept(meta: Meta) -> None:
    answer = add_templates(meta, {"name": "fine"}, {"name": "broken", "components": []})
    assert (answer.status_code, "broken" in answer.json()["error"]["message"]) == (400, True)
    assert meta.get(f"{meta.waba_id}/message_templates", name="fine").json() == {"data": []}


def test_known_people_have_ids_and_a_window_from_their_last_message(meta: Meta) -> None:
    hour_ago = time.time() - 3600
    people = [{"from": CUSTOMER, "name": "Ana Doe", "last_inbound_at": hour_ago}]
    body = {"phone_number_id": meta.number_id, "customers": people}
    [known] = meta.sandbox.control("POST", "customers", body).json()["data"]
    assert known["wa_id"] == CUSTOMER
    assert known["user_id"].startswith("GB.")
    meta.send_template()
    [sent] = meta.sandbox.logged(f"messages?phone_number_id={meta.number_id}")
    assert sent["pricing"]["type"] == "free_customer_service"


@pytest.mark.parametrize(
    "path,body",
    [
        ("phone_numbers", {"waba_id": "1"}),
        ("message_templates", {"waba_id": "1", "message_templates": []}),
        ("customers", {"phone_number_id": "{number}", "customers": "Ana"}),
        ("customers", {"phone_number_id": "{number}", "customers": [{"from": "x"}]}),
        (
            "customers",
            {"phone_number_id": "{number}", "customers": [{"from": CUSTOMER, "last_inbound_at": 1e12}]},
        ),
    ],
)
def test_bad_past_is_400(meta: Meta, path: str, body: dict[str, Any]) -> None:
    if body.get("phone_number_id"):
        body = body | {"phone_number_id": meta.number_id}
    assert meta.sandbox.control("POST", path, body).status_code == 400
