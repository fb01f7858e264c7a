"""Handing queued messages to Meta: claim, deliver, record. The network is never touched in a transaction.

A message is marked `sending` with an attempt row, committed, and only then posted. Its outcome is a
definite yes, a definite no, or unknown; unknown is never resent by itself (see `settling`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, exists, select
from sqlalchemy.orm import aliased, joinedload

from app.errors import DomainError
from app.extensions import db
from app.graph import payloads
from app.graph.client import GraphClient
from app.graph.departure import on_departure
from app.graph.errors import GraphError, GraphUnconfirmed
from app.graph.messages import SentMessage
from app.models import (
    Account,
    AccountStatus,
    Message,
    MessageAttempt,
    MessagePriority,
    MessageStatus,
    utcnow,
)
from app.services import connections
from app.services.conversations import show_status
from app.services.departures import Departures
from app.services.pacing import Pace, rate_of

LEASE = timedelta(seconds=90)
"""Longer than a call may take (5 s to connect, 30 s to answer) and the recording after it."""

_PRIORITY = case(
    (Message.priority == MessagePriority.PERSON, 0), (Message.priority == MessagePriority.BOT, 1), else_=2
)


@dataclass(frozen=True)
class Outgoing:
    """All that is needed to post one message, copied out of the database."""

    message_id: int
    attempt_id: int
    phone_number_id: int
    meta_number_id: str
    payload: dict[str, Any]
    client: GraphClient | None = field(repr=False)
    obstacle: str = ""


@dataclass(frozen=True)
class Outcome:
    """How one try ended: accepted, or the error that says what to do next."""

    outgoing: Outgoing
    sent: SentMessage | None = None
    error: GraphError | DomainError | None = None


def claim(worker: str, limit: int, pace: Pace) -> list[Outgoing]:
    """Mark up to `limit` due messages as `sending` by this worker, and commit.

    One message per conversation at a time, the oldest first, so that a customer reads them in order.
    """
    if limit <= 0:
        return []
    now = utcnow()
    messages = _within_pace(_due(now, limit * 4), limit, pace)
    outgoing = [_start(message, worker, now) for message in messages if not _has_lapsed(message, now)]
    db.session.flush()
    result = [_copy_out(message, attempt) for message, attempt in outgoing]
    db.session.commit()
    return result


def _due(now: datetime, limit: int) -> list[Message]:
    earlier = aliased(Message)
    waits_for_earlier = exists().where(
        earlier.conversation_id == Message.conversation_id,
        earlier.id < Message.id,
        earlier.status.in_((MessageStatus.QUEUED, MessageStatus.SENDING)),
    )
    statement = (
        select(Message)
        .join(Account, Account.id == Message.account_id)
        .where(
            Message.status == MessageStatus.QUEUED,
            Message.next_attempt_at <= now,
            Account.status == AccountStatus.LIVE,
            ~waits_for_earlier,
        )
        .order_by(_PRIORITY, Message.next_attempt_at, Message.id)
        .limit(limit)
        .options(
            joinedload(Message.account).lazyload(Account.phone_numbers),
            joinedload(Message.phone_number),
            joinedload(Message.contact),
            joinedload(Message.conversation),
        )
        .with_for_update(of=Message, skip_locked=True)
    )
    return list(db.session.scalars(statement))


def _within_pace(messages: list[Message], limit: int, pace: Pace) -> list[Message]:
    chosen: list[Message] = []
    used: dict[int, int] = {}
    for message in messages:
        number = message.phone_number
        taken = used.get(number.id, 0)
        if len(chosen) < limit and taken < pace.allowance(number.id, rate_of(number.throughput_level)):
            used[number.id] = taken + 1
            chosen.append(message)
    for message in chosen:
        count = used.pop(message.phone_number_id, 0)
        if count:
            pace.take(message.phone_number_id, rate_of(message.phone_number.throughput_level), count)
    return chosen


def _has_lapsed(message: Message, now: datetime) -> bool:
    """Free text that waited until the window closed is not sent: Meta would refuse it."""
    if message.message_type == "template" or message.conversation.window_is_open(now):
        return False
    message.status = MessageStatus.FAILED
    message.failed_at = now
    message.error_code = 131047
    message.error_title = "The 24-hour window closed before this message could be sent"
    show_status(message.conversation, message)
    return True


def _start(message: Message, worker: str, now: datetime) -> tuple[Message, MessageAttempt]:
    message.status = MessageStatus.SENDING
    message.attempts += 1
    message.lease_owner = worker
    message.lease_until = now + LEASE
    show_status(message.conversation, message)
    attempt = MessageAttempt(message_id=message.id, worker=worker, started_at=now)
    db.session.add(attempt)
    return message, attempt


def _copy_out(message: Message, attempt: MessageAttempt) -> Outgoing:
    contact = message.contact
    client: GraphClient | None = None
    obstacle = ""
    try:
        client = connections.client_for(message.account)
    except DomainError as error:
        obstacle = error.message
    return Outgoing(
        message_id=message.id,
        attempt_id=attempt.id,
        phone_number_id=message.phone_number_id,
        meta_number_id=message.phone_number.meta_id,
        payload=payloads.envelope(
            to=contact.wa_id,
            recipient=None if contact.wa_id else contact.user_id,
            content=meta_content(message),
            context_wamid=message.context_wamid,
            callback_data=message.client_ref,
        ),
        client=client,
        obstacle=obstacle,
    )


def meta_content(message: Message) -> dict[str, Any]:
    """Meta's `type` and the object named like it. Contacts are a list there; our column holds objects."""
    kind = message.message_type
    inner: Any = message.content.get("contacts", []) if kind == "contacts" else message.content
    return {"type": kind, kind: inner}


def deliver(outgoing: Outgoing, departures: Departures | None = None) -> Outcome:
    """Post it. Network only: no database, no context needed. Never raises."""
    if outgoing.client is None:
        return Outcome(outgoing, error=DomainError(outgoing.obstacle))

    def note() -> None:
        if departures is not None:
            departures.note(outgoing.attempt_id)

    try:
        with on_departure(note):
            sent = outgoing.client.messages.send(outgoing.meta_number_id, outgoing.payload)
        return Outcome(outgoing, sent=sent)
    except GraphError as error:
        return Outcome(outgoing, error=error)
    except Exception as error:  # noqa: BLE001
        # Whatever broke, the bytes may be gone: the only safe answer is "unknown".
        return Outcome(outgoing, error=GraphUnconfirmed("The send broke off", details=type(error).__name__))
