"""A conversation's thread, a stretch at a time, by cursor, never by offset, and all that is shown with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import select

from app.extensions import db
from app.models import ApiKey, Conversation, MediaFile, Message, User
from app.queries.cursors import Cursor
from app.queries.media import find_media_files

THREAD_LENGTH = 50
LONGEST_THREAD = 500
"""Messages one open thread may hold before it is cut at the top again."""
_LATER_KINDS = ("reaction", "edit", "revoke")
_MOST_LATER = 500
_BEFORE_FOUND = 10
"""Messages above the one that was searched for, so that it is understood."""


@dataclass(frozen=True)
class Thread:
    """A stretch of one conversation, oldest first. `earlier` is a start 50 messages further back.

    `quoted` holds the messages that those here answer to or are about, by wamid; `later` all reactions,
    edits and deletions since the first message; `senders` the people who wrote and `keys` the names of the
    API keys that did, by id; `files` what came with messages, by their id. `is_newest`: it reaches to the
    newest one; else `end` is the place it ends before. `is_cut`: it begins later than was asked for.
    """

    messages: list[Message]
    start: Cursor | None
    earlier: Cursor | None
    quoted: dict[str, Message] = field(default_factory=dict)
    later: list[Message] = field(default_factory=list)
    senders: dict[int, User] = field(default_factory=dict)
    is_newest: bool = True
    files: dict[int, MediaFile] = field(default_factory=dict)
    keys: dict[int, str] = field(default_factory=dict)
    end: Cursor | None = None
    is_cut: bool = False


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
    is_cut = start is not None and before is None and messages is None
    has_earlier = True
    if messages is None:
        # One more tells whether there is anything to look for above them.
        messages = _newest(conversation, before, THREAD_LENGTH + 1)
        has_earlier, messages = len(messages) > THREAD_LENGTH, messages[-THREAD_LENGTH:]
    if not messages:
        return Thread([], None, None, is_newest=before is None, end=before)
    first = Cursor(messages[0].occurred_at, messages[0].id)
    return Thread(
        messages=messages,
        start=first,
        earlier=_earlier_start(conversation, first) if has_earlier else None,
        quoted=_quoted(conversation, messages),
        later=_later(conversation, first)
        if before
        else [row for row in messages if row.message_type in _LATER_KINDS],
        senders=_senders(messages),
        is_newest=before is None,
        files=find_media_files(messages),
        keys=_keys(messages),
        end=before,
        is_cut=is_cut,
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
    wanted = {wamid for message in messages for wamid in _spoken_of(message)}
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


def _spoken_of(message: Message) -> Iterator[str]:
    """The wamids a message names: what it answers to, reacts to, edits or deletes."""
    content = message.content if message.message_type in _LATER_KINDS else {}
    for named in (message.context_wamid, content.get("message_id"), content.get("original_message_id")):
        if isinstance(named, str) and named:
            yield named


def _later(conversation: Conversation, first: Cursor) -> list[Message]:
    """What comes after the message it is for: none before the first message can matter, but all that stand
    beyond the end of this page can."""
    statement = (
        select(Message)
        .where(
            Message.conversation_id == conversation.id,
            Message.message_type.in_(_LATER_KINDS),
            first.is_not_after(Message.occurred_at, Message.id),
        )
        .order_by(Message.occurred_at, Message.id)
        .limit(_MOST_LATER)
    )
    return list(db.session.scalars(statement))


def _senders(messages: list[Message]) -> dict[int, User]:
    ids = {message.sender_id for message in messages if message.sender_id is not None}
    if not ids:
        return {}
    return {user.id: user for user in db.session.scalars(select(User).where(User.id.in_(ids)))}


def _keys(messages: list[Message]) -> dict[int, str]:
    ids = {message.api_key_id for message in messages if message.api_key_id is not None}
    if not ids:
        return {}
    return {
        row.id: row.name
        for row in db.session.execute(select(ApiKey.id, ApiKey.name).where(ApiKey.id.in_(ids)))
    }
