"""How addresses are read: ids that no row can have lead nowhere, rather than to an overflow."""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.exceptions import NotFound
from werkzeug.routing import IntegerConverter

LARGEST_ID = 2**31 - 1
"""Most ids have 32 bits; PostgreSQL fails on a larger one instead of finding nothing."""
_LARGEST_BIG_ID = 2**63 - 1
_WITH_BIG_IDS = frozenset({"conversation_id", "event_id", "media_id", "message_id", "session_id"})
_MOST_DIGITS = 19


class RowId(IntegerConverter):
    """`<int:…>`: whole numbers that fit a database's 64 bits, in plain digits."""

    regex = r"[0-9]+"

    def to_python(self, value: str) -> int:
        if len(value) > _MOST_DIGITS or int(value) > _LARGEST_BIG_ID:
            # Not a ValidationError: Werkzeug would go on to say that the method is not allowed.
            raise NotFound
        return int(super().to_python(value))


def init_routing(app: Flask) -> None:
    """To be called before any route is added."""
    app.url_map.converters["int"] = RowId
    app.url_value_preprocessor(_refuse_too_large)


def row_id(text: str) -> int:
    """For `request.args.get(…, type=row_id)`. Raises ValueError for what cannot be an id of 32 bits."""
    if not (text.isascii() and text.isdigit()) or len(text) > _MOST_DIGITS or int(text) > LARGEST_ID:
        raise ValueError("not an id")
    return int(text)


def _refuse_too_large(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    for name, value in (values or {}).items():
        if isinstance(value, int) and value > LARGEST_ID and name not in _WITH_BIG_IDS:
            raise NotFound
