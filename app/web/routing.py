"""How addresses are read: ids that no row can have lead nowhere, rather than to an overflow."""

from __future__ import annotations

from flask import Flask
from werkzeug.exceptions import NotFound
from werkzeug.routing import IntegerConverter

_LARGEST_ID = 2**63 - 1
_MOST_DIGITS = 19


class RowId(IntegerConverter):
    """`<int:…>`: whole numbers that fit a database's 64 bits, in plain digits."""

    regex = r"[0-9]+"

    def to_python(self, value: str) -> int:
        if len(value) > _MOST_DIGITS or int(value) > _LARGEST_ID:
            # Not a ValidationError: Werkzeug would go on to say that the method is not allowed.
            raise NotFound
        return int(super().to_python(value))


def init_routing(app: Flask) -> None:
    """To be called before any route is added."""
    app.url_map.converters["int"] = RowId
