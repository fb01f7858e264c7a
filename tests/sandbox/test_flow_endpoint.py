"""The data endpoint of a Flow is asked as Meta asks it, and its answers lead where they say."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from tests.sandbox.flow_support import (
    Endpoint,
    Phone,
    create_flow,
    flow,
    footer,
    screen,
    send_flow,
    send_flow_id,
    text_input,
)
from tests.sandbox.support import Meta, Receiver, code_of, error_of, eventually

TIMES = [{"id": "10", "title": "Ten"}, {"id": "11", "title": "Eleven"}]
VISIT = flow(
    screen(
        "DAY",
        text_input("day", **{"error-message": "${data.day_error}"}),
        footer("data_exchange", {"day": "${form.day}"}),
        data={"shop": "Harbour Lane", "day_error": ""},
    ),
    screen(
        "HOUR",
        {"type": "Dropdown", "name": "hour", "label": "Hour", "data-source": "${data.hours}"},
        footer("data_exchange", {"hour": "${form.hour}"}),
        data={"hours": TIMES},
        terminal=True,
        refresh_on_back=True,
    ),
    data_api_version="3.0",
    routing_model={"DAY": ["HOUR"], "HOUR": []},
)
EXCHANGE = {"flow_action": "data_exchange"}


@pytest.fixture
def endpoint(meta: Meta) -> Iterator[Endpoint]:
    endpoint = Endpoint(meta.account["app_secret"])
    yield endpoint
    endpoint.close()
    assert endpoint.bad_signatures == 0


def shop(asked: dict[str, Any]) -> dict[str, Any]:
    """A well-behaved endpoint."""
    if asked["action"] == "INIT":
        return {"screen": "DAY", "data": {"shop": "Harbour Lane", "day_error": ""}}
    if asked["action"] == "BACK":
        return {"screen": "DAY", "data": {"shop": "Refreshed", "day_error": ""}}
    if asked["screen"] == "DAY":
        return {"screen": "HOUR", "data": {"hours": TIMES}}
    params = {"flow_token": asked["flow_token"], "hour": asked["data"]["hour"]}
    return {"screen": "SUCCESS", "data": {"extension_message_response": {"params": params}}}


def test_endpoint_leads_through_the_flow_to_its_answer(
    connected: Meta, receiver: Receiver, endpoint: Endpoint
) -> None:
    endpoint.answer = shop
    phone = Phone(connected, send_flow(connected, VISIT, endpoint, **EXCHANGE))
    assert phone.title == "Day"
    phone.press("Go on", day="Monday")
    assert "Eleven" in phone.shown
    phone.do("back")
    assert phone.title == "Day"
    phone.press("Go on", day="Monday").press("Go on", hour="11")
    [reply] = eventually(lambda: [one for one in receiver.messages() if one["type"] == "interactive"])
    answer = json.loads(reply["interactive"]["nfm_reply"]["response_json"])
    assert answer == {"flow_token": "tok", "hour": "11"}
    day = {"action": "data_exchange", "screen": "DAY", "data": {"day": "Monday"}}
    known = {"version": "3.0", "flow_token": "tok"}
    assert endpoint.asked == [
        known | {"action": "INIT", "data": {}},
        known | day,
        known | {"action": "BACK", "screen": "HOUR", "data": {}},
        known | day,
        known | {"action": "data_exchange", "screen": "HOUR", "data": {"hour": "11"}},
    ]


def test_data_api_4_signs_the_token(meta: Meta, endpoint: Endpoint) -> None:
    endpoint.answer = shop
    Phone(meta, send_flow(meta, VISIT | {"data_api_version": "4.0"}, endpoint, **EXCHANGE))
    text, _, signature = endpoint.asked[0]["flow_token_signature"].rpartition(".")
    right = hmac.new(meta.account["app_secret"].encode(), text.encode(), hashlib.sha256).digest()
    assert signature == base64.urlsafe_b64encode(right).rstrip(b"=").decode()


def test_error_message_is_shown_and_the_screen_stays(meta: Meta, endpoint: Endpoint) -> None:
    endpoint.answer = lambda asked: (
        shop(asked)
        if asked["action"] == "INIT"
        else {"screen": "DAY", "data": {"error_message": "We are full.", "day_error": "Not this day"}}
    )
    phone = Phone(meta, send_flow(meta, VISIT, endpoint, **EXCHANGE)).press("Go on", day="Monday")
    assert phone.title == "Day"
    assert phone.notice == "We are full."
    assert phone.errors == ["Not this day"]
    assert 'value="Monday"' in phone.shown


@pytest.mark.parametrize(
    "answer,words,is_over",
    [
        (421, "HTTP 421", False),
        (432, "HTTP 432", False),
        (500, "HTTP 500", False),
        ((427, {"error_msg": "This link was used."}), "This link was used.", True),
        ({"screen": "NOWHERE", "data": {}}, "the screen 'NOWHERE'", False),
        ({"screen": ["DAY"], "data": []}, "the screen '['DAY']'", False),
        ({}, "the screen 'None'", False),
    ],
)
def test_trouble_with_the_endpoint_is_explained(
    meta: Meta, endpoint: Endpoint, answer: Any, words: str, is_over: bool
) -> None:
    endpoint.answer = lambda asked: shop(asked) if asked["action"] == "INIT" else answer
    phone = Phone(meta, send_flow(meta, VISIT, endpoint, **EXCHANGE)).press("Go on", day="Monday")
    assert words in phone.notice
    assert (phone.title == "Form closed") is is_over


def test_key_is_read_again_after_421(meta: Meta, endpoint: Endpoint) -> None:
    answers: list[Any] = [421, {"screen": "DAY", "data": {}}]
    endpoint.answer = lambda asked: answers.pop(0)
    phone = Phone(meta, send_flow(meta, VISIT, endpoint, **EXCHANGE))
    assert phone.title == "Day"
    assert len(endpoint.asked) == 2


def test_answer_that_does_not_fit_is_notified_to_the_endpoint(meta: Meta, endpoint: Endpoint) -> None:
    answers: list[Any] = [{"screen": "HOUR", "data": {}}, {"screen": "DAY", "data": {}}]
    answers.append({"data": {"acknowledged": True}})
    endpoint.answer = lambda asked: answers.pop(0)
    start = {"flow_action_payload": {"screen": "DAY"}}
    phone = Phone(meta, send_flow(meta, VISIT, endpoint, **start)).press("Go on", day="Monday")
    phone.press("Go on", hour="10")
    assert phone.title == "Day"  # a screen that was shown before may come again
    wamid = send_flow(meta, VISIT | {"routing_model": {"DAY": [], "HOUR": []}}, endpoint, **start)
    answers[:] = [{"screen": "HOUR", "data": {}}, {"data": {"acknowledged": True}}]
    phone = Phone(meta, wamid).press("Go on", day="Monday")
    assert "no way from DAY to HOUR" in phone.notice
    assert endpoint.asked[-1]["data"]["error"] == "INVALID_SCREEN_TRANSITION"


def test_endpoint_that_is_not_there_is_said_and_can_be_tried_again(meta: Meta, endpoint: Endpoint) -> None:
    wamid = send_flow(meta, VISIT, endpoint, **EXCHANGE)
    endpoint.close()
    phone = Phone(meta, wamid)
    assert "no connection to http://127.0.0.1" in phone.notice
    assert phone.title == "Form closed"


def test_without_a_key_nothing_is_asked(meta: Meta, endpoint: Endpoint) -> None:
    flow_id = create_flow(meta, VISIT, endpoint_uri=endpoint.url)
    phone = Phone(meta, send_flow_id(meta, flow_id, mode="draft", **EXCHANGE))
    assert "no public key" in phone.notice
    assert endpoint.asked == []


def test_picked_file_reaches_the_endpoint_encrypted(meta: Meta, endpoint: Endpoint) -> None:
    picker = {"type": "DocumentPicker", "name": "papers", "label": "Papers"}
    ask = screen("DAY", picker, footer("data_exchange", {"papers": "${form.papers}"}), terminal=True)
    model = {"data_api_version": "3.0", "routing_model": {"DAY": []}}
    endpoint.answer = lambda asked: {"screen": "DAY", "data": {}}
    phone = Phone(meta, send_flow(meta, flow(ask, **model), endpoint))
    phone.do(phone.place_of("Go on"), {"f:papers": ("deed.pdf", b"%PDF the deed", "application/pdf")})
    [file] = endpoint.asked[0]["data"]["papers"]
    secret = {name: base64.b64decode(value) for name, value in file["encryption_metadata"].items()}
    whole = requests.get(file["cdn_url"], timeout=20).content
    assert hashlib.sha256(whole).digest() == secret["encrypted_hash"]
    cipher_text, mac = whole[:-10], whole[-10:]
    assert hmac.new(secret["hmac_key"], secret["iv"] + cipher_text, hashlib.sha256).digest()[:10] == mac
    decryptor = Cipher(AES(secret["encryption_key"]), CBC(secret["iv"])).decryptor()
    padded = decryptor.update(cipher_text) + decryptor.finalize()
    assert padded[: -padded[-1]] == b"%PDF the deed"
    assert file["file_name"] == "deed.pdf"
    assert requests.get(file["cdn_url"][:-1] + "x", timeout=20).status_code == 404


def test_flow_with_an_endpoint_is_published_when_it_answers_a_ping(
    meta: Meta, endpoint: Endpoint, public_key: str
) -> None:
    flow_id = create_flow(meta, VISIT)
    encryption = f"{meta.number_id}/whatsapp_business_encryption"
    refusals = []
    for step in (
        lambda: None,
        lambda: meta.post(flow_id, {"endpoint_uri": endpoint.url, "application_id": meta.app_id}),
        lambda: meta.post(encryption, {"business_public_key": public_key}),
    ):
        step()
        answer = meta.post(f"{flow_id}/publish", {})
        assert code_of(answer) == (400, 139002)
        refusals.append(error_of(answer)["error_data"]["details"])
    assert ["endpoint_uri" in refusals[0], "public key" in refusals[1], "ping" in refusals[2]] == [True] * 3
    meta.post(encryption, {"business_public_key": endpoint.public_key})
    assert meta.post(f"{flow_id}/publish", {}).json() == {"success": True}
    health = meta.get(flow_id, fields="health_status").json()["health_status"]
    assert health["can_send_message"] == "AVAILABLE"
    endpoint.close()
    health = meta.get(flow_id, fields="health_status").json()["health_status"]
    assert health["can_send_message"] == "BLOCKED"


def test_preview_asks_the_endpoint_only_when_it_is_interactive(meta: Meta, endpoint: Endpoint) -> None:
    endpoint.answer = shop
    key = {"business_public_key": endpoint.public_key}
    meta.post(f"{meta.number_id}/whatsapp_business_encryption", key)
    flow_id = create_flow(meta, VISIT, endpoint_uri=endpoint.url)
    address = meta.get(flow_id, fields="preview").json()["preview"]["preview_url"]
    query = {"flow_action": "data_exchange", "flow_token": "look"}
    assert "Day" in requests.get(address, params=query, timeout=20).text
    assert endpoint.asked == []
    requests.get(address, params=query | {"interactive": "true"}, timeout=20)
    assert [asked["flow_token"] for asked in endpoint.asked] == ["look"]
