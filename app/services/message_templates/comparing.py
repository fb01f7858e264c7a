"""What Meta has, beside what is kept here. What is read there is not what was written: a sample file comes
back as an address that is another one each time, the button of a login code as a link of Meta's own.

Source: Meta docs, "Templates" reference, read 2026-09.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.graph.message_templates import MessageTemplate as FoundAtMeta
from app.models import MessageTemplate
from app.services.message_templates.sample_files import keep_own_handles

_LOGIN = "AUTHENTICATION"
_OPTIONS = ("message_send_ttl_seconds", "cta_url_link_tracking_opted_out", "sub_category")
_LISTS = ("body_text",)


@dataclass(frozen=True)
class TextAtMeta:
    """The text of one message template as Meta has it, in the form in which rows and versions keep it."""

    category: str
    parameter_format: str
    components: list[Any] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)


def text_of(row: MessageTemplate) -> TextAtMeta:
    return TextAtMeta(row.category, row.parameter_format, list(row.components), dict(row.options or {}))


def read_text(row: MessageTemplate, found: FoundAtMeta) -> TextAtMeta:
    """Meta's text; where it says the same in other words, ours stays as it is."""
    ours, theirs = list(row.components or []), list(found.components)
    is_same = _normal(ours, found.category) == _normal(theirs, found.category)
    return TextAtMeta(
        category=found.category,
        parameter_format=found.parameter_format,
        components=ours if is_same else keep_own_handles(ours, theirs),
        options=_options(row.options or {}, found),
    )


def _options(ours: Mapping[str, Any], found: FoundAtMeta) -> dict[str, Any]:
    """What Meta leaves out is not read back: it stays. Never set here and off there is no news."""
    read = {name: getattr(found, name) for name in _OPTIONS}
    given = {name: value for name, value in read.items() if value is not None and (value or name in ours)}
    return {**ours, **given}


def _normal(components: list[Any], category: str) -> list[dict[str, Any]]:
    return [_normal_part(part, category) for part in components if isinstance(part, dict)]


def _normal_part(part: Mapping[str, Any], category: str) -> dict[str, Any]:
    kind = str(part.get("type", "")).upper()
    if category == _LOGIN:
        return _normal_login_part(kind, part)
    found: dict[str, Any] = {key: value for key, value in part.items() if value is not None} | {"type": kind}
    if kind == "HEADER":
        found["format"] = str(part.get("format") or "TEXT").upper()
    if example := _normal_example(found.pop("example", None)):
        found["example"] = example
    if isinstance(part.get("buttons"), list):
        found["buttons"] = [_normal_button(button) for button in part["buttons"] if isinstance(button, dict)]
    if isinstance(part.get("cards"), list):
        cards = [card.get("components") for card in part["cards"] if isinstance(card, dict)]
        found["cards"] = [_normal(card, category) for card in cards if isinstance(card, list)]
    return found


def _normal_login_part(kind: str, part: Mapping[str, Any]) -> dict[str, Any]:
    """Its words are Meta's; only what was chosen counts."""
    chosen = {"BODY": "add_security_recommendation", "FOOTER": "code_expiration_minutes"}.get(kind)
    return {"type": kind} | ({"chosen": part.get(chosen) or None} if chosen else {})


def _normal_example(example: object) -> dict[str, Any]:
    if not isinstance(example, dict):
        return {}
    found = {key: value for key, value in example.items() if key != "header_handle" and value}
    for name in _LISTS:
        if name in found:
            found[name] = _rows(found[name])
    return found


def _rows(value: object) -> list[Any]:
    """One row of values, however it was given: `"x"`, `["x"]` or `[["x"]]`."""
    if not isinstance(value, list):
        return [[value]]
    return value if all(isinstance(row, list) for row in value) else [value]


def _normal_button(button: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {key: value for key, value in button.items() if value is not None}
    for name in ("type", "flow_action", "icon"):
        if isinstance(found.get(name), str):
            found[name] = found[name].upper()
    if found.get("flow_action") == "NAVIGATE":  # what Meta takes it for when it is left out
        del found["flow_action"]
    if isinstance(found.get("example"), str):
        found["example"] = [found["example"]]
    return found | ({"flow_id": str(found["flow_id"])} if "flow_id" in found else {})
