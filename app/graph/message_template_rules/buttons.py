"""Buttons: how many, in which order, and what each kind needs.

Source: Meta docs, "Message template components: buttons" page, read 2026-09.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import pairwise

import phonenumbers

from app.graph import reading
from app.graph.checking import Spot
from app.graph.identifiers import phone_with_plus
from app.graph.message_template_rules import placeholders
from app.graph.message_template_rules.context import Context

MOST_BUTTONS = 10
LABEL_CHARACTERS = 25
URL_CHARACTERS = 2000
PHONE_CHARACTERS = 20
# The reference pages say 15, a later changelog entry 20.
CODE_CHARACTERS = 15
LONGEST_CODE_CHARACTERS = 20
_MOST = {
    "URL": (2, "two buttons that open a web page"),
    "PHONE_NUMBER": (1, "one button that calls a number"),
    "COPY_CODE": (1, "one button that copies a code"),
    "VOICE_CALL": (1, "one button for WhatsApp calls"),
    "FLOW": (1, "one button that opens a Flow"),
    "CATALOG": (1, "one catalogue button"),
    "MPM": (1, "one button for several products"),
    "SPM": (1, "one product button"),
}
_ONLY_MARKETING = ("COPY_CODE", "CATALOG", "MPM", "SPM", "APP")
# Meta fixes the labels of CATALOG, MPM and SPM, and wants them in the form all the same.
_LABELLED = ("QUICK_REPLY", "URL", "PHONE_NUMBER", "FLOW", "VOICE_CALL", "CATALOG", "MPM", "SPM", "APP")
_ICONS = ("DOCUMENT", "PROMOTION", "REVIEW")
_FLOW_NAMES = ("flow_id", "flow_name", "flow_json")


def check_buttons(spot: Spot, context: Context) -> None:
    buttons = [button for button in spot.list("Buttons", 1, MOST_BUTTONS) if button.object("The button")]
    kinds = [kind_of(button) for button in buttons]
    check_counts(spot, kinds)
    _check_grouping(spot, kinds)
    for kind, button in zip(kinds, buttons, strict=True):
        check_button(kind, button, context)
    if "MPM" in kinds and context.header_format() != "TEXT":
        spot.note("A message template with several products needs a text header.", "missing")
    if "SPM" in kinds and context.header_format() != "PRODUCT":
        spot.note("A message template with one product needs a product header.", "missing")


def kind_of(button: Spot) -> str:
    return (reading.text(button["type"].value) or "").upper()


def check_counts(spot: Spot, kinds: list[str]) -> None:
    """How often each kind may stand; for FLOW, CATALOG, MPM and SPM no page says it (unverified)."""
    for kind, count in Counter(kinds).items():
        if kind in _MOST and count > _MOST[kind][0]:
            spot.note(f"There can be at most {_MOST[kind][1]}.", "too_many")


def _check_grouping(spot: Spot, kinds: list[str]) -> None:
    """Quick replies stand together, before or after all others."""
    quick = [kind == "QUICK_REPLY" for kind in kinds]
    changes = sum(before != after for before, after in pairwise(quick))
    if changes > 1:
        spot.note(
            "Quick replies must stand together, before or after all other buttons.",
            "quick_replies_apart",
        )


def check_button(kind: str, button: Spot, context: Context) -> None:
    """One button, also on a card."""
    if kind not in _KINDS:
        button["type"].note("This kind of button cannot be submitted here.", "not_allowed")
        return
    if kind in _ONLY_MARKETING and context.category != "MARKETING":
        button["type"].note("This button is only for marketing.", "not_allowed")
    check_label(button["text"], "The button's text", required=kind in _LABELLED)
    if kind == "URL":
        _check_url(button, named=context.is_named)
    elif kind in _CHECKS:
        _CHECKS[kind](button)


def check_label(spot: Spot, what: str, *, required: bool) -> None:
    """That a label has no variables is our reading of the pages (unverified)."""
    label = spot.text(what, LABEL_CHARACTERS, required=required)
    if "{{" in label or "}}" in label:
        spot.note("A button's text may not have variables.", "not_allowed")


def _check_url(button: Spot, *, named: bool) -> None:
    spot = button["url"]
    spot.link("The web address", URL_CHARACTERS)
    found = placeholders.check_names(spot, "The web address", named=named)
    if not found:
        return
    text = spot.value
    if len(found) > 1 or text.count("{{") > 1 or not text.endswith("}}"):
        spot.note("A web address has one variable at most, at its very end.", "url_variable")
    examples = button["example"].value
    given = [examples] if isinstance(examples, str) else reading.items(examples)
    if len(given) != 1 or not (reading.text(given[0]) or "").strip():
        button["example"].note("The web address needs one example.", "missing_example")


def _check_phone(button: Spot) -> None:
    number = button["phone_number"].text("The phone number", PHONE_CHARACTERS)
    if number and not _is_possible(number):
        button["phone_number"].note("Write the phone number with + and country code.", "bad_phone")


def _is_possible(number: str) -> bool:
    full = phone_with_plus(number)
    try:
        return full is not None and phonenumbers.is_possible_number(phonenumbers.parse(full))
    except phonenumbers.NumberParseException:
        return False


def _check_code(button: Spot) -> None:
    example = button["example"]
    first = example.value[0] if isinstance(example.value, list) and example.value else example.value
    given = reading.text(first) if isinstance(first, int) else first
    code = Spot(given, example.path, example.problems).text(
        "The example of the code", LONGEST_CODE_CHARACTERS
    )
    if CODE_CHARACTERS < len(code) <= LONGEST_CODE_CHARACTERS:
        example.note("Codes over 15 characters may be refused.", "too_long", "warning")


def _check_flow(button: Spot) -> None:
    named = [name for name in _FLOW_NAMES if button[name].value]
    if len(named) != 1:
        button.note("Choose exactly one Flow for this button.", "missing")
    button["flow_action"].choice("The Flow's action", ("navigate", "data_exchange"), required=False)
    button["icon"].choice("The icon", _ICONS, required=False)


def _check_app(button: Spot) -> None:
    button["app_deep_link"].object("The app's link")


_CHECKS: dict[str, Callable[[Spot], None]] = {
    "PHONE_NUMBER": _check_phone,
    "COPY_CODE": _check_code,
    "FLOW": _check_flow,
    "APP": _check_app,
}
# For the rest the label is all there is, or Meta fixes it.
_KINDS = frozenset(
    {*_CHECKS, "URL", "QUICK_REPLY", "CATALOG", "MPM", "SPM", "VOICE_CALL", "REQUEST_CONTACT_INFO"}
)
