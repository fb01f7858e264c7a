"""How addresses are read: ids that no row can have lead nowhere, rather than to an overflow."""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.exceptions import NotFound
from werkzeug.routing import BaseConverter, IntegerConverter

LARGEST_ID = 2**31 - 1
"""Most ids have 32 bits; PostgreSQL fails on a larger one instead of finding nothing."""
_LARGEST_BIG_ID = 2**63 - 1
_WITH_BIG_IDS = frozenset(
    {
        "address_id",
        "change_id",
        "contact_id",
        "conversation_id",
        "entry_id",
        "event_id",
        "join_id",
        "media_id",
        "message_id",
        "session_id",
    }
)
_MOST_DIGITS = 19


class RowId(IntegerConverter):
    """`<int:…>`: whole numbers that fit a database's 64 bits, in plain digits."""

    regex = r"[0-9]+"

    def to_python(self, value: str) -> int:
        if len(value) > _MOST_DIGITS or int(value) > _LARGEST_BIG_ID:
            # Not a ValidationError: Werkzeug would go on to say that the method is not allowed.
            raise NotFound
        return int(super().to_python(value))


class Token(BaseConverter):
    """`<token:…>`: what `secrets.token_urlsafe` makes."""

    regex = r"[A-Za-z0-9_-]{1,100}"


def init_routing(app: Flask) -> None:
    """To be called before any route is added."""
    app.url_map.converters["int"] = RowId
    app.url_map.converters["token"] = Token
    app.url_value_preprocessor(_refuse_too_large)


def row_id(text: str) -> int:
    """For `request.args.get(…, type=row_id)`. Raises ValueError for what cannot be an id of 32 bits."""
    return _id_up_to(LARGEST_ID, text)


def big_row_id(text: str) -> int:
    """The same for ids of 64 bits: contacts, conversations, messages."""
    return _id_up_to(_LARGEST_BIG_ID, text)


def _id_up_to(largest: int, text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > _MOST_DIGITS or int(text) > largest:
        raise ValueError("not an id")
    return int(text)


def _refuse_too_large(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    for name, value in (values or {}).items():
        if isinstance(value, int) and value > LARGEST_ID and name not in _WITH_BIG_IDS:
            raise NotFound
