"""Which conversations a search finds: by their customer, or by the words of any of their messages.

What few rows fit is found by the index. What many fit (a common word) is looked for in the newest
conversations first, which nearly always fill a page; only where they do not, the index lists them all. The
three ways answer the same, so that a page may go on where another ended.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Select, false, or_, select

from app.extensions import db
from app.models import Conversation, Direction, Message
from app.queries.access import EVERYTHING, AccountScope
from app.queries.cursors import Cursor
from app.queries.search import live, messages, who
from app.queries.search.index import MESSAGES, Query, Term

_WINDOW = 1_000
"""Newest conversations that are looked at one by one for a common text."""
_PLACE = (Conversation.last_message_at, Conversation.id)


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
    """One text that was typed; asked of the database once, when it is first needed.

    The statement it narrows has the contact in it.
    """

    def __init__(self, typed: str, scope: AccountScope = EVERYTHING) -> None:
        self._guard = scope.finds_by(typed)
        self._message_guard = scope.finds_words(typed)
        self._who = who.PeopleSearch(typed)
        self._query = messages.query_of(typed)

    @property
    def is_complete(self) -> bool:
        """False while older rows are still being made searchable, and are too many to be looked at."""
        return self._live_messages.is_complete and self._who.is_complete

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
        return live.find_messages(self._query, self._message_guard)

    @cached_property
    def _people(self) -> _Condition:
        contact_id, ids = Conversation.contact_id, self._who.few
        if ids is not None:
            among = who.is_among(contact_id, ids) & self._guard
            return _Condition(among, among, is_few=True)
        by_row, by_index = self._who.by_row(contact_id), self._who.by_index(contact_id)
        return _Condition(by_row & self._guard, by_index & self._guard, is_few=False)

    @cached_property
    def _messages(self) -> _Condition:
        if not self._query.terms:
            return _Condition(false(), false(), is_few=True)
        live_ids = {message.conversation_id for message in self._live_messages.found}
        beside = who.is_among(Conversation.id, live_ids)
        hits = self._few_messages()
        if hits is not None and len(live_ids) <= who.FEW:
            statement = select(Message.conversation_id).where(
                Message.id.in_(hits), MESSAGES.is_settled(Message.id), self._message_guard
            )
            among = who.is_among(Conversation.id, live_ids.union(db.session.scalars(statement)))
            return _Condition(among, among, is_few=True)
        all_hits = select(Message.conversation_id).where(
            Message.id.in_(MESSAGES.ids(self._query)), MESSAGES.is_settled(Message.id), self._message_guard
        )
        return _Condition(
            or_(who.is_any(self._with_terms()), beside),
            or_(Conversation.id.in_(all_hits), beside),
            is_few=False,
        )

    def _few_messages(self) -> list[int] | None:
        """None when they are many. Whole words are asked for first: to know all that begins so costs more."""
        whole = Query(tuple(Term(term.text) for term in self._query.terms))
        if whole != self._query and len(MESSAGES.find(whole, who.FEW + 1)) > who.FEW:
            return None
        hits = MESSAGES.find(self._query, who.FEW + 1)
        return [hit.id for hit in hits] if len(hits) <= who.FEW else None

    def _with_terms(self) -> Select[Any]:
        """The messages of the conversation at hand that have the words."""
        return (
            select(Message.id)
            .join(MESSAGES.table, MESSAGES.table.c.id == Message.id)
            .where(
                Message.conversation_id == Conversation.id,
                MESSAGES.has(self._query),
                MESSAGES.is_settled(Message.id),
                self._message_guard,
            )
            .correlate(Conversation)
        )


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
