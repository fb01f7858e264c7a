"""The rows of the conversation list."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.console.due import Due
from app.console.marking import Part, mark_address, mark_part, mark_words
from app.console.window import ShortWindow, short_window
from app.models import Conversation, Direction, MessageStatus
from app.models.number_masks import shown_text
from app.queries import bot as bot_queries
from app.queries import conversation_lists as queries
from app.queries import messages as message_queries
from app.queries.conversation_filters import ConversationFilters
from app.queries.conversation_lists import ConversationPage, Listed
from app.queries.conversation_search import FoundMessage
from app.queries.drafts import list_drafts
from app.queries.presence import Looker
from app.services.drafts import words_of
from app.services.failures import failure_title
from app.services.message_text import preview
from app.web.filters import duration, short_time

_LONGEST_DRAFT = 120
_NEW = "new"
_NEWLY = timedelta(minutes=15)
_LONG = timedelta(hours=1)


@dataclass(frozen=True)
class Around:
    """What is known of the conversations of a page beside their own columns, by their ids.

    `planned`: how many messages are planned in it, and how many were held back.
    """

    planned: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    due: Mapping[int, Due] = field(default_factory=dict)
    lookers: Mapping[int, Sequence[Looker]] = field(default_factory=dict)


@dataclass(frozen=True)
class Kept:
    """The place of a row that the page has already."""

    id: int
    is_kept: bool = True


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
    window: ShortWindow
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
    is_kept: bool = False


def build_rows(
    ids: Collection[int],
    page: ConversationPage,
    filters: ConversationFilters,
    around: Around,
    current: int | None,
    now: datetime,
) -> dict[int, Row]:
    """Of these conversations of the page, by id. One that has gone meanwhile is left out."""
    listed = [one for one in page.conversations if one.id in set(ids)]
    loaded = queries.load_listed([one.id for one in listed])
    by_bot = bot_queries.list_written_by_bot(_shown_messages(listed, page))
    failures = message_queries.list_failures(_failed_messages(listed))
    drafts = _drafts([one.id for one in listed if one.draft and one.id != current], filters.person_id)
    return {
        one.id: _row(
            loaded[one.id],
            _line(loaded[one.id], page.found.get(one.id), filters.search, by_bot),
            now,
            filters.search,
            is_waiting=one.waits_for_person is not None,
            by_bot=by_bot,
            failure=_failure(loaded[one.id], failures),
            draft=drafts.get(one.id, ""),
            around=around,
        )
        for one in listed
        if one.id in loaded
    }


def is_new(waiting_since: datetime, now: datetime) -> bool:
    """Too short a wait to be told."""
    return now - waiting_since < _NEWLY


def _drafts(ids: Collection[int], person_id: int | None) -> dict[int, str]:
    found = list_drafts(ids, person_id) if ids and person_id is not None else {}
    return {id_: words_of(draft.fields)[:_LONGEST_DRAFT] for id_, draft in found.items()}


def _shown_messages(listed: Collection[Listed], page: ConversationPage) -> list[int]:
    last = [one.last_message_id for one in listed]
    found = [page.found[one.id].id for one in listed if one.id in page.found]
    return [id_ for id_ in (*last, *found) if id_ is not None]


def _failed_messages(listed: Collection[Listed]) -> list[int]:
    return [
        one.last_message_id
        for one in listed
        if one.last_message_status is MessageStatus.FAILED and one.last_message_id is not None
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
    now: datetime,
    search: str,
    *,
    is_waiting: bool,
    by_bot: Collection[int],
    failure: str,
    draft: str,
    around: Around,
) -> Row:
    contact = conversation.contact
    return Row(
        conversation=conversation,
        time=short_time(conversation.last_message_at, now),
        window=short_window(conversation.last_inbound_at, now),
        failure=failure,
        author=_author(conversation.last_message_direction, conversation.last_message_id, by_bot),
        is_waiting=is_waiting,
        waits=_waits(conversation, now),
        line=line,
        draft=draft,
        planned=around.planned.get(conversation.id, (0, 0)),
        name=mark_part(contact.display_name, search),
        address=mark_address(contact.shown_number, contact.username, search) if search else (),
        due=around.due.get(conversation.id),
        lookers=around.lookers.get(conversation.id, ()),
    )


def _waits(conversation: Conversation, now: datetime) -> str:
    """By the quarter of an hour, then by the hour; the page counts on in the same steps."""
    if conversation.waiting_since is None:
        return ""
    if is_new(conversation.waiting_since, now):
        return _NEW
    waited = now - conversation.waiting_since
    return duration(waited - waited % (_NEWLY if waited < _LONG else _LONG))
