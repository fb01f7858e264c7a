"""Rows of any table, for whoever looks after the whole console: page by page by key, never by counting.

A page reads on from the key of the last row, so that the thousandth takes no longer than the first. Only
tables and columns that are named by the caller are read; what a column holds is not looked at here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Row, Table, and_, or_, select, tuple_, union

from app.extensions import db
from app.models import Account
from app.models.base import UtcDateTime

PAGE = 50
_AT_ONCE = 500

Key = tuple[Any, ...]


@dataclass(frozen=True)
class Wanted:
    """Which rows of a table, in which order. `sort`: a column that is never empty and has an index; without
    one it is the key's order. `values`: equal to these."""

    values: Mapping[str, Any] = field(default_factory=dict)
    words: str = ""
    search_in: tuple[str, ...] = ()
    is_part_enough: bool = False
    sort: str | None = None
    is_rising: bool = False
    time_column: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Found:
    """A page. `next_key` leads to the one after it; None: this is the last."""

    rows: Sequence[Row[Any]]
    next_key: Key | None


def key_columns(table: Table) -> list[Column[Any]]:
    return list(table.primary_key.columns)


def list_records(table: Table, columns: Sequence[str], wanted: Wanted, after: Key | None) -> Found:
    """The next page after that key, or the first."""
    rows = _read(table, columns, wanted, after, PAGE + 1)
    has_more = len(rows) > PAGE
    rows = rows[:PAGE]
    return Found(rows, place_of(table, wanted, rows[-1]) if has_more else None)


def read_all(
    table: Table, columns: Sequence[str], wanted: Wanted, last: Key | None = None
) -> Iterator[Sequence[Row[Any]]]:
    """All of them, some hundreds at a time; no transaction stays open while the reader is busy."""
    while rows := _read(table, columns, wanted, last, _AT_ONCE):
        last = place_of(table, wanted, rows[-1])
        db.session.rollback()
        yield rows
        if len(rows) < _AT_ONCE:
            return


def get_record(table: Table, key: Key) -> Row[Any] | None:
    """One row with all its columns."""
    condition = and_(*(column == value for column, value in zip(key_columns(table), key, strict=True)))
    return db.session.execute(select(table).where(condition)).first()


def place_of(table: Table, wanted: Wanted, row: Row[Any]) -> Key:
    """Where a row stands in that order."""
    return tuple(getattr(row, column.name) for column in _order(table, wanted))


def key_types(table: Table, wanted: Wanted) -> list[Column[Any]]:
    """The columns that a place is made of."""
    return _order(table, wanted)


def _order(table: Table, wanted: Wanted) -> list[Column[Any]]:
    keys = key_columns(table)
    if wanted.sort is None or table.c[wanted.sort] in keys[:1]:
        return keys
    return [table.c[wanted.sort], *(key for key in keys if key.name != wanted.sort)]


def _read(
    table: Table, columns: Sequence[str], wanted: Wanted, after: Key | None, most: int
) -> Sequence[Row[Any]]:
    order = _order(table, wanted)
    names = dict.fromkeys([*(column.name for column in order), *columns])
    statement = select(*(table.c[name] for name in names)).where(*_conditions(table, wanted)).limit(most)
    if after is not None:
        here = tuple_(*order)
        # SQLAlchemy binds each value by its column's type; the first is said alone for the index.
        place = tuple_(*after, types=[column.type for column in order])
        statement = statement.where(here > place if wanted.is_rising else here < place)
    statement = statement.order_by(*(column.asc() if wanted.is_rising else column.desc() for column in order))
    return db.session.execute(statement).all()


def _conditions(table: Table, wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [table.c[name] == value for name, value in wanted.values.items()]
    if wanted.time_column is not None:
        at = table.c[wanted.time_column]
        found += [at >= wanted.since] if wanted.since is not None else []
        found += [at < wanted.until] if wanted.until is not None else []
    if wanted.words:
        found.append(_has_words(table, wanted))
    return found


def _has_words(table: Table, wanted: Wanted) -> ColumnElement[bool]:
    columns = [table.c[name] for name in wanted.search_in]
    if wanted.is_part_enough:
        return or_(*(column.icontains(wanted.words, autoescape=True) for column in columns))
    # Keys first, each by its own index: in one condition the database would rather read through all rows in
    # the order of the page (229 ms of a million, against the first rows' 19).
    key = key_columns(table)[0]
    return key.in_(union(*(select(key).where(*_is(table, column, wanted.words)) for column in columns)))


def _is(table: Table, column: Column[Any], words: str) -> list[ColumnElement[bool]]:
    """Most indexes begin with the account: naming all of them lets the index be used."""
    every = [table.c.account_id.in_(select(Account.id))] if "account_id" in table.c else []
    return [*every, column == words]


def read_value(column: Column[Any], text: str) -> Any:
    """What an address says of a column, as the column's type. Raises ValueError for what it cannot hold."""
    if isinstance(column.type, UtcDateTime):
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError("a time without a zone")
        return moment
    kind = column.type.python_type
    if kind is bool:
        return {"true": True, "false": False}[text]
    if kind is int:
        number = int(text)
        if abs(number) >= 2**63 or not text.lstrip("-").isdigit():
            raise ValueError("no id")
        return number
    if kind is date:
        return date.fromisoformat(text)
    if issubclass(kind, str):
        # An enum of ours is text with a closed set.
        return kind(text)
    raise ValueError("not to be asked for")


def write_value(value: Any) -> str:
    """The same the other way round."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)
