"""Builders of interactive messages: Meta's objects out of a few words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.graph import payloads
from app.graph.payloads import InvalidPayload

LINK = {"name": "cta_url", "parameters": {"display_text": "Open", "url": "https://shop.example/1"}}
CARD = {
    "type": "cta_url",
    "header": {"type": "image", "image": {"link": "https://shop.example/1.jpg"}},
    "action": LINK,
}


@pytest.mark.parametrize(
    "made, inner",
    [
        (
            payloads.interactive_link(
                "Track it", "Open", "https://shop.example/1", header="Parcel", footer="Shop"
            ),
            {
                "type": "cta_url",
                "body": {"text": "Track it"},
                "action": LINK,
                "header": {"type": "text", "text": "Parcel"},
                "footer": {"text": "Shop"},
            },
        ),
        (
            payloads.interactive_product("6", "SKU-1"),
            {"type": "product", "action": {"catalog_id": "6", "product_retailer_id": "SKU-1"}},
        ),
        (
            payloads.interactive_products("Shop", "Our picks", "6", [("Tea", ["SKU-1", "SKU-2"])]),
            {
                "type": "product_list",
                "body": {"text": "Our picks"},
                "action": {
                    "catalog_id": "6",
                    "sections": [
                        {
                            "title": "Tea",
                            "product_items": [
                                {"product_retailer_id": "SKU-1"},
                                {"product_retailer_id": "SKU-2"},
                            ],
                        }
                    ],
                },
                "header": {"type": "text", "text": "Shop"},
            },
        ),
        (
            payloads.interactive_catalog("All we have", "SKU-1"),
            {
                "type": "catalog_message",
                "body": {"text": "All we have"},
                "action": {
                    "name": "catalog_message",
                    "parameters": {"thumbnail_product_retailer_id": "SKU-1"},
                },
            },
        ),
        (
            payloads.interactive_carousel("New in", [CARD, CARD]),
            {
                "type": "carousel",
                "body": {"text": "New in"},
                "action": {"cards": [{"card_index": 0, **CARD}, {"card_index": 1, **CARD}]},
            },
        ),
        (
            payloads.location_request("Where are you?"),
            {
                "type": "location_request_message",
                "body": {"text": "Where are you?"},
                "action": {"name": "send_location"},
            },
        ),
        (
            payloads.contact_request("Your number?"),
            {
                "type": "request_contact_info",
                "body": {"text": "Your number?"},
                "action": {"name": "request_contact_info"},
            },
        ),
        (
            payloads.call_request("May we call?"),
            {
                "type": "call_permission_request",
                "body": {"text": "May we call?"},
                "action": {"name": "call_permission_request"},
            },
        ),
        (
            payloads.voice_call("Call us", "Call", 60),
            {
                "type": "voice_call",
                "body": {"text": "Call us"},
                "action": {"name": "voice_call", "parameters": {"display_text": "Call", "ttl_minutes": 60}},
            },
        ),
        (
            payloads.address_request("Where to?", values={"name": "Ann"}),
            {
                "type": "address_message",
                "body": {"text": "Where to?"},
                "action": {
                    "name": "address_message",
                    "parameters": {"country": "IN", "values": {"name": "Ann"}},
                },
            },
        ),
    ],
)
def test_few_words_make_metas_object(made: dict[str, Any], inner: dict[str, Any]) -> None:
    assert made == {"type": "interactive", "interactive": inner}


def test_flow_begins_on_a_screen_or_where_its_endpoint_says() -> None:
    first = payloads.interactive_flow(
        "Book", "Book now", flow_token="t", flow_id="400", screen="START", data={"name": "Ann"}
    )
    assert first["interactive"]["action"]["parameters"] == {
        "flow_message_version": "3",
        "flow_token": "t",
        "flow_cta": "Book now",
        "mode": "published",
        "flow_action": "navigate",
        "flow_action_payload": {"screen": "START", "data": {"name": "Ann"}},
        "flow_id": "400",
    }
    second = payloads.interactive_flow("Book", "Book now", flow_token="t", flow_name="booking", is_draft=True)
    options = second["interactive"]["action"]["parameters"]
    assert (options["mode"], options["flow_action"], options["flow_name"]) == (
        "draft",
        "data_exchange",
        "booking",
    )
    assert "flow_action_payload" not in options


@pytest.mark.parametrize(
    "build",
    [
        lambda: payloads.interactive_link("Track", "Open it here and now, please", "https://a.example"),
        lambda: payloads.interactive_link("Track", "Open", "javascript:x"),
        lambda: payloads.interactive_flow("Book", "Book", flow_token="t"),
        lambda: payloads.interactive_flow("Book", "Book", flow_token="t", flow_id="1", flow_name="x"),
        lambda: payloads.interactive_products("Shop", "x", "6", [("Tea", ["SKU"] * 31)]),
        lambda: payloads.interactive_carousel("New", [CARD]),
        lambda: payloads.voice_call("Call", ttl_minutes=0),
        lambda: payloads.address_request("Where to?", country="DE"),
        lambda: payloads.location_request(""),
    ],
)
def test_limits_are_kept_while_building(build: Callable[[], object]) -> None:
    with pytest.raises(InvalidPayload):
        build()
