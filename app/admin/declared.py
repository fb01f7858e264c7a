"""What a table is like that can be looked at: what its list shows, what it is found by, what stays masked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from sqlalchemy import Column, Enum, LargeBinary, Table, Text
from sqlalchemy.sql.sqltypes import Boolean

from app.models.base import EncryptedSecret

_SECRET_ENDS = ("_hash", "_digest", "token_key")
_USUAL = 6
_DATABASES = ("sqlite", "postgresql")

Link = Callable[[Any], tuple[str, dict[str, Any]]]
"""Of a row: the page on which it is changed, and its values."""


@dataclass(frozen=True)
class Declared:
    """A table. `shown`: the columns of its list (else the first few); `search`: found by what stands in them;
    `is_small`: a part of a word is enough to find; `masked`: never shown, beside what is a secret by its type
    or name; `time`: its days can be chosen, by this column, which has an index; `page`: where it is changed.
    """

    model: Any
    label: str
    group: str
    shown: tuple[str, ...] = ()
    search: tuple[str, ...] = ()
    is_small: bool = False
    masked: tuple[str, ...] = ()
    time: str | None = None
    page: Link | None = None

    @property
    def name(self) -> str:
        return self.table.name

    @cached_property
    def table(self) -> Table:
        return cast(Table, self.model.__table__)

    @cached_property
    def usual_columns(self) -> tuple[str, ...]:
        """What the list shows unless somebody chooses otherwise."""
        if self.shown:
            return self.shown
        short = [column.name for column in self.table.columns if not self.is_long(column)]
        return tuple(short[:_USUAL])

    def is_masked(self, column: Column[Any]) -> bool:
        """A secret, by its type, its name, or since it is said here."""
        return (
            isinstance(column.type, EncryptedSecret)
            or column.name.endswith(_SECRET_ENDS)
            or column.name in self.masked
        )

    def is_long(self, column: Column[Any]) -> bool:
        return isinstance(column.type, LargeBinary | Text) or column.type.__class__.__name__ == "JSON"

    @cached_property
    def choices(self) -> tuple[Column[Any], ...]:
        """Columns with a few values each, and those that lead to another table with an index to go by."""
        return tuple(
            column
            for column in self.table.columns
            if not self.is_masked(column)
            and (
                isinstance(column.type, Enum | Boolean)
                or (column.foreign_keys and column.name in self.indexed)
            )
        )

    @cached_property
    def sortable(self) -> tuple[str, ...]:
        """Columns that an index goes by and that are never empty."""
        return tuple(
            column.name
            for column in self.table.columns
            if column.name in self.indexed and not column.nullable and not self.is_masked(column)
        )

    @cached_property
    def indexed(self) -> frozenset[str]:
        """Columns that an index begins with; one of some rows only does not count."""
        table = self.table
        found = [next(iter(table.primary_key.columns)).name]
        for index in table.indexes:
            is_partial = any(index.dialect_options[name].get("where") is not None for name in _DATABASES)
            names = [column.name for column in index.columns]
            found += names[:1] if not is_partial else []
        for constraint in table.constraints:
            columns = getattr(constraint, "columns", None)
            if constraint.__class__.__name__ == "UniqueConstraint" and columns is not None:
                found.append(next(iter(columns)).name)
        return frozenset(found)
