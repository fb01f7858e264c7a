"""Rows as lines of JSON that no database is needed to read, and back.

The tables are looked at as they are in the database, not as the models have them: so secrets travel as they
are kept (encrypted), and an old file meets the tables of its own day.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    insert,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

from app.models.base import Base, UtcDateTime

LEFT_OUT = frozenset(
    {
        # Made again from what they were made of.
        "search_changes",
        "search_contacts",
        "search_messages",
        "search_progress",
        "knowledge_terms",
        # Of the processes that ran when the file was made.
        "job_runs",
        "number_paces",
        "repeatable_requests",
        "worker_heartbeats",
        # Who was signed in then is not to be let in again by an old cookie.
        "sign_in_attempts",
        "user_sessions",
    }
)
_AT_ONCE = 500


@dataclass(frozen=True)
class _Kind:
    """A kind of value: the type it has in the database, and how it is written and read."""

    type: Callable[[], TypeEngine[Any]]
    write: Callable[[Any], Any] | None = None
    read: Callable[[Any], Any] | None = None


def _json() -> TypeEngine[Any]:
    """NULL stays NULL, and does not become JSON's own null."""
    return JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


def _read_time(value: str) -> datetime:
    return datetime.fromisoformat(value).astimezone(UTC)


_KINDS = {
    "bool": _Kind(Boolean),
    "int": _Kind(Integer),
    "float": _Kind(Float),
    "text": _Kind(Text),
    "json": _Kind(_json),
    "bytes": _Kind(LargeBinary, lambda value: base64.b64encode(value).decode(), base64.b64decode),
    "time": _Kind(UtcDateTime, lambda value: value.isoformat(), _read_time),
    "date": _Kind(Date, lambda value: value.isoformat(), date.fromisoformat),
}

# The first that fits: a Boolean is no Integer to SQLAlchemy, and a DateTime no Date.
_BY_TYPE: tuple[tuple[type[TypeEngine[Any]], str], ...] = (
    (Boolean, "bool"),
    (Integer, "int"),
    (Float, "float"),
    (JSON, "json"),
    (LargeBinary, "bytes"),
    (DateTime, "time"),
    (Date, "date"),
    (String, "text"),
)


@dataclass(frozen=True)
class Shape:
    """A table and its columns, each with its kind, in the order of a line's values."""

    name: str
    columns: tuple[tuple[str, str], ...]
    key: tuple[str, ...]

    @classmethod
    def of(cls, table: Table) -> Shape:
        columns = tuple((column.name, _kind_of(column)) for column in table.columns)
        return cls(table.name, columns, tuple(column.name for column in table.primary_key.columns))

    def as_table(self) -> Table:
        """With types that read and write the kinds on both databases."""
        columns = [Column(name, _KINDS[kind].type()) for name, kind in self.columns]
        return Table(self.name, MetaData(), *columns)


def _kind_of(column: Column[Any]) -> str:
    for type_, kind in _BY_TYPE:
        if isinstance(column.type, type_):
            return kind
    raise TypeError(f"{column}: {column.type!r} is of no kind that a backup knows")


def read_shapes(connection: Connection) -> list[Shape]:
    """Of the tables that a backup holds, referred ones first."""
    found = MetaData()
    found.reflect(connection, only=lambda name, _: name in Base.metadata.tables and name not in LEFT_OUT)
    return [Shape.of(table) for table in found.sorted_tables]


def lines_of(connection: Connection, shape: Shape) -> Iterator[str]:
    """A line for each row, by key, without holding more than some hundred rows."""
    table = shape.as_table()
    writers = [_KINDS[kind].write for _, kind in shape.columns]
    ordered = select(table).order_by(*(table.c[name] for name in shape.key))
    rows = connection.execution_options(yield_per=_AT_ONCE).execute(ordered)
    for row in rows:
        values = [
            value if write is None or value is None else write(value)
            for write, value in zip(writers, row, strict=True)
        ]
        yield json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def put_lines(connection: Connection, shape: Shape, lines: Iterable[bytes]) -> int:
    """Insert the rows that the lines stand for; how many there were."""
    statement = insert(shape.as_table())
    names = [name for name, _ in shape.columns]
    readers = [_KINDS[kind].read for _, kind in shape.columns]
    count, left = 0, iter(lines)
    while batch := list(islice(left, _AT_ONCE)):
        rows = [dict(zip(names, _values(line, readers), strict=True)) for line in batch]
        connection.execute(statement, rows)
        count += len(rows)
    return count


def _values(line: bytes, readers: Sequence[Callable[[Any], Any] | None]) -> Iterator[Any]:
    for read, value in zip(readers, json.loads(line), strict=True):
        yield value if read is None or value is None else read(value)
