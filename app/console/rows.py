"""The rows of the conversation list, and a fingerprint of all they show."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from flask import request

from app.console.marking import Part, mark_words
from app.console.window import Window, window_of
from app.models import Account, Conversation, Direction, MessageStatus, PhoneNumber, utcnow
from app.queries import accounts as account_queries
from app.queries import bot as bot_queries
from app.queries import conversations as queries
from app.queries.access import AccountScope
from app.queries.conversation_search import FoundMessage
from app.queries.conversations import ConversationFilters, ConversationPage, Show
from app.queries.cursors import Cursor
from app.services.message_text import preview
from app.web.filters import short_time
from app.web.routing import row_id

_LONGEST_SEARCH = 100


@dataclass(frozen=True)
class Line:
    """The message that a search found, shown in place of the last one. `time`: empty when it is that one."""

    message_id: int
    parts: tuple[Part, ...]
    author: str
    time: str


@dataclass(frozen=True)
class Row:
    """One conversation in the list; `author`: "You", "Bot", or empty for the customer; `line`: what a search
    found in it."""

    conversation: Conversation
    time: str
    window: Window
    is_failed: bool
    author: str
    is_waiting: bool
    line: Line | None = None

    @property
    def mark(self) -> tuple[Any, ...]:
        """Whatever of it can change on the page."""
        return (
            self.conversation.id,
            self.conversation.version,
            self.is_waiting,
            self.time,
            self.window.kind,
            self.window.short,
            self.line.message_id if self.line else None,
        )


@dataclass(frozen=True)
class ConversationList:
    """The list pane: rows, what it is narrowed to, and its fingerprint.

    `is_complete`: False while older messages are still being made searchable.
    """

    rows: list[Row]
    filters: ConversationFilters
    unread: int
    next_cursor: Cursor | None
    cursor: Cursor | None
    accounts: list[Account]
    numbers: list[PhoneNumber]
    version: str
    is_complete: bool = True

    def args(self, **changes: Any) -> dict[str, Any]:
        """The filters as an address carries them; empty ones are left out."""
        values: dict[str, Any] = {
            "show": self.filters.show.value if self.filters.show is not Show.ALL else None,
            "account": self.filters.account_id,
            "number": self.filters.number_id,
            "search": self.filters.search or None,
            **changes,
        }
        return {name: value for name, value in values.items() if value is not None}


def read_filters() -> ConversationFilters:
    """Out of the address; nonsense counts as nothing."""
    show = request.values.get("show", "")
    return ConversationFilters(
        show=Show(show) if show in set(Show) else Show.ALL,
        account_id=request.values.get("account", type=row_id),
        number_id=request.values.get("number", type=row_id),
        search=request.values.get("search", "").strip()[:_LONGEST_SEARCH],
    )


def build_list(scope: AccountScope) -> ConversationList:
    """The list as the request's address asks for it."""
    accounts = account_queries.list_accounts(scope)
    numbers = [number for account in accounts for number in account.phone_numbers]
    filters, cursor = _fitting(read_filters(), numbers), Cursor.parse(request.values.get("before"))
    page = queries.list_conversations(scope, filters, cursor)
    unread = queries.count_unread(scope, filters)
    waiting = bot_queries.list_waiting(conversation.id for conversation in page.conversations)
    by_bot = bot_queries.list_written_by_bot(_shown_messages(page))
    rows = [
        _row(
            conversation,
            _line(conversation, page.found.get(conversation.id), filters.search, by_bot),
            author=_author(conversation.last_message_direction, conversation.last_message_id, by_bot),
            is_waiting=conversation.id in waiting,
        )
        for conversation in page.conversations
    ]
    return ConversationList(
        rows=rows,
        filters=filters,
        unread=unread,
        next_cursor=page.next_cursor,
        cursor=cursor,
        accounts=accounts,
        numbers=numbers,
        version=_fingerprint(rows, unread),
        is_complete=page.is_complete,
    )


def _fitting(filters: ConversationFilters, numbers: list[PhoneNumber]) -> ConversationFilters:
    """Without a number of another account: choosing an account must not leave an empty list."""
    account_of = {number.id: number.account_id for number in numbers}
    if filters.number_id is None or filters.account_id in (None, account_of.get(filters.number_id)):
        return filters
    return replace(filters, number_id=None)


def _shown_messages(page: ConversationPage) -> list[int]:
    last = [conversation.last_message_id for conversation in page.conversations]
    return [id_ for id_ in (*last, *(found.id for found in page.found.values())) if id_ is not None]


def _author(direction: Direction | None, message_id: int | None, by_bot: Collection[int]) -> str:
    if direction is not Direction.OUTBOUND:
        return ""
    return "Bot" if message_id in by_bot else "You"


def _line(
    conversation: Conversation, found: FoundMessage | None, search: str, by_bot: Collection[int]
) -> Line | None:
    if found is None:
        return None
    is_last = found.id == conversation.last_message_id
    return Line(
        message_id=found.id,
        parts=_marked(found, search),
        author=_author(found.direction, found.id, by_bot),
        time="" if is_last else short_time(found.occurred_at),
    )


def _marked(found: FoundMessage, search: str) -> tuple[Part, ...]:
    """The text; where no word of it was meant, what stands beside it: a button's title, a file's name."""
    parts = mark_words(preview(found.message_type, found.text, None), search)
    if any(part.is_marked for part in parts) or not found.beside:
        return parts
    return mark_words(", ".join(found.beside), search)


def _row(conversation: Conversation, line: Line | None, *, author: str, is_waiting: bool) -> Row:
    return Row(
        conversation=conversation,
        time=short_time(conversation.last_message_at),
        window=window_of(conversation, utcnow()),
        is_failed=conversation.last_message_status in (MessageStatus.FAILED, MessageStatus.UNCONFIRMED),
        author=author,
        is_waiting=is_waiting,
        line=line,
    )


def _fingerprint(rows: list[Row], unread: int) -> str:
    text = repr((unread, [row.mark for row in rows]))
    return hashlib.blake2s(text.encode(), digest_size=8).hexdigest()
