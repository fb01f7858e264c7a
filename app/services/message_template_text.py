"""A message template as people see it: its pieces with values filled in, and the blanks it has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.graph.message_template_rules import Preview, Variable, render_preview, variables
from app.graph.message_template_rules.slots import expected_parameters

__all__ = ["Preview", "Variable", "body_text", "list_blanks", "show", "show_sent", "unfillable"]

_FILLED_BY_TYPING = frozenset({"text", "coupon_code", "image", "video", "document"})
"""Files are given by their address on the web."""
_NEEDS = {
    "location": "a place",
    "product": "a product",
    "products": "products",
    "expires_at": "the end of an offer",
}


def show(components: list[Any], values: Mapping[str, Any] | None = None) -> Preview:
    """The pieces with `values` (by `Variable.key`) filled in; a blank without one stays as `{{1}}`."""
    return render_preview(components, values)


def show_sent(components: list[Any], content: Mapping[str, Any]) -> Preview:
    """The pieces as one message carried them; `content` is Meta's `template` object that was sent."""
    return render_preview(components, _sent_values(components, content))


def body_text(components: list[Any]) -> str:
    """The body as written, with its `{{1}}`."""
    return render_preview(components).body


def list_blanks(components: list[Any]) -> list[Variable]:
    """Every value that must be given when it is sent, with the example given for the review."""
    return [variable for variable in variables(components) if variable.is_required]


def unfillable(components: list[Any]) -> str:
    """What it needs that cannot be typed ("a place"), or nothing: then it can be sent by hand."""
    kinds = (variable.kind for variable in list_blanks(components))
    return next((_NEEDS.get(kind, "more than text") for kind in kinds if kind not in _FILLED_BY_TYPING), "")


def _sent_values(components: list[Any], content: Mapping[str, Any]) -> dict[str, Any]:
    """Sent parameters under the keys of the blanks they fill. Meta's objects may lack anything."""
    parts = content.get("components")
    sent = {_place(part): part for part in parts if isinstance(part, dict)} if isinstance(parts, list) else {}
    values: dict[str, Any] = {}
    for expected in expected_parameters(components):
        place = (expected.type, str(expected.index) if expected.index is not None else "")
        parameters = sent.get(place, {}).get("parameters")
        if expected.card is not None or not isinstance(parameters, list):
            continue
        for variable, parameter in zip(expected.parameters, parameters, strict=False):
            if isinstance(parameter, dict) and variable.kind == "text":
                values[variable.key] = _value(parameter)
    return values


def _place(part: dict[str, Any]) -> tuple[str, str]:
    index = part.get("index")
    return str(part.get("type", "")).lower(), "" if index is None else str(index)


def _value(parameter: dict[str, Any]) -> Any:
    """Currencies and dates stay Meta's objects; the preview shows their fallback."""
    return parameter.get("text", "") if parameter.get("type", "text") == "text" else parameter
