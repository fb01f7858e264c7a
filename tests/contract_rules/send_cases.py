"""Message templates to send, and good sends of them, to be changed a little by `mutations`.

Source: Meta docs, "Send message templates" page, read 2026-09.
"""

from __future__ import annotations

from typing import Any

from app.graph.message_template_rules import send_components, variables
from tests.contract_rules.message_template_cases import CALL, CODE, FLOW, QUICK, VOICE, link
from tests.contract_rules.mutations import Limits
from tests.contract_rules.parts import (
    APPS,
    IMAGE,
    OFFER,
    OTP,
    PLAIN,
    PRODUCT,
    Part,
    body,
    buttons,
    cards,
    header,
    login,
    marketing,
    named,
    whole,
)

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


def filled(name: str) -> list[Part]:
    """The components of a good send, made as the console makes them."""
    components = CREATED[name]["components"]
    return send_components(components, {one.key: VALUES[one.kind] for one in variables(components)})
