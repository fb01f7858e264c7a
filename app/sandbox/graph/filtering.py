"""`filtering` and `sort` of an edge that supports them, for the fields it names; other edges ignore both.

Source: Meta docs, "Phone numbers" and "Get shared WABAs" pages, read 2026-03; operators beyond those of the
samples and the answer to an unknown field are unverified.
"""

import operator
from collections.abc import Callable
from typing import Any

from ..database import Row
from . import errors
from .registry import Call

Value = Callable[[Row], Any]
OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "EQUAL": operator.eq,
    "NOT_EQUAL": operator.ne,
    "GREATER_THAN": operator.gt,
    "GREATER_THAN_OR_EQUAL": operator.ge,
    "LESS_THAN": operator.lt,
    "LESS_THAN_OR_EQUAL": operator.le,
    "IN": lambda value, wanted: value in wanted,
    "NOT_IN": lambda value, wanted: value not in wanted,
    "CONTAIN": lambda value, wanted: str(wanted).lower() in str(value).lower(),
}
DIRECTIONS = {"ascending": False, "descending": True}


def select(call: Call, rows: list[Row], fields: dict[str, Value]) -> list[Row]:
    """The rows that fit, in the wanted order. `fields`: what may be asked about, and how it is read of a row.

    Raises GraphError 100.
    """
    for condition in _conditions(call):
        rows = [row for row in rows if _fits(row, condition, fields)]
    wanted = call.params.text("sort")
    if wanted is None:
        return rows
    name, _, direction = wanted.rpartition("_")
    if name not in fields or direction not in DIRECTIONS:
        choices = tuple(f"{field}_{way}" for field in fields for way in DIRECTIONS)
        raise errors.one_of("sort", choices, wanted)
    return sorted(rows, key=fields[name], reverse=DIRECTIONS[direction])


def _conditions(call: Call) -> list[dict[str, Any]]:
    found = call.params.opened("filtering")
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise errors.invalid("filtering must be a list of objects with field, operator and value.")
    return found


def _fits(row: Row, condition: dict[str, Any], fields: dict[str, Value]) -> bool:
    name, word = str(condition.get("field") or ""), str(condition.get("operator") or "").upper()
    if name not in fields:
        raise errors.one_of("filtering[field]", tuple(fields), name)
    if word not in OPERATORS:
        raise errors.one_of("filtering[operator]", tuple(OPERATORS), word)
    value = fields[name](row)
    try:
        return OPERATORS[word](value, _like(value, condition.get("value")))
    except (TypeError, ValueError) as error:
        raise errors.invalid(f"filtering: the value does not fit {name} and {word}.") from error


def _like(value: Any, wanted: Any) -> Any:
    """Numbers come as text, in lists too."""
    if isinstance(wanted, list):
        return [_like(value, one) for one in wanted]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(wanted)
    return wanted
