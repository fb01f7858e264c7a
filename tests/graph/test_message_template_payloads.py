"""The form of every value that goes into a message template."""

from __future__ import annotations

from typing import Any

import pytest

from app.graph import payloads
from app.graph.payloads import InvalidPayload, validate

SECTION: dict[str, Any] = {"title": "Tea", "product_items": [{"product_retailer_id": "SKU-1"}]}


def template(parameter: dict[str, Any], kind: str = "body") -> dict[str, Any]:
    component = {"type": kind, "parameters": [parameter]}
    if kind == "button":
        component |= {"sub_type": "flow", "index": "0"}
    return {"name": "offer", "language": {"code": "en"}, "components": [component]}


@pytest.mark.parametrize(
    "parameter",
    [
        {"type": "text", "text": "Ann", "parameter_name": "first_name"},
        {"type": "currency", "currency": {"fallback_value": "$1", "code": "USD", "amount_1000": 1000}},
        {"type": "date_time", "date_time": {"fallback_value": "Today"}},
        {"type": "location", "location": {"latitude": "1.5", "longitude": 2, "name": "Shop"}},
        {"type": "product", "product": {"product_retailer_id": "SKU-1", "catalog_id": "6"}},
        {"type": "ttl_minutes", "ttl_minutes": 10080},
        {"type": "limited_time_offer", "limited_time_offer": {"expiration_time_ms": 1804262400000}},
        {"type": "limited_time_offer", "limited_time_offer": {}},
        {
            "type": "tap_target_configuration",
            "tap_target_configuration": [{"url": "https://a.example", "title": "A"}],
        },
        {"type": "action", "action": {"flow_token": "t", "flow_action_data": {"a": 1}}},
        {"type": "action", "action": {"thumbnail_product_retailer_id": "SKU-1", "sections": [SECTION]}},
        {"type": "action", "action": {"order_details": {"reference_id": "1"}}},
        {"type": "newer_than_us", "newer_than_us": 1},
    ],
)
def test_good_values_pass(parameter: dict[str, Any]) -> None:
    assert validate("template", template(parameter)) == []


@pytest.mark.parametrize(
    "parameter, path",
    [
        ({"type": "text"}, "text"),
        ({"type": "currency", "currency": {"code": "USD", "amount_1000": 1}}, "currency.fallback_value"),
        (
            {"type": "currency", "currency": {"fallback_value": "1", "code": "DOLLARS", "amount_1000": 1}},
            "currency.code",
        ),
        ({"type": "currency", "currency": {"fallback_value": "1", "code": "USD"}}, "currency.amount_1000"),
        ({"type": "date_time", "date_time": {}}, "date_time.fallback_value"),
        ({"type": "location", "location": {"latitude": 91, "longitude": 2}}, "location.latitude"),
        ({"type": "location"}, "location"),
        ({"type": "product", "product": {}}, "product.product_retailer_id"),
        ({"type": "ttl_minutes", "ttl_minutes": 0}, "ttl_minutes"),
        ({"type": "payload", "payload": "x" * 513}, "payload"),
        ({"type": "coupon_code", "coupon_code": "x" * 21}, "coupon_code"),
        (
            {"type": "limited_time_offer", "limited_time_offer": {"expiration_time_ms": 1804262400}},
            "limited_time_offer.expiration_time_ms",
        ),
        ({"type": "tap_target_configuration", "tap_target_configuration": []}, "tap_target_configuration"),
        ({"type": "action"}, "action"),
        ({"type": "action", "action": {"flow_action_data": "x"}}, "action.flow_action_data"),
        (
            {"type": "action", "action": {"sections": [{**SECTION, "title": "x" * 25}]}},
            "action.sections[0].title",
        ),
        (
            {"type": "action", "action": {"sections": [{"product_items": SECTION["product_items"] * 31}]}},
            "action.sections",
        ),
        ({"type": "action", "action": {"sections": [SECTION] * 11}}, "action.sections"),
    ],
)
def test_faulty_values_are_named(parameter: dict[str, Any], path: str) -> None:
    found = [problem.field for problem in validate("template", template(parameter, "button"))]
    assert found == [f"template.components[0].parameters[0].{path}"]


def test_message_may_insist_on_the_persons_key() -> None:
    body = payloads.envelope("+15550100001", content=payloads.text("Hi"), identity_key_hash="DF2lS5v2W6x=")
    assert body["recipient_identity_key_hash"] == "DF2lS5v2W6x="


def test_messages_are_pinned_in_groups_only() -> None:
    pin = payloads.content("pin", {"type": "pin", "message_id": "wamid.1", "expiration_days": 7})
    assert payloads.envelope(group_id="G1", content=pin)["pin"] == pin["pin"]
    with pytest.raises(InvalidPayload):
        payloads.envelope("+15550100001", content=pin)
