"""The small edges of a number: settings, key, automation, commerce, QR codes, block list, username."""

from __future__ import annotations

import re
from typing import Any

import pytest

from app.sandbox import ids
from tests.sandbox.support import CUSTOMER, Meta, code_of, error_of, eventually

WHATSAPP = {"messaging_product": "whatsapp"}


def block(meta: Meta, *users: str, method: str = "POST") -> Any:
    body = WHATSAPP | {"block_users": [{"user": user} for user in users]}
    return meta.call(method, f"{meta.number_id}/block_users", json=body)


def test_blocked_user_is_listed_gets_nothing_and_is_unblocked(meta: Meta) -> None:
    meta.receive()
    added = {"added_users": [{"input": "+" + CUSTOMER, "wa_id": CUSTOMER}]}
    assert block(meta, "+" + CUSTOMER).json()["block_users"] == added
    [listed] = meta.get(f"{meta.number_id}/block_users").json()["data"]
    assert listed == WHATSAPP | {"wa_id": CUSTOMER, "user_id": listed["user_id"]}
    assert listed["user_id"].startswith("GB.")
    assert code_of(meta.send_text()) == (400, 130403)
    removed = block(meta, "+" + CUSTOMER, method="DELETE").json()["block_users"]
    assert removed == {"removed_users": [{"input": "+" + CUSTOMER, "wa_id": CUSTOMER}]}
    assert meta.send_text().status_code == 200


def test_mixed_block_list_is_400_and_names_both_kinds(meta: Meta) -> None:
    meta.receive()
    answer = block(meta, "+" + CUSTOMER, "+447700900999")
    assert code_of(answer) == (400, 139100)
    result = answer.json()["block_users"]
    assert [user["wa_id"] for user in result["added_users"]] == [CUSTOMER]
    assert [user["input"] for user in result["failed_users"]] == ["+447700900999"]


def test_full_block_list_is_139101_and_a_strange_cursor_139102(meta: Meta) -> None:
    meta.receive()
    message = {"type": "text", "text": {"body": "Hello"}}
    body = {"phone_number_id": meta.number_id, "from": "+447700900901", "message": message}
    meta.sandbox.control("POST", "inbound", body)
    meta.sandbox.control("POST", "settings", {"block_list_limit": 1})
    assert block(meta, "+" + CUSTOMER).status_code == 200
    assert code_of(block(meta, "+447700900901")) == (400, 139101)
    assert code_of(meta.get(f"{meta.number_id}/block_users", after="OTk5")) == (400, 139102)


def test_qr_code_is_made_changed_read_and_deleted(meta: Meta) -> None:
    path = f"{meta.number_id}/message_qrdls"
    made = meta.post(path, {"prefilled_message": "Hello", "generate_qr_image": "SVG"}).json()
    assert made["deep_link_url"] == f"https://wa.me/message/{made['code']}"
    assert re.fullmatch(r"[A-Z2-7]{14}", made["code"])
    assert made["qr_image_url"]
    meta.post(path, {"code": made["code"], "prefilled_message": "Hi"})
    assert meta.get(f"{path}/{made['code']}").json()["data"][0]["prefilled_message"] == "Hi"
    listed = meta.get(path, fields="code,qr_image_url.format(PNG)").json()["data"]
    assert [set(row) for row in listed] == [{"code", "qr_image_url"}]
    assert meta.call("DELETE", f"{path}/{made['code']}").json() == {"success": True}
    assert meta.get(f"{path}/{made['code']}").json() == {"data": []}
    assert error_of(meta.call("DELETE", f"{path}/{made['code']}"))["error_subcode"] == 33
    assert code_of(meta.post(path, {"prefilled_message": "x" * 141})) == (400, 100)


def test_settings_are_changed_one_feature_at_a_time(meta: Meta) -> None:
    path = f"{meta.number_id}/settings"
    assert meta.post(path, {"calling": {"status": "ENABLED"}}).json() == {"success": True}
    assert meta.get(path).json()["calling"]["status"] == "ENABLED"
    both = {"calling": {"status": "ENABLED"}, "user_identity_change": {"enable_identity_key_check": True}}
    assert code_of(meta.post(path, both)) == (400, 100)
    assert code_of(meta.post(path, {"calling": {"status": "MAYBE"}})) == (400, 100)
    storage = {"storage_configuration": {"status": "NO_STORAGE_ENABLED"}}
    assert code_of(meta.post(path, storage)) == (400, 100)
    meta.post(f"{meta.number_id}/deregister", {})
    assert meta.post(path, storage).json() == {"success": True}


def test_wrong_identity_key_is_137000_once_it_is_checked(meta: Meta) -> None:
    assert meta.send_text(recipient_identity_key_hash="nonsense").status_code == 200
    check = {"user_identity_change": {"enable_identity_key_check": True}}
    meta.post(f"{meta.number_id}/settings", check)
    assert code_of(meta.send_text(recipient_identity_key_hash="nonsense")) == (400, 137000)


def test_public_key_is_kept_and_checked(meta: Meta, public_key: str) -> None:
    path = f"{meta.number_id}/whatsapp_business_encryption"
    assert meta.get(path).json() == {"data": []}
    assert code_of(meta.post(path, {"business_public_key": "no key"})) == (400, 100)
    assert meta.call("POST", path, data={"business_public_key": public_key}).json() == {"success": True}
    [kept] = meta.get(path).json()["data"]
    assert kept == {"business_public_key": public_key, "business_public_key_signature_status": "VALID"}
    meta.post(f"{meta.number_id}/deregister", {})
    assert meta.get(path).json()["data"][0]["business_public_key_signature_status"] == "MISMATCH"


def test_automation_is_read_back_and_checked(meta: Meta) -> None:
    path = f"{meta.number_id}/conversational_automation"
    commands = [{"command_name": "hours", "command_description": "When are you open?"}]
    body = {"enable_welcome_message": True, "prompts": ["Book a table"], "commands": commands}
    assert meta.post(path, body).json() == {"success": True}
    kept = meta.get(meta.number_id, fields="conversational_automation").json()["conversational_automation"]
    assert (kept["prompts"], kept["commands"]) == (["Book a table"], commands)
    assert code_of(meta.post(path, {"prompts": ["x"] * 5})) == (400, 100)
    assert code_of(meta.post(path, {"prompts": ["\U0001f600"]})) == (400, 100)


def test_commerce_settings_are_changed_by_query(meta: Meta) -> None:
    path = f"{meta.number_id}/whatsapp_commerce_settings"
    assert meta.call("POST", path, params={"is_catalog_visible": "true"}).json() == {"success": True}
    [kept] = meta.get(path).json()["data"]
    assert (kept["is_cart_enabled"], kept["is_catalog_visible"]) == (True, True)


def test_username_is_claimed_once_and_moved_on_demand(meta: Meta) -> None:
    path, name = f"{meta.number_id}/username", f"shop_{meta.number_id}"
    assert meta.get(path).json() == {}
    assert code_of(meta.post(path, {"username": "www.no"})) == (400, 147001)
    assert meta.post(path, {"username": name}).json() == {"success": True, "status": "approved"}
    assert meta.get(path).json() == {"username": name, "status": "approved"}
    second = meta.sandbox.control("POST", "phone_numbers", {"waba_id": meta.waba_id}).json()
    other = f"{second['phone_number_id']}/username"
    assert code_of(meta.post(other, {"username": name})) == (400, 147005)
    assert meta.post(other, {"username": name, "transfer_action": "force_transfer"}).status_code == 200
    assert meta.get(f"{meta.number_id}/username_suggestions").json()["data"]
    meta.post(f"{meta.number_id}/deregister", {})
    assert code_of(meta.post(path, {"username": "another_one"})) == (400, 147002)


def test_contact_book_forgets_a_person(meta: Meta) -> None:
    meta.receive()
    business = meta.account["meta_business_account_id"]
    query = {"messaging_product": "whatsapp", "bsuid": ids.user_id(business, CUSTOMER)}
    for deleted in (True, False):
        answer = meta.call("DELETE", f"{meta.number_id}/contact_book", params=query).json()
        assert answer == WHATSAPP | {"success": True, "deleted": deleted}


def test_codes_are_limited_and_pins_lock(meta: Meta) -> None:
    ask = {"code_method": "SMS", "language": "en"}
    answers = [meta.post(f"{meta.number_id}/request_code", ask) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [400]
    assert code_of(answers[-1]) == (400, 136024)
    meta.post(f"{meta.number_id}/register", WHATSAPP | {"pin": "123456"})
    wrong = [code_of(meta.post(f"{meta.number_id}/register", WHATSAPP | {"pin": "000000"})) for _ in range(6)]
    assert wrong == [(400, 133005)] * 3 + [(400, 133009)] * 2 + [(400, 133008)]
    assert code_of(meta.post(f"{meta.number_id}/register", WHATSAPP | {"pin": "123456"})) == (400, 133008)


@pytest.mark.parametrize("name,outcome", [("Harbour Lane Cakes", "APPROVED"), ("Reject me", "DECLINED")])
def test_new_name_is_reviewed_and_taken_over_at_the_next_registration(
    meta: Meta, name: str, outcome: str
) -> None:
    fields = "new_display_name,new_name_status,verified_name"
    meta.post(meta.number_id, {"new_display_name": name})
    assert meta.get(meta.number_id, fields=fields).json()["new_name_status"] == "PENDING_REVIEW"
    eventually(lambda: meta.get(meta.number_id, fields=fields).json()["new_name_status"] == outcome)
    meta.post(f"{meta.number_id}/register", WHATSAPP | {"pin": "123456"})
    shown = meta.get(meta.number_id, fields=fields).json()["verified_name"]
    assert (shown == name) is (outcome == "APPROVED")
