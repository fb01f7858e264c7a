"""The rows of the conversation list, and a fingerprint of all they show."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask import request

from app.console.due import Due, due_of
from app.console.marking import Part, mark_address, mark_part, mark_words
from app.console.narrowing import ANY, FAILURE_WORDS, failure_words, read_filters
from app.console.shown_views import ShownView, shown_views
from app.console.window import Window, window_by_time
from app.models import Account, Conversation, Direction, MessageStatus, PhoneNumber, utcnow
from app.models.number_masks import shown_text
from app.queries import accounts as account_queries
from app.queries import bot as bot_queries
from app.queries import conversation_lists as queries
from app.queries import messages as message_queries
from app.queries.access import AccountScope
from app.queries.conversation_filters import ConversationFilters, Desk
from app.queries.conversation_lists import ConversationPage, Counts
from app.queries.conversation_search import FoundMessage
from app.queries.cursors import Cursor
from app.queries.drafts import list_drafts
from app.queries.mentions import count_unread as count_mentions
from app.queries.planned import count_open
from app.queries.presence import Looker, lookers_at
from app.services.drafts import words_of
from app.services.failures import failure_title
from app.services.message_text import preview
from app.web.filters import duration, short_time
from app.web.identity import current_actor

_LONGEST_DRAFT = 120
_NEW = "new"
_NEWLY = timedelta(minutes=15)
_LONG = timedelta(hours=1)


@dataclass(frozen=True)
class Line:
    """The message that a search found, shown in place of the last one. `time`: empty when it is that one."""

    message_id: int
    parts: tuple[Part, ...]
    author: str
    time: str


@dataclass(frozen=True)
class Row:
    """One conversation in the list.

    `author`: "You", "Bot", or empty for the customer; `line`: what a search found in it;
    `draft`: what this person has typed in it and not sent; `planned`: how many messages are planned in it,
    and how many were held back;
    `failure`: why the last message failed, in a few words; empty when it did not. `waits`: how long the
    customer has waited for an answer; `name`, `address`: with what was searched for marked.
    """

    conversation: Conversation
    time: str
    window: Window
    failure: str
    author: str
    is_waiting: bool
    waits: str
    line: Line | None = None
    draft: str = ""
    planned: tuple[int, int] = (0, 0)
    name: tuple[Part, ...] = ()
    address: tuple[Part, ...] = ()
    due: Due | None = None
    lookers: Sequence[Looker] = ()

    @property
    def mark(self) -> tuple[Any, ...]:
        """Whatever of it can change on the page, but for times that the page counts on by itself."""
        return (
            self.conversation.id,
            self.conversation.version,
            self.is_waiting,
            self.waits in ("", _NEW),
            self.time,
            self.window.kind,
            self.line.message_id if self.line else None,
            self.draft,
            self.planned,
            self.due.text if self.due else "",
            [(one.user_id, one.is_answering) for one in self.lookers],
        )


@dataclass(frozen=True)
class ConversationList:
    """The list pane: rows, what it is narrowed to, and its fingerprint.

    `words`: the filters as the address carries them. `is_choosing`: each row has a box to choose it by.
    `is_complete`: False while older messages are still being made searchable. `starts_elsewhere`: a bare
    address begins with a saved view.
    """

    rows: list[Row]
    filters: ConversationFilters
    words: Mapping[str, Any]
    counts: Counts
    next_cursor: Cursor | None
    cursor: Cursor | None
    accounts: list[Account]
    numbers: list[PhoneNumber]
    version: str
    views: list[ShownView]
    is_complete: bool = True
    is_choosing: bool = False
    starts_elsewhere: bool = False
    mentions: int = 0
    """Notes that name who looks, and are not read."""
    now: datetime = field(default_factory=utcnow)

    @property
    def reason_title(self) -> str:
        """What the failed ones are narrowed to, in words."""
        word = str(self.words.get("failed", ANY))
        return failure_words(word) if word not in FAILURE_WORDS else ""

    @property
    def view(self) -> ShownView | None:
        """The one whose filters these are."""
        return next((view for view in self.views if view.is_current), None)

    @property
    def has_bot(self) -> bool:
        """Whether any account's bot answers."""
        return any(account.auto_reply_enabled and account.is_live for account in self.accounts)

    def args(self, **changes: Any) -> dict[str, Any]:
        """The filters as an address carries them; empty ones are left out."""
        values = {**self.words, "choose": 1 if self.is_choosing else None, **changes}
        args = {name: value for name, value in values.items() if value is not None}
        return args or ({"desk": Desk.ALL.value} if self.starts_elsewhere else {})

    def only(self, **words: Any) -> dict[str, Any]:
        """The address with these filters and no others."""
        return words or ({"desk": Desk.ALL.value} if self.starts_elsewhere else {})


def build_list(scope: AccountScope, current: int | None = None) -> ConversationList:
    """The list as the request's address asks for it. `current`: the conversation that is open beside it."""
    accounts = account_queries.list_accounts(scope)
    numbers = [number for account in accounts for number in account.phone_numbers]
    filters, words = read_filters(numbers)
    cursor = Cursor.parse(request.values.get("before"))
    page = queries.list_conversations(scope, filters, cursor)
    mentions = count_mentions(scope, filters.person_id) if filters.person_id else 0
    counts = queries.count_tabs(scope, filters)
    rows = _rows(page, filters, current)
    views = shown_views(scope, words, numbers)
    return ConversationList(
        rows=rows,
        filters=filters,
        words=words,
        counts=counts,
        next_cursor=page.next_cursor,
        cursor=cursor,
        accounts=accounts,
        numbers=numbers,
        version=_fingerprint(rows, counts, views, mentions),
        mentions=mentions,
        views=views,
        is_complete=page.is_complete,
        is_choosing=request.values.get("choose") == "1",
        starts_elsewhere=any(view.is_start for view in views),
    )


def _rows(page: ConversationPage, filters: ConversationFilters, current: int | None) -> list[Row]:
    waiting = bot_queries.list_waiting(conversation.id for conversation in page.conversations)
    by_bot = bot_queries.list_written_by_bot(_shown_messages(page))
    drafts = _drafts(page, current)
    planned = count_open([conversation.id for conversation in page.conversations])
    failures = message_queries.list_failures(_failed_messages(page))
    due = due_of(page.conversations)
    lookers = lookers_at((one.id for one in page.conversations), filters.person_id)
    return [
        _row(
            conversation,
            _line(conversation, page.found.get(conversation.id), filters.search, by_bot),
            search=filters.search,
            author=_author(conversation.last_message_direction, conversation.last_message_id, by_bot),
            is_waiting=conversation.id in waiting,
            failure=_failure(conversation, failures),
            draft=drafts.get(conversation.id, ""),
            planned=planned.get(conversation.id, (0, 0)),
            due=due.get(conversation.id),
            lookers=lookers.get(conversation.id, ()),
        )
        for conversation in page.conversations
    ]


def _drafts(page: ConversationPage, current: int | None) -> dict[int, str]:
    """Not of the open one: it is before this person's eyes, and the list would change with each word."""
    user = current_actor().user
    ids = [conversation.id for conversation in page.conversations if conversation.id != current]
    found = list_drafts(ids, user.id) if user is not None else {}
    return {id_: words_of(draft.fields)[:_LONGEST_DRAFT] for id_, draft in found.items()}


def _shown_messages(page: ConversationPage) -> list[int]:
    last = [conversation.last_message_id for conversation in page.conversations]
    return [id_ for id_ in (*last, *(found.id for found in page.found.values())) if id_ is not None]


def _failed_messages(page: ConversationPage) -> list[int]:
    return [
        conversation.last_message_id
        for conversation in page.conversations
        if conversation.last_message_status is MessageStatus.FAILED
        and conversation.last_message_id is not None
    ]


def _failure(conversation: Conversation, failures: Mapping[int, tuple[int | None, str]]) -> str:
    if conversation.last_message_status is MessageStatus.UNCONFIRMED:
        return "Not confirmed by Meta"
    if conversation.last_message_status is not MessageStatus.FAILED:
        return ""
    return failure_title(*failures.get(conversation.last_message_id or 0, (None, "")))


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
        parts=_marked(found, conversation.account_id, search),
        author=_author(found.direction, found.id, by_bot),
        time="" if is_last else short_time(found.occurred_at),
    )


def _marked(found: FoundMessage, account_id: int, search: str) -> tuple[Part, ...]:
    """The text; where no word of it was meant, what stands beside it: a button's title, a file's name."""
    text = shown_text(account_id, found.message_type, found.text)
    parts = mark_words(preview(found.message_type, text, None), search)
    if any(part.is_marked for part in parts) or not found.beside:
        return parts
    return mark_words(shown_text(account_id, found.message_type, ", ".join(found.beside)), search)


def _row(
    conversation: Conversation,
    line: Line | None,
    *,
    search: str,
    **more: Any,
) -> Row:
    contact, now = conversation.contact, utcnow()
    return Row(
        conversation=conversation,
        time=short_time(conversation.last_message_at),
        window=window_by_time(conversation, now),
        waits=_waits(conversation, now),
        line=line,
        name=mark_part(contact.display_name, search),
        address=mark_address(contact.shown_number, contact.username, search) if search else (),
        **more,
    )


def _waits(conversation: Conversation, now: datetime) -> str:
    """By the quarter of an hour, then by the hour; the page counts on in the same steps."""
    if conversation.waiting_since is None:
        return ""
    waited = now - conversation.waiting_since
    if waited < _NEWLY:
        return _NEW
    return duration(waited - waited % (_NEWLY if waited < _LONG else _LONG))


def _fingerprint(rows: list[Row], *more: object) -> str:
    text = repr((more, [row.mark for row in rows]))
    return hashlib.blake2s(text.encode(), digest_size=8).hexdigest()
