"""The values that go into a message template, a check for each kind.

Whether there are the right ones is `message_template_rules.check_send`'s question. A kind that is
not known here is let through: Meta adds some from time to time.
Source: Meta docs, "Send message templates" page, read 2026-09.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from app.graph.checking import Spot
from app.graph.payloads.plain_rules import check_file, check_location

MOST_SECTIONS = 10
MOST_PRODUCTS = 30
SECTION_CHARACTERS = 24
PAYLOAD_CHARACTERS = 512
CODE_CHARACTERS = 20
LONGEST_CALL_MINUTES = 43_200
_FIRST_MILLISECOND = 10**11  # a smaller number is a time in seconds, which Meta would take for 1970
_LAST_MILLISECOND = 10**14
_MOST_AMOUNT = 10**15


def check_value(spot: Spot) -> None:
    """One entry of `parameters`."""
    if not spot.object("The value"):
        return
    kind = spot["type"].text("The value's type")
    spot["parameter_name"].text("The variable's name", required=False)
    check = _CHECKS.get(kind)
    if check is not None:
        check(spot)


def _check_text(spot: Spot) -> None:
    spot["text"].text("The value")


def _check_media(kind: str, spot: Spot) -> None:
    if spot[kind].object(f"The {kind}"):
        check_file(spot[kind], f"The {kind}")


def _check_currency(spot: Spot) -> None:
    if spot["currency"].object("The amount"):
        spot["currency"]["fallback_value"].text("The amount in words")
        spot["currency"]["code"].text("The currency", 3)
        spot["currency"]["amount_1000"].whole("The amount in thousandths", -_MOST_AMOUNT, _MOST_AMOUNT)


def _check_date_time(spot: Spot) -> None:
    if spot["date_time"].object("The date"):
        spot["date_time"]["fallback_value"].text("The date in words")


def _check_place(spot: Spot) -> None:
    check_location(spot["location"])


def _check_product(spot: Spot) -> None:
    if spot["product"].object("The product"):
        spot["product"]["product_retailer_id"].text("The product")
        spot["product"]["catalog_id"].text("The catalogue", required=False)


def _check_payload(spot: Spot) -> None:
    spot["payload"].text("The button's payload", PAYLOAD_CHARACTERS)


def _check_coupon(spot: Spot) -> None:
    spot["coupon_code"].text("The code", CODE_CHARACTERS)


def _check_ttl(spot: Spot) -> None:
    spot["ttl_minutes"].whole("The call button's life in minutes", 1, LONGEST_CALL_MINUTES)


def _check_offer(spot: Spot) -> None:
    if spot["limited_time_offer"].object("The offer"):
        ends = spot["limited_time_offer"]["expiration_time_ms"]
        if not ends.is_missing:
            ends.whole("The offer's end in milliseconds", _FIRST_MILLISECOND, _LAST_MILLISECOND)


def _check_tap_targets(spot: Spot) -> None:
    for target in spot["tap_target_configuration"].list("The tap targets", 1):
        target["url"].link("The tap target's address")
        target["title"].text("The tap target's title")


def _check_action(spot: Spot) -> None:
    """The action of a Flow, catalogue, product-list or order button."""
    action = spot["action"]
    if not action.object("The button's action"):
        return
    action["flow_token"].text("The Flow token", required=False)
    action["flow_action_data"].object("The Flow's data", required=False)
    action["thumbnail_product_retailer_id"].text("The product on the picture", required=False)
    sections = action["sections"].list("Sections", most=MOST_SECTIONS)
    products = [p for section in sections for p in section["product_items"].list("Products", 1)]
    for section in sections:
        section["title"].text("The section's title", SECTION_CHARACTERS, required=len(sections) > 1)
    for product in products:
        product["product_retailer_id"].text("The product")
    if len(products) > MOST_PRODUCTS:
        action["sections"].note(
            f"A list holds {MOST_PRODUCTS} products; this one has {len(products)}.", "too_many"
        )
    action["order_details"].object("The order", required=False)


_CHECKS: dict[str, Callable[[Spot], None]] = {
    "text": _check_text,
    **{kind: partial(_check_media, kind) for kind in ("image", "video", "document")},
    "currency": _check_currency,
    "date_time": _check_date_time,
    "location": _check_place,
    "product": _check_product,
    "payload": _check_payload,
    "coupon_code": _check_coupon,
    "ttl_minutes": _check_ttl,
    "limited_time_offer": _check_offer,
    "tap_target_configuration": _check_tap_targets,
    "action": _check_action,
}
