"""The plain form of a message template (texts, quick replies, a Flow button) and Meta's components.

What the form cannot hold, such as a picture or a link button, is never dropped silently: `is_plain`
says whether the form holds all of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from app.graph.message_template_rules import (
    CATEGORIES,
    LANGUAGES,
    MessageTemplateDraft,
    Problem,
    variables,
)
from app.graph.message_template_rules.placeholders import is_number, names
from app.models import MessageTemplate

__all__ = [
    "CATEGORIES",
    "LANGUAGES",
    "PlainFields",
    "Problem",
    "field_of",
    "is_plain",
    "list_blanks",
    "plain_fields",
    "to_draft",
]

MOST_BUTTONS = 10
_PLAIN_CATEGORIES = frozenset({"MARKETING", "UTILITY"})
_PARTS = {"HEADER": "header", "BODY": "body", "FOOTER": "footer", "BUTTONS": "buttons"}


@dataclass(frozen=True)
class PlainFields:
    """What the form asks for. `samples` go by blank: `header.1`, `body.1`, `body.first_name`."""

    name: str = ""
    language: str = "en_US"
    category: str = "UTILITY"
    header: str = ""
    body: str = ""
    footer: str = ""
    buttons: list[str] = field(default_factory=list)
    samples: dict[str, str] = field(default_factory=dict)
    flow_id: str = ""
    """Meta's id of the Flow that a button opens."""
    flow_text: str = ""
    flow_screen: str = ""
    """Where it begins; empty: on its first screen."""


def list_blanks(fields: PlainFields) -> list[tuple[str, str]]:
    """(key, what is written in the text) of every blank of header and body."""
    texts = (("header", fields.header), ("body", fields.body))
    return [(f"{place}.{name}", f"{{{{{name}}}}}") for place, text in texts for name in names(text)]


def to_draft(fields: PlainFields) -> MessageTemplateDraft:
    """The draft in Meta's form; nothing is checked here."""
    is_named = any(not is_number(key.partition(".")[2]) for key, _ in list_blanks(fields))
    components: list[dict[str, Any]] = []
    if fields.header:
        header = {"type": "HEADER", "format": "TEXT", "text": fields.header}
        components.append(header | _example(fields, "header", is_named))
    # A body without text would be one of Meta's fixed ones, those of login codes.
    if fields.body:
        components.append({"type": "BODY", "text": fields.body} | _example(fields, "body", is_named))
    if fields.footer:
        components.append({"type": "FOOTER", "text": fields.footer})
    buttons: list[dict[str, Any]] = [{"type": "QUICK_REPLY", "text": text} for text in fields.buttons]
    if fields.flow_id:
        buttons.append(_flow_button(fields))
    if buttons:
        components.append({"type": "BUTTONS", "buttons": buttons})
    return MessageTemplateDraft(
        name=fields.name,
        language=fields.language,
        category=fields.category,
        components=components,
        parameter_format="NAMED" if is_named else "POSITIONAL",
    )


def plain_fields(row: MessageTemplate) -> PlainFields:
    """The form's values of a row for which `is_plain` holds."""
    parts = {str(part.get("type", "")).upper(): part for part in row.components}
    buttons = parts.get("BUTTONS", {}).get("buttons") or []
    flow: dict[str, Any] = next((button for button in buttons if button.get("type") == "FLOW"), {})
    return PlainFields(
        name=row.name,
        language=row.language,
        category=row.category,
        header=parts.get("HEADER", {}).get("text", ""),
        body=parts.get("BODY", {}).get("text", ""),
        footer=parts.get("FOOTER", {}).get("text", ""),
        buttons=[button.get("text", "") for button in buttons if button.get("type") == "QUICK_REPLY"],
        samples={variable.key: variable.example for variable in variables(row.components)},
        flow_id=str(flow.get("flow_id") or ""),
        flow_text=flow.get("text", ""),
        flow_screen=flow.get("navigate_screen") or "",
    )


def is_plain(row: MessageTemplate) -> bool:
    """Whether the plain form holds all of it."""
    if row.category not in _PLAIN_CATEGORIES:
        return False
    return all(isinstance(part, dict) and _is_plain_part(part) for part in row.components)


def _is_plain_part(part: dict[str, Any]) -> bool:
    kind = str(part.get("type", "")).upper()
    if kind == "HEADER":
        return str(part.get("format", "TEXT")).upper() == "TEXT"
    if kind == "BUTTONS":
        return _are_plain(part.get("buttons"))
    return kind in ("BODY", "FOOTER") and isinstance(part.get("text"), str)


def _are_plain(buttons: object) -> bool:
    """Quick replies, and after them at most one button that opens a Flow by its id."""
    if not isinstance(buttons, list) or not all(isinstance(button, dict) for button in buttons):
        return False
    kinds = [button.get("type") for button in buttons]
    if not set(kinds) <= {"QUICK_REPLY", "FLOW"} or "FLOW" in kinds[:-1]:
        return False
    return kinds[-1:] != ["FLOW"] or _is_plain_flow(buttons[-1])


def _is_plain_flow(button: dict[str, Any]) -> bool:
    is_known = set(button) <= {"type", "text", "flow_id", "flow_action", "navigate_screen"}
    return (
        is_known
        and bool(button.get("flow_id"))
        and str(button.get("flow_action", "navigate")).lower() == "navigate"
    )


def _flow_button(fields: PlainFields) -> dict[str, Any]:
    button = {"type": "FLOW", "text": fields.flow_text, "flow_id": fields.flow_id, "flow_action": "navigate"}
    return button | ({"navigate_screen": fields.flow_screen} if fields.flow_screen else {})


def field_of(problem_field: str, draft: MessageTemplateDraft) -> str:
    """Which part of the form a problem's path is about: name, header, body, footer, buttons, samples …"""
    first, _, rest = problem_field.partition("]")
    place, _, index = first.partition("[")
    if place != "components" or not index.isdigit() or int(index) >= len(draft.components):
        return "body" if place == "components" else place
    if rest.endswith(".flow_id"):
        return "flow"
    part = _PARTS.get(str(draft.components[int(index)].get("type")), "body")
    return "samples" if rest.startswith(".example") else part


def _example(fields: PlainFields, place: str, is_named: bool) -> dict[str, Any]:
    """Samples in Meta's form; a blank without one keeps its place empty, which the check then says."""
    found = names(getattr(fields, place))
    if not found:
        return {}
    if is_named:
        pairs = [{"param_name": name, "example": fields.samples.get(f"{place}.{name}", "")} for name in found]
        return {"example": {f"{place}_text_named_params": pairs}}
    ordered = sorted(found, key=lambda name: int(name) if is_number(name) else 0)
    values = [fields.samples.get(f"{place}.{name}", "") for name in ordered]
    return {"example": {f"{place}_text": values if place == "header" else [values]}}
