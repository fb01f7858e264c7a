"""Many rows with one statement, in the driver's own words: what SQLAlchemy does for each row, and for each
value of an IN, costs more than the database itself.

Rows and keys go out as one array for each column on PostgreSQL, and as one JSON text on SQLite. So the
text of a statement never changes with their number: it is read and planned once, and no limit of bound
values is near. Texts are made of the tables' own columns; values go through the columns' types.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import Column, Dialect, Enum, Table

from app.extensions import db
from app.models.base import UtcDateTime, utcnow

Row = tuple[Any, ...]
_Convert = Callable[[Any], Any]
_Made = TypeVar("_Made")

_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class _Text:
    """A statement's text, made for each database when it is first needed there."""

    def __init__(self) -> None:
        self._made: dict[str, Any] = {}

    def _for(self, make: Callable[[Dialect], _Made]) -> _Made:
        dialect = db.session.get_bind().dialect
        found: _Made | None = self._made.get(dialect.name)
        if found is None:
            found = self._made[dialect.name] = make(dialect)
        return found


class Find(_Text):
    """The rows whose columns `by` have one of the values given; several columns must all fit.

    `lock`: how the rows are locked on PostgreSQL, in the order of
    their first column, so that two workers never wait for each other.
    """

    def __init__(self, *columns: Column[Any], by: Sequence[Column[Any]], lock: str = "") -> None:
        super().__init__()
        self._columns, self._by, self._lock = columns, by, lock

    def rows(self, *values: Iterable[Any]) -> list[Row]:
        """`values`: one collection for each column of `by`. None of one is nothing found."""
        listed = [list(collection) for collection in values]
        if not all(listed):
            return []
        text, is_columnar, readers = self._for(self._make)
        found = _execute(text, tuple(listed if is_columnar else map(_JSON.encode, listed)))
        columns: list[Iterable[Any]] = list(zip(*found, strict=True))
        for place, read in readers:
            columns[place : place + 1] = [map(read, column) for column in columns[place : place + 1]]
        return list(zip(*columns, strict=True))

    def _make(self, dialect: Dialect) -> tuple[str, bool, list[tuple[int, _Convert]]]:
        is_columnar = dialect.name == "postgresql"
        text = (
            f"SELECT {', '.join(map(str, self._columns))} FROM {self._columns[0].table.name} "  # noqa: S608
            f"WHERE {' AND '.join(_is_one_of(column, dialect) for column in self._by)}"
        )
        if self._lock and is_columnar:
            text += f" ORDER BY {self._columns[0]} {self._lock}"
        readers = [(place, _reader(column, dialect)) for place, column in enumerate(self._columns)]
        return text, is_columnar, [(place, read) for place, read in readers if read is not None]


class _Write(_Text):
    """Rows `new`, and what is done with them."""

    def __init__(self, columns: Mapping[str, Column[Any]]) -> None:
        super().__init__()
        self._columns = columns

    def _source(self, dialect: Dialect) -> str:
        """`WITH new (…) AS (…)`: the rows given, as a table."""
        if dialect.name == "postgresql":
            arrays = (f"CAST(%b AS {_type_name(column, dialect)}[])" for column in self._columns.values())
            select = f"SELECT * FROM unnest({', '.join(arrays)})"  # noqa: S608
        else:
            places = (f"json_extract(value, '$[{place}]')" for place in range(len(self._columns)))
            select = f"SELECT {', '.join(places)} FROM json_each(?)"  # noqa: S608
        return f"WITH new ({', '.join(self._columns)}) AS ({select})"

    def _writers(self, dialect: Dialect) -> list[_Convert | None]:
        return [_writer(column, dialect) for column in self._columns.values()]


@dataclass(frozen=True, slots=True)
class _Writing:
    text: str
    is_columnar: bool
    writers: Sequence[_Convert | None]
    constants: tuple[Any, ...] = ()

    def execute(self, rows: Iterable[Row]) -> Sequence[Any]:
        columns: list[Any] = [
            [None if value is None else write(value) for value in column] if write else list(column)
            for write, column in zip(self.writers, zip(*rows, strict=True), strict=True)
        ]
        given = columns if self.is_columnar else [_JSON.encode(list(zip(*columns, strict=True)))]
        return _execute(self.text, (*given, *self.constants))


class Insert(_Write):
    """New rows. What is there already stays as it is, and is not among the rows returned.

    `names`: the columns that are given. The others get their defaults, or one value of `constants`.
    """

    def __init__(
        self,
        table: Table,
        *names: str,
        returning: Sequence[str] = (),
        constants: Mapping[str, Any] | None = None,
    ) -> None:
        self._table, self._returning, self._constants = table, returning, constants or {}
        self._fixed: dict[str, Any] = {}
        # Made when rows are written: a time, or a reference that no other row has.
        self._called: dict[str, Any] = {}
        for column in table.columns:
            default: Any = column.default
            if default is not None and column.name not in {*names, *self._constants}:
                (self._called if default.is_callable else self._fixed)[column.name] = default.arg
        super().__init__({name: table.c[name] for name in (*names, *self._called)})

    def write(self, rows: Sequence[Row]) -> Sequence[Any]:
        """The rows that were new, as far as `returning` tells; nothing when there are none."""
        if not rows:
            return []
        if self._called:
            now = utcnow()
            makers = [
                None if isinstance(self._table.c[name].type, UtcDateTime) else make
                for name, make in self._called.items()
            ]
            rows = [(*row, *(make(None) if make else now for make in makers)) for row in rows]
        return self._for(self._make).execute(rows)

    def _make(self, dialect: Dialect) -> _Writing:
        constants = {**self._fixed, **self._constants}
        columns = [self._table.c[name] for name in constants]
        marks = [
            f"CAST(%b AS {_type_name(column, dialect)})" if dialect.name == "postgresql" else "?"
            for column in columns
        ]
        text = (
            f"{self._source(dialect)} INSERT INTO {self._table.name} "  # noqa: S608
            f"({', '.join([*self._columns, *constants])}) "
            # SQLite would read ON as a join's without a WHERE.
            f"SELECT {', '.join(['new.*', *marks])} FROM new WHERE true ON CONFLICT DO NOTHING"
        )
        if self._returning:
            text += f" RETURNING {', '.join(self._returning)}"
        values = [_written(constants[column.name], column, dialect) for column in columns]
        return _Writing(text, dialect.name == "postgresql", self._writers(dialect), tuple(values))


class Update(_Write):
    """Rows changed by their `id`, each with values of its own.

    `columns`: what is given for each, `id` among them, and whose type it has. `sets`: the new value of
    a column, as SQL over `new.…` and the table's own. `updated_at` follows where there is one.
    """

    def __init__(
        self, table: Table, columns: Mapping[str, Column[Any]], sets: Mapping[str, str], *, more: str = ""
    ) -> None:
        self._table, self._more = table, more
        self._is_dated = "updated_at" in table.c
        dated = {"updated_at": table.c.updated_at} if self._is_dated else {}
        self._sets = {**sets, **{name: f"new.{name}" for name in dated}}
        super().__init__({**columns, **dated})

    def write(self, rows: Sequence[Row]) -> None:
        """Nothing when there are none."""
        if not rows:
            return
        if self._is_dated:
            now = utcnow()
            rows = [(*row, now) for row in rows]
        self._for(self._make).execute(rows)

    def _make(self, dialect: Dialect) -> _Writing:
        sets = ", ".join(f"{name} = {value}" for name, value in self._sets.items())
        text = (
            f"{self._source(dialect)} UPDATE {self._table.name} SET {sets} FROM new "  # noqa: S608
            f"WHERE {' AND '.join([f'{self._table.name}.id = new.id', *filter(None, [self._more])])}"
        )
        return _Writing(text, dialect.name == "postgresql", self._writers(dialect))


def _execute(text: str, values: tuple[Any, ...]) -> Sequence[Any]:
    result = db.session.connection().exec_driver_sql(text, values)
    return result.fetchall() if result.returns_rows else []


def _is_one_of(column: Column[Any], dialect: Dialect) -> str:
    if dialect.name == "postgresql":
        return f"{column} = ANY(CAST(%b AS {_type_name(column, dialect)}[]))"
    return f"{column} IN (SELECT value FROM json_each(?))"  # noqa: S608


def _type_name(column: Column[Any], dialect: Dialect) -> str:
    return column.type.dialect_impl(dialect).compile(dialect)


def _written(value: Any, column: Column[Any], dialect: Dialect) -> Any:
    write = _writer(column, dialect)
    return write(value) if write and value is not None else value


def _writer(column: Column[Any], dialect: Dialect) -> _Convert | None:
    """What the driver is given for a value of this column. Times and words, the many, have a short way."""
    if isinstance(column.type, UtcDateTime):
        return _time_as_text if dialect.name == "sqlite" else _with_zone
    if isinstance(column.type, Enum) and column.type.enum_class is not None:
        return _word_of
    return column.type.dialect_impl(dialect).bind_processor(dialect)


def _reader(column: Column[Any], dialect: Dialect) -> _Convert | None:
    if isinstance(column.type, UtcDateTime):
        return _text_as_time if dialect.name == "sqlite" else _as_utc
    if isinstance(column.type, Enum) and column.type.enum_class is not None:
        enum: Any = column.type.enum_class
        members = {member.value: member for member in enum}
        return lambda word: None if word is None else members[word]
    return column.type.dialect_impl(dialect).result_processor(dialect, None)


def _time_as_text(moment: datetime) -> str:
    """As SQLAlchemy keeps it."""
    return _with_zone(moment).astimezone(UTC).isoformat(" ", "microseconds")[:26]


def _with_zone(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a time without a zone was about to be stored")
    return moment


def _text_as_time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC)


def _as_utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(UTC)


def _word_of(member: Any) -> str:
    word: str = member.value
    return word
