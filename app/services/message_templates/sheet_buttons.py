"""One button of a message template, as the editor's fields and in Meta's form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.graph import reading

KINDS = {
    "QUICK_REPLY": "Quick reply",
    "URL": "Open a web page",
    "PHONE_NUMBER": "Call a number",
    "COPY_CODE": "Copy a code",
    "FLOW": "Open a Flow",
    "VOICE_CALL": "Call on WhatsApp",
    "REQUEST_CONTACT_INFO": "Ask for the number",
    "CATALOG": "Show the catalogue",
    "MPM": "Show products",
    "SPM": "Show one product",
}
"""The kinds that can be made here, in Meta's words and ours."""
FIXED_LABELS = {"COPY_CODE", "REQUEST_CONTACT_INFO"}
"""Meta writes what stands on these."""
_PROPOSED = {
    "CATALOG": "View catalog",
    "MPM": "View items",
    "SPM": "View",
}
_FIELDS = {
    "URL": ("url",),
    "PHONE_NUMBER": ("phone_number",),
    "FLOW": ("flow_id", "flow_action", "navigate_screen", "icon"),
}
_TEXTS = ("text", "url", "phone_number", "flow_id", "flow_action", "navigate_screen", "icon")
_READ = {"type", "example", *_TEXTS}


@dataclass(frozen=True)
class ButtonSheet:
    """A button. `example`: the sample of its variable, or the code it copies. `rest`: whatever else came."""

    kind: str
    text: str = ""
    url: str = ""
    example: str = ""
    phone_number: str = ""
    flow_id: str = ""
    flow_action: str = ""
    navigate_screen: str = ""
    icon: str = ""
    rest: dict[str, Any] = field(default_factory=dict)

    @property
    def is_known(self) -> bool:
        return self.kind in KINDS


def new_button(kind: str) -> ButtonSheet:
    return ButtonSheet(kind, text=_PROPOSED.get(kind, ""))


def to_button(button: ButtonSheet) -> dict[str, Any]:
    """In Meta's form; empty fields are left out."""
    made: dict[str, Any] = {"type": button.kind}
    if button.text and button.kind not in FIXED_LABELS:
        made["text"] = button.text
    for name in _FIELDS.get(button.kind, ()):
        if value := getattr(button, name):
            made[name] = value
    if button.kind == "URL" and "{{" in button.url:
        made["example"] = [button.example]
    elif button.kind == "COPY_CODE":
        made["example"] = button.example
    return made | button.rest


def button_of(button: Mapping[str, Any]) -> ButtonSheet:
    kind = (reading.text(button.get("type")) or "").upper()
    given = {name: reading.text(button.get(name)) or "" for name in _TEXTS}
    example = button.get("example")
    first = example[0] if isinstance(example, list) and example else example
    known = _READ if kind in KINDS else {"type", "text"}
    return ButtonSheet(
        kind=kind,
        example=reading.text(first) or "",
        rest={name: value for name, value in button.items() if name not in known},
        **given,
    )
