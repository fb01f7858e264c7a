"""The form of a message-template send: name, language and the components of its values.

Whether the values fit the message template is `message_template_rules.check_send`'s question.
Source: Meta docs, "Send message templates" page, read 2026-09.
"""

from __future__ import annotations

import re

from app.graph.checking import Spot
from app.graph.payloads.template_values import check_value

NAME = re.compile(r"[a-z0-9_]{1,512}", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:_[A-Z]{2})?", re.ASCII)
_COMPONENTS = (
    "header",
    "body",
    "button",
    "carousel",
    "limited_time_offer",
    "order_status",
    "tap_target_configuration",
)
BUTTON_KINDS = (
    "quick_reply",
    "url",
    "copy_code",
    "flow",
    "catalog",
    "mpm",
    "voice_call",
    "order_details",
)
_MOST_BUTTONS = 10
_MOST_CARDS = 10


def check_template(spot: Spot) -> None:
    if not spot.object("The message template"):
        return
    name = spot["name"].text("The message template's name")
    if name and not NAME.fullmatch(name):
        spot["name"].note("The name has only lower-case letters, digits and underscores.", "bad_name")
    if spot["language"].object("The language"):
        code = spot["language"]["code"].text("The language")
        if code and not _LANGUAGE.fullmatch(code):
            spot["language"]["code"].note("The language is written like en or en_US.", "bad_code")
        spot["language"]["policy"].choice("The policy", ("deterministic",), required=False)
    for component in spot["components"].list("The components"):
        _check_component(component)


def _check_component(component: Spot) -> None:
    if not component.object("The component"):
        return
    kind = component["type"].choice("The component's type", _COMPONENTS)
    if kind == "carousel":
        _check_cards(component["cards"])
        return
    if kind == "button":
        component["sub_type"].choice("The button's kind", BUTTON_KINDS)
        component["index"].whole("The button's index", 0, _MOST_BUTTONS - 1)
    for parameter in component["parameters"].list("The values"):
        check_value(parameter)


def _check_cards(spot: Spot) -> None:
    """In order; Meta does not say that another order is taken."""
    for index, card in enumerate(spot.list("Cards", 1, _MOST_CARDS)):
        card["card_index"].whole("The card's index", index, index)
        for component in card["components"].list("The card's components"):
            _check_component(component)
