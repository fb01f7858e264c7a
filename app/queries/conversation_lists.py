"""The console's list of conversations, page by page by cursor, and what is counted beside it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import aliased, joinedload

from app.extensions import db
from app.models import BotConversation, Conversation, Draft, MessageStatus
from app.queries.access import AccountScope
from app.queries.conversation_filters import (
    IS_UNANSWERED,
    IS_UNREAD,
    ConversationFilters,
    Desk,
    Sort,
    desk_conditions,
    narrowing,
    place_conditions,
)
from app.queries.conversation_search import ConversationSearch, FoundMessage
from app.queries.conversations import visible
from app.queries.cursors import Cursor

LIST_LENGTH = 40
SORT_COLUMNS = {
    Sort.LATEST: Conversation.last_message_at,
    Sort.WINDOW: Conversation.last_inbound_at,
    Sort.WAITING: Conversation.waiting_since,
}


class Listed(NamedTuple):
    """Of a conversation what tells whether its row shows something else than before: the poll of every open
    page asks for it, so nothing more. `waits_for_person`: since when the bot waits for one; `draft`: the
    version of what whoever asks has typed in it."""

    id: int
    account_id: int
    version: int
    last_message_at: datetime
    last_message_id: int | None
    last_message_status: MessageStatus | None
    last_inbound_at: datetime | None
    waiting_since: datetime | None
    case_since: datetime | None
    answered_at: datetime | None
    assigned_team_id: int | None
    waits_for_person: datetime | None
    draft: str | None


_BOT = aliased(BotConversation)
"""An alias: a filter may ask for the same table in a query of its own."""
_LISTED: tuple[Any, ...] = (
    Conversation.id,
    Conversation.account_id,
    Conversation.version,
    Conversation.last_message_at,
    Conversation.last_message_id,
    Conversation.last_message_status,
    Conversation.last_inbound_at,
    Conversation.waiting_since,
    Conversation.case_since,
    Conversation.answered_at,
    Conversation.assigned_team_id,
    _BOT.waits_since,
    Draft.version,
)


@dataclass(frozen=True)
class ConversationPage:
    """In their order, and where the page after them begins (None: there is none).

    `found`: of a search, the message to show of a conversation, by its id. `is_complete`: False while an
    old installation is being made searchable, when older messages may be missing.
    """

    conversations: list[Listed]
    next_cursor: Cursor | None
    found: dict[int, FoundMessage] = field(default_factory=dict)
    is_complete: bool = True


@dataclass(frozen=True)
class Counts:
    """How many open ones are this person's, nobody's, unread, without an answer, and waiting for a person."""

    mine: int = 0
    unassigned: int = 0
    unread: int = 0
    unanswered: int = 0
    asking: int = 0


def count_unread(scope: AccountScope) -> int:
    """Conversations with at least one unread message."""
    return db.session.scalar(unread(scope)) or 0


def unread(scope: AccountScope) -> Select[int]:
    """The same as a statement, to be a part of another."""
    return _count(scope, [IS_UNREAD])


def count_tabs(scope: AccountScope, filters: ConversationFilters) -> Counts:
    """Of the account and number that the list is narrowed to."""
    place = place_conditions(filters)
    asking = (
        select(func.count())
        .select_from(BotConversation)
        .join(Conversation, Conversation.id == BotConversation.conversation_id)
        .where(
            scope.covers(BotConversation.account_id),
            BotConversation.waits_since.is_not(None),
            Conversation.closed_at.is_(None),
            *place,
        )
    )
    counted = (
        *(
            _count(scope, [*place, *desk_conditions(replace(filters, desk=desk))])
            for desk in (Desk.MINE, Desk.UNASSIGNED)
        ),
        _count(scope, [*place, IS_UNREAD]),
        _count(scope, [*place, IS_UNANSWERED]),
        asking,
    )
    row = db.session.execute(select(*(one.scalar_subquery() for one in counted))).one()
    return Counts(*row)


def _count(scope: AccountScope, conditions: list[ColumnElement[bool]]) -> Select[Any]:
    covered = scope.covers(Conversation.account_id)
    return select(func.count()).select_from(Conversation).where(covered, *conditions)


def count_up_to(scope: AccountScope, filters: ConversationFilters, limit: int) -> int:
    """How many the list would show, but never more than `limit`; a search is not looked at."""
    some = _narrowed(scope, filters).with_only_columns(Conversation.id).limit(limit).subquery()
    return db.session.scalar(select(func.count()).select_from(some)) or 0


def list_conversations(
    scope: AccountScope,
    filters: ConversationFilters,
    cursor: Cursor | None = None,
    limit: int = LIST_LENGTH,
) -> ConversationPage:
    """One page of the list, in one query; a search asks its index first. For their rows see `load_listed`."""
    column = SORT_COLUMNS[filters.order]
    search = _search(scope, filters)
    rows: list[Listed] = []
    for narrowed in _in_order(scope, filters, cursor, search):
        found = db.session.execute(_listed(narrowed, filters.person_id).limit(limit + 1))
        rows = [Listed(*row) for row in found]
        if len(rows) > limit:
            break
    last = rows[limit - 1] if len(rows) > limit else None
    return ConversationPage(
        conversations=rows[:limit],
        next_cursor=Cursor(getattr(last, column.key), last.id) if last else None,
        found=search.found_in(row.id for row in rows[:limit]) if search else {},
        is_complete=search is None or search.is_complete,
    )


def _listed(narrowed: Select[Any], person_id: int | None) -> Select[Any]:
    own = and_(Draft.conversation_id == Conversation.id, Draft.user_id == person_id)
    return (
        narrowed.with_only_columns(*_LISTED)
        .outerjoin(_BOT, _BOT.conversation_id == Conversation.id)
        .outerjoin(Draft, own)
    )


def load_listed(ids: Collection[int]) -> dict[int, Conversation]:
    """By id, with all that their rows show. The ids are a page's: nothing is asked about a scope again."""
    if not ids:
        return {}
    statement = (
        select(Conversation)
        .where(Conversation.id.in_(ids))
        .options(
            joinedload(Conversation.contact),
            joinedload(Conversation.phone_number),
            joinedload(Conversation.assigned_to),
            joinedload(Conversation.assigned_team),
        )
    )
    return {row.id: row for row in db.session.scalars(statement)}


def list_ids(scope: AccountScope, filters: ConversationFilters, limit: int) -> list[int]:
    """Those that the list shows, page after page, up to `limit`."""
    search = _search(scope, filters)
    ids: list[int] = []
    for narrowed in _in_order(scope, filters, None, search):
        ids = list(db.session.scalars(narrowed.with_only_columns(Conversation.id).limit(limit)))
        if len(ids) >= limit:
            break
    return ids


def _search(scope: AccountScope, filters: ConversationFilters) -> ConversationSearch | None:
    typed = filters.search
    return ConversationSearch(typed, scope) if typed else None


def _in_order(
    scope: AccountScope,
    filters: ConversationFilters,
    cursor: Cursor | None,
    search: ConversationSearch | None,
) -> Iterable[Select[Any]]:
    """The statements to ask, one after the other until a page is full."""
    column = SORT_COLUMNS[filters.order]
    statement = _narrowed(scope, filters)
    if filters.order is Sort.LATEST:
        statement = statement.order_by(column.desc(), Conversation.id.desc())
        if cursor is not None:
            statement = statement.where(cursor.is_after(column, Conversation.id))
    else:
        statement = statement.order_by(column.asc(), Conversation.id.asc())
        if cursor is not None:
            statement = statement.where(cursor.is_before(column, Conversation.id))
    return search.narrowed(statement) if search else (statement,)


def _narrowed(scope: AccountScope, filters: ConversationFilters) -> Select[Any]:
    return (
        visible(select(Conversation), scope)
        .join(Conversation.contact)
        .where(*place_conditions(filters), *desk_conditions(filters), *narrowing(filters))
    )
