"""Which conversations a search finds: by their customer, or by the words of any of their messages.

What few rows fit is found by the index. What many fit (a common word) is looked for in the newest
conversations first, which nearly always fill a page; only where they do not, the index lists them all. The
three ways answer the same, so that a page may go on where another ended.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, false, func, or_, select

from app.extensions import db
from app.models import Account, Contact, Conversation, Direction, Message
from app.queries.cursors import Cursor
from app.queries.search import live, messages, people
from app.queries.search.index import CONTACTS, MESSAGES, Query, Term
from app.queries.search.people import Needle

_FEW = 2_000
"""So many ids are handed back to the database; above them a text counts as common."""
_WINDOW = 1_000
"""Newest conversations that are looked at one by one for a common text."""
_PLACE = (Conversation.last_message_at, Conversation.id)
_USER_ID = re.compile(r"[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}")


@dataclass(frozen=True)
class FoundMessage:
    """The newest message of a conversation that has the words; `beside`: titles, names and such."""

    id: int
    conversation_id: int
    message_type: str
    text: str
    direction: Direction
    occurred_at: datetime
    beside: tuple[str, ...]


@dataclass(frozen=True)
class _Condition:
    """The same condition twice: for a row at hand, and by the index."""

    by_row: ColumnElement[bool]
    by_index: ColumnElement[bool]
    is_few: bool


class ConversationSearch:
    """One text that was typed; asked of the database once, when it is first needed."""

    def __init__(self, typed: str) -> None:
        self._typed = typed
        self._needles = people.needles_of(typed)
        self._query = messages.query_of(typed)

    @property
    def is_complete(self) -> bool:
        """False while older rows are still being made searchable, and are too many to be looked at."""
        return self._live_messages.is_complete and self._live_contacts.is_complete

    def narrowed(self, statement: Select[Any]) -> Iterator[Select[Any]]:
        """The list's statement with the search in it: the next one is for when the one before found less
        than a page."""
        conditions = (self._people, self._messages)
        if not all(condition.is_few for condition in conditions):
            end = self._end_of_window(statement)
            by_row = statement.where(or_(*(condition.by_row for condition in conditions)))
            yield by_row if end is None else by_row.where(end.is_not_after(*_PLACE))
            if end is None:
                return
        yield statement.where(or_(*(condition.by_index for condition in conditions)))

    def _end_of_window(self, statement: Select[Any]) -> Cursor | None:
        """The last of the conversations that are looked at one by one; None when these are all."""
        last = db.session.execute(statement.with_only_columns(*_PLACE).offset(_WINDOW - 1).limit(1)).first()
        return Cursor(*last) if last is not None else None

    def found_in(self, conversation_ids: Iterable[int]) -> dict[int, FoundMessage]:
        """The line to show of each of these conversations in which a message has the words."""
        wanted = list(conversation_ids)
        if not wanted or not self._query.terms:
            return {}
        newest = (
            self._with_terms()
            .with_only_columns(Message.id)
            .order_by(Message.occurred_at.desc(), Message.id.desc())
            .limit(1)
            .scalar_subquery()
        )
        listed = db.session.scalars(
            select(newest).select_from(Conversation).where(Conversation.id.in_(wanted))
        )
        ids = {id_ for id_ in listed if id_ is not None}
        ids |= self._newest_live(set(wanted))
        lines: dict[int, FoundMessage] = {}
        for message in _lines(ids):
            lines[message.conversation_id] = message
        return lines

    def _newest_live(self, wanted: set[int]) -> set[int]:
        newest: dict[int, int] = {}
        for message in self._live_messages.found:
            if message.conversation_id in wanted:
                newest.setdefault(message.conversation_id, message.id)
        return set(newest.values())

    @cached_property
    def _live_messages(self) -> live.Live[live.LiveMessage]:
        return live.find_messages(self._query)

    @cached_property
    def _live_contacts(self) -> live.Live[int]:
        return live.find_contacts(self._needles)

    @cached_property
    def _people(self) -> _Condition:
        ids = self._few_people()
        if ids is not None:
            among = _is_among(Conversation.contact_id, ids)
            return _Condition(among, among, is_few=True)
        table = CONTACTS.table
        at_hand = (
            select(table.c.id)
            .where(
                table.c.id == Conversation.contact_id,
                or_(*(_stands_in_lines(needle) for needle in self._needles)),
                CONTACTS.is_settled(table.c.id),
            )
            .correlate(Conversation)
        )
        beside = _is_among(Conversation.contact_id, self._live_contacts.found)
        return _Condition(
            or_(_is_any(at_hand), beside),
            or_(Conversation.contact_id.in_(self._people_by_index()), beside),
            is_few=False,
        )

    def _people_by_index(self) -> Select[int]:
        """The contacts that a needle means."""
        table = CONTACTS.table
        fits = (
            table.c.id.in_(CONTACTS.ids(needle.query)) & _stands_in_lines(needle) for needle in self._needles
        )
        return select(table.c.id).where(or_(false(), *fits), CONTACTS.is_settled(table.c.id))

    def _few_people(self) -> list[int] | None:
        """None when they are many."""
        live_ids = self._live_contacts.found
        ids = list(db.session.scalars(self._people_by_index().limit(_FEW + 1))) if self._needles else []
        if len(ids) > _FEW or len(live_ids) > _FEW:
            return None
        return [*ids, *live_ids, *self._by_user_id()]

    def _by_user_id(self) -> Iterable[int]:
        """Meta's id of a person without a number counts whole: its digits would turn up in every number."""
        if not _USER_ID.fullmatch(self._typed):
            return []
        accounts = select(Account.id)
        return db.session.scalars(
            select(Contact.id).where(Contact.account_id.in_(accounts), Contact.user_id == self._typed)
        )

    @cached_property
    def _messages(self) -> _Condition:
        if not self._query.terms:
            return _Condition(false(), false(), is_few=True)
        live_ids = {message.conversation_id for message in self._live_messages.found}
        beside = _is_among(Conversation.id, live_ids)
        hits = self._few_messages()
        if hits is not None and len(live_ids) <= _FEW:
            statement = select(Message.conversation_id).where(
                Message.id.in_(hits), MESSAGES.is_settled(Message.id)
            )
            among = _is_among(Conversation.id, live_ids.union(db.session.scalars(statement)))
            return _Condition(among, among, is_few=True)
        all_hits = select(Message.conversation_id).where(
            Message.id.in_(MESSAGES.ids(self._query)), MESSAGES.is_settled(Message.id)
        )
        return _Condition(
            or_(_is_any(self._with_terms()), beside), or_(Conversation.id.in_(all_hits), beside), is_few=False
        )

    def _few_messages(self) -> list[int] | None:
        """None when they are many. Whole words are asked for first: to know all that begins so costs more."""
        whole = Query(tuple(Term(term.text) for term in self._query.terms))
        if whole != self._query and len(MESSAGES.find(whole, _FEW + 1)) > _FEW:
            return None
        hits = MESSAGES.find(self._query, _FEW + 1)
        return [hit.id for hit in hits] if len(hits) <= _FEW else None

    def _with_terms(self) -> Select[Any]:
        """The messages of the conversation at hand that have the words."""
        return (
            select(Message.id)
            .join(MESSAGES.table, MESSAGES.table.c.id == Message.id)
            .where(
                Message.conversation_id == Conversation.id,
                MESSAGES.has(self._query),
                MESSAGES.is_settled(Message.id),
            )
            .correlate(Conversation)
        )


def _is_any(rows: Select[Any]) -> ColumnElement[bool]:
    """Like EXISTS, for which PostgreSQL may gather all rows of the table first."""
    return rows.limit(1).scalar_subquery().is_not(None)


def _is_among(id_column: Any, ids: Iterable[int]) -> ColumnElement[bool]:
    """Written into the statement: databases count the values that are bound to it."""
    listed: ColumnElement[bool] = id_column.in_(
        bindparam(None, sorted(set(ids)), expanding=True, literal_execute=True)
    )
    return listed


def _stands_in_lines(needle: Needle) -> ColumnElement[bool]:
    if needle.is_whole:
        return CONTACTS.has(needle.query)
    is_sqlite = db.session.get_bind().dialect.name == "sqlite"
    place: ColumnElement[int] = (func.instr if is_sqlite else func.strpos)(
        CONTACTS.table.c.lines, needle.text
    )
    return place > 0


def _lines(ids: set[int]) -> Iterator[FoundMessage]:
    """Oldest first."""
    statement = (
        select(
            Message.id,
            Message.conversation_id,
            Message.message_type,
            Message.text_content,
            Message.direction,
            Message.occurred_at,
            messages.BESIDE,
        )
        .where(Message.id.in_(ids))
        .order_by(Message.occurred_at, Message.id)
    )
    for row in db.session.execute(statement):
        yield FoundMessage(
            id=row.id,
            conversation_id=row.conversation_id,
            message_type=row.message_type,
            text=row.text_content,
            direction=row.direction,
            occurred_at=row.occurred_at,
            beside=tuple(messages.texts_beside(row.text_content, row.beside)),
        )
