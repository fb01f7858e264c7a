"""Where our rules of messages and sends and the sandbox's once differed: each in one plain case.

Decided by Meta's docs, "Messages" and "Send message templates" pages, read 2026-09.
"""

from __future__ import annotations

from typing import Any

import pytest

from app.graph.payloads import validate
from tests.contract_rules import test_same_send_rules as sends
from tests.contract_rules.door import Door
from tests.contract_rules.message_cases import (
    FILE,
    FLOW,
    FOOTER,
    HEADER,
    PERSON,
    QUICK,
    card,
    interactive,
    named,
    product_card,
)
from tests.contract_rules.send_cases import filled
from tests.contract_rules.test_same_message_rules import assert_same, is_looser_here

LINK_CARD = card(1)
REFUSED: dict[str, tuple[str, Any]] = {
    "key that Meta does not know": ("text", {"body": "Hi", "colour": "red"}),
    "file name of a picture": ("image", {**FILE, "filename": "a.jpg"}),
    "file by http": ("image", {"link": "http://shop.example/a.jpg"}),
    "empty id beside a link": ("image", {**FILE, "id": ""}),
    "voice mark of another type": ("audio", {**FILE, "voice": "yes"}),
    "place that is true": ("location", {"latitude": True, "longitude": 1}),
    "birthday in another form": ("contacts", [{**PERSON, "birthday": "19900228"}]),
    "phone without a number": ("contacts", [{**PERSON, "phones": [{}]}]),
    "blank title": interactive("button", {"buttons": [
        {"type": "reply", "reply": {"id": "a", "title": " "}}]}),
    "kind that is a list": ("interactive", {"type": [], "body": {"text": "Hi"}, "action": {}}),
    "emoji on a Flow's button": interactive("flow", named("flow", **{**FLOW, "flow_cta": "Book 🎉"})),
    "first screen without a name": interactive("flow", named("flow", **{**FLOW, "flow_action_payload": {}})),
    "address outside India": interactive("address_message", named("address_message", country="DE")),
    "call button without settings": interactive("voice_call", {"name": "voice_call", "parameters": "x"}),
    "call request without a text": ("interactive", {"type": "call_permission_request",
                                                    "action": {"name": "call_permission_request"}}),
    "header over a catalogue": interactive("catalog_message", {"name": "catalog_message"}, header=HEADER),
    "footer under a location request": interactive("location_request_message", {"name": "send_location"},
                                                   footer=FOOTER),
    "footer under a carousel": interactive("carousel", {"cards": [card(0), card(1)]}, footer=FOOTER),
    "cards out of order": interactive("carousel", {"cards": [card(1), card(0)]}),
    "card without a header": interactive("carousel", {"cards": [card(0), {**LINK_CARD, "header": None}]}),
    "card of four lines": interactive("carousel", {"cards": [card(0), {**LINK_CARD,
                                                                      "body": {"text": "a\nb\nc\nd"}}]}),
    "cards with other buttons": interactive("carousel", {"cards": [card(0), card(1, QUICK)]}),
    "cards of two catalogues": interactive("carousel", {"cards": [product_card(0), {
        **product_card(1), "action": {"catalog_id": "8", "product_retailer_id": "S"}}]}),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_both_refuse(door: Door, case: str) -> None:
    assert validate(*REFUSED[case])
    assert door.send(*REFUSED[case]) is not None
    assert_same(door, *REFUSED[case])


def test_six_contacts_are_taken_by_the_sandbox_alone(door: Door) -> None:
    assert is_looser_here("contacts", [PERSON] * 6)
    assert validate("contacts", [PERSON] * 6)
    assert door.send("contacts", [PERSON] * 6) is None


def text(value: str) -> dict[str, Any]:
    return {"type": "text", "text": value}


def button(sub_type: str, index: int, *parameters: Any) -> dict[str, Any]:
    return {"type": "button", "sub_type": sub_type, "index": index, "parameters": [*parameters]}


UNFIT: dict[str, tuple[str, list[Any]]] = {
    "line break in a value": ("texts", [*filled("texts")[:1], {"type": "body", "parameters": [text("a\nb"),
                                                                                         text("7")]}]),
    "filled text too long": ("texts", [{"type": "body", "parameters": [text("x" * 500), text("x" * 520)]}]),
    "amount in a header": ("texts", [{"type": "header", "parameters": [
        {"type": "currency", "currency": {"fallback_value": "€5", "code": "EUR", "amount_1000": 5000}}]}]),
    "login code of 16 characters": ("login", [{"type": "body", "parameters": [text("1" * 16)]},
                                              button("url", 0, text("1" * 16))]),
    "coupon of 21 characters": ("coupon", [button("copy_code", 0, {"type": "coupon_code",
                                                                   "coupon_code": "x" * 21})]),
    "payload of 513 characters": ("texts", [button("quick_reply", 0, {"type": "payload",
                                                                      "payload": "x" * 513})]),
    "link without the variable's name": ("names", [*filled("names")[:1], button("url", 0, text("7"))]),
    "call button that is not there": ("plain", [button("voice_call", 0)]),
    "number's button": ("texts", [*filled("texts"), button("url", 4)]),
    "carousel that is not there": ("plain", filled("cards")),
    "end of an offer in seconds": ("offer", [{"type": "limited_time_offer", "parameters": [
        {"type": "limited_time_offer", "limited_time_offer": {"expiration_time_ms": 1804262400}}]}]),
    "offer without its end": ("offer", [part for part in filled("offer") if part["type"] == "button"]),
    "unknown component": ("plain", [{"type": "footer"}]),
}  # fmt: skip


@pytest.mark.parametrize("case", UNFIT)
def test_both_refuse_a_send_that_does_not_fit(door: Door, approved: dict[str, Any], case: str) -> None:
    assert approved
    name, sent = UNFIT[case]
    assert sends.ours(name, sent)
    assert sends.theirs(door, name, sent) is not None
    sends.assert_same(door, name, sent)
