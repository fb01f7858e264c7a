"""Pages of a list, newest first, by cursor: what comes in meanwhile shifts nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, and_, or_

from app.extensions import db
from app.queries.cursors import Cursor

Row = TypeVar("Row")


@dataclass(frozen=True)
class Turn:
    """Which page: the rows older than a place, or (`is_newer`) the rows just newer than it."""

    place: Cursor
    is_newer: bool = False


@dataclass(frozen=True)
class Slice(Generic[Row]):
    """One page, and how to turn to its neighbours; None where there is none."""

    rows: list[Row]
    older: Turn | None
    newer: Turn | None


def fetch_slice(
    statement: Select[Row],
    model: Any,
    *,
    turn: Turn | None,
    limit: int,
    by: str = "created_at",
    is_rising: bool = False,
) -> Slice[Row]:
    """At most `limit` rows of `model`, which has the time `by` and `id`, newest first.

    `is_rising`: oldest first; a Turn's "older" and "newer" are then after and before its place all the same.
    """
    going_newer = turn is not None and turn.is_newer
    at = getattr(model, by)
    is_upwards = going_newer != is_rising
    if turn is not None:
        statement = statement.where(_beyond(turn.place, at, model.id, is_upwards=is_upwards))
    order = (at.asc(), model.id.asc()) if is_upwards else (at.desc(), model.id.desc())
    # One more than asked for tells whether the list goes on.
    rows = list(db.session.scalars(statement.order_by(*order).limit(limit + 1)))
    goes_on, rows = len(rows) > limit, rows[:limit]
    if going_newer:
        rows.reverse()
        return _slice(rows, by, has_older=True, has_newer=goes_on)
    return _slice(rows, by, has_older=goes_on, has_newer=turn is not None)


def _slice(rows: list[Any], by: str, *, has_older: bool, has_newer: bool) -> Slice[Any]:
    if not rows:
        return Slice(rows, None, None)
    newest, oldest = (Cursor(getattr(row, by), row.id) for row in (rows[0], rows[-1]))
    return Slice(
        rows, Turn(oldest) if has_older else None, Turn(newest, is_newer=True) if has_newer else None
    )


def _beyond(place: Cursor, at: Any, id_: Any, *, is_upwards: bool) -> ColumnElement[bool]:
    """The outer comparison is implied by the inner ones; it is what an index can use."""
    if is_upwards:
        return and_(at >= place.at, or_(at > place.at, id_ > place.id))
    return and_(at <= place.at, or_(at < place.at, id_ < place.id))
