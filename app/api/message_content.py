"""From the fields of `send_message/` to Meta's object of the kind, and back for naming what is wrong."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from app.api.field_names import renamed
from app.api.schemas.sending import FLAT_TEMPLATE
from app.errors import FieldProblem, InvalidFields

_FLOW_NAMES = {
    "interactive.header.text": "flow.header",
    "interactive.body.text": "flow.body",
    "interactive.footer.text": "flow.footer",
    "interactive.action.parameters.flow_cta": "flow.button",
    "interactive.action.parameters.flow_action_payload.screen": "flow.screen",
    "interactive.action.parameters.flow_action_payload.data": "flow.data",
}
_PARTS = ("header", "body", "buttons")
_FLAT_NAMES = (
    (re.compile(r"text\.body"), "text_content"),
    (re.compile(r"text\.preview_url"), "preview_url"),
)
_FLAT_TEMPLATE_NAMES = (
    (re.compile(r"template\.name|template"), "template_name"),
    (re.compile(r"template\.language.*"), "template_language"),
    (re.compile(r"(template\.)?components.*|(header|body|button)s?\b.*"), "template_parameters"),
)


def plain_content(data: dict[str, Any]) -> dict[str, Any]:
    """The content of every kind but a message template given by the flat fields; empty if it is missing."""
    kind = data["message_type"]
    if kind == "text":
        return {"body": data.get("text_content", ""), "preview_url": data.get("preview_url", False)}
    if kind == "contacts":
        return {"contacts": data.get("contacts")}
    content: dict[str, Any] = data.get(kind, {})
    return content


def has_flat_template(data: dict[str, Any]) -> bool:
    """Is a message template given by name, language and values?"""
    flat = [name for name in FLAT_TEMPLATE if name in data]
    if flat and "template" in data:
        raise InvalidFields([FieldProblem(flat[0], "Give either template or the flat fields, not both.")])
    if flat and "template_name" not in data:
        raise InvalidFields([FieldProblem("template_name", "Name the message template.")])
    return bool(flat)


def template_values(parameters: Any) -> dict[str, list[Any] | dict[str, Any]]:
    """`["Grace"]` or `{"header": …, "body": …, "buttons": …}`, checked for its form. Raises InvalidFields."""
    if parameters is None:
        return {}
    parts = {"body": parameters} if isinstance(parameters, list) else parameters
    if not isinstance(parts, dict) or not parts.keys() <= set(_PARTS):
        raise _bad_parameters("Must be a list, or an object with header, body and buttons.")
    for part, given in parts.items():
        if not isinstance(given, list | dict):
            raise _bad_parameters(f"{part} must be a list, or an object by name.")
        for value in given.values() if isinstance(given, dict) else given:
            if isinstance(value, bool) or not isinstance(value, str | int | float | dict):
                raise _bad_parameters(
                    f"Each value of {part} must be text, or Meta's object for a file or place."
                )
    return parts


def _bad_parameters(message: str) -> InvalidFields:
    return InvalidFields([FieldProblem("template_parameters", message)])


def in_callers_words(
    error: InvalidFields, *, flat_template: bool = False, flow: bool = False
) -> InvalidFields:
    """The same problems under the names that the caller used."""
    if flow:
        return renamed(error, _FLOW_NAMES)
    names = _FLAT_TEMPLATE_NAMES if flat_template else _FLAT_NAMES
    return InvalidFields([replace(found, field=_renamed(found.field, names)) for found in error.problems])


def _renamed(field: str, names: tuple[tuple[re.Pattern[str], str], ...]) -> str:
    return next((name for pattern, name in names if pattern.fullmatch(field)), field)
