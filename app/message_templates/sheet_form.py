"""The editor's form: from its field names to a sheet. Nothing is judged here, and nothing typed is lost."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

from app.services.message_templates.sheet_buttons import KINDS, ButtonSheet
from app.services.message_templates.sheets import (
    MOST_CARDS,
    SHAPES,
    STANDARD,
    LoginSheet,
    PartSheet,
    Sheet,
)

HEADERS = ("", "TEXT", "IMAGE", "VIDEO", "DOCUMENT", "LOCATION", "PRODUCT", "GIF")
CATEGORIES = {"UTILITY": "Utility", "MARKETING": "Marketing", "AUTHENTICATION": "Authentication"}
_BUTTON_TEXTS = (
    "text",
    "url",
    "example",
    "phone_number",
    "flow_id",
    "flow_action",
    "navigate_screen",
    "icon",
)
_SAMPLE = "sample-"
_MOST_BUTTONS, _MOST_APPS = 20, 10
_LONGEST_SAMPLE = 1_000

Form = MultiDict[str, str]


def read_sheet(form: Form) -> Sheet:
    """What is in the form. `rest` fields carry what the editor has no fields for, as JSON."""
    return Sheet(
        name=_line(form, "name"),
        language=_line(form, "language"),
        category=_choice(form, "category", tuple(CATEGORIES), "UTILITY"),
        shape=_choice(form, "shape", SHAPES, STANDARD),
        main=_part(form, ""),
        footer=_line(form, "footer"),
        samples=_samples(form),
        offer_text=_line(form, "offer_text"),
        offer_ends="offer_ends" in form,
        cards=[_part(form, f"cards.{number}.") for number in _numbers(form, "cards.", MOST_CARDS + 5)],
        login=_login(form),
        life=_line(form, "life"),
        clicks_off="clicks_off" in form,
        others=[part for part in _json(form, "others", []) if isinstance(part, dict)],
        extra=_json(form, "extra", {}),
    )


def _line(form: Form, name: str) -> str:
    return (form.get(name) or "").replace("\x00", "").strip()


def _choice(form: Form, name: str, allowed: tuple[str, ...], otherwise: str) -> str:
    given = _line(form, name)
    return given if given in allowed else otherwise


def _part(form: Form, prefix: str) -> PartSheet:
    return PartSheet(
        header=_choice(form, f"{prefix}header", HEADERS, ""),
        header_text=_line(form, f"{prefix}header_text"),
        handle=_line(form, f"{prefix}handle"),
        body=_line(form, f"{prefix}body").replace("\r\n", "\n"),
        buttons=[
            _button(form, f"{prefix}buttons.{number}.")
            for number in _numbers(form, f"{prefix}buttons.", _MOST_BUTTONS)
        ],
    )


def _numbers(form: Form, prefix: str, most: int) -> list[int]:
    """The numbers that follow this prefix, in order; gaps (of removed rows) do not matter."""
    pattern = re.compile(rf"{re.escape(prefix)}(\d{{1,2}})\.")
    found = {int(match[1]) for name in form if (match := pattern.match(name))}
    return sorted(found)[:most]


def _button(form: Form, prefix: str) -> ButtonSheet:
    kind = _line(form, f"{prefix}kind")
    return ButtonSheet(
        kind=kind if kind in KINDS or re.fullmatch(r"[A-Z_]{1,40}", kind) else "QUICK_REPLY",
        rest=_json(form, f"{prefix}rest", {}),
        **{name: _line(form, f"{prefix}{name}") for name in _BUTTON_TEXTS},
    )


def _login(form: Form) -> LoginSheet:
    numbers = _numbers(form, "login.apps.", _MOST_APPS)
    return LoginSheet(
        # A form that never showed these has nothing ticked: then the advice stays on.
        warns="login.warns" in form or "login.kind" not in form,
        minutes=_line(form, "login.minutes"),
        kind=_choice(form, "login.kind", ("COPY_CODE", "ONE_TAP", "ZERO_TAP"), "COPY_CODE"),
        text=_line(form, "login.text"),
        autofill_text=_line(form, "login.autofill_text"),
        apps=[
            (
                _line(form, f"login.apps.{number}.package_name"),
                _line(form, f"login.apps.{number}.signature_hash"),
            )
            for number in numbers
        ],
        terms="login.terms" in form,
    )


def _samples(form: Form) -> dict[str, str]:
    """By variable, as the page names them: `sample-body.1`."""
    return {
        name.removeprefix(_SAMPLE): value.strip()[:_LONGEST_SAMPLE]
        for name, value in form.items()
        if name.startswith(_SAMPLE) and len(name) < 200
    }


def _json(form: Form, name: str, otherwise: Any) -> Any:
    """What the page carried along; something else than it gave out counts as nothing."""
    try:
        found = json.loads(form.get(name) or "null")
    except (ValueError, RecursionError):
        return otherwise
    return found if isinstance(found, type(otherwise)) else otherwise


def carried(value: Mapping[str, Any] | list[Any]) -> str:
    """For a `rest` field; empty when there is nothing to carry."""
    return json.dumps(value) if value else ""
