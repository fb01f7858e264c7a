"""Cursor paging. Source: Meta docs, Graph "Paginated results" page, read 2026-03."""

import base64
from typing import Any
from urllib.parse import urlencode

from ..database import Row
from . import errors
from .registry import Answer, Call

DEFAULT_LIMIT = 25
MOST = 500


def cursor(row_id: str) -> str:
    return base64.urlsafe_b64encode(row_id.encode()).decode().rstrip("=")


def page(call: Call, rows: list[Row], items: list[dict[str, Any]] | None = None) -> Answer:
    """One page of `rows` (the whole list, in order). `items`: what to show for each, if not the row."""
    shown = rows if items is None else items
    limit = call.params.number("limit", DEFAULT_LIMIT, MOST)
    start, end = _range(call, rows, limit)
    summed_up: Answer = {"summary": {"total_count": len(rows)}} if wants_summary(call) else {}
    if not rows[start:end]:
        return {"data": [], **summed_up}
    cursors = {"before": cursor(rows[start]["id"]), "after": cursor(rows[end - 1]["id"])}
    paging: dict[str, Any] = {"cursors": cursors}
    if end < len(rows):
        paging["next"] = _link(call, limit, after=cursors["after"])
    if start > 0:
        paging["previous"] = _link(call, limit, before=cursors["before"])
    return {"data": shown[start:end], "paging": paging, **summed_up}


def wants_summary(call: Call) -> bool:
    """`summary=total_count` of a call, `.summary(true)` of a field."""
    return any(word.lower() not in {"false", "0"} for word in call.params.words("summary"))


def _range(call: Call, rows: list[Row], limit: int) -> tuple[int, int]:
    after, before = call.params.text("after"), call.params.text("before")
    if after:
        start = _position(rows, after) + 1
        return start, min(start + limit, len(rows))
    if before:
        end = _position(rows, before)
        return max(0, end - limit), end
    return 0, min(limit, len(rows))


def _position(rows: list[Row], given: str) -> int:
    for index, row in enumerate(rows):
        if cursor(row["id"]) == given:
            return index
    raise errors.GraphError(131059, details="The cursor is invalid or expired; start again without it.")


def _link(call: Call, limit: int, **position: str) -> str:
    """Like Meta's, it carries the token when that was sent as a parameter (unverified)."""
    kept = {
        key: value
        for key, value in call.params.values.items()
        if key not in {"after", "before", "limit"} and isinstance(value, str)
    }
    if call.access_token_param:
        kept["access_token"] = call.access_token_param
    return f"{call.url}?{urlencode(kept | {'limit': str(limit)} | position)}"
