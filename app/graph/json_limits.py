"""A JSON loader for bodies that strangers wrote: strict, bounded and never surprising."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from functools import cache
from typing import Any

MAX_DEPTH = 64
TOO_DEEP = "is nested too deeply"
_LONGEST_INTEGER = 40  # digits; longer ones stay text (Python refuses some, databases refuse most)
_NEEDS_CLEANING = re.compile(rb"\\u(?:[dD][89a-fA-F]|0000)")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_REPLACEMENT = "\ufffd"
_BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


class MalformedBody(ValueError):
    """The body is not JSON that we take. `reason` says why, in a few words without the content."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def loads(
    body: bytes, *, max_depth: int = MAX_DEPTH, unique_keys: bool = False, only_storable: bool = False
) -> Any:
    """Parse UTF-8 JSON or raise MalformedBody; never RecursionError.

    NUL and lone surrogates in texts become U+FFFD, since no database stores them all. NaN,
    infinities, byte order marks, UTF-16/32 and nesting over `max_depth` are refused; with
    `unique_keys` an object that names a key twice is refused too. `only_storable` refuses what else
    would be changed: NUL, lone surrogates, integers that do not fit 64 bits.
    """
    parsed = [_parse(_decode(body), unique_keys, _storable if only_storable else _bounded)]
    look = _refuse_unstorable if only_storable else _clean
    needs_cleaning = _NEEDS_CLEANING.search(body) is not None
    # A body with fewer brackets than the limit cannot be nested deeper: most need no walk.
    if needs_cleaning or body.count(b"{") + body.count(b"[") > max_depth:
        _inspect(parsed, max_depth + 1, look if needs_cleaning else None)
    return parsed[0]


def _decode(body: bytes) -> str:
    if body.startswith(_BYTE_ORDER_MARKS):
        raise MalformedBody("starts with a byte order mark")
    if b"\x00" in body[:4]:
        raise MalformedBody("is not UTF-8")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        raise MalformedBody("is not UTF-8") from None


def _parse(text: str, unique_keys: bool, parse_int: Callable[[str], int | str]) -> Any:
    try:
        return _decoder(unique_keys, parse_int).decode(text)
    except MalformedBody:
        raise
    except RecursionError:
        raise MalformedBody(TOO_DEEP) from None
    except ValueError:
        raise MalformedBody("is not valid JSON") from None


@cache
def _decoder(unique_keys: bool, parse_int: Callable[[str], int | str]) -> json.JSONDecoder:
    """Kept: making one takes longer than reading a common body."""
    return json.JSONDecoder(
        parse_constant=_refuse_constant,
        parse_float=_finite,
        parse_int=parse_int,
        object_pairs_hook=_unique if unique_keys else None,
    )


def _refuse_constant(name: str) -> Any:
    raise MalformedBody(f"has {name}, which JSON does not know")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise MalformedBody("has a number that is too large")
    return number


def _bounded(digits: str) -> int | str:
    return int(digits) if len(digits) <= _LONGEST_INTEGER else digits


def _storable(digits: str) -> int:
    number = int(digits) if len(digits) <= _LONGEST_INTEGER else None
    if number is None or not -(2**63) <= number < 2**63:
        raise MalformedBody("has a number that is too large")
    return number


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise MalformedBody("names a key twice")
    return found


def _inspect(
    parsed: list[Any], max_depth: int, look: Callable[[dict[str, Any] | list[Any]], None] | None
) -> None:
    """Walk level by level, so that depth costs no stack; hand each container to `look` on the way."""
    level: list[Any] = [parsed]
    depth = 0
    while level:
        depth += 1
        if depth > max_depth:
            raise MalformedBody(TOO_DEEP)
        if look is not None:
            for container in level:
                look(container)
        level = [child for container in level for child in _containers(container)]


def _containers(container: dict[str, Any] | list[Any]) -> list[Any]:
    values = container.values() if isinstance(container, dict) else container
    return [value for value in values if isinstance(value, dict | list)]


def _clean(container: dict[str, Any] | list[Any]) -> None:
    if isinstance(container, dict):
        cleaned = {_cleaned(key): _cleaned(value) for key, value in container.items()}
        container.clear()
        container.update(cleaned)
    else:
        container[:] = [_cleaned(value) for value in container]


def _refuse_unstorable(container: dict[str, Any] | list[Any]) -> None:
    texts = [*container, *container.values()] if isinstance(container, dict) else container
    if any(isinstance(text, str) and _UNSTORABLE.search(text) for text in texts):
        raise MalformedBody("has a character that cannot be stored")


def _cleaned(value: Any) -> Any:
    return _UNSTORABLE.sub(_REPLACEMENT, value) if isinstance(value, str) else value
