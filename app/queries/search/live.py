"""Rows that the index does not have yet, or not as they are now: looked at one by one, newest first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Row, select, union_all

from app.extensions import db
from app.models import Contact, Message, SearchChange, SearchProgress
from app.queries.search import messages, people
from app.queries.search.index import CONTACTS, MESSAGES, Query, SearchIndex
from app.queries.search.people import Needle

MOST = 100_000
"""Only while an old installation is made searchable are there more; the list says so then."""
_AT_ONCE = 5_000


@dataclass(frozen=True)
class LiveMessage:
    """A message that fits, though the index does not know it."""

    id: int
    conversation_id: int


_Found = TypeVar("_Found")


@dataclass(frozen=True)
class Live(Generic[_Found]):
    """What fits of the rows beside the index. `is_complete`: all of them were looked at."""

    found: list[_Found]
    is_complete: bool


def find_messages(query: Query, guard: ColumnElement[bool]) -> Live[LiveMessage]:
    """Of those that the guard lets through, newest first."""

    def look(row: Row[Any]) -> LiveMessage | None:
        fits = query.is_met_by(messages.terms_of(row.text_content, row.beside))
        return LiveMessage(row.id, row.conversation_id) if fits else None

    if not query.terms:
        return Live([], is_complete=True)
    return _look_at(
        MESSAGES,
        select(Message.id, Message.conversation_id, Message.text_content, messages.BESIDE).where(guard),
        Message.id,
        look,
    )


def find_contacts(needles: tuple[Needle, ...]) -> Live[int]:
    """The ids of those who are meant."""

    def look(row: Row[Any]) -> int | None:
        lines = people.lines_of(row.profile_name, row.username, row.wa_id, row.own_name)
        return row.id if any(needle.is_in(lines) for needle in needles) else None

    statement = select(Contact.id, Contact.profile_name, Contact.username, Contact.wa_id, Contact.own_name)
    return _look_at(CONTACTS, statement, Contact.id, look)


def _look_at(
    index: SearchIndex, statement: Any, id_column: Any, look: Callable[[Row[Any]], _Found | None]
) -> Live[_Found]:
    found: list[_Found] = []
    count = 0
    for count, row in enumerate(_rows(index, statement, id_column), start=1):
        if count > MOST:
            break
        if (fits := look(row)) is not None:
            found.append(fits)
    return Live(found, is_complete=count <= MOST)


def _rows(index: SearchIndex, statement: Any, id_column: Any) -> Iterator[Row[Any]]:
    """What has changed, and what came after the last that is in the index."""
    done_to = select(SearchProgress.done_to).where(SearchProgress.kind == index.kind).scalar_subquery()
    changes = select(SearchChange.row_id).where(SearchChange.kind == index.kind)
    changed = statement.where(id_column.in_(changes), id_column <= done_to).limit(MOST)
    newest = statement.where(id_column > done_to).order_by(id_column.desc()).limit(_AT_ONCE)
    # As a rule there are a handful, for which one question is enough.
    both = union_all(select(changed.subquery()), select(newest.subquery())).limit(_AT_ONCE)
    rows = db.session.execute(both).all()
    if len(rows) < _AT_ONCE:
        yield from rows
        return
    yield from db.session.execute(changed).all()
    rows = db.session.execute(newest).all()
    while rows:
        yield from rows
        rows = db.session.execute(newest.where(id_column < rows[-1].id)).all()
