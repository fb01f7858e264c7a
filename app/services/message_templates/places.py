"""Where in the editor a problem is: from Meta's path to the name of the field."""

from __future__ import annotations

import re
from typing import Any

from app.graph import reading
from app.graph.message_template_rules import MessageTemplateDraft
from app.services.message_templates.sheets import PartSheet, Sheet

_STEP = re.compile(r"(\w+)(?:\[(\d+)\])?")
_OF_OFFER = {"text": "offer_text", "has_expiration": "offer_ends"}
_OF_LOGIN = {
    "otp_type": "login.kind",
    "text": "login.text",
    "autofill_text": "login.autofill_text",
    "zero_tap_terms_accepted": "login.terms",
}
_OF_DRAFT = {"message_send_ttl_seconds": "life", "cta_url_link_tracking_opted_out": "clicks_off"}

_Step = tuple[str, int | None]


def place_of(path: str, draft: MessageTemplateDraft, sheet: Sheet) -> str:
    """`components[1].buttons[0].url` → `buttons.0.url`; the nearest field when it is about several."""
    steps: list[_Step] = [
        (name, int(index) if index else None) for name, index in (_STEP.findall(path) if path else [])
    ]
    if not steps:
        return "name"
    if steps[0][0] != "components":
        return _OF_DRAFT.get(steps[0][0], steps[0][0])
    kinds = [_kind(part) for part in draft.components]
    found = _at(kinds, steps[0])
    if sheet.is_login:
        return _in_login(found, steps[1:])
    if found == "LIMITED_TIME_OFFER":
        return _OF_OFFER.get(steps[-1][0], "offer_text")
    if found == "CAROUSEL":
        return _in_cards(steps[1:], draft, kinds.index("CAROUSEL"), sheet)
    return _in_part(found, steps[1:], sheet.main, "")


def path_of(place: str, draft: MessageTemplateDraft) -> str:
    """The other way round, for texts and buttons: `cards.0.buttons.1.url` → `components[2].cards[0].…`."""
    return _path(place, [_kind(part) for part in draft.components], draft.components, "components")


_TEXTS = {
    "header_text": ("HEADER", "text"),
    "body": ("BODY", "text"),
    "footer": ("FOOTER", "text"),
    "offer_text": ("LIMITED_TIME_OFFER", "limited_time_offer.text"),
}


def _path(place: str, kinds: list[str], parts: list[Any], root: str) -> str:
    first, _, rest = place.partition(".")
    if first == "cards" and "CAROUSEL" in kinds and rest:
        number, _, inner = rest.partition(".")
        at = kinds.index("CAROUSEL")
        cards = reading.items(reading.mapping(parts[at]).get("cards"))
        card = reading.mapping(cards[int(number)]) if int(number) < len(cards) else {}
        inside = reading.items(card.get("components"))
        here = f"{root}[{at}].cards[{number}].components"
        return _path(inner, [_kind(part) for part in inside], inside, here)
    if first == "buttons" and "BUTTONS" in kinds:
        number, _, name = rest.partition(".")
        here = f"{root}[{kinds.index('BUTTONS')}].buttons"
        return f"{here}[{number}].{name}" if name else here
    kind, tail = _TEXTS.get(first, ("", ""))
    return f"{root}[{kinds.index(kind)}].{tail}" if kind in kinds else root


def _kind(part: Any) -> str:
    return str(reading.mapping(part).get("type", "")).upper()


def _at(kinds: list[str], step: _Step) -> str:
    index = step[1]
    return kinds[index] if index is not None and index < len(kinds) else ""


def _in_part(kind: str, steps: list[_Step], part: PartSheet, prefix: str) -> str:
    last = steps[-1][0] if steps else ""
    if kind == "HEADER":
        if last == "format" or not steps:
            return f"{prefix}header"
        is_text = part.header == "TEXT"
        if not is_text:
            return f"{prefix}file"
        return "samples" if steps[0][0] == "example" else f"{prefix}header_text"
    if kind == "BUTTONS":
        return _in_buttons(steps, prefix)
    if kind == "FOOTER":
        return "footer"
    if kind == "BODY" and steps and steps[0][0] == "example":
        return "samples"
    return f"{prefix}body"


def _in_buttons(steps: list[_Step], prefix: str) -> str:
    index = steps[0][1] if steps else None
    if index is None:
        return f"{prefix}buttons"
    name = steps[1][0] if len(steps) > 1 else "text"
    return f"{prefix}buttons.{index}.{'kind' if name == 'type' else name}"


def _in_cards(steps: list[_Step], draft: MessageTemplateDraft, place: int, sheet: Sheet) -> str:
    number = steps[0][1] if steps else None
    if number is None or number >= len(sheet.cards):
        return "cards"
    prefix = f"cards.{number}."
    if len(steps) < 2:
        return f"{prefix}body"
    cards = reading.items(draft.components[place].get("cards"))
    card = reading.mapping(cards[number]) if number < len(cards) else {}
    kinds = [_kind(part) for part in reading.items(card.get("components"))]
    return _in_part(_at(kinds, steps[1]), steps[2:], sheet.cards[number], prefix)


def _in_login(kind: str, steps: list[_Step]) -> str:
    if kind == "FOOTER":
        return "login.minutes"
    if kind == "BODY":
        return "login.warns"
    name, index = steps[1] if len(steps) > 1 else ("otp_type", None)
    if name == "supported_apps":
        return "login.apps" if index is None else f"login.apps.{index}.{steps[-1][0]}"
    return _OF_LOGIN.get(name, "login.kind")
