"""What the sandbox posts, held against Meta's webhook schemas; and Meta's webhook examples, read by us."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from app.graph.webhooks import UnknownChange, loads, parse
from tests.contract import description, faults
from tests.contract.exceptions import WEBHOOKS
from tests.sandbox.support import Meta, Receiver, RunningSandbox, eventually, wamid_of
from tests.sandbox.test_events import EXAMPLES, event

AD = {
    "source_url": "https://fb.me/ad",
    "source_id": "120200",
    "source_type": "ad",
    "headline": "Bread",
    "body": "Fresh bread",
    "media_type": "image",
    "image_url": "https://shop.example/ad.jpg",
    "ctwa_clid": "click-1",
}
ITEM = {"product_retailer_id": "sku-1", "quantity": 2, "item_price": 3.5, "currency": "GBP"}
CARD = {
    "name": {"formatted_name": "Ana", "first_name": "Ana"},
    "phones": [{"phone": "+447700900901", "wa_id": "447700900901", "type": "HOME"}],
}
FLOW_REPLY = {
    "type": "nfm_reply",
    "nfm_reply": {"name": "flow", "body": "Sent", "response_json": '{"flow_token":"t"}'},
}


def inbound(wamid: str, number: str) -> list[dict[str, Any]]:
    """Every kind of message that a customer writes, in answer to `wamid` where it answers something."""
    answered = {"context": {"from": number, "id": wamid}}
    product = {"catalog_id": "880011", "product_retailer_id": "sku-1"}
    return [
        {"type": "text", "text": {"body": "Where is my order?"}},
        {"type": "text", "text": {"body": "From an ad"}, "referral": AD},
        {
            "type": "text",
            "text": {"body": "This?"},
            "context": answered["context"] | {"referred_product": product},
        },
        {"type": "image", "image": {"caption": "Look"}},
        {"type": "audio", "audio": {"voice": True}},
        {"type": "video", "video": {"caption": "Look"}},
        {"type": "document", "document": {"filename": "a.pdf", "caption": "Bill"}},
        {"type": "sticker", "sticker": {"animated": False}},
        {
            "type": "location",
            "location": {"latitude": 55.9, "longitude": -3.1, "name": "Pier", "address": "1 Pier Road"},
        },
        {"type": "contacts", "contacts": [CARD]},
        {"type": "reaction", "reaction": {"message_id": wamid, "emoji": "👍"}},
        {"type": "button", "button": {"payload": "yes", "text": "Yes"}, **answered},
        {
            "type": "interactive",
            "interactive": {"type": "button_reply", "button_reply": {"id": "a", "title": "A"}},
            **answered,
        },
        {
            "type": "interactive",
            "interactive": {
                "type": "list_reply",
                "list_reply": {"id": "a", "title": "A", "description": "The first"},
            },
            **answered,
        },
        {"type": "interactive", "interactive": FLOW_REPLY, **answered},
        {"type": "order", "order": {"catalog_id": "880011", "text": "", "product_items": [ITEM]}},
        {
            "type": "system",
            "system": {"body": "changed", "type": "user_changed_number", "wa_id": "447700900902"},
        },
        {"type": "unsupported", "unsupported": {"type": "poll_creation"}},
        {"type": "request_welcome"},
        {"type": "edit", "edit": {"original_message_id": wamid, "message": {"type": "text"}}},
        {"type": "revoke", "revoke": {"original_message_id": wamid}},
    ]


@pytest.fixture(scope="module")
def posted(contract_sandbox: RunningSandbox) -> Iterator[list[dict[str, Any]]]:
    """The bodies of webhooks about every inbound kind, every status and every event."""
    meta = Meta(contract_sandbox, contract_sandbox.control("POST", "accounts", {}).json())
    receiver = Receiver()
    meta.connect(receiver, fields=",".join(field for field, _ in EXAMPLES))
    meta.receive()
    wamid = wamid_of(meta.send_text())
    failing = wamid_of(meta.send_template(to="+12025559001"))
    written = inbound(wamid, meta.account["phone_number"].lstrip("+"))
    for message in written:
        answer = meta.receive(message)
        assert answer.ok, answer.text
    hidden: dict[str, Any] = {"from": "+447700900903", "hide_phone": True}
    meta.receive(**hidden)
    for field, value in EXAMPLES:
        assert event(meta, field, value).ok
    for status in ("sent", "delivered", "read"):
        receiver.wait_for_status(wamid, status)
    receiver.wait_for_status(failing, "failed")
    eventually(lambda: len(receiver.messages()) > len(written) + 1)
    eventually(lambda: any("errors" in value for value in receiver.changes()))
    eventually(lambda: all(receiver.changes(field) for field, _ in EXAMPLES))
    assert receiver.bad_signatures == 0
    yield [loads(body) for body in receiver.bodies]
    receiver.close()


def test_every_webhook_of_the_sandbox_is_understood(posted: list[dict[str, Any]]) -> None:
    for body in posted:
        found = parse(body)
        assert found.items, body
        assert found.bad_elements == (), body
        assert not [one for one in found.items if isinstance(one, UnknownChange)], body


@pytest.mark.usefixtures("described")
def test_webhooks_are_as_described(posted: list[dict[str, Any]]) -> None:
    found = _faults(posted)
    allowed = {fault for told, _ in WEBHOOKS for fault in told}
    assert sorted(found - allowed) == []
    assert sorted(allowed - found) == [], "exceptions that are no longer needed"


@pytest.mark.usefixtures("described")
def test_metas_webhook_examples_are_understood() -> None:
    examples = description.webhook_examples()
    assert len(examples) > 10
    for name, body in examples.items():
        found = parse(loads(json.dumps(body).encode()))
        assert found.items, name
        assert found.bad_elements == (), name
        unknown = [one for one in found.items if isinstance(one, UnknownChange)]
        assert not unknown or name.startswith("Group"), name  # groups are kept, not read


def _faults(posted: list[dict[str, Any]]) -> set[str]:
    """Of `messages`, the only field of ours that is described."""
    return {
        fault
        for body in posted
        if all(change["field"] == "messages" for entry in body["entry"] for change in entry["changes"])
        for fault in faults.schema_faults(description.webhook_schema(), body)
    }
