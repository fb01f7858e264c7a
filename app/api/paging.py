"""Cursor paging: `?limit=` and `?cursor=` in, `{"results", "next", "previous"}` out."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import current_app, request
from itsdangerous import BadData, URLSafeSerializer

from app.queries.cursors import Cursor
from app.queries.slices import Slice, Turn

_LONGEST_CURSOR = 200


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="api-cursor")


def write_cursor(turn: Turn) -> str:
    """Signed, so that only places that we gave out come back."""
    return str(_signer().dumps([str(turn.place), turn.is_newer]))


def read_cursor(text: str) -> Turn | None:
    """None for anything that we did not give out."""
    if len(text) > _LONGEST_CURSOR:
        return None
    try:
        place, is_newer = _signer().loads(text)
    except BadData:
        return None
    found = Cursor.parse(place)
    return Turn(found, bool(is_newer)) if found else None


def page_of(found: Slice[Any]) -> dict[str, Any]:
    """The answer's body; `next` and `previous` are whole addresses with the caller's own filters."""
    return {"results": found.rows, "next": _address(found.older), "previous": _address(found.newer)}


def _address(turn: Turn | None) -> str | None:
    """Built from PUBLIC_BASE_URL: a forged Host header leads nobody astray."""
    if turn is None:
        return None
    query = {**request.args.to_dict(), "cursor": write_cursor(turn)}
    return f"{current_app.config['SETTINGS'].public_base_url}{request.path}?{urlencode(query)}"
