"""Do the components of a send fit the message template? Known before Meta is asked.

The codes are Meta's for the same fault: 132000 (count), 132012 (form), 132005 (too long).
Source: Meta docs, "Error codes" page, read 2026-09.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from app.graph import reading
from app.graph.checking import Spot
from app.graph.message_template_rules import placeholders
from app.graph.message_template_rules.parts import BODY_CHARACTERS
from app.graph.message_template_rules.slots import (
    ExpectedComponent,
    Variable,
    expected_parameters,
    is_product_carousel,
)
from app.graph.problems import Problem

COUNT = "132000"
FORM = "132012"
LENGTH = "132005"
VALUE = "132018"
_UNTIDY = re.compile(r"[\n\r\t]| {5,}")
_TEXT_KINDS = ("text", "currency", "date_time")
# Meta's word for the parameter that fills a slot of ours, where it differs.
_PARAMETER_TYPES = {
    "flow": "action",
    "catalog": "action",
    "products": "action",
    "expires_at": "limited_time_offer",
}
_FREE = ("tap_target_configuration", "order_status")
# Buttons with values that are not slots of ours.
_FREE_BUTTONS = {"voice_call": "VOICE_CALL", "order_details": "ORDER_DETAILS"}
_Key = tuple[str, str | None, int | None]


def check_send(components: Sequence[dict[str, Any]], send_components: object) -> list[Problem]:
    """What Meta would refuse in these send components; empty if nothing.

    `components` are the message template's own. That values have no line breaks, tabs or five
    blanks in a row is (unverified). Nothing is checked if the components are not known.
    """
    problems: list[Problem] = []
    known = reading.mappings(list(components))
    if not known:
        return problems
    given = Spot(send_components if send_components is not None else [], "components", problems)
    expected = expected_parameters(known)
    listed = given.list("The components")
    _check_group([one for one in expected if one.card is None], listed, given, known)
    carousel = next((one for one in known if _word(one.get("type")) == "CAROUSEL"), None)
    for surplus in [spot for spot in listed if _key(spot)[0] == "carousel"][1 if carousel else 0 :]:
        surplus.note("The message template has no carousel, or it is given twice.", COUNT)
    if carousel is not None:
        _check_cards(carousel, [one for one in expected if one.card is not None], listed, given)
    return problems


def _word(value: object) -> str:
    return (reading.text(value) or "").upper()


def _check_group(
    expected: list[ExpectedComponent], listed: list[Spot], whole: Spot, made: list[dict[str, Any]]
) -> None:
    """Pair what is expected with what is given, by type and button index."""
    wanted: dict[_Key, ExpectedComponent] = {(one.type, one.sub_type, one.index): one for one in expected}
    seen: set[_Key] = set()
    for spot in listed:
        key = _key(spot)
        if key[0] == "carousel" or key[0] in _FREE:
            continue
        if key[1] in _FREE_BUTTONS and key not in seen and _is_button(made, key):
            seen.add(key)
            continue
        one = wanted.get(key)
        if one is None or key in seen:
            _check_surplus(spot)
            continue
        seen.add(key)
        _check_parameters(one, spot)
        if one.type == "body":
            _check_filled(spot, made)
    for key, one in wanted.items():
        if key not in seen and one.is_required:
            count = len(one.parameters)
            whole.note(
                f"{_place(one)}: the message template expects {count} value{'s' * (count > 1)}, none given.",
                COUNT,
            )


def _key(spot: Spot) -> _Key:
    kind = (reading.text(spot["type"].value) or "").lower()
    if kind != "button":
        return kind, None, None
    sub_type = (reading.text(spot["sub_type"].value) or "").lower()
    return kind, sub_type, reading.integer(spot["index"].value)


def _is_button(made: list[dict[str, Any]], key: _Key) -> bool:
    """Does the message template have a button of this kind at this place?"""
    parts = (part for part in made if _word(part.get("type")) == "BUTTONS")
    kinds = [
        _word(reading.mapping(one).get("type"))
        for part in parts
        for one in reading.items(part.get("buttons"))
    ]
    return key[2] is not None and 0 <= key[2] < len(kinds) and kinds[key[2]] == _FREE_BUTTONS[key[1] or ""]


def _check_filled(spot: Spot, made: list[dict[str, Any]]) -> None:
    """The body with its values may not be longer than a body may be."""
    text = next(
        (reading.text(part.get("text")) or "" for part in made if _word(part.get("type")) == "BODY"), ""
    )
    values = [_shown(parameter) for parameter in reading.mappings(spot["parameters"].value)]
    fixed = placeholders.fill(text, dict.fromkeys(placeholders.names(text), ""))
    count = len(fixed) + sum(map(len, values))
    if count > BODY_CHARACTERS >= max(map(len, values), default=0):  # a long value is noted by itself
        spot["parameters"].note(f"The filled text has {count:,} characters.", LENGTH)


def _shown(parameter: dict[str, Any]) -> str:
    kind = reading.text(parameter.get("type")) or ""
    value = parameter.get(kind)
    shown = value.get("fallback_value") if isinstance(value, dict) else value
    return shown if isinstance(shown, str) else ""


def _place(expected: ExpectedComponent) -> str:
    if expected.type == "button":
        return f"Button {(expected.index or 0) + 1}"
    return expected.type.replace("_", " ").capitalize()


def _check_surplus(spot: Spot) -> None:
    if spot["parameters"].value or _key(spot)[0] == "button":
        spot.note("The message template has no value here, or it is given twice.", COUNT)


def _check_parameters(expected: ExpectedComponent, spot: Spot) -> None:
    given = spot["parameters"].list("The values")
    if _count_is_wrong(expected, len(given)):
        spot["parameters"].note(
            f"{_place(expected)}: {len(given)} values given, the message template expects "
            f"{len(expected.parameters)}.",
            COUNT,
        )
        return
    if any(variable.is_named for variable in expected.parameters):
        _check_named(expected, given)
        return
    for variable, parameter in zip(expected.parameters, given, strict=False):
        _check_value(expected, variable, parameter)


def _count_is_wrong(expected: ExpectedComponent, count: int) -> bool:
    return count != len(expected.parameters) and (expected.is_required or count > 0)


def _check_named(expected: ExpectedComponent, given: list[Spot]) -> None:
    by_name = {variable.name: variable for variable in expected.parameters}
    for parameter in given:
        name = reading.text(parameter["parameter_name"].value)
        variable = by_name.pop(name, None)
        if variable is None:
            listed = ", ".join(one.name or "" for one in expected.parameters)
            parameter["parameter_name"].note(
                f"{_place(expected)}: each value needs its variable's name, once: {listed}.", FORM
            )
        else:
            _check_value(expected, variable, parameter)


def _check_value(expected: ExpectedComponent, variable: Variable, parameter: Spot) -> None:
    """Amounts and dates are for bodies only."""
    kind = reading.text(parameter["type"].value) or ""
    is_body = variable.kind == "text" and expected.type == "body"
    allowed = _TEXT_KINDS if is_body else (_PARAMETER_TYPES.get(variable.kind, variable.kind),)
    if kind not in allowed:
        parameter["type"].note(
            f"{variable.label}: the value must be of the type {' or '.join(allowed)}.", FORM
        )
        return
    if parameter[kind].is_missing:
        parameter[kind].note(f"{variable.label} is missing.", FORM)
    elif kind in ("text", "payload", "coupon_code"):
        _check_words(variable, parameter[kind])
    elif kind in ("currency", "date_time"):
        _check_words(variable, parameter[kind]["fallback_value"])


def _check_words(variable: Variable, spot: Spot) -> None:
    if not isinstance(spot.value, str) or not spot.value.strip():
        spot.note(f"{variable.label} must be text that is not blank.", FORM)
        return
    most = variable.most_characters or BODY_CHARACTERS
    if len(spot.value) > most:
        spot.note(f"{variable.label} has {len(spot.value):,} characters; {most:,} are allowed.", LENGTH)
    if variable.kind == "text" and _UNTIDY.search(spot.value):
        spot.note(f"{variable.label} has line breaks, tabs or more than four blanks in a row.", VALUE)


def _check_cards(
    carousel: dict[str, Any], expected: list[ExpectedComponent], listed: list[Spot], whole: Spot
) -> None:
    sent = next((spot for spot in listed if _key(spot)[0] == "carousel"), None)
    if sent is None:
        whole.note("The cards of the carousel are missing.", COUNT)
        return
    made = len(reading.items(carousel.get("cards")))
    is_product = is_product_carousel(carousel)
    cards = sent["cards"].list("Cards", 2, 10)
    if not is_product and len(cards) != made:
        sent["cards"].note(f"{len(cards)} cards given, the message template has {made}.", COUNT)
        return
    for number, card in enumerate(cards):
        pattern = 0 if is_product else number
        group = [one for one in expected if one.card == pattern]
        cards_made = reading.mappings(carousel.get("cards"))
        parts = reading.mappings(cards_made[pattern].get("components")) if pattern < len(cards_made) else []
        _check_group(group, card["components"].list("The card's components"), card["components"], parts)
