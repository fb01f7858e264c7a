"""Webhooks out: shape, signature, who gets them, retries, magic numbers, and faults that spoil them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.support import CUSTOMER, Meta, Receiver, RunningSandbox, eventually, wamid_of

INBOUND: list[dict[str, Any]] = [
    {"type": "text", "text": {"body": "Grüße / hello"}},
    {"type": "image", "image": {}},
    {"type": "audio"},
    {"type": "video", "video": {"caption": "Look"}},
    {"type": "document", "document": {"filename": "a.pdf"}},
    {"type": "sticker", "sticker": {"animated": False}},
    {"type": "location", "location": {"latitude": 1.5, "longitude": 2.5}},
    {"type": "contacts", "contacts": [{"name": {"formatted_name": "Ana"}}]},
    {"type": "button", "button": {"payload": "P", "text": "Yes"}, "context": {"from": "1", "id": "wamid.X"}},
    {"type": "interactive", "interactive": {"type": "list_reply", "list_reply": {"id": "a", "title": "A"}}},
    {"type": "order", "order": {"catalog_id": "1", "product_items": []}},
    {"type": "reaction", "reaction": {"message_id": "wamid.X", "emoji": "👍"}},
    {"type": "system", "system": {"body": "changed", "type": "user_changed_number", "wa_id": "44770"}},
    {"type": "unsupported", "unsupported": {"type": "poll_creation"}},
    {"type": "request_welcome"},
    {"type": "edit", "edit": {"original_message_id": "w", "message": {"type": "text"}}},
    {"type": "revoke", "revoke": {"original_message_id": "w"}},
    {"type": "text", "text": {"body": "from an ad"}, "referral": {"source_type": "ad"}},
]


@pytest.mark.parametrize("message", INBOUND, ids=lambda message: message["type"])
def test_inbound_message_of_every_type_arrives_signed(
    connected: Meta, receiver: Receiver, message: dict[str, Any]
) -> None:
    answer = connected.receive(message, name="Ana Doe", username="ana.doe")
    assert answer.status_code == 200, answer.text
    [arrived] = eventually(receiver.messages)
    assert (arrived["id"], arrived["type"], arrived["from"]) == (
        answer.json()["wamid"],
        message["type"],
        CUSTOMER,
    )
    assert arrived["from_user_id"].startswith("GB.")
    assert arrived["timestamp"].isdigit()
    [value] = receiver.changes()
    assert value["metadata"]["phone_number_id"] == connected.number_id
    assert value["metadata"]["display_phone_number"] == connected.account["phone_number"][1:]
    if message["type"] == "system":
        assert "contacts" not in value
    else:
        assert value["contacts"][0]["profile"] == {"name": "Ana Doe", "username": "ana.doe"}


def test_body_is_written_in_metas_escaped_form(connected: Meta, receiver: Receiver) -> None:
    connected.receive(INBOUND[0])
    [body] = eventually(lambda: list(receiver.bodies))
    assert rb"Gr\u00fc\u00dfe \/ hello" in body
    envelope = json.loads(body)
    assert envelope["object"] == "whatsapp_business_account"
    assert [entry["id"] for entry in envelope["entry"]] == [connected.waba_id]
    assert "time" not in envelope["entry"][0]


def test_template_events_carry_the_time_of_the_entry(connected: Meta, receiver: Receiver) -> None:
    [first, *_] = connected.get(f"{connected.waba_id}/message_templates").json()["data"]
    connected.sandbox.control("POST", f"message_templates/{first['id']}/review", {"decision": "pause"})
    [body] = eventually(lambda: list(receiver.bodies))
    assert isinstance(json.loads(body)["entry"][0]["time"], int)


def test_user_who_hides_the_phone_has_only_an_id(connected: Meta, receiver: Receiver) -> None:
    connected.receive(hide_phone=True, username="ana.doe")
    [message] = eventually(receiver.messages)
    assert "from" not in message
    assert "wa_id" not in receiver.changes()[0]["contacts"][0]


def test_nothing_is_sent_without_a_subscribed_app(meta: Meta, receiver: Receiver) -> None:
    meta.receive()
    delivery = meta.sandbox.logged("deliveries?limit=1")[0]
    assert (delivery["waba_id"], delivery["state"]) == (meta.waba_id, "nobody")


def test_fields_the_app_did_not_ask_for_stay_away(meta: Meta, receiver: Receiver) -> None:
    meta.connect(receiver, fields="message_template_status_update")
    meta.receive()
    assert meta.sandbox.logged("deliveries?limit=1")[0]["state"] == "nobody"


def test_account_override_takes_messages_only(connected: Meta, receiver: Receiver) -> None:
    override = {"override_callback_uri": receiver.url + "/waba", "verify_token": receiver.verify_token}
    connected.post(f"{connected.waba_id}/subscribed_apps", override)
    connected.receive()
    assert connected.sandbox.logged("deliveries?limit=1")[0]["url"] == receiver.url + "/waba"
    [first, *_] = connected.get(f"{connected.waba_id}/message_templates").json()["data"]
    connected.sandbox.control("POST", f"message_templates/{first['id']}/review", {"decision": "pause"})
    assert connected.sandbox.logged("deliveries?limit=1")[0]["url"] == receiver.url


@pytest.mark.parametrize("status", [201, 301, 403, 500])
def test_anything_but_200_is_tried_again(connected: Meta, receiver: Receiver, status: int) -> None:
    receiver.answers = [status, status]
    connected.receive()
    assert len(eventually(receiver.messages)) == 1
    delivery = eventually(lambda: _delivered(connected))
    assert (delivery["attempts"], delivery["last_result"]) == (3, "200")


def test_deliveries_survive_a_restart(tmp_path: Path, receiver: Receiver) -> None:
    first = RunningSandbox(tmp_path / "sandbox.sqlite", speed=1)
    meta = Meta(first, first.control("POST", "accounts", {}).json())
    meta.connect(receiver)
    receiver.answers = [500]
    wamid = meta.receive().json()["wamid"]
    eventually(lambda: first.logged("deliveries")[0]["attempts"] == 1)
    first.close()
    second = RunningSandbox(tmp_path / "sandbox.sqlite")
    try:
        assert eventually(receiver.messages)[0]["id"] == wamid
    finally:
        second.close()


@pytest.mark.parametrize(
    "ending,names,code",
    [
        ("9001", ["failed"], 131026),
        ("9002", ["failed"], 131047),
        ("9003", ["failed"], 131049),
        ("9004", ["failed"], 131050),
        ("9005", ["failed"], 130472),
        ("9006", ["failed"], 131053),
        ("9007", ["failed"], 131000),
        ("9008", ["sent"], None),
        ("9009", ["sent", "delivered"], None),
        ("9010", ["sent", "read"], None),
        ("9011", ["sent", "read", "delivered"], None),
        ("9019", ["sent"], None),
        ("9020", ["sent", "delivered", "read"], None),
        ("9012", ["sent", "sent", "delivered", "delivered", "read", "read"], None),
    ],
)
def test_magic_number_chooses_the_statuses(
    connected: Meta, receiver: Receiver, ending: str, names: list[str], code: int | None
) -> None:
    wamid = wamid_of(connected.send_template(to=f"+1202555{ending}"))
    eventually(lambda: len(receiver.statuses(wamid)) >= len(names))
    statuses = receiver.statuses(wamid)
    assert [status["status"] for status in statuses] == names
    assert [status["errors"][0]["code"] for status in statuses if "errors" in status] == (
        [code] if code else []
    )


def test_pricing_moves_to_read_when_delivered_is_skipped(connected: Meta, receiver: Receiver) -> None:
    wamid = wamid_of(connected.send_template(to="+12025559010"))
    assert receiver.wait_for_status(wamid, "read")["pricing"]["category"] == "utility"


@pytest.mark.parametrize(
    "ending,http,code",
    [
        ("9013", 400, 131056),
        ("9014", 400, 131048),
        ("9015", 400, 131030),
        ("9016", 500, 131000),
        ("9018", 403, 130497),
    ],
)
def test_magic_number_is_refused_at_once(meta: Meta, ending: str, http: int, code: int) -> None:
    answer = meta.send_template(to=f"+1202555{ending}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (http, code)


def test_held_message_template_is_dropped_as_paused(connected: Meta, receiver: Receiver) -> None:
    answer = connected.send_template(to="+12025559017")
    assert answer.json()["messages"][0]["message_status"] == "held_for_quality_assessment"
    assert receiver.wait_for_status(wamid_of(answer), "failed")["errors"][0]["code"] == 132015


def test_dropped_webhook_never_comes(connected: Meta, receiver: Receiver) -> None:
    connected.fault("drop_webhooks", match={"phone_number_id": connected.number_id})
    connected.receive()
    second = connected.receive().json()["wamid"]
    eventually(receiver.messages)
    assert [message["id"] for message in receiver.messages()] == [second]


def test_duplicated_webhook_comes_twice(connected: Meta, receiver: Receiver) -> None:
    connected.fault("duplicate_webhooks", match={"to": "+" + CUSTOMER})
    wamid = connected.receive().json()["wamid"]
    eventually(lambda: len(receiver.messages()) == 2)
    assert {message["id"] for message in receiver.messages()} == {wamid}


def test_reordered_webhook_is_overtaken(connected: Meta, receiver: Receiver) -> None:
    connected.sandbox.control("POST", "settings", {"speed": 4})
    connected.fault("reorder_webhooks", match={"field": "messages"})
    first, second = connected.receive().json()["wamid"], connected.receive().json()["wamid"]
    eventually(lambda: len(receiver.messages()) == 2)
    assert [message["id"] for message in receiver.messages()] == [second, first]


def test_delayed_webhook_comes_later(connected: Meta, receiver: Receiver) -> None:
    connected.fault("delay_webhooks", seconds=10)
    late, early = connected.receive().json()["wamid"], connected.receive().json()["wamid"]
    eventually(lambda: len(receiver.messages()) == 2)
    assert [message["id"] for message in receiver.messages()] == [early, late]


def _delivered(meta: Meta) -> dict[str, Any] | None:
    mine = (row for row in meta.sandbox.logged("deliveries") if row["waba_id"] == meta.waba_id)
    return next((row for row in mine if row["state"] == "delivered"), None)
