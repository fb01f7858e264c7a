"""An index of one kind of rows: which of them have these terms. The same on both databases.

A kind is a table with `id` and `terms` (models/search.py) and, on SQLite, an FTS5 table beside it. What is
to be found in it is a Query, made by whoever knows the kind (people.py, messages.py), out of the same terms
that its rows were stored with. So another kind needs a table, a migration like 0004 and a function that
says a row's terms.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Float,
    Select,
    Table,
    Text,
    and_,
    case,
    column,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    table,
)
from sqlalchemy import cast as as_type
from sqlalchemy.dialects.postgresql import TSQUERY

from app.extensions import db
from app.models import SearchChange, SearchContact, SearchMessage

_UNFIT = re.compile(r"[\s'\"\\\x00]")


@dataclass(frozen=True)
class Term:
    """One term; `is_prefix`: also what begins with it."""

    text: str
    is_prefix: bool = False

    def __post_init__(self) -> None:
        if not self.text or _UNFIT.search(self.text):
            raise ValueError("this is no term: it is empty or has a blank or a quote in it")


@dataclass(frozen=True)
class Query:
    """Rows that have all of the terms; with `needs_all` False those that have one of them."""

    terms: tuple[Term, ...]
    needs_all: bool = True

    def is_met_by(self, terms: set[str]) -> bool:
        """The same question to a row whose terms are at hand."""
        meets = all if self.needs_all else any
        return bool(self.terms) and meets(_is_among(term, terms) for term in self.terms)


@dataclass(frozen=True)
class Hit:
    """A row that was found. `score`: the share of the query's terms that it has, up to 1."""

    id: int
    score: float


class SearchIndex:
    """One kind's index."""

    def __init__(self, kind: str, terms_table: Any) -> None:
        self.kind = kind
        self.table = cast(Table, terms_table.__table__)
        self.fts = table(f"{self.table.name}_fts", column("rowid", BigInteger()), column("terms", Text()))
        """FTS5's own table: on SQLite alone."""

    def ids(self, query: Query) -> Select[int]:
        """All ids that fit, by the index."""
        if not query.terms:
            return select(self.table.c.id).where(false())
        if _is_sqlite():
            match = literal(_fts5_text(query))
            name: ColumnElement[Any] = column(self.fts.name, _selectable=self.fts)
            return select(self.fts.c.rowid).where(name.op("MATCH")(match))
        return select(self.table.c.id).where(self.has(query))

    def has(self, query: Query) -> ColumnElement[bool]:
        """Whether the row at hand fits: for statements that have the row of `table` already."""
        if not query.terms:
            return false()
        if _is_sqlite():
            join = and_ if query.needs_all else or_
            return join(*(_stands_in(self.table.c.terms, term) for term in query.terms))
        vector = as_type(literal(_tsquery_text(query)), TSQUERY)
        return cast(ColumnElement[bool], self.table.c.terms.op("@@", is_comparison=True)(vector))

    def is_settled(self, id_column: Any) -> ColumnElement[bool]:
        """Whether the row of this id has not changed since its terms were stored."""
        return ~exists().where(SearchChange.kind == self.kind, SearchChange.row_id == id_column)

    def find(self, query: Query, limit: int) -> list[Hit]:
        """So many of them: the best first when they may differ, otherwise in no order."""
        if query.needs_all:
            return [Hit(id_, 1.0) for id_ in db.session.scalars(self.ids(query).limit(limit))]
        count = sum(case((self.has(Query((term,))), 1), else_=0) for term in query.terms)
        score = (as_type(count, Float()) / len(query.terms)).label("score")
        statement = (
            select(self.table.c.id, score)
            .where(self.table.c.id.in_(self.ids(query)))
            .order_by(score.desc(), self.table.c.id.desc())
            .limit(limit)
        )
        return [Hit(row.id, row.score) for row in db.session.execute(statement)] if query.terms else []


MESSAGES = SearchIndex("message", SearchMessage)
CONTACTS = SearchIndex("contact", SearchContact)


def _is_sqlite() -> bool:
    return db.session.get_bind().dialect.name == "sqlite"


def _is_among(term: Term, terms: set[str]) -> bool:
    if term.text in terms:
        return True
    return term.is_prefix and any(other.startswith(term.text) for other in terms)


def _stands_in(column_: Any, term: Term) -> ColumnElement[bool]:
    """Each term stands between two blanks."""
    end = "" if term.is_prefix else " "
    return func.instr(column_, f" {term.text}{end}") > 0


def _fts5_text(query: Query) -> str:
    """In quotes nothing is an operator, and no term has a quote."""
    word = " AND " if query.needs_all else " OR "
    return word.join(f'"{term.text}"{"*" if term.is_prefix else ""}' for term in query.terms)


def _tsquery_text(query: Query) -> str:
    word = " & " if query.needs_all else " | "
    return word.join(f"'{term.text}'{':*' if term.is_prefix else ''}" for term in query.terms)
