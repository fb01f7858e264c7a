"""Reads for the message console: conversation rows and threads, by cursor, never by offset."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, select
from sqlalchemy.orm import contains_eager, joinedload

from app.errors import NotFound
from app.extensions import db
from app.models import (
    Account,
    AccountStatus,
    Conversation,
    MediaFile,
    Message,
    MessageStatus,
    User,
)
from app.queries.access import AccountScope
from app.queries.bot import waits_for_person
from app.queries.conversation_search import ConversationSearch, FoundMessage
from app.queries.cursors import Cursor
from app.queries.media import find_media_files

LIST_LENGTH = 40
THREAD_LENGTH = 50
LONGEST_THREAD = 500
"""Messages one open thread may hold before it is cut at the top again."""
_REACTIONS = 500
IS_UNREAD = Conversation.unread_count > literal(0, literal_execute=True)
"""Not bound: SQLite would not take its index's word for it and look at each row."""
_BEFORE_FOUND = 10
"""Messages above the one that was searched for, so that it is understood."""


class Show(StrEnum):
    """Which conversations the list shows."""

    ALL = "all"
    UNREAD = "unread"
    FAILED = "failed"
    WAITING = "waiting"


@dataclass(frozen=True)
class ConversationFilters:
    """What the list is narrowed to; `search` looks at names, numbers and messages."""

    show: Show = Show.ALL
    account_id: int | None = None
    number_id: int | None = None
    search: str = ""

    @property
    def is_narrowed(self) -> bool:
        return bool(self.search or self.account_id or self.number_id or self.show is not Show.ALL)


@dataclass(frozen=True)
class ConversationPage:
    """Rows, newest first, and where the page of older ones begins (None: there are none).

    `found`: of a search, the message to show of a conversation, by its id. `is_complete`: False while an
    old installation is being made searchable, when older messages may be missing.
    """

    conversations: list[Conversation]
    next_cursor: Cursor | None
    found: dict[int, FoundMessage] = field(default_factory=dict)
    is_complete: bool = True


@dataclass(frozen=True)
class Thread:
    """A stretch of one conversation, oldest first. `earlier` is a start 50 messages further back.

    `quoted` holds the messages that those here answer to, by wamid; `reactions` all reactions since
    the first message; `senders` the people who wrote, by id; `files` what came with messages, by their id.
    `is_newest`: it reaches to the newest one.
    """

    messages: list[Message]
    start: Cursor | None
    earlier: Cursor | None
    quoted: dict[str, Message] = field(default_factory=dict)
    reactions: list[Message] = field(default_factory=list)
    senders: dict[int, User] = field(default_factory=dict)
    is_newest: bool = True
    files: dict[int, MediaFile] = field(default_factory=dict)


def count_unread(scope: AccountScope, filters: ConversationFilters | None = None) -> int:
    """Conversations with at least one unread message."""
    statement = (
        select(func.count()).select_from(Conversation).where(scope.covers(Conversation.account_id), IS_UNREAD)
    )
    if filters is not None:
        statement = statement.where(*_place_conditions(filters))
    return db.session.scalar(statement) or 0


def list_conversations(
    scope: AccountScope,
    filters: ConversationFilters,
    cursor: Cursor | None = None,
    limit: int = LIST_LENGTH,
) -> ConversationPage:
    """One page of the list, with contact and number, in one query; a search asks its index first."""
    place = (Conversation.last_message_at, Conversation.id)
    statement = (
        _visible(select(Conversation), scope)
        .join(Conversation.contact)
        .where(*_place_conditions(filters), *_show_conditions(filters.show))
        .order_by(place[0].desc(), place[1].desc())
    )
    if cursor is not None:
        statement = statement.where(cursor.is_after(*place))
    search = ConversationSearch(filters.search) if filters.search else None
    rows: list[Conversation] = []
    for narrowed in search.narrowed(statement) if search else (statement,):
        whole = narrowed.options(contains_eager(Conversation.contact), joinedload(Conversation.phone_number))
        rows = list(db.session.scalars(whole.limit(limit + 1)))
        if len(rows) > limit:
            break
    last = rows[limit - 1] if len(rows) > limit else None
    return ConversationPage(
        conversations=rows[:limit],
        next_cursor=Cursor(last.last_message_at, last.id) if last else None,
        found=search.found_in(row.id for row in rows[:limit]) if search else {},
        is_complete=search is None or search.is_complete,
    )


def get_conversation(conversation_id: int, scope: AccountScope) -> Conversation:
    """With account, number and contact. Raises NotFound outside the scope."""
    statement = (
        _visible(select(Conversation), scope)
        .options(
            contains_eager(Conversation.account),
            joinedload(Conversation.contact),
            joinedload(Conversation.phone_number),
        )
        .where(Conversation.id == conversation_id)
    )
    conversation: Conversation | None = db.session.scalar(statement)
    if conversation is None:
        raise NotFound("There is no such conversation.")
    return conversation


def _visible(statement: Select[Any], scope: AccountScope) -> Select[Any]:
    return statement.join(Conversation.account).where(
        scope.covers(Conversation.account_id), Account.status != AccountStatus.ARCHIVED
    )


def _place_conditions(filters: ConversationFilters) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.account_id is not None:
        conditions.append(Conversation.account_id == filters.account_id)
    if filters.number_id is not None:
        conditions.append(Conversation.phone_number_id == filters.number_id)
    return conditions


def _show_conditions(show: Show) -> list[ColumnElement[bool]]:
    if show is Show.UNREAD:
        return [IS_UNREAD]
    if show is Show.FAILED:
        return [Conversation.last_message_status.in_([MessageStatus.FAILED, MessageStatus.UNCONFIRMED])]
    if show is Show.WAITING:
        return [waits_for_person()]
    return []


def read_thread(
    conversation: Conversation,
    *,
    start: Cursor | None = None,
    before: Cursor | None = None,
    around: int | None = None,
) -> Thread:
    """The newest messages; with `start` all from that place on; with `before` a page of older ones; with
    `around`, a message's id, from shortly before that message on, or a page with it in the middle.

    A start so far back that over LONGEST_THREAD messages follow it is moved to the newest ones.
    """
    if around is not None and start is None and before is None:
        start, before = _place_around(conversation, around)
    messages = _from_start(conversation, start) if start and before is None else None
    if messages is None:
        messages = _newest(conversation, before, THREAD_LENGTH)
    if not messages:
        return Thread([], None, None, is_newest=before is None)
    first = Cursor(messages[0].occurred_at, messages[0].id)
    return Thread(
        messages=messages,
        start=first,
        earlier=_earlier_start(conversation, first),
        quoted=_quoted(conversation, messages),
        reactions=_reactions(conversation, first),
        senders=_senders(messages),
        is_newest=before is None,
        files=find_media_files(messages),
    )


def _place_around(conversation: Conversation, message_id: int) -> tuple[Cursor | None, Cursor | None]:
    """Where a thread that shows this message starts, or which place it ends before."""
    found = db.session.execute(
        select(Message.occurred_at, Message.id).where(
            Message.id == message_id, Message.conversation_id == conversation.id
        )
    ).one_or_none()
    if found is None:
        return None, None
    here = Cursor(found.occurred_at, found.id)
    older = _newest(conversation, here, _BEFORE_FOUND)
    start = Cursor(older[0].occurred_at, older[0].id) if older else here
    newer = _places_from(conversation, start, LONGEST_THREAD + 1)
    if len(newer) <= LONGEST_THREAD:
        return start, None
    return None, newer[len(older) + THREAD_LENGTH // 2]


def _places_from(conversation: Conversation, start: Cursor, limit: int) -> list[Cursor]:
    statement = (
        select(Message.occurred_at, Message.id)
        .where(
            Message.conversation_id == conversation.id,
            start.is_not_after(Message.occurred_at, Message.id),
        )
        .order_by(Message.occurred_at, Message.id)
        .limit(limit)
    )
    return [Cursor(row.occurred_at, row.id) for row in db.session.execute(statement)]


def _from_start(conversation: Conversation, start: Cursor) -> list[Message] | None:
    """All messages from a place on, oldest first; None when they are too many."""
    statement = (
        select(Message)
        .where(
            Message.conversation_id == conversation.id,
            start.is_not_after(Message.occurred_at, Message.id),
        )
        .order_by(Message.occurred_at, Message.id)
        .limit(LONGEST_THREAD + 1)
    )
    messages = list(db.session.scalars(statement))
    return messages if 0 < len(messages) <= LONGEST_THREAD else None


def _newest(conversation: Conversation, before: Cursor | None, limit: int) -> list[Message]:
    statement = (
        select(Message)
        .where(Message.conversation_id == conversation.id)
        .order_by(Message.occurred_at.desc(), Message.id.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(before.is_after(Message.occurred_at, Message.id))
    return list(db.session.scalars(statement))[::-1]


def _earlier_start(conversation: Conversation, first: Cursor) -> Cursor | None:
    statement = (
        select(Message.occurred_at, Message.id)
        .where(
            Message.conversation_id == conversation.id,
            first.is_after(Message.occurred_at, Message.id),
        )
        .order_by(Message.occurred_at.desc(), Message.id.desc())
        .limit(THREAD_LENGTH)
    )
    older = db.session.execute(statement).all()
    return Cursor(older[-1].occurred_at, older[-1].id) if older else None


def _quoted(conversation: Conversation, messages: list[Message]) -> dict[str, Message]:
    here = {message.wamid: message for message in messages if message.wamid}
    wanted = {message.context_wamid for message in messages if message.context_wamid}
    found = {wamid: here[wamid] for wamid in wanted if wamid in here}
    missing = wanted - found.keys()
    if missing:
        statement = select(Message).where(
            Message.account_id == conversation.account_id,
            Message.conversation_id == conversation.id,
            Message.wamid.in_(missing),
        )
        found.update({message.wamid or "": message for message in db.session.scalars(statement)})
    return found


def _reactions(conversation: Conversation, first: Cursor) -> list[Message]:
    """Reactions come after what they are for, so none before the first message can matter."""
    statement = (
        select(Message)
        .where(
            Message.conversation_id == conversation.id,
            Message.message_type == "reaction",
            first.is_not_after(Message.occurred_at, Message.id),
        )
        .order_by(Message.occurred_at, Message.id)
        .limit(_REACTIONS)
    )
    return list(db.session.scalars(statement))


def _senders(messages: list[Message]) -> dict[int, User]:
    ids = {message.sender_id for message in messages if message.sender_id is not None}
    if not ids:
        return {}
    return {user.id: user for user in db.session.scalars(select(User).where(User.id.in_(ids)))}


def waits_mark(conversation: Conversation) -> str:
    """Changes when one of its queued messages is put off, or put off again."""
    statement = select(func.count(), func.max(Message.next_attempt_at)).where(
        Message.conversation_id == conversation.id,
        Message.status == literal(MessageStatus.QUEUED, Message.status.type, literal_execute=True),
        Message.wait_reason != "",
    )
    count, latest = db.session.execute(statement).one()
    return f"{count}-{latest.timestamp():.0f}" if latest is not None else ""


def get_message(conversation: Conversation, message_id: int) -> Message:
    """One message of this conversation. Raises NotFound."""
    statement = select(Message).where(Message.id == message_id, Message.conversation_id == conversation.id)
    message: Message | None = db.session.scalar(statement)
    if message is None:
        raise NotFound("There is no such message.")
    return message
