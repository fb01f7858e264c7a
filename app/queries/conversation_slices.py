"""Conversations for programs: narrowed and ordered as the console's list is, page by page both ways."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import contains_eager

from app.extensions import db
from app.models import Contact, Conversation, utcnow
from app.queries.access import AccountScope
from app.queries.bot_answering import bot_answers
from app.queries.conversation_filters import (
    IS_UNANSWERED,
    IS_UNREAD,
    ConversationFilters,
    Sort,
    narrowing,
    place_conditions,
)
from app.queries.conversation_lists import SORT_COLUMNS
from app.queries.conversation_search import ConversationSearch
from app.queries.conversations import visible
from app.queries.slices import Slice, Turn, fetch_slice


@dataclass(frozen=True)
class Asked:
    """What a program asks for: the console's filters, and of both states unless it says which.

    None: whichever. `is_unread`, `is_unanswered` and `is_unassigned` may ask for the contrary.
    """

    filters: ConversationFilters
    contact_id: int | None = None
    is_closed: bool | None = None
    is_unread: bool | None = None
    is_unanswered: bool | None = None
    is_unassigned: bool | None = None


@dataclass(frozen=True)
class Found:
    """A page, and of a search the message that has the words, by conversation id."""

    page: Slice[Conversation]
    messages: dict[int, int]


def slice_conversations(scope: AccountScope, asked: Asked, turn: Turn | None, limit: int) -> Found:
    """The latest first; by the window or the wait, the one that is the most urgent first."""
    typed, order = asked.filters.search, asked.filters.order
    statement = _narrowed(scope, asked)
    search = ConversationSearch(typed, scope) if typed else None
    page: Slice[Conversation] = Slice([], None, None)
    for one in _statements(statement, search, turn):
        page = fetch_slice(
            one,
            Conversation,
            turn=turn,
            limit=limit,
            by=SORT_COLUMNS[order].key,
            is_rising=order is not Sort.LATEST,
        )
        if len(page.rows) == limit:
            break
    found = search.found_in(row.id for row in page.rows) if search else {}
    return Found(page, {id_: message.id for id_, message in found.items()})


def list_with_bot(conversation_ids: list[int]) -> set[int]:
    """Those of them in which the bot answers."""
    if not conversation_ids:
        return set()
    found = select(Conversation.id).where(Conversation.id.in_(conversation_ids), bot_answers(utcnow()))
    return set(db.session.scalars(found))


def _statements(
    statement: Select[Any], search: ConversationSearch | None, turn: Turn | None
) -> Iterator[Select[Any]]:
    """To be asked one after the other until a page is full. The first ones look at the newest rows alone, and
    so cannot tell which rows stand just before a place."""
    if search is None:
        yield statement
    elif turn is not None and turn.is_newer:
        yield list(search.narrowed(statement))[-1]
    else:
        yield from search.narrowed(statement)


def _narrowed(scope: AccountScope, asked: Asked) -> Select[Any]:
    of_contact = contains_eager(Conversation.contact)
    return (
        visible(select(Conversation), scope)
        .join(Conversation.contact)
        .where(*place_conditions(asked.filters), *narrowing(asked.filters), *_conditions(asked))
        .options(of_contact.selectinload(Contact.tag_rows), of_contact.selectinload(Contact.value_rows))
    )


def _conditions(asked: Asked) -> Iterator[ColumnElement[bool]]:
    if asked.contact_id is not None:
        yield Conversation.contact_id == asked.contact_id
    for wanted, condition in (
        (asked.is_closed, Conversation.closed_at.is_not(None)),
        (asked.is_unread, IS_UNREAD),
        (asked.is_unanswered, IS_UNANSWERED),
        (asked.is_unassigned, Conversation.assigned_to_id.is_(None)),
    ):
        if wanted is not None:
            yield condition if wanted else ~condition
