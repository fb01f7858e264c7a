"""Making rows searchable, after the fact: in small batches, by whichever worker comes first.

A mark per kind says up to which id everything is in the index; what lies above it, or has changed since, is
found by looking at the rows themselves (queries/search/live.py). So nothing is missing at any moment, and a
killed worker loses nothing: its batch and its mark are one transaction.

On PostgreSQL a row with a lower id may be committed after one with a higher id. A mark may therefore only
rise to an id when nobody who could have been given a lower one is still at it: everybody who writes into
the table holds a lock on it from before the id was drawn until the end of the transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Row, Table, delete, func, insert, select, text, update

from app import failpoints
from app.extensions import db
from app.models import Contact, Message, SearchChange, SearchProgress
from app.queries.search import folding, messages, people
from app.queries.search.index import CONTACTS, MESSAGES, SearchIndex

BATCH = 500
"""On SQLite a batch holds the write lock for some ten milliseconds."""
_LOCK = 7_303_014
"""Deleting rows takes it shared (migration 0004): none is made searchable while it is being deleted."""

_DRAWN = """
SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END FROM {sequence}
"""
_WRITERS = text(
    """
SELECT DISTINCT virtualtransaction FROM pg_locks
WHERE locktype = 'relation' AND relation = CAST(:searched AS regclass) AND pid <> pg_backend_pid()
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND mode NOT IN ('AccessShareLock', 'RowShareLock')
"""
)


@dataclass(frozen=True)
class _Kind:
    """How rows of one kind become rows of their index."""

    index: SearchIndex
    searched: Table
    columns: tuple[Any, ...]
    entry: Callable[[Row[Any]], dict[str, Any]]


def _message_entry(row: Row[Any]) -> dict[str, Any]:
    return {"id": row.id, "terms": folding.join_terms(messages.terms_of(row.text_content, row.beside))}


def _contact_entry(row: Row[Any]) -> dict[str, Any]:
    lines = people.lines_of(row.profile_name, row.username, row.wa_id, row.own_name)
    return {"id": row.id, "lines": lines, "terms": folding.join_terms(people.terms_of(lines))}


_CONTACT = cast(Table, Contact.__table__)
_MESSAGE = cast(Table, Message.__table__)
_KINDS = (
    _Kind(
        CONTACTS,
        _CONTACT,
        (_CONTACT.c.id, _CONTACT.c.profile_name, _CONTACT.c.username, _CONTACT.c.wa_id, _CONTACT.c.own_name),
        _contact_entry,
    ),
    _Kind(MESSAGES, _MESSAGE, (_MESSAGE.c.id, _MESSAGE.c.text_content, messages.BESIDE), _message_entry),
)


@dataclass
class _Bound:
    """Ids up to `id` may be indexed once none of `writers` is at work any more."""

    id: int = 0
    writers: frozenset[str] = frozenset()


class Indexer:
    """One worker's share. `step` does a batch of each kind and says how many rows it dealt with."""

    def __init__(self) -> None:
        self._bounds = {kind.index.kind: _Bound() for kind in _KINDS}

    def step(self) -> int:
        return sum(self._step(kind) for kind in _KINDS)

    def _step(self, kind: _Kind) -> int:
        if not self._is_anything_left(kind):
            return 0
        try:
            if not _alone():
                return 0
            count = self._renew_changed(kind) + self._add_new(kind)
            failpoints.reach("search-before-commit")
            db.session.commit()
        finally:
            db.session.rollback()
        return count

    def _is_anything_left(self, kind: _Kind) -> bool:
        """Asked without the right to write: an idle worker must not take SQLite's only lock."""
        newest = select(func.max(kind.searched.c.id)).scalar_subquery()
        done_to = _done_to(kind).scalar_subquery()
        changed = select(SearchChange.id).where(SearchChange.kind == kind.index.kind).limit(1)
        with db.engine.connect().execution_options(reads=True) as connection:
            return bool(connection.scalar(select(newest > done_to))) or connection.scalar(changed) is not None

    def _renew_changed(self, kind: _Kind) -> int:
        """Only the changes that were seen are struck out: the row as it is read afterwards has them all."""
        statement = (
            select(SearchChange.id, SearchChange.row_id)
            .where(SearchChange.kind == kind.index.kind)
            .order_by(SearchChange.id)
            .limit(BATCH)
        )
        changes = db.session.execute(statement).all()
        if not changes:
            return 0
        done_to = db.session.scalar(_done_to(kind))
        ids = {change.row_id for change in changes}
        rows = select(*kind.columns).where(kind.searched.c.id.in_(ids), kind.searched.c.id <= done_to)
        _store(kind, db.session.execute(rows).all())
        db.session.execute(delete(SearchChange).where(SearchChange.id.in_([change.id for change in changes])))
        return len(changes)

    def _add_new(self, kind: _Kind) -> int:
        done_to = db.session.scalar(_done_to(kind)) or 0
        bound = self._settled_bound(kind, done_to)
        if bound <= done_to:
            return 0
        statement = (
            select(*kind.columns)
            .where(kind.searched.c.id > done_to, kind.searched.c.id <= bound)
            .order_by(kind.searched.c.id)
            .limit(BATCH)
        )
        rows = db.session.execute(statement).all()
        _store(kind, rows)
        reached = rows[-1].id if len(rows) == BATCH else bound
        db.session.execute(
            update(SearchProgress).where(SearchProgress.kind == kind.index.kind).values(done_to=reached)
        )
        return len(rows)

    def _settled_bound(self, kind: _Kind, done_to: int) -> int:
        """Up to which id there will never be another row than those that are seen now."""
        if _is_sqlite():
            return db.session.scalar(select(func.max(kind.searched.c.id))) or 0
        bound = self._bounds[kind.index.kind]
        if bound.id <= done_to:
            bound.id = _drawn(kind.searched.name)
            bound.writers = _writers(kind.searched.name)
        elif bound.writers:
            bound.writers &= _writers(kind.searched.name)
        return 0 if bound.writers else bound.id


def _alone() -> bool:
    """Whether no other worker is at it, and nobody deletes. On SQLite whoever writes is alone."""
    return _is_sqlite() or bool(db.session.scalar(select(func.pg_try_advisory_xact_lock(_LOCK))))


def _is_sqlite() -> bool:
    return db.session.get_bind().dialect.name == "sqlite"


def _done_to(kind: _Kind) -> Any:
    return select(SearchProgress.done_to).where(SearchProgress.kind == kind.index.kind)


def _drawn(searched: str) -> int:
    """The highest id that was given out."""
    sequence = db.session.scalar(select(func.pg_get_serial_sequence(searched, "id")))
    return db.session.scalar(text(_DRAWN.format(sequence=sequence))) or 0


def _writers(searched: str) -> frozenset[str]:
    """The transactions that write into the table right now."""
    return frozenset(db.session.scalars(_WRITERS, {"searched": searched}))


def _store(kind: _Kind, rows: Sequence[Row[Any]]) -> None:
    """Rows that are there already are renewed."""
    if not rows:
        return
    table, ids = kind.index.table, [row.id for row in rows]
    db.session.execute(delete(table).where(table.c.id.in_(ids)))
    db.session.execute(table.insert(), [kind.entry(row) for row in rows])
    if _is_sqlite():
        stored = select(table.c.id, table.c.terms).where(table.c.id.in_(ids)).order_by(table.c.id)
        db.session.execute(insert(kind.index.fts).from_select(["rowid", "terms"], stored))
