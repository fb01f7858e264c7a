"""Does a send fit its message template? Our rules say what the sandbox answers, for the same component."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.graph.message_template_rules import check_send, send_components, variables
from app.graph.payloads import validate
from app.sandbox.graph.message_template_rules import check_creation
from app.sandbox.store import message_templates
from tests.contract_rules.door import Door, words_of
from tests.contract_rules.message_template_cases import CALL, CODE, FLOW, HANDLE, QUICK, VOICE, link
from tests.contract_rules.mutations import Limits, mutated
from tests.contract_rules.profile import same_cases
from tests.contract_rules.test_message_template_differences import (
    APPS,
    IMAGE,
    OFFER,
    OTP,
    PLAIN,
    PRODUCT,
    body,
    buttons,
    cards,
    header,
    login,
    marketing,
    named,
    whole,
)

Part = dict[str, Any]
CARD_TEXT = body("From {{1}} a month with us", "9")
CREATED: dict[str, Part] = {
    "plain": whole(PLAIN),
    "texts": whole(header("Order {{1}}", "7"),
                   body("Hello {{1}}, order {{2}} left our store today", "A", "7"),
                   buttons(QUICK, QUICK, link(), link(variable=True), CALL)),
    "names": whole(named("Hello {{order}}, you are welcome here", "order"),
                   buttons(link(named=True, variable=True)), parameter_format="NAMED"),
    "picture": whole(IMAGE, PLAIN),
    "film": marketing({**IMAGE, "format": "GIF"}, PLAIN),
    "paper": whole({**IMAGE, "format": "DOCUMENT"}, PLAIN),
    "place": whole({"type": "HEADER", "format": "LOCATION"}, PLAIN),
    "coupon": marketing(PLAIN, buttons(CODE, link())),
    "flow": whole(PLAIN, buttons(FLOW, VOICE)),
    "login": login({"type": "BODY"}, buttons({**OTP, "otp_type": "ONE_TAP", "supported_apps": APPS})),
    "catalogue": marketing(PLAIN, buttons({"type": "CATALOG", "text": "View"})),
    "several": marketing(header("Our picks"), PLAIN, buttons({"type": "MPM", "text": "View"})),
    "one": marketing(PRODUCT, PLAIN, buttons({"type": "SPM", "text": "View"})),
    "offer": marketing({**OFFER, "limited_time_offer": {"text": "Ends", "has_expiration": True}}, PLAIN,
                       buttons(CODE, link(variable=True))),
    "cards": marketing(PLAIN, cards(*[[IMAGE, CARD_TEXT, buttons(QUICK, link(variable=True))]] * 3)),
    "products": marketing(PLAIN, cards(*[[PRODUCT, buttons({"type": "SPM", "text": "View"})]] * 2)),
}  # fmt: skip
FILE = {"link": "https://shop.example/a"}
SECTIONS = [{"title": f"Part {n}", "product_items": [{"product_retailer_id": f"S{n}"}]} for n in range(2)]
VALUES: dict[str, Any] = {
    "text": "Ann",
    "image": FILE,
    "video": FILE,
    "document": {**FILE, "filename": "a.pdf"},
    "location": {"latitude": 1, "longitude": 2, "name": "Shop", "address": "1 Quay"},
    "product": {"product_retailer_id": "S1", "catalog_id": "9"},
    "payload": "yes",
    "coupon_code": "SAVE20",
    "flow": {"flow_token": "t-1", "flow_action_data": {"a": 1}},
    "catalog": {"thumbnail_product_retailer_id": "S1"},
    "products": {"thumbnail_product_retailer_id": "S1", "sections": SECTIONS},
    "expires_at": 1_804_262_400_000,
}
LIMITS = Limits(
    lengths=(1, 3, 15, 20, 24, 512, 900, 1000, 1024),
    counts=(1, 2, 3, 10, 30),
    words={
        "type": ("header", "body", "button", "carousel", "limited_time_offer", "tap_target_configuration",
                 "text", "currency", "date_time", "image", "video", "payload", "coupon_code", "action",
                 "footer"),
        "sub_type": ("quick_reply", "url", "copy_code", "flow", "catalog", "mpm", "voice_call",
                     "order_details", "phone"),
        "index": ("0", 1, "2", 3, "4", 9, 10),
        "parameter_name": ("order", "day"),
        "text": ("a\nb", "a\tb", "a     b", "a    b"),
        "currency": ({"fallback_value": "€5", "code": "EUR", "amount_1000": 5000},),
        "date_time": ({"fallback_value": "Monday"},),
        "card_index": (0, 1, 2),
        "expiration_time_ms": (10**11 - 1, 10**11, 1804262400),
        "ttl_minutes": (0, 1, 43200, 43201),
        "link": ("http://shop.example/a", "shop.example"),
        "parameters": ([], [{"type": "text", "text": "Ann"}], [{"type": "payload", "payload": "yes"}],
                       [{"type": "text", "text": "Ann"}] * 2),
    },
    pieces=("\n", "\t", "     ", "🎉"),
    numbers=(-1, 0, 1, 2, 3, 9, 10),
)  # fmt: skip


@pytest.fixture(scope="session")
def approved(door: Door) -> dict[str, Part]:
    """All of them in the sandbox's account, as its store keeps those that passed the review."""
    kept = {}
    for name, given_body in CREATED.items():
        made = json.loads(json.dumps(given_body)) | {"name": f"case_{name}"}
        check_creation(made)
        message_templates.insert(door.sandbox.db, door.waba_id, made, status="APPROVED")
        kept[name] = made
    return kept


def filled(name: str) -> list[Part]:
    """The components of a good send, made as the console makes them."""
    components = CREATED[name]["components"]
    return send_components(components, {one.key: VALUES[one.kind] for one in variables(components)})


def ours(name: str, sent: Any) -> list[str]:
    template = {"name": f"case_{name}", "language": {"code": "en"}, "components": sent}
    found = validate("template", template) or check_send(CREATED[name]["components"], sent)
    return [_component(one.field, one.message, sent) for one in found if one.severity == "error"]


def theirs(door: Door, name: str, sent: Any) -> dict[str, Any] | None:
    template = {"name": f"case_{name}", "language": {"code": "en"}, "components": sent}
    return door.send("template", template)


def _component(field: str, words: str, sent: Any) -> str:
    """The kind of the component that is meant: `body`, `button`, …"""
    place = re.search(r"components(?:'\])?\[(\d+)\]", field)
    if place is None:
        first = words.split(":")[0].split()[0].lower() if ":" in words else ""
        return first if first in ("header", "body", "button", "carousel", "limited_time_offer") else ""
    part = sent[int(place[1])]
    kind = part.get("type") if isinstance(part, dict) else None
    return kind if isinstance(kind, str) else ""


def _blamed(error: dict[str, Any], sent: Any) -> str:
    words = words_of(error)
    return _component(words, re.sub(r"^(\w+)[^:]*:", r"\1:", words), sent)


def assert_same(door: Door, name: str, sent: Any) -> None:
    mine, answer = ours(name, sent), theirs(door, name, sent)
    shown = f"{name}: {json.dumps(sent, ensure_ascii=False)[:900]}"
    if answer is None or "media attachment ID" in words_of(answer):
        assert mine == [], f"only our rules refuse {mine}: {shown}"
        return
    assert mine, f"only the sandbox refuses: “{words_of(answer)}”: {shown}"
    blamed = _blamed(answer, sent)
    assert not blamed or {blamed, ""} & set(mine), f"{mine}, not {blamed}: “{words_of(answer)}”: {shown}"


def test_handles_are_not_asked_for_here() -> None:
    """The samples of these message templates were never uploaded; only sends are compared."""
    assert IMAGE["example"] == {"header_handle": [HANDLE]}


@pytest.mark.parametrize("name", CREATED)
def test_a_good_send_both_take(door: Door, approved: dict[str, Part], name: str) -> None:
    assert approved
    assert (ours(name, filled(name)), theirs(door, name, filled(name))) == ([], None)


@st.composite
def changed(draw: st.DrawFn) -> tuple[str, Any]:
    name = draw(st.sampled_from(sorted(CREATED)))
    return name, draw(mutated(st.just(filled(name)), LIMITS, most=3, least=1))


def test_what_one_refuses_the_other_refuses(door: Door, approved: dict[str, Part]) -> None:
    assert approved

    @same_cases
    @given(changed())
    def holds(case: tuple[str, Any]) -> None:
        assert_same(door, *case)

    holds()
