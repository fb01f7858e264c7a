"""Message templates of a special form: authentication, limited-time offers, carousels, products.

Source: Meta docs, "Authentication templates", "Limited-time offer", "Media card carousel" and
"Product card carousel" pages, read 2026-03.
"""

import re
from collections.abc import Callable
from typing import Any

from . import errors, message_template_buttons, message_template_texts
from .message_template_buttons import check_label
from .message_template_texts import BODY, FOOTER, HEADER, TOO_LONG, refuse

LONGEST_OFFER, LONGEST_CARD_BODY = 16, 160
FEWEST_CARDS, MOST_CARDS, PRODUCT_CARDS = 2, 10, 2
CARD_PARTS = {"HEADER", "BODY", "BUTTONS"}
# What the header of a card shows → which buttons the card may have, and how many.
CARD_BUTTONS = {
    "IMAGE": (("QUICK_REPLY", "URL", "PHONE_NUMBER"), 2),
    "VIDEO": (("QUICK_REPLY", "URL", "PHONE_NUMBER"), 2),
    "PRODUCT": (("SPM", "URL"), 1),
}
OTP_TYPES = ("COPY_CODE", "ONE_TAP", "ZERO_TAP")
MOST_APPS, LONGEST_PACKAGE = 5, 224
SIGNATURE = re.compile(r"[A-Za-z0-9+/=]{11}")
PACKAGE = re.compile(r"[A-Za-z]\w*(\.[A-Za-z]\w*)+", re.ASCII)
Part = dict[str, Any]
HeaderCheck = Callable[[Part, Part], None]


def check_authentication(by_type: dict[str, Part]) -> None:
    """Fixed wording: no text, no header; exactly one OTP button."""
    body, footer = by_type["BODY"], by_type.get("FOOTER", {})
    if body.get("text") is not None:
        raise refuse(BODY, "Body text is not allowed", "The text of an authentication template is Meta's.")
    if not isinstance(body.get("add_security_recommendation", False), (bool, type(None))):
        raise errors.invalid("add_security_recommendation must be true or false.")
    extra = set(by_type) - {"BODY", "FOOTER", "BUTTONS"}
    if extra:
        raise refuse(
            None, "Component is not allowed", f"An authentication template has no {', '.join(sorted(extra))}."
        )
    if footer.get("text") is not None:
        raise refuse(FOOTER, "Footer text is not allowed", "Give code_expiration_minutes instead.")
    minutes = footer.get("code_expiration_minutes")
    if minutes is not None and not is_whole(minutes, 1, 90):
        raise refuse(FOOTER, "Expiration is not valid", "code_expiration_minutes must be 1 to 90.")
    _check_otp(by_type.get("BUTTONS"))


def is_whole(value: Any, least: int, most: int) -> bool:
    """A whole number in these bounds; forms carry it as digits."""
    if isinstance(value, str) and value.isascii() and value.removeprefix("-").isdigit() and len(value) < 19:
        value = int(value)
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_number and value == value // 1 and least <= value <= most


def _check_otp(component: Part | None) -> None:
    """Authentication: exactly one OTP button."""
    buttons = message_template_buttons.named(component) if component is not None else []
    if len(buttons) != 1 or buttons[0]["type"] != "OTP":
        raise refuse(None, "OTP button is missing", "An authentication template has exactly one OTP button.")
    button = buttons[0]
    kind = str(button.get("otp_type", "")).upper()
    if kind not in OTP_TYPES:
        raise errors.one_of("otp_type", OTP_TYPES, button.get("otp_type"))
    for key in ("text", "autofill_text"):
        check_label(button, key, is_required=False)
    for key in ("package_name", "signature_hash"):
        if button.get(key) is not None:
            raise errors.invalid(f"{key} of an OTP button belongs into supported_apps.")
    if kind != "COPY_CODE":
        _check_apps(button.get("supported_apps"))
    if kind == "ZERO_TAP" and button.get("zero_tap_terms_accepted") is not True:
        raise refuse(None, "Terms are not accepted", "zero_tap_terms_accepted must be true.")


def _check_apps(apps: Any) -> None:
    if not isinstance(apps, list) or not 1 <= len(apps) <= MOST_APPS:
        raise refuse(None, "Apps are missing", f"supported_apps holds 1 to {MOST_APPS} apps.")
    for app in apps:
        given = app if isinstance(app, dict) else {}
        package = str(given.get("package_name") or "")
        if not PACKAGE.fullmatch(package) or len(package) > LONGEST_PACKAGE:
            raise refuse(
                None, "Package name is not valid", "It has at least two parts with dots, as com.example.app."
            )
        if not SIGNATURE.fullmatch(str(given.get("signature_hash") or "")):
            raise refuse(None, "Signature hash is not valid", "signature_hash has exactly 11 characters.")


def check_offer(by_type: dict[str, Part]) -> None:
    offer = by_type["LIMITED_TIME_OFFER"].get("limited_time_offer")
    if not isinstance(offer, dict):
        raise errors.required("limited_time_offer")
    text = offer.get("text")
    if not isinstance(text, str) or not text.strip() or len(text) > LONGEST_OFFER:
        raise refuse(TOO_LONG, "Offer text is not valid", "limited_time_offer.text has 1 to 16 characters.")
    if not isinstance(offer.get("has_expiration", False), (bool, type(None))):
        raise errors.invalid("has_expiration must be true or false.")
    if "FOOTER" in by_type:
        raise refuse(FOOTER, "Footer is not allowed", "A limited-time offer has no footer.")
    header = by_type.get("HEADER")
    if header is not None and header["format"] not in {"IMAGE", "VIDEO"}:
        raise refuse(
            HEADER, "Header is not allowed", "A limited-time offer has an IMAGE or VIDEO header, or none."
        )
    _check_offer_buttons([button["type"] for button in by_type.get("BUTTONS", {}).get("buttons", [])])


def _check_offer_buttons(kinds: list[str]) -> None:
    if "URL" not in kinds:
        raise refuse(None, "Offer lacks a button", "A limited-time offer needs a URL button.")
    if set(kinds) - {"URL", "COPY_CODE"} or "COPY_CODE" in kinds[1:]:
        raise refuse(None, "Buttons of the offer are not valid", "COPY_CODE, if any, then URL.")


def check_products(by_type: dict[str, Part]) -> None:
    """Buttons for products and the headers they stand with."""
    kinds = [button["type"] for button in by_type.get("BUTTONS", {}).get("buttons", [])]
    form = by_type.get("HEADER", {}).get("format")
    if "MPM" in kinds and form != "TEXT":
        raise refuse(HEADER, "Product header is not valid", "An MPM button needs a TEXT header.")
    if ("SPM" in kinds) != (form == "PRODUCT"):
        raise refuse(HEADER, "Product header is not valid", "A PRODUCT header and an SPM button go together.")


def check_carousel(body: Part, carousel: Part, check_header: HeaderCheck) -> None:
    cards = carousel.get("cards")
    if not isinstance(cards, list) or not FEWEST_CARDS <= len(cards) <= MOST_CARDS:
        raise refuse(None, "Number of cards is not valid", "A carousel has 2 to 10 cards.")
    shapes = [_card_shape(body, card, check_header) for card in cards]
    if any(shape != shapes[0] for shape in shapes):
        raise refuse(
            None, "Cards differ", "All cards need the same components and the same buttons in the same order."
        )
    if ("HEADER", "PRODUCT") in shapes[0] and len(cards) != PRODUCT_CARDS:
        raise refuse(None, "Number of cards is not valid", "A product carousel is created with two cards.")


def _card_shape(body: Part, card: Any, check_header: HeaderCheck) -> list[tuple[str, ...]]:
    """Checks a card; answers what must be equal on all of them."""
    by_type = _card_parts(card)
    header, text, buttons = by_type.get("HEADER"), by_type.get("BODY"), by_type.get("BUTTONS")
    form = str((header or {}).get("format", "")).upper()
    if header is None or form not in CARD_BUTTONS:
        raise refuse(HEADER, "Card header is not valid", "A card has an IMAGE, a VIDEO or a PRODUCT.")
    check_header(body, header)
    if text is not None:
        message_template_texts.check_body(text, body["parameter_format"], LONGEST_CARD_BODY)
    if buttons is None:
        raise refuse(None, "Card lacks a button", "Each card needs a button.")
    kinds = [button["type"] for button in message_template_buttons.named(buttons)]
    allowed, most = CARD_BUTTONS[form]
    if len(kinds) > most or set(kinds) - set(allowed):
        raise refuse(
            None, "Card buttons are not valid", f"At most {most} of {', '.join(allowed)} beside {form}."
        )
    message_template_buttons.check(buttons, body["category"], body["parameter_format"])
    shape = [("HEADER", form), ("BUTTONS", *kinds)]
    return shape if text is None else [*shape, ("BODY",)]


def _card_parts(card: Any) -> dict[str, Part]:
    components = card.get("components") if isinstance(card, dict) else None
    if not isinstance(components, list) or not all(isinstance(part, dict) for part in components):
        raise errors.required("cards['components']")
    for part in components:
        part["type"] = str(part.get("type", "")).upper()
    by_type = {part["type"]: part for part in components}
    if len(by_type) != len(components) or set(by_type) - CARD_PARTS:
        raise refuse(
            None, "Card components are not valid", "A card has a HEADER, a BODY and BUTTONS, each once."
        )
    return by_type
