"""Lists cut to what one statement takes: databases count the values bound to a statement."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy.engine import Row

from app.extensions import db

AT_ONCE = 5_000
"""SQLite takes 32,766 bound values, PostgreSQL 65,535."""

_Any = TypeVar("_Any")


def stretches(values: Sequence[_Any], length: int = AT_ONCE) -> Iterator[Sequence[_Any]]:
    """The values in order, so many at a time."""
    for start in range(0, len(values), length):
        yield values[start : start + length]


def rows_for(statement: Any, name: str, values: Iterable[Any], **others: Any) -> Iterator[Row[Any]]:
    """The rows of a statement with an expanding parameter `name`, asked for in order of the values."""
    for stretch in stretches(sorted(values)):
        yield from db.session.execute(statement, {name: stretch, **others}).all()


def write_rows(statement: Any, rows: Iterable[Mapping[str, Any]]) -> None:
    """Execute for many rows; nothing when there are none."""
    listed = list(rows)
    if listed:
        db.session.execute(statement, listed)
