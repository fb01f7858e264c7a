"""States of numbers, accounts, tokens and files, and how they are told."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
import requests

from tests.sandbox.support import Meta, Receiver, RunningSandbox, code_of, error_of, eventually


def health(meta: Meta, node_id: str) -> dict[str, Any]:
    answer = meta.get(node_id, fields="health_status")
    found: dict[str, Any] = answer.json()["health_status"]
    return found


def entity(found: dict[str, Any], kind: str) -> dict[str, Any]:
    return dict(next(one for one in found["entities"] if one["entity_type"] == kind))


def node_ids(meta: Meta) -> dict[str, str]:
    [template] = meta.get(f"{meta.waba_id}/message_templates", name="hello_world").json()["data"]
    flow = meta.post(f"{meta.waba_id}/flows", {"name": "one", "categories": ["OTHER"]}).json()["id"]
    ids = {"PHONE_NUMBER": meta.number_id, "WABA": meta.waba_id}
    return ids | {"MESSAGE_TEMPLATE": template["id"], "FLOW": flow}


def test_every_node_tells_of_a_limited_portfolio(meta: Meta) -> None:
    nodes = node_ids(meta)
    meta.sandbox.control("POST", "conditions", {"id": meta.waba_id, "conditions": ["business_not_verified"]})
    for node_id in nodes.values():
        found = health(meta, node_id)
        business = entity(found, "BUSINESS")
        assert (found["can_send_message"], business["can_send_message"]) == ("LIMITED", "LIMITED")
        assert business["additional_info"]
        assert "errors" not in business


def test_limited_entity_says_why_and_a_blocked_one_weighs_more(meta: Meta) -> None:
    nodes = node_ids(meta)
    meta.sandbox.control("POST", f"phone_numbers/{meta.number_id}", {"name_status": "PENDING_REVIEW"})
    meta.sandbox.control(
        "POST", f"message_templates/{nodes['MESSAGE_TEMPLATE']}", {"quality_score": "YELLOW"}
    )
    meta.sandbox.control("POST", f"flows/{nodes['FLOW']}", {"status": "THROTTLED"})
    for kind in ("PHONE_NUMBER", "MESSAGE_TEMPLATE", "FLOW"):
        found = entity(health(meta, nodes[kind]), kind)
        assert found["can_send_message"] == "LIMITED"
        assert found["additional_info"]
    meta.sandbox.control("POST", "conditions", {"id": meta.waba_id, "conditions": ["payment_issue"]})
    found = health(meta, meta.number_id)
    assert found["can_send_message"] == "BLOCKED"
    assert entity(found, "WABA")["errors"][0]["error_code"] == 141006
    assert "additional_info" not in entity(found, "WABA")


@pytest.mark.parametrize("name,decision", [("Harbour Lane", "APPROVED"), ("Reject Me", "REJECTED")])
def test_review_of_a_display_name_is_told(meta: Meta, receiver: Receiver, name: str, decision: str) -> None:
    meta.connect(receiver, fields="phone_number_name_update")
    assert meta.post(meta.number_id, {"new_display_name": name}).ok
    [told] = eventually(lambda: receiver.changes("phone_number_name_update"))
    assert (told["decision"], told["requested_verified_name"]) == (decision, name)


def test_token_of_sixty_days_tells_its_ends(meta: Meta) -> None:
    body = {"app_id": meta.app_id, "expires_in_s": 60 * 86_400, "data_access_expires_in_s": 90 * 86_400}
    token = meta.sandbox.control("POST", "tokens", body).json()["access_token"]
    data = meta.get("debug_token", input_token=token).json()["data"]
    assert data["data_access_expires_at"] - data["expires_at"] == pytest.approx(30 * 86_400, abs=2)
    never = meta.get("debug_token", input_token=meta.token).json()["data"]
    assert (never["expires_at"], never["data_access_expires_at"]) == (0, 0)


def upload(meta: Meta) -> str:
    form = {"messaging_product": "whatsapp", "type": "text/plain"}
    files = {"file": ("a.txt", b"hello", "text/plain")}
    answer = meta.call("POST", f"{meta.number_id}/media", data=form, files=files)
    return str(answer.json()["id"])


def test_address_of_a_file_ends_and_wants_the_token(meta: Meta) -> None:
    media_id = upload(meta)
    headers = {"Authorization": f"Bearer {meta.token}"}
    url = meta.get(media_id).json()["url"]
    assert requests.get(url, headers=headers, timeout=20).content == b"hello"
    assert requests.get(url, timeout=20).status_code == 401
    meta.sandbox.control("POST", "settings", {"media_url_life_s": 0})
    assert requests.get(meta.get(media_id).json()["url"], headers=headers, timeout=20).status_code == 404


def test_ended_media_id_is_unknown_and_cannot_be_sent(meta: Meta) -> None:
    media_id = upload(meta)
    assert meta.get(media_id, phone_number_id=meta.number_id).ok
    assert code_of(meta.get(media_id, phone_number_id="1")) == (400, 100)
    assert meta.sandbox.control("POST", f"media/{media_id}", {"expires_in_s": 0}).ok
    assert code_of(meta.get(media_id)) == (400, 100)
    meta.receive()
    assert meta.send(type="document", document={"id": media_id}).status_code == 400
    assert meta.sandbox.control("POST", f"media/{media_id}", {"expires_in_s": 5}).status_code == 400


def test_ban_of_an_account_and_its_end_are_told_and_shown(meta: Meta, receiver: Receiver) -> None:
    meta.connect(receiver, fields="account_update")

    def hold(*names: str) -> str:
        meta.sandbox.control("POST", "conditions", {"id": meta.waba_id, "conditions": list(names)})
        return str(meta.get(meta.waba_id, fields="status").json()["status"])

    assert hold("policy_restricted") == "RESTRICTED"
    assert hold("locked", "policy_restricted") == "DISABLED"
    assert code_of(meta.send_template())[1] in {368, 131031}
    assert hold() == "ACTIVE"
    assert meta.send_template().ok
    told = eventually(lambda: receiver.changes("account_update")[2:] and receiver.changes("account_update"))
    assert [change["event"] for change in told] == [
        "ACCOUNT_RESTRICTION",
        "DISABLED_UPDATE",
        "DISABLED_UPDATE",
    ]
    assert [change["ban_info"]["waba_ban_state"] for change in told[1:]] == ["DISABLE", "REINSTATE"]
    assert told[0]["restriction_info"]


@pytest.mark.parametrize("status", ["RESTRICTED", "RATE_LIMITED"])
def test_restricted_number_answers_but_does_not_begin(meta: Meta, status: str) -> None:
    meta.sandbox.control("POST", f"phone_numbers/{meta.number_id}", {"status": status})
    assert code_of(meta.send_template()) == (400, 131048)
    meta.receive()
    assert meta.send_template().ok
    assert meta.send_text().ok
    found = entity(health(meta, meta.number_id), "PHONE_NUMBER")
    assert found["can_send_message"] == "LIMITED"


def unverified(meta: Meta) -> None:
    meta.sandbox.control("POST", "conditions", {"id": meta.waba_id, "conditions": ["business_not_verified"]})


def test_portfolio_that_is_not_verified_has_few_numbers_and_message_templates(meta: Meta) -> None:
    def add(number: str) -> requests.Response:
        body = {"cc": "44", "phone_number": number, "verified_name": "Harbour Lane"}
        return meta.post(f"{meta.waba_id}/phone_numbers", body)

    unverified(meta)
    path = f"{meta.waba_id}/message_templates"
    assert meta.get(path, summary="total_count").json()["summary"]["message_template_limit"] == 250
    last = meta.number_id[-6:]
    assert add(f"7700{last}").ok
    assert code_of(add(f"7701{last}")) == (400, 100)
    meta.sandbox.control("POST", "conditions", {"id": meta.waba_id, "conditions": []})
    assert add(f"7701{last}").ok
    assert meta.get(meta.waba_id, fields="business_verification_status").json() == {
        "business_verification_status": "verified",
        "id": meta.waba_id,
    }


def test_number_of_another_account_is_not_taken_over(meta: Meta, sandbox: RunningSandbox) -> None:
    other = sandbox.control("POST", "accounts", {}).json()
    body = {"cc": "1", "phone_number": other["phone_number"][2:], "verified_name": "Mine"}
    refused = meta.post(f"{meta.waba_id}/phone_numbers", body)
    assert error_of(refused)["error_subcode"] == 2388103


def test_account_holds_no_more_message_templates_than_its_limit(meta: Meta) -> None:
    meta.sandbox.control("POST", "settings", {"message_template_limit": 4})
    part = {"type": "BODY", "text": "Your documents were received and will be checked this week."}
    body = {"name": "one_more", "language": "en_US", "category": "UTILITY", "components": [part]}
    refused = meta.post(f"{meta.waba_id}/message_templates", body)
    assert error_of(refused)["error_subcode"] == 2388019


def test_approved_message_template_is_edited_ten_times_a_month_and_once_a_day(meta: Meta) -> None:
    [row] = meta.get(f"{meta.waba_id}/message_templates", name="hello_world").json()["data"]
    db = meta.sandbox.app.extensions["sandbox"].db

    def edit(*days_ago: float) -> requests.Response:
        edited_at = json.dumps([time.time() - days * 86_400 for days in days_ago])
        db.execute("UPDATE message_templates SET edited_at = ? WHERE id = ?", edited_at, row["id"])
        return meta.post(row["id"], {"components": row["components"]})

    assert edit(*(1.1 + day for day in range(9))).ok
    assert error_of(edit(*(1.1 + day for day in range(10))))["error_subcode"] == 2388039
    assert edit(*(30.5 + day for day in range(10))).ok
    assert error_of(edit(0.5))["error_subcode"] == 2388039
