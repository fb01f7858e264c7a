"""What a batch of events changes in the conversations' list rows, written together at its end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table

from app.models import Conversation, ConversationEvent, Direction, MessageStatus, TeamEvent
from app.services import reopening
from app.services.bulk import Find, Insert, Row, Update

_CONVERSATIONS = cast(Table, Conversation.__table__)
_COLUMNS = _CONVERSATIONS.c

# In one order everywhere, so that two workers never wait for each other.
_LOCK = Find(
    _COLUMNS.id,
    _COLUMNS.last_message_id,
    _COLUMNS.closed_at,
    by=(_COLUMNS.id,),
    # As an UPDATE locks: a message that another worker is storing here holds its conversation's key.
    lock="FOR NO KEY UPDATE",
)
_SHOW_STATUS = Update(
    _CONVERSATIONS,
    {"id": _COLUMNS.id, "count": _COLUMNS.version, "status": _COLUMNS.last_message_status},
    {
        "version": "version + new.count",
        "last_message_status": "coalesce(new.status, last_message_status)",
    },
)


def _if_latest(column: str, name: str) -> str:
    """The batch's last message, unless a later one stands in the row already."""
    is_latest = "last_message_id IS NULL OR last_message_at <= new.moment"
    return f"CASE WHEN {is_latest} THEN new.{name} ELSE {column} END"


_SHOW_INBOUND = Update(
    _CONVERSATIONS,
    {
        "id": _COLUMNS.id,
        "count": _COLUMNS.version,
        "unread": _COLUMNS.unread_count,
        "opened_at": _COLUMNS.last_inbound_at,
        "asked_at": _COLUMNS.waiting_since,
        "moment": _COLUMNS.last_message_at,
        "message": _COLUMNS.last_message_id,
        "preview": _COLUMNS.last_message_preview,
        "direction": _COLUMNS.last_message_direction,
        "status": _COLUMNS.last_message_status,
    },
    {
        "version": "version + new.count",
        # What a case is: see services/cases.py. One that is there goes on.
        "case_since": "coalesce(case_since, new.asked_at)",
        "unread_count": "unread_count + new.unread",
        # A reaction, which is never unread, may well be the "thank you" after the end.
        "closed_at": "CASE WHEN new.unread > 0 THEN NULL ELSE closed_at END",
        "waiting_since": "coalesce(waiting_since, new.asked_at)",
        "last_inbound_at": "CASE WHEN last_inbound_at IS NULL OR last_inbound_at < new.opened_at "
        "THEN new.opened_at ELSE last_inbound_at END",
        "last_message_at": _if_latest("last_message_at", "moment"),
        "last_message_id": _if_latest("last_message_id", "message"),
        "last_message_preview": _if_latest("last_message_preview", "preview"),
        "last_message_direction": _if_latest("last_message_direction", "direction"),
        "last_message_status": _if_latest("last_message_status", "status"),
    },
)

_IS_ANSWERED = "last_inbound_at IS NULL OR last_inbound_at <= new.answered_at"
_SHOW_WRITTEN = Update(
    _CONVERSATIONS,
    {
        "id": _COLUMNS.id,
        "count": _COLUMNS.version,
        "answered_at": _COLUMNS.waiting_since,
        "moment": _COLUMNS.last_message_at,
        "message": _COLUMNS.last_message_id,
        "preview": _COLUMNS.last_message_preview,
        "direction": _COLUMNS.last_message_direction,
        "status": _COLUMNS.last_message_status,
    },
    {
        "version": "version + new.count",
        # Whoever answers on the phone has read there what came before.
        "waiting_since": f"CASE WHEN {_IS_ANSWERED} THEN NULL ELSE waiting_since END",
        "unread_count": f"CASE WHEN {_IS_ANSWERED} THEN 0 ELSE unread_count END",
        "last_message_at": _if_latest("last_message_at", "moment"),
        "last_message_id": _if_latest("last_message_id", "message"),
        "last_message_preview": _if_latest("last_message_preview", "preview"),
        "last_message_direction": _if_latest("last_message_direction", "direction"),
        "last_message_status": _if_latest("last_message_status", "status"),
    },
)

_REOPENED = Insert(
    cast(Table, ConversationEvent.__table__),
    "conversation_id",
    constants={"kind": TeamEvent.REOPENED},
)


@dataclass(frozen=True, slots=True)
class Arrived:
    """An inbound message that was just stored."""

    conversation_id: int
    message_id: int
    at: datetime
    opens_window: bool
    is_unread: bool
    preview: str


@dataclass(frozen=True, slots=True)
class Written:
    """A message of the phone app that was just stored. `answered_at`: of one that answers, when."""

    conversation_id: int
    message_id: int
    at: datetime
    answered_at: datetime | None
    direction: Direction
    status: MessageStatus
    preview: str


def store(
    changed: Iterable[tuple[int, int, MessageStatus]],
    arrived: Iterable[Arrived],
    written: Iterable[Written] = (),
) -> None:
    """`changed`: (conversation id, message id, its new status). The caller commits."""
    statuses: dict[int, dict[int, MessageStatus]] = {}
    for conversation_id, message_id, status in changed:
        statuses.setdefault(conversation_id, {})[message_id] = status
    inbound: dict[int, list[Arrived]] = {}
    for message in arrived:
        inbound.setdefault(message.conversation_id, []).append(message)
    phone: dict[int, list[Written]] = {}
    for one in written:
        phone.setdefault(one.conversation_id, []).append(one)
    rows = _LOCK.rows(statuses.keys() | inbound.keys() | phone.keys())
    shown: dict[int, Any] = {id_: message_id for id_, message_id, _ in rows}
    _SHOW_STATUS.write([(id_, len(moved), moved.get(shown[id_])) for id_, moved in statuses.items()])
    _SHOW_INBOUND.write([_summed(messages) for messages in inbound.values()])
    _SHOW_WRITTEN.write([_summed_written(messages) for messages in phone.values()])
    closed = [id_ for id_, _, closed_at in rows if closed_at is not None]
    reopened = [id_ for id_ in closed if any(one.is_unread for one in inbound.get(id_, ()))]
    _REOPENED.write([(id_,) for id_ in reopened])
    reopening.release_from_absent(reopened)


def _summed(messages: list[Arrived]) -> Row:
    """One row for all of a conversation's new messages, as _SHOW_INBOUND takes it."""
    # Of two at the same moment, the one stored last.
    last = max(messages, key=lambda message: (message.at, message.message_id))
    return (
        last.conversation_id,
        len(messages),
        sum(message.is_unread for message in messages),
        max((message.at for message in messages if message.opens_window), default=None),
        # As with what is unread: a reaction asks for no answer.
        min((message.at for message in messages if message.is_unread), default=None),
        last.at,
        last.message_id,
        last.preview,
        Direction.INBOUND,
        MessageStatus.RECEIVED,
    )


def _summed_written(messages: list[Written]) -> Row:
    """As _SHOW_WRITTEN takes it."""
    last = max(messages, key=lambda message: (message.at, message.message_id))
    return (
        last.conversation_id,
        len(messages),
        max((message.answered_at for message in messages if message.answered_at), default=None),
        last.at,
        last.message_id,
        last.preview,
        last.direction,
        last.status,
    )
