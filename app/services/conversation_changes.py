"""What a batch of events changes in the conversations' list rows, written together at its end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, bindparam, case, or_, select

from app.models import Conversation, Direction, MessageStatus
from app.services.bulk import rows_for, write_rows

_CONVERSATIONS = cast(Table, Conversation.__table__)
_COLUMNS = _CONVERSATIONS.c

# In one order everywhere, so that two workers never wait for each other.
_LOCK = (
    select(_COLUMNS.id)
    .where(_COLUMNS.id.in_(bindparam("ids", expanding=True)))
    .order_by(_COLUMNS.id)
    # As an UPDATE locks: a message that another worker is storing here holds its conversation's key.
    .with_for_update(key_share=True)
)
_SHOW_STATUS = (
    _CONVERSATIONS.update()
    .where(_COLUMNS.id == bindparam("conversation"))
    .values(
        version=_COLUMNS.version + 1,
        last_message_status=case(
            (_COLUMNS.last_message_id == bindparam("message"), bindparam("status")),
            else_=_COLUMNS.last_message_status,
        ),
    )
)


def _if_latest(column: Any, name: str) -> Any:
    """The batch's last message, unless a later one stands in the row already."""
    is_latest = or_(_COLUMNS.last_message_id.is_(None), _COLUMNS.last_message_at <= bindparam("at"))
    return case((is_latest, bindparam(name, type_=column.type)), else_=column)


_SHOW_INBOUND = (
    _CONVERSATIONS.update()
    .where(_COLUMNS.id == bindparam("conversation"))
    .values(
        version=_COLUMNS.version + bindparam("count"),
        unread_count=_COLUMNS.unread_count + bindparam("unread"),
        last_inbound_at=case(
            (
                or_(_COLUMNS.last_inbound_at.is_(None), _COLUMNS.last_inbound_at < bindparam("opened_at")),
                bindparam("opened_at", type_=_COLUMNS.last_inbound_at.type),
            ),
            else_=_COLUMNS.last_inbound_at,
        ),
        last_message_at=_if_latest(_COLUMNS.last_message_at, "at"),
        last_message_id=_if_latest(_COLUMNS.last_message_id, "message"),
        last_message_preview=_if_latest(_COLUMNS.last_message_preview, "preview"),
        last_message_direction=_if_latest(_COLUMNS.last_message_direction, "direction"),
        last_message_status=_if_latest(_COLUMNS.last_message_status, "status"),
    )
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


def store(changed: Iterable[tuple[int, int, MessageStatus]], arrived: Iterable[Arrived]) -> None:
    """`changed`: (conversation id, message id, its new status). The caller commits."""
    statuses = sorted(changed, key=lambda change: change[0])
    inbound: dict[int, list[Arrived]] = {}
    for message in arrived:
        inbound.setdefault(message.conversation_id, []).append(message)
    ids = {conversation_id for conversation_id, _, _ in statuses} | inbound.keys()
    for _row in rows_for(_LOCK, "ids", ids):
        pass
    write_rows(
        _SHOW_STATUS,
        (
            {"conversation": conversation, "message": message, "status": status}
            for conversation, message, status in statuses
        ),
    )
    write_rows(_SHOW_INBOUND, (_summed(messages) for _, messages in sorted(inbound.items())))


def _summed(messages: list[Arrived]) -> dict[str, Any]:
    """One row for all of a conversation's new messages."""
    # Of two at the same moment, the one stored last.
    last = max(messages, key=lambda message: (message.at, message.message_id))
    return {
        "conversation": last.conversation_id,
        "count": len(messages),
        "unread": sum(message.is_unread for message in messages),
        "opened_at": max((message.at for message in messages if message.opens_window), default=None),
        "at": last.at,
        "message": last.message_id,
        "preview": last.preview,
        "direction": Direction.INBOUND,
        "status": MessageStatus.RECEIVED,
    }
