"""What the buttons inside the editor's form do: they change the sheet, and nothing is saved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from app.services.message_templates.fixes import apply_fix
from app.services.message_templates.renaming import rename_variable
from app.services.message_templates.sheet_buttons import KINDS, ButtonSheet, new_button
from app.services.message_templates.sheets import CAROUSEL, MOST_CARDS, PartSheet, Sheet

_MOST_BUTTONS = 10
_FIRST_CARDS = 2


@dataclass(frozen=True)
class Step:
    """What was pressed: `remove-button:2` is ("remove-button", "2")."""

    name: str
    value: str = ""
    chosen: str = ""
    """The kind or the new name that goes with it."""

    @property
    def number(self) -> int:
        is_number = self.value.isascii() and self.value.isdecimal() and len(self.value) < 4
        return int(self.value) if is_number else -1


def read_step(text: str) -> Step:
    name, _, value = text.partition(":")
    return Step(name, value[:200])


def take_step(sheet: Sheet, step: Step) -> tuple[Sheet, str]:
    """(the sheet after it, the field to go on in)"""
    made = _STEPS.get(step.name)
    return made(sheet, step) if made is not None else (sheet, "")


def settle(sheet: Sheet) -> Sheet:
    """What a choice brings with it: a carousel has cards, all with the first one's kind of header."""
    if sheet.shape != CAROUSEL or sheet.is_login:
        return sheet
    first = replace(sheet.cards[0], header=sheet.cards[0].header or "IMAGE") if sheet.cards else _FIRST_CARD
    cards = sheet.cards or [first] * _FIRST_CARDS
    return replace(sheet, cards=[replace(card, header=first.header) for card in cards])


_FIRST_CARD = PartSheet(header="IMAGE", buttons=[ButtonSheet("QUICK_REPLY")])
_Taken = tuple[Sheet, str]


def _with_buttons(sheet: Sheet, buttons: list[ButtonSheet]) -> Sheet:
    return replace(sheet, main=replace(sheet.main, buttons=buttons))


def _add_button(sheet: Sheet, step: Step) -> _Taken:
    buttons = sheet.main.buttons
    kind = step.chosen if step.chosen in KINDS else "QUICK_REPLY"
    if len(buttons) >= _MOST_BUTTONS:
        return sheet, ""
    return _with_buttons(sheet, [*buttons, new_button(kind)]), f"buttons.{len(buttons)}.text"


def _remove_button(sheet: Sheet, step: Step) -> _Taken:
    kept = [one for place, one in enumerate(sheet.main.buttons) if place != step.number]
    return _with_buttons(sheet, kept), "new_button"


def _raise_button(sheet: Sheet, step: Step) -> _Taken:
    """One place up."""
    buttons, place = list(sheet.main.buttons), step.number
    if not 0 < place < len(buttons):
        return sheet, ""
    buttons[place - 1 : place + 1] = [buttons[place], buttons[place - 1]]
    return _with_buttons(sheet, buttons), f"buttons.{place - 1}.text"


def _add_card(sheet: Sheet) -> _Taken:
    if len(sheet.cards) >= MOST_CARDS:
        return sheet, ""
    pattern = sheet.cards[-1] if sheet.cards else _FIRST_CARD
    kinds = [ButtonSheet(button.kind) for button in pattern.buttons]
    fresh = PartSheet(header=pattern.header, buttons=kinds)
    return replace(sheet, cards=[*sheet.cards, fresh]), f"cards.{len(sheet.cards)}.body"


def _remove_card(sheet: Sheet, step: Step) -> _Taken:
    """The samples of the cards behind it move up with them."""
    gone = step.number
    if not 0 <= gone < len(sheet.cards):
        return sheet, ""
    samples = {}
    for key, value in sheet.samples.items():
        place, number, rest = ([*key.split(".", 2), "", ""])[:3]
        if place != "card" or not number.isdecimal():
            samples[key] = value
        elif int(number) != gone:
            samples[f"card.{int(number) - (int(number) > gone)}.{rest}"] = value
    kept = [card for place, card in enumerate(sheet.cards) if place != gone]
    return replace(sheet, cards=kept, samples=samples), "new_card_button"


def _add_card_button(sheet: Sheet, step: Step) -> _Taken:
    """On every card: Meta wants them alike."""
    kind = step.chosen if step.chosen in KINDS else "QUICK_REPLY"
    cards = [replace(card, buttons=[*card.buttons, new_button(kind)]) for card in sheet.cards]
    return replace(sheet, cards=cards), f"cards.0.buttons.{len(cards[0].buttons) - 1}.text" if cards else ""


def _remove_card_button(sheet: Sheet, step: Step) -> _Taken:
    cards = [
        replace(card, buttons=[one for place, one in enumerate(card.buttons) if place != step.number])
        for card in sheet.cards
    ]
    return replace(sheet, cards=cards), "new_card_button"


def _add_app(sheet: Sheet) -> _Taken:
    apps = [*sheet.login.apps, ("", "")]
    return replace(sheet, login=replace(sheet.login, apps=apps)), f"login.apps.{len(apps) - 1}.package_name"


def _remove_app(sheet: Sheet, step: Step) -> _Taken:
    apps = [app for place, app in enumerate(sheet.login.apps) if place != step.number]
    return replace(sheet, login=replace(sheet.login, apps=apps)), ""


def _drop_file(sheet: Sheet, step: Step) -> _Taken:
    """Without its sample file: of the message, or of a card by its number."""
    if not step.value:
        return replace(sheet, main=replace(sheet.main, handle="")), "file"
    cards = [
        replace(card, handle="") if place == step.number else card for place, card in enumerate(sheet.cards)
    ]
    return replace(sheet, cards=cards), f"cards.{step.number}.file"


def _fix(sheet: Sheet, step: Step) -> _Taken:
    return apply_fix(sheet, step.value), ""


def _rename(sheet: Sheet, step: Step) -> _Taken:
    return rename_variable(sheet, step.value, step.chosen.strip()), ""


_STEPS: dict[str, Callable[[Sheet, Step], _Taken]] = {
    "add-button": _add_button,
    "remove-button": _remove_button,
    "up-button": _raise_button,
    "add-card": lambda sheet, step: _add_card(sheet),
    "remove-card": _remove_card,
    "add-card-button": _add_card_button,
    "remove-card-button": _remove_card_button,
    "add-app": lambda sheet, step: _add_app(sheet),
    "remove-app": _remove_app,
    "drop-file": _drop_file,
    "fix": _fix,
    "rename": _rename,
}
