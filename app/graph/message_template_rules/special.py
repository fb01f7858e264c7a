"""Carousels, limited-time offers and requests to call.

Source: Meta docs, "Media card carousel", "Limited-time offer" and "Call permission" pages, read
2026-09.
"""

from __future__ import annotations

import json

from app.graph import reading
from app.graph.checking import Spot
from app.graph.message_template_rules import parts
from app.graph.message_template_rules.buttons import check_button, check_counts, kind_of
from app.graph.message_template_rules.context import Context

OFFER_CHARACTERS = 16
_CARDS = (2, 10)
_PRODUCT_CARDS = 2
_CARD_PARTS = frozenset({"HEADER", "BODY", "BUTTONS"})
_CARD_BUTTONS = ("QUICK_REPLY", "URL", "PHONE_NUMBER")
_PRODUCT_CARD_BUTTONS = ("SPM", "URL")


def check(context: Context) -> None:
    if context.has("LIMITED_TIME_OFFER"):
        _check_offer(context.component("LIMITED_TIME_OFFER"), context)
    if context.has("CAROUSEL"):
        _check_carousel(context.component("CAROUSEL"), context)


def _check_offer(offer: Spot, context: Context) -> None:
    if context.category != "MARKETING":
        offer.note("A limited-time offer is only for marketing.", "not_allowed")
    details = offer["limited_time_offer"]
    if details.object("The offer"):
        details["text"].text("The offer's text", OFFER_CHARACTERS)
        details["has_expiration"].flag("The choice of a countdown")
    if context.has("FOOTER"):
        context.component("FOOTER").note("A limited-time offer has no footer.", "not_allowed")
    if context.header_format() not in (None, "IMAGE", "VIDEO"):
        context.component("HEADER").note(
            "A limited-time offer has a picture, a video or no header.", "not_allowed"
        )
    _check_offer_buttons(offer, context.button_kinds())


def _check_offer_buttons(offer: Spot, kinds: list[str]) -> None:
    if "URL" not in kinds:
        offer.note("A limited-time offer needs a button that opens a web page.", "missing")
    if "COPY_CODE" in kinds[1:]:
        offer.note("The button that copies the code must come first.", "button_order")
    if set(kinds) - {"URL", "COPY_CODE"}:
        offer.note("A limited-time offer has only a code and a web page button.", "not_allowed")


def _check_carousel(carousel: Spot, context: Context) -> None:
    if context.category != "MARKETING":
        carousel.note("A carousel is only for marketing.", "not_allowed")
    cards = carousel["cards"].list("Cards", *_CARDS)
    good = [card for card in cards if card.object("The card")]
    for card in good:
        _check_card(card, context)
    if len({_shape(card) for card in good}) > 1:
        carousel["cards"].note(
            "All cards need the same kind of header, all or none a text, and the same buttons in the "
            "same order.",
            "cards_differ",
        )
    if any(_is_product(card) for card in good) and len(cards) != _PRODUCT_CARDS:
        carousel["cards"].note(
            "A product carousel is submitted with two cards; any number up to ten is sent.", "too_many"
        )


def _by_kind(card: Spot) -> dict[str, Spot]:
    spots = card["components"].list("The card's components", 1)
    good = [spot for spot in spots if spot.object("The card's component")]
    kinds = [kind_of(spot) for spot in good]
    if len(set(kinds)) < len(kinds) or set(kinds) - _CARD_PARTS:
        card["components"].note("A card has a header, a text and buttons, each once.", "not_allowed")
    return dict(zip(kinds, good, strict=True))


def _is_product(card: Spot) -> bool:
    return "PRODUCT" in _shape(card)


def _check_card(card: Spot, context: Context) -> None:
    found = Context(context.category, context.is_named, _by_kind(card), is_card=True)
    header = found.header_format()
    if header not in ("IMAGE", "VIDEO", "PRODUCT"):
        card.note("Each card needs a picture, a video or a product.", "missing")
    else:
        parts.check_header(found.component("HEADER"), found)
    if found.has("BODY"):
        parts.check_body_text(
            found.component("BODY"),
            parts.CARD_BODY_CHARACTERS,
            "The card's text",
            named=context.is_named,
        )
    _check_card_buttons(card, found, is_product=header == "PRODUCT")


def _check_card_buttons(card: Spot, found: Context, *, is_product: bool) -> None:
    if not found.has("BUTTONS"):
        card.note("Each card needs a button.", "missing")
        return
    allowed, most = (_PRODUCT_CARD_BUTTONS, 1) if is_product else (_CARD_BUTTONS, 2)
    buttons = found.component("BUTTONS")["buttons"]
    check_counts(buttons, found.button_kinds())
    for button in buttons.list("The card's buttons", 1, most):
        if not button.object("The button"):
            continue
        kind = kind_of(button)
        if kind in allowed:
            check_button(kind, button, found)
        else:
            button["type"].note("This kind of button is not possible on a card.", "not_allowed")


def _shape(card: Spot) -> str:
    """What must be alike on all cards, as text to compare; the order of the parts does not matter."""
    shapes = []
    for part in reading.mappings(reading.mapping(card.value).get("components")):
        kind = _word(part.get("type"))
        form = _word(part.get("format")) if kind == "HEADER" else ""
        buttons = reading.mappings(part.get("buttons")) if kind == "BUTTONS" else []
        shapes.append((kind, form, [_word(button.get("type")) for button in buttons]))
    return json.dumps(sorted(shapes))


def _word(value: object) -> str:
    return (reading.text(value) or "").upper()
