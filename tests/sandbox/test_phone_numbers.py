"""Numbers: reading, registration, profile; callbacks; media."""

from __future__ import annotations

import base64
import hashlib
import io
from typing import Any

import pytest
import requests

from tests.sandbox.support import Meta, Receiver, code_of, error_of, eventually

WHATSAPP = {"messaging_product": "whatsapp"}


def test_new_number_is_connected_and_good(meta: Meta) -> None:
    fields = (
        "status,quality_rating,code_verification_status,name_status,platform_type,throughput,account_mode,"
        "whatsapp_business_manager_messaging_limit,health_status,webhook_configuration,is_pin_enabled"
    )
    number = meta.get(meta.number_id, fields=fields).json()
    assert (number["status"], number["quality_rating"], number["platform_type"]) == (
        "CONNECTED",
        "GREEN",
        "CLOUD_API",
    )
    assert number["throughput"] == {"level": "STANDARD"}
    kinds = [entity["entity_type"] for entity in number["health_status"]["entities"]]
    assert kinds == ["PHONE_NUMBER", "WABA", "BUSINESS", "APP"]
    assert number["health_status"]["can_send_message"] == "AVAILABLE"


def test_list_of_numbers_has_metas_default_fields(meta: Meta) -> None:
    [number] = meta.get(f"{meta.waba_id}/phone_numbers").json()["data"]
    assert number["id"] == meta.number_id
    assert number["display_phone_number"] == meta.account["display_number"]
    assert "status" not in number


def test_deregistered_number_is_blocked_until_registered_with_the_same_pin(meta: Meta) -> None:
    assert meta.post(f"{meta.number_id}/register", WHATSAPP | {"pin": "123456"}).json() == {"success": True}
    assert meta.post(f"{meta.number_id}/deregister", {}).json() == {"success": True}
    assert (
        meta.get(meta.number_id, fields="health_status").json()["health_status"]["can_send_message"]
        == "BLOCKED"
    )
    assert code_of(meta.post(f"{meta.number_id}/register", WHATSAPP | {"pin": "654321"})) == (400, 133005)
    assert meta.post(f"{meta.number_id}/register", WHATSAPP | {"pin": "123456"}).status_code == 200


def test_eleventh_registration_is_133016(meta: Meta) -> None:
    for _ in range(10):
        assert meta.post(f"{meta.number_id}/register", WHATSAPP | {"pin": "123456"}).status_code == 200
    assert code_of(meta.post(f"{meta.number_id}/register", WHATSAPP | {"pin": "123456"})) == (400, 133016)


def test_pin_must_have_six_digits(meta: Meta) -> None:
    assert code_of(meta.post(f"{meta.number_id}/register", WHATSAPP | {"pin": "12"})) == (400, 100)
    assert code_of(meta.post(meta.number_id, {"pin": "abcdef"})) == (400, 100)
    assert meta.post(meta.number_id, {"pin": "222222"}).json() == {"success": True}


def test_unverified_number_needs_the_code_before_it_registers(meta: Meta) -> None:
    meta.sandbox.control(
        "POST", f"phone_numbers/{meta.number_id}", {"code_verification_status": "NOT_VERIFIED"}
    )
    assert code_of(meta.post(f"{meta.number_id}/register", WHATSAPP | {"pin": "123456"})) == (400, 133006)
    assert code_of(meta.post(f"{meta.number_id}/verify_code", {"code": "123456"})) == (400, 136025)
    asked = meta.post(f"{meta.number_id}/request_code", {"code_method": "SMS", "language": "en"})
    assert asked.json() == {"success": True}
    assert code_of(meta.post(f"{meta.number_id}/verify_code", {"code": "999999"})) == (400, 136025)
    assert meta.post(f"{meta.number_id}/verify_code", {"code": "123456"}).status_code == 200
    assert meta.post(f"{meta.number_id}/register", WHATSAPP | {"pin": "123456"}).status_code == 200


def test_profile_is_read_by_fields_and_changed(meta: Meta) -> None:
    path = f"{meta.number_id}/whatsapp_business_profile"
    assert meta.get(path).json() == {"data": [{"messaging_product": "whatsapp"}]}
    change = WHATSAPP | {"about": "Open", "vertical": "RETAIL", "websites": ["https://shop.example.com/"]}
    assert meta.post(path, change).json() == {"success": True}
    [profile] = meta.get(path, fields="about,vertical,websites,email").json()["data"]
    assert (profile["about"], profile["vertical"]) == ("Open", "RETAIL")
    assert profile["email"].endswith(".example")


@pytest.mark.parametrize(
    "change",
    [
        {"about": "x" * 140},
        {"about": " "},
        {"address": "x" * 257},
        {"description": "x" * 513},
        {"email": "nobody"},
        {"vertical": "MAGIC"},
        {"websites": ["shop.example.com"]},
        {"websites": ["https://a.example"] * 3},
        {"profile_picture_handle": "880011223344556"},
    ],
)
def test_profile_beyond_the_limits_is_refused(meta: Meta, change: dict[str, Any]) -> None:
    assert code_of(meta.post(f"{meta.number_id}/whatsapp_business_profile", WHATSAPP | change)) == (400, 100)


def test_account_and_portfolio_are_read(meta: Meta) -> None:
    waba = meta.get(
        meta.waba_id, fields="name,owner_business_info,health_status,account_review_status"
    ).json()
    business_id = meta.account["meta_business_account_id"]
    assert waba["owner_business_info"]["id"] == business_id
    assert meta.get(business_id, fields="name").json()["name"] == waba["name"]
    [owned] = meta.get(f"{business_id}/owned_whatsapp_business_accounts").json()["data"]
    assert owned["id"] == meta.waba_id


def test_callback_is_verified_before_it_is_kept(meta: Meta, receiver: Receiver) -> None:
    body = {"override_callback_uri": receiver.url, "verify_token": "wrong"}
    answer = meta.post(f"{meta.waba_id}/subscribed_apps", body)
    assert code_of(answer) == (400, 2200)
    assert "403" in error_of(answer)["error_data"]["details"]
    unreachable = {"override_callback_uri": "http://127.0.0.1:9/hook", "verify_token": "x"}
    assert (
        "could not be reached"
        in error_of(meta.post(f"{meta.waba_id}/subscribed_apps", unreachable))["message"]
    )
    assert meta.get(f"{meta.waba_id}/subscribed_apps").json() == {"data": []}
    assert (
        code_of(meta.post(f"{meta.waba_id}/subscribed_apps", {"override_callback_uri": receiver.url}))[1]
        == 100
    )


def test_subscription_of_the_account_is_listed_with_its_override(meta: Meta, receiver: Receiver) -> None:
    body = {"override_callback_uri": receiver.url, "verify_token": receiver.verify_token}
    assert meta.post(f"{meta.waba_id}/subscribed_apps", body).json() == {"success": True}
    [listed] = meta.get(f"{meta.waba_id}/subscribed_apps").json()["data"]
    assert listed["whatsapp_business_api_data"]["id"] == meta.app_id
    assert listed["override_callback_uri"] == receiver.url
    assert meta.post(f"{meta.waba_id}/subscribed_apps", {}).json() == {"success": True}
    assert "override_callback_uri" not in meta.get(f"{meta.waba_id}/subscribed_apps").json()["data"][0]
    assert meta.call("DELETE", f"{meta.waba_id}/subscribed_apps").json() == {"success": True}
    assert meta.get(f"{meta.waba_id}/subscribed_apps").json() == {"data": []}


def test_app_subscription_is_read_narrowed_and_deleted(connected: Meta) -> None:
    def subscriptions(method: str, **params: str) -> Any:
        path = f"{connected.app_id}/subscriptions"
        return connected.call(method, path, token=connected.app_token, params=params).json()

    [listed] = subscriptions("GET")["data"]
    assert listed["object"] == "whatsapp_business_account"
    assert [field["name"] for field in listed["fields"]] == ["message_template_status_update", "messages"]
    subscriptions("DELETE", object="whatsapp_business_account", fields="message_template_status_update")
    assert [field["name"] for field in subscriptions("GET")["data"][0]["fields"]] == ["messages"]
    subscriptions("DELETE", object="whatsapp_business_account")
    assert subscriptions("GET") == {"data": []}


def test_app_subscription_needs_the_app_token_and_known_fields(meta: Meta, receiver: Receiver) -> None:
    body = {
        "object": "whatsapp_business_account",
        "callback_url": receiver.url,
        "verify_token": "x",
        "fields": "poems",
    }
    assert meta.post(f"{meta.app_id}/subscriptions", body).status_code == 400
    answer = meta.call("POST", f"{meta.app_id}/subscriptions", token=meta.app_token, json=body)
    assert "must be one of" in error_of(answer)["message"]


def test_number_override_wins_and_is_shown(connected: Meta, receiver: Receiver) -> None:
    override = {"override_callback_uri": receiver.url + "/number", "verify_token": receiver.verify_token}
    assert connected.post(connected.number_id, {"webhook_configuration": override}).json() == {
        "success": True
    }
    shown = connected.get(connected.number_id, fields="webhook_configuration").json()["webhook_configuration"]
    assert shown == {"phone_number": receiver.url + "/number", "application": receiver.url}
    connected.receive()
    eventually(receiver.messages)
    assert connected.sandbox.logged("deliveries?limit=1")[0]["url"] == receiver.url + "/number"
    connected.post(connected.number_id, {"webhook_configuration": {"override_callback_uri": ""}})
    shown = connected.get(connected.number_id, fields="webhook_configuration").json()["webhook_configuration"]
    assert shown == {"application": receiver.url}


def upload(meta: Meta, data: bytes = b"a picture", mime_type: str = "image/jpeg") -> requests.Response:
    files = {"file": ("a.jpg", io.BytesIO(data), mime_type)}
    form = {"messaging_product": "whatsapp", "type": mime_type}
    return meta.call("POST", f"{meta.number_id}/media", data=form, files=files)


def test_uploaded_file_can_be_sent_read_and_deleted(meta: Meta) -> None:
    media_id = upload(meta).json()["id"]
    described = meta.get(media_id).json()
    assert (described["mime_type"], described["file_size"]) == ("image/jpeg", 9)
    assert described["sha256"] == hashlib.sha256(b"a picture").hexdigest()
    assert requests.get(described["url"], timeout=20).status_code == 401
    signed = requests.get(described["url"], headers={"Authorization": f"Bearer {meta.token}"}, timeout=20)
    assert (signed.content, signed.headers["Content-Type"]) == (b"a picture", "image/jpeg")
    assert meta.send(type="image", image={"id": media_id}).status_code == 200
    assert meta.call("DELETE", media_id).json() == {"success": True}
    assert code_of(meta.get(media_id)) == (400, 100)


def test_address_of_a_file_ends(meta: Meta) -> None:
    url = meta.get(upload(meta).json()["id"]).json()["url"].replace("ext=", "ext=1")
    assert requests.get(url, headers={"Authorization": f"Bearer {meta.token}"}, timeout=20).status_code == 404


def test_wrong_kind_of_file_and_a_long_one_are_refused(meta: Meta) -> None:
    assert (
        "must be a file with one of the following types"
        in error_of(upload(meta, mime_type="text/html"))["message"]
    )
    assert code_of(upload(meta, b"x" * (500 * 1024 + 1), "image/webp")) == (400, 100)


def test_file_of_another_number_is_not_found(meta: Meta) -> None:
    media_id = upload(meta).json()["id"]
    assert meta.get(media_id, phone_number_id=meta.number_id).status_code == 200
    assert code_of(meta.get(media_id, phone_number_id="123")) == (400, 100)


def test_picture_of_a_customer_comes_with_hash_and_address(connected: Meta, receiver: Receiver) -> None:
    data = base64.b64encode(b"\xff\xd8 photo").decode()
    image = {"caption": "Look", "data": data, "mime_type": "image/jpeg"}
    connected.receive({"type": "image", "image": image})
    [message] = eventually(receiver.messages)
    digest = base64.b64decode(message["image"]["sha256"])
    assert digest == hashlib.sha256(b"\xff\xd8 photo").digest()
    headers = {"Authorization": f"Bearer {connected.token}"}
    assert requests.get(message["image"]["url"], headers=headers, timeout=20).content == b"\xff\xd8 photo"
    assert connected.get(message["image"]["id"]).json()["mime_type"] == "image/jpeg"
