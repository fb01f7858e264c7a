"""What later messages made of earlier ones: customers edit theirs, or delete them for everyone.

Only numbers that are used in the WhatsApp Business app too hear of it.
Source: Meta docs, webhooks `edit` (within 15 minutes) and `revoke` (within two days), read 2026-09.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, or_, select

from app.extensions import db
from app.models import Message

KINDS = ("edit", "revoke")
_CHANGEABLE = timedelta(days=2, hours=1)
"""With an hour to spare for the clocks of phones."""


@dataclass(frozen=True)
class MessageChange:
    """`edited_text`: what it says since the last edit; None while it was never edited."""

    edited_at: datetime | None = None
    edited_text: str | None = None
    deleted_at: datetime | None = None


@dataclass
class _Stretch:
    """A time in one conversation in which its messages may have been changed."""

    conversation_id: int
    begin: datetime
    end: datetime


def list_changes(messages: Iterable[Message]) -> dict[int, MessageChange]:
    """By message id, of those that were changed by whoever wrote them."""
    listed = [one for one in messages if one.wamid and one.message_type not in KINDS]
    by_wamid = {(one.conversation_id, one.wamid): one for one in listed}
    found: dict[int, MessageChange] = {}
    for row in _changes(listed):
        target = by_wamid.get((row.conversation_id, str(row.content.get("original_message_id"))))
        # Nobody edits what somebody else wrote.
        if target is not None and target.direction is row.direction:
            found[target.id] = _changed(found.get(target.id, MessageChange()), row)
    return found


def _changes(messages: Iterable[Message]) -> Iterable[Any]:
    """Oldest first; the index of the thread leads to each stretch."""
    places = [
        and_(
            Message.conversation_id == one.conversation_id,
            Message.occurred_at >= one.begin,
            Message.occurred_at <= one.end,
        )
        for one in _stretches(messages)
    ]
    if not places:
        return ()
    statement = (
        select(
            Message.conversation_id,
            Message.direction,
            Message.message_type,
            Message.content,
            Message.occurred_at,
        )
        .where(or_(*places), Message.message_type.in_(KINDS))
        .order_by(Message.occurred_at, Message.id)
    )
    return db.session.execute(statement)


def _stretches(messages: Iterable[Message]) -> Iterator[_Stretch]:
    """Those that overlap are one."""
    last: _Stretch | None = None
    for one in sorted(messages, key=lambda message: (message.conversation_id, message.occurred_at)):
        end = one.occurred_at + _CHANGEABLE
        if last is not None and last.conversation_id == one.conversation_id and last.end >= one.occurred_at:
            last.end = end
            continue
        if last is not None:
            yield last
        last = _Stretch(one.conversation_id, one.occurred_at, end)
    if last is not None:
        yield last


def _changed(before: MessageChange, row: Any) -> MessageChange:
    if row.message_type == "revoke":
        return replace(before, deleted_at=row.occurred_at)
    return replace(before, edited_at=row.occurred_at, edited_text=_words(row.content))


def _words(content: dict[str, Any]) -> str:
    message = content.get("message")
    inner = message.get(str(message.get("type"))) if isinstance(message, dict) else None
    said = (inner.get(key) for key in ("body", "caption")) if isinstance(inner, dict) else ()
    return next((words for words in said if isinstance(words, str)), "")
