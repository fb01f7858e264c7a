"""Tolerant readers for JSON that others wrote.

Meta sends ids as text or as numbers, leaves fields out instead of sending null, and adds new ones
at any time. Each reader answers the wanted type or an empty value; none of them raises.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

_MILLISECONDS_FROM = 10**11  # as seconds this would be the year 5138
_LONGEST_NUMBER = 18  # digits; anything longer is an id, not a count or a time


def text(value: object) -> str | None:
    """Text, or a whole number as text (Meta's ids come as either); otherwise None."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return None


def integer(value: object) -> int | None:
    """A whole number given as number or digits; otherwise None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if abs(value) < 10**_LONGEST_NUMBER else None
    if isinstance(value, float):
        return _whole(value)
    if isinstance(value, str):
        return _digits(value.strip())
    return None


def _whole(value: float) -> int | None:
    if math.isfinite(value) and value.is_integer() and abs(value) < 10**_LONGEST_NUMBER:
        return int(value)
    return None


def _digits(value: str) -> int | None:
    bare = value.removeprefix("-")
    if bare.isascii() and bare.isdigit() and len(bare) <= _LONGEST_NUMBER:
        return int(value)
    return None


def boolean(value: object) -> bool | None:
    """True or False given as JSON boolean; otherwise None."""
    return value if isinstance(value, bool) else None


def mapping(value: object) -> dict[str, Any]:
    """The JSON object itself, or an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[Any]:
    """The JSON array itself, or an empty one."""
    return value if isinstance(value, list) else []


def mappings(value: object) -> list[dict[str, Any]]:
    """The JSON objects of an array; anything else in it is left out."""
    return [item for item in items(value) if isinstance(item, dict)]


def texts(value: object) -> tuple[str, ...]:
    """The texts (or numbers as texts) of an array."""
    return tuple(found for found in map(text, items(value)) if found)


def reasons(value: object) -> dict[str, str]:
    """Why something failed, by id: a map by Meta's page, a list of such maps by one client library."""
    maps = mappings(value) or [mapping(value)]
    return {key: text(reason) or "" for one in maps for key, reason in one.items()}


def moment(value: object) -> datetime | None:
    """An aware UTC time from UNIX seconds or milliseconds (number or text) or a Graph date.

    Source: Meta docs, "Webhooks: messages" page and Graph conventions, read 2026-09; milliseconds
    are what one client library reports from the field (unverified).
    """
    seconds = integer(value)
    if seconds is not None:
        return _from_epoch(seconds)
    if isinstance(value, str):
        return _from_graph_date(value)
    return None


def _from_epoch(number: int) -> datetime | None:
    if number < 0:
        return None
    whole, thousandths = divmod(number, 1000) if number > _MILLISECONDS_FROM else (number, 0)
    try:
        return datetime.fromtimestamp(whole, UTC).replace(microsecond=thousandths * 1000)
    except (OverflowError, OSError, ValueError):
        return None


def _from_graph_date(value: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(value)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
