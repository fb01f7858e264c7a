"""Values of a message template as programs give them: by part, in order or by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from app.errors import FieldProblem, InvalidFields
from app.graph.message_template_rules import Variable, variables

_FIELD = "template_parameters"


def values_by_key(components: list[Any], parts: Mapping[str, list[Any] | dict[str, Any]]) -> dict[str, Any]:
    """`{"body": ["Grace"], "buttons": {"1": "BM-1042"}}` as `queue_message_template` takes it.

    Lists of the header and the body go in order, those of the buttons by the button's position.
    Raises InvalidFields for a value that the message template has no place for; it would be lost.
    """
    known = variables(components)
    values: dict[str, Any] = {}
    problems: list[FieldProblem] = []
    for part, given in parts.items():
        places = _places(part, known)
        for name, value in _pairs(part, given, places):
            if name in places:
                values[places[name]] = value
            else:
                text = f"The message template has no place {name!r} in its {part}."
                problems.append(FieldProblem(_FIELD, text))
    if problems:
        raise InvalidFields(problems)
    return values


def _places(part: str, known: list[Variable]) -> dict[str, str]:
    """Key by the name a caller uses: the variable's own, or the button's position."""
    prefix = "button." if part == "buttons" else f"{part}."
    return {
        variable.key.removeprefix(prefix).partition(".")[0]: variable.key
        for variable in known
        if variable.key.startswith(prefix)
    }


def _pairs(part: str, given: list[Any] | dict[str, Any], places: dict[str, str]) -> Iterator[tuple[str, Any]]:
    if isinstance(given, dict):
        yield from given.items()
        return
    names = [] if part == "buttons" else list(places)
    for index, value in enumerate(given):
        # Past the last place the number itself stands in, so that the surplus is named.
        yield names[index] if index < len(names) else str(index if part == "buttons" else index + 1), value
