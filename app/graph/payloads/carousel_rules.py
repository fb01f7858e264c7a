"""Carousels: two to ten cards that are all made alike.

Source: Meta docs, "Interactive media carousel messages" page, read 2026-09.
"""

from __future__ import annotations

from app.graph.checking import Spot
from app.graph.payloads.parts import (
    BUTTON_CHARACTERS,
    check_body,
    check_header,
    check_link_button,
)

CARD_BODY_CHARACTERS = 160
_CARD_LINE_BREAKS = 2
_CARD_ID_CHARACTERS = 20
_CARDS = (2, 10)


def check_carousel(spot: Spot) -> None:
    check_body(spot)
    spot["header"].absent("A carousel has no header of its own.")
    spot["footer"].absent("A carousel has no footer.")
    cards = spot["action"]["cards"].list("Cards", *_CARDS)
    for index, card in enumerate(cards):
        if not card.object("The card"):
            continue
        number = card["card_index"].value
        if number != index or isinstance(number, bool):
            card["card_index"].note(f"The card's index must be {index}.", "out_of_range")
        kind = card["type"].choice("The card's type", ("cta_url", "product"))
        if kind == "product":
            card["action"]["product_retailer_id"].text("The product")
            card["action"]["catalog_id"].text("The catalogue")
        elif kind:
            _check_media_card(card)
    _check_alike(spot["action"]["cards"], cards)


def _check_media_card(card: Spot) -> None:
    check_header(card, ("image", "video"), required=True)
    card["body"].object("The card's text", required=False)
    body = card["body"]["text"].text("The card's text", CARD_BODY_CHARACTERS, required=False)
    if body.count("\n") > _CARD_LINE_BREAKS:
        card["body"]["text"].note("The card's text has more than two line breaks.", "line_breaks")
    if card["action"]["buttons"].is_missing:
        check_link_button(card["action"])
        return
    for button in card["action"]["buttons"].list("The card's buttons", 1):
        button["type"].choice("The button's type", ("quick_reply",))
        button["quick_reply"]["id"].text("The button's id", _CARD_ID_CHARACTERS)
        button["quick_reply"]["title"].text("The button's title", BUTTON_CHARACTERS)


def _check_alike(spot: Spot, cards: list[Spot]) -> None:
    if len({_shape(card) for card in cards}) > 1:
        spot.note("All cards must have the same kind and number of buttons.", "cards_differ")
    catalogues = {repr(card["action"]["catalog_id"].value) for card in cards}
    if len(catalogues) > 1:
        spot.note("All cards must come from one catalogue.", "cards_differ")


def _shape(card: Spot) -> tuple[str, int]:
    buttons = card["action"]["buttons"].value
    return repr(card["type"].value), len(buttons) if isinstance(buttons, list) else -1
