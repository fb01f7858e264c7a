"""Reading JSON that a caller sent: strictly, so that whatever comes out can be kept and written again."""

import json
import math
from typing import Any

# Nothing of Meta's is nested half as deep; much deeper would not survive a walk through it.
DEEPEST = 100
LONGEST_INTEGER = 19


def read(text: str | bytes) -> Any:
    """Raises ValueError for what is not UTF-8, not JSON, nested deeper than 100, or not in Unicode.

    As the decoder behind Graph would (unverified): a whole number beyond 64 bits becomes a float; NaN,
    infinite numbers, a byte order mark and half of a surrogate pair are not JSON; of a key that comes
    twice the last counts.
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8")
    if text.count("[") + text.count("{") > DEEPEST and _depth(text) > DEEPEST:
        raise ValueError("nested too deep")
    value = _DECODER.decode(text)
    if "\\ud" in text or "\\uD" in text:
        json.dumps(value, ensure_ascii=False).encode()  # raises UnicodeEncodeError, a ValueError
    return value


def _depth(text: str) -> int:
    """Of brackets outside of texts."""
    depth = deepest = 0
    is_inside = is_escaped = False
    for character in text:
        if is_inside:
            is_inside = is_escaped or character != '"'
            is_escaped = character == "\\" and not is_escaped
        elif character == '"':
            is_inside = True
        elif character in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "]}":
            depth -= 1
    return deepest


def _integer(digits: str) -> int | float:
    if len(digits) < LONGEST_INTEGER:
        return int(digits)
    number = int(digits) if len(digits) <= LONGEST_INTEGER + 1 else 2**64
    return number if -(2**63) <= number < 2**63 else _float(digits)


def _float(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("a number is too large")
    return number


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is not JSON")


_DECODER = json.JSONDecoder(parse_int=_integer, parse_float=_float, parse_constant=_refuse)
