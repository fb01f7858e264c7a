"""From values to the components of a send."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from app.graph import reading
from app.graph.message_template_rules.slots import ExpectedComponent, Variable, expected_parameters
from app.graph.problems import InvalidPayload, Problem

_Values = Mapping[str, Any]


def send_components(components: Sequence[dict[str, Any]], values: _Values) -> list[dict[str, Any]]:
    """The `components` of a send, out of values by `Variable.key`. Raises InvalidPayload.

    A text is text; a file is a link, an uploaded file's id, or Meta's object (`{"link": …,
    "filename": …}`); a location, product, Flow action or list of products is Meta's object; the end
    of an offer is UNIX milliseconds. Optional values that are not given are left out.
    """
    problems: list[Problem] = []
    sent: list[dict[str, Any]] = []
    cards: dict[int, list[dict[str, Any]]] = {}
    for expected in expected_parameters(components):
        built = _component(expected, values, problems)
        if expected.card is not None:
            cards.setdefault(expected.card, []).extend(built)
        else:
            sent.extend(built)
    if problems:
        raise InvalidPayload(problems)
    if cards:
        listed = [{"card_index": card, "components": cards[card]} for card in sorted(cards)]
        sent.append({"type": "carousel", "cards": listed})
    return sent


def _component(expected: ExpectedComponent, values: _Values, problems: list[Problem]) -> list[dict[str, Any]]:
    parameters = []
    for variable in expected.parameters:
        value = values.get(variable.key)
        if value is None or value == "":
            if variable.is_required:
                problems.append(Problem(variable.key, f"{variable.label} is missing.", "missing"))
            continue
        parameters.append(_parameter(variable, value))
    if not parameters:
        return []
    made: dict[str, Any] = {"type": expected.type}
    if expected.type == "button":
        made |= {"sub_type": expected.sub_type, "index": str(expected.index)}
    return [{**made, "parameters": parameters}]


def _parameter(variable: Variable, value: Any) -> dict[str, Any]:
    if variable.kind == "text":
        return _text(variable, value)
    return _MAKERS[variable.kind](value)


def _text(variable: Variable, value: Any) -> dict[str, Any]:
    """A text, or Meta's own object for currencies and dates."""
    made = dict(value) if isinstance(value, Mapping) else {"type": "text", "text": str(value)}
    if variable.is_named:
        made["parameter_name"] = variable.name
    return made


def _file(kind: str) -> Callable[[Any], dict[str, Any]]:
    def make(value: Any) -> dict[str, Any]:
        if isinstance(value, Mapping):
            return {"type": kind, kind: dict(value)}
        text = str(value)
        key = "link" if text.lower().startswith(("http://", "https://")) else "id"
        return {"type": kind, kind: {key: text}}

    return make


def _object(kind: str) -> Callable[[Any], dict[str, Any]]:
    return lambda value: {"type": kind, kind: value}


def _action(value: Any) -> dict[str, Any]:
    return {"type": "action", "action": value}


def _catalog(value: Any) -> dict[str, Any]:
    named = value if isinstance(value, Mapping) else {"thumbnail_product_retailer_id": str(value)}
    return _action(dict(named))


def _flow(value: Any) -> dict[str, Any]:
    return _action(dict(value) if isinstance(value, Mapping) else {"flow_token": str(value)})


def _expiry(value: Any) -> dict[str, Any]:
    moment = reading.integer(value)
    return {
        "type": "limited_time_offer",
        "limited_time_offer": {"expiration_time_ms": value if moment is None else moment},
    }


_MAKERS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "image": _file("image"),
    "video": _file("video"),
    "document": _file("document"),
    "location": _object("location"),
    "product": _object("product"),
    "payload": lambda value: {"type": "payload", "payload": str(value)},
    "coupon_code": lambda value: {"type": "coupon_code", "coupon_code": str(value)},
    "flow": _flow,
    "catalog": _catalog,
    "products": _action,
    "expires_at": _expiry,
}
