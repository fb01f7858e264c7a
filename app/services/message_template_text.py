"""A message template as people see it: its pieces with values filled in, and the blanks it has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import chain
from typing import Any

from app.graph import reading
from app.graph.message_template_rules import Preview, Variable, render_preview, variables
from app.graph.message_template_rules.slots import expected_parameters

__all__ = ["Preview", "Variable", "body_text", "list_blanks", "show", "show_sent", "unfillable"]

_FILLED_BY_TYPING = frozenset({"text", "coupon_code", "image", "video", "document"})
"""Files are given by their address on the web."""
_NEEDS = {
    "location": "a place",
    "product": "a product",
    "products": "products",
    "expires_at": "the end of an offer",
}


def show(components: list[Any], values: Mapping[str, Any] | None = None) -> Preview:
    """The pieces with `values` (by `Variable.key`) filled in; a blank without one stays as `{{1}}`."""
    return render_preview(components, values)


def show_sent(components: list[Any], content: Mapping[str, Any]) -> Preview:
    """The pieces as one message carried them; `content` is Meta's `template` object that was sent. Of a
    product carousel the text of a card is the shop's own id of its product.
    """
    shown = render_preview(components, _sent_values(components, content))
    return replace(shown, cards=_sent_cards(shown.cards, content))


def body_text(components: list[Any]) -> str:
    """The body as written, with its `{{1}}`."""
    return render_preview(components).body


def list_blanks(components: list[Any]) -> list[Variable]:
    """Every value that must be given when it is sent, with the example given for the review."""
    return [variable for variable in variables(components) if variable.is_required]


def unfillable(components: list[Any]) -> str:
    """What it needs that cannot be typed ("a place"), or nothing: then it can be sent by hand."""
    kinds = (variable.kind for variable in list_blanks(components))
    return next((_NEEDS.get(kind, "more than text") for kind in kinds if kind not in _FILLED_BY_TYPING), "")


def _sent_values(components: list[Any], content: Mapping[str, Any]) -> dict[str, Any]:
    """Sent parameters under the keys of the blanks they fill. Meta's objects may lack anything."""
    sent = {_place(part): part for part in reading.mappings(content.get("components"))}
    for card, listed in _cards_in(content).items():
        sent |= {_place(part, card): part for part in listed}
    values: dict[str, Any] = {}
    for expected in expected_parameters(components):
        place = (expected.card, expected.type, str(expected.index) if expected.index is not None else "")
        parameters = reading.items(sent.get(place, {}).get("parameters"))
        for variable, parameter in zip(expected.parameters, parameters, strict=False):
            if isinstance(parameter, dict) and variable.kind == "text":
                values[variable.key] = _value(parameter)
    return values


def _sent_cards(made: tuple[Preview, ...], content: Mapping[str, Any]) -> tuple[Preview, ...]:
    """As many as were sent: of a product carousel the cards of the message template are only a pattern."""
    if not made:
        return ()
    sent = _cards_in(content)
    return tuple(_with_product(made[min(card, len(made) - 1)], sent[card]) for card in sorted(sent))


def _with_product(card: Preview, listed: list[dict[str, Any]]) -> Preview:
    for part in listed:
        for parameter in reading.mappings(part.get("parameters")):
            name = reading.text(reading.mapping(parameter.get("product")).get("product_retailer_id"))
            if name and not card.body:
                return replace(card, body=name)
    return card


def _cards_in(content: Mapping[str, Any]) -> dict[int, list[dict[str, Any]]]:
    """The components of each card that was sent, by its place."""
    parts = reading.mappings(content.get("components"))
    cards = (reading.mappings(part.get("cards")) for part in parts if _place(part)[1] == "carousel")
    return {
        place: reading.mappings(card.get("components"))
        for card in chain.from_iterable(cards)
        if (place := reading.integer(card.get("card_index"))) is not None and place >= 0
    }


def _place(part: dict[str, Any], card: int | None = None) -> tuple[int | None, str, str]:
    index = part.get("index")
    return card, str(part.get("type", "")).lower(), "" if index is None else str(index)


def _value(parameter: dict[str, Any]) -> Any:
    """Currencies and dates stay Meta's objects; the preview shows their fallback."""
    return parameter.get("text", "") if parameter.get("type", "text") == "text" else parameter
