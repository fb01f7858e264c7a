"""A sent message template with its values filled in, as the customer reads it."""

import re
from dataclasses import dataclass, field
from typing import Any

VARIABLE = re.compile(r"{{\s*([^{}]+?)\s*}}")
ICONS = {"URL": "external-link", "PHONE_NUMBER": "phone", "COPY_CODE": "copy", "OTP": "copy", "FLOW": "list"}
LABELS = {"COPY_CODE": "Copy offer code", "OTP": "Copy code", "REQUEST_CONTACT_INFO": "Share contact info"}
Part = dict[str, Any]


@dataclass(frozen=True)
class Button:
    label: str
    icon: str
    is_reply: bool


@dataclass
class Filled:
    """`media`: (kind, its object) of a media header."""

    header: str = ""
    body: str = ""
    footer: str = ""
    media: tuple[str, Part] | None = None
    buttons: list[Button] = field(default_factory=list)


def fill(created: list[Part], sent: Part) -> Filled:
    """created: the message template's components; sent: the `template` object of the send."""
    values = {
        str(part.get("type", "")).lower(): part.get("parameters") or []
        for part in sent.get("components") or []
    }
    filled = Filled()
    for part in created:
        FILLERS.get(part["type"], _ignore)(filled, part, values)
    return filled


def _header(filled: Filled, part: Part, values: dict[str, list[Part]]) -> None:
    kind = str(part.get("format", "TEXT")).lower()
    parameters = values.get("header", [])
    if kind == "text":
        filled.header = filled_text(str(part.get("text", "")), parameters)
    elif kind in {"image", "video", "document"} and parameters:
        filled.media = (kind, parameters[0][kind])


def _body(filled: Filled, part: Part, values: dict[str, list[Part]]) -> None:
    text = part.get("text") or "{{1}} is your verification code."
    filled.body = filled_text(str(text), values.get("body", []))


def _footer(filled: Filled, part: Part, _values: dict[str, list[Part]]) -> None:
    minutes = part.get("code_expiration_minutes")
    filled.footer = str(part.get("text") or (f"This code expires in {minutes} minutes." if minutes else ""))


def _buttons(filled: Filled, part: Part, _values: dict[str, list[Part]]) -> None:
    for button in part["buttons"]:
        kind = button["type"]
        label = str(button.get("text") or LABELS.get(kind, kind.replace("_", " ").title()))
        filled.buttons.append(Button(label, ICONS.get(kind, ""), kind == "QUICK_REPLY"))


def _ignore(_filled: Filled, _part: Part, _values: dict[str, list[Part]]) -> None:
    return None


FILLERS = {"HEADER": _header, "BODY": _body, "FOOTER": _footer, "BUTTONS": _buttons}


def filled_text(text: str, parameters: list[Part]) -> str:
    """Named values by their name, others in order."""
    named = {str(item["parameter_name"]): _value(item) for item in parameters if item.get("parameter_name")}
    ordered = {str(index): _value(item) for index, item in enumerate(parameters, start=1)}
    return VARIABLE.sub(lambda match: (named or ordered).get(match[1], match[0]), text)


def _value(item: Part) -> str:
    if item.get("type") == "text":
        return str(item.get("text", ""))
    inner = item.get(str(item.get("type"))) or {}
    return str(inner.get("fallback_value", "")) if isinstance(inner, dict) else ""
