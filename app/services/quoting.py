"""Which messages can be answered to by a quote, and which can be reacted to.

Source: Meta docs, "Contextual replies" and "Reaction messages" pages, read 2026-09: a quote of a message that
is older than 30 days or deleted is silently left out; a reaction to one fails later with 131009, and so does
one to a reaction.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from app.errors import DomainError
from app.models import Conversation, Message, MessageStatus, utcnow
from app.queries.messages import find_in_conversation

KEPT_AT_META = timedelta(days=30)
_MARGIN = timedelta(minutes=10)
"""Between the check here and the moment it leaves."""
_NOT_SPOKEN = frozenset({"reaction", "system", "revoke", "edit"})
"""What stands in a thread without being a message that could be pointed at."""
_GONE = (
    "The message you answer to can no longer be quoted: it is too old, or was deleted. Nothing was sent. "
    "The quote was taken away; send again to answer without it."
)


def may_be_quoted(message: Message, now: datetime | None = None) -> bool:
    """Whether WhatsApp would show it above an answer."""
    is_young = (now or utcnow()) < message.occurred_at + KEPT_AT_META - _MARGIN
    is_there = message.wamid is not None and message.status is not MessageStatus.FAILED
    return is_there and is_young and message.message_type not in _NOT_SPOKEN


def may_be_reacted_to(message: Message, now: datetime | None = None) -> bool:
    """A message of the customer's; colleagues do not react to their own."""
    return not message.is_outbound and may_be_quoted(message, now)


def find_quotable(conversation: Conversation, message_id: int | None) -> Message | None:
    """The message of this conversation, if it can still be quoted."""
    found = find_in_conversation(conversation, message_id) if message_id is not None else None
    return found if found is not None and may_be_quoted(found) else None


def quoted_wamid(conversation: Conversation, message_id: int | None) -> str | None:
    """What goes out as `context`. None: nothing is quoted. Raises DomainError when it no longer can be."""
    if message_id is None:
        return None
    found = find_quotable(conversation, message_id)
    if found is None:
        raise DomainError(_GONE)
    return found.wamid
