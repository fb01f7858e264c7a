"""Messages whose sender vanished: queued again when they surely never left, else marked unconfirmed."""

from __future__ import annotations

import logging
from pathlib import Path

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from app.extensions import db
from app.models import Account, AttemptOutcome, Message, MessageAttempt, MessageStatus, utcnow
from app.services.conversations import show_status
from app.services.departures import DeadWorker, dead_workers
from app.services.outcomes import ECHO_WAIT

log = logging.getLogger(__name__)


def settle_dead_workers(folder: Path) -> int:
    """Look at what each dead worker of this machine left in flight. Returns how many were queued again."""
    requeued = 0
    for dead in dead_workers(folder):
        requeued += _settle(dead)
        dead.path.unlink(missing_ok=True)
    return requeued


def _settle(dead: DeadWorker) -> int:
    statement = (
        select(MessageAttempt)
        .where(MessageAttempt.worker == dead.worker, MessageAttempt.outcome == AttemptOutcome.STARTED)
        .order_by(MessageAttempt.id)
    )
    requeued = 0
    for attempt in db.session.scalars(statement).all():
        message = _open_message(attempt, dead.worker)
        never_left = dead.departed is not None and attempt.id not in dead.departed
        attempt.finished_at = utcnow()
        attempt.outcome = AttemptOutcome.RETRY if never_left else AttemptOutcome.UNKNOWN
        attempt.error_text = "The worker stopped " + (
            "before it left." if never_left else "while it was sent."
        )
        if message is not None:
            _requeue(message) if never_left else _unconfirm(message)
            requeued += never_left
    db.session.commit()
    if requeued:
        log.info("%d messages of a stopped worker had not left and were queued again", requeued)
    return requeued


def _open_message(attempt: MessageAttempt, worker: str) -> Message | None:
    statement = (
        select(Message)
        .where(
            Message.id == attempt.message_id,
            Message.lease_owner == worker,
            Message.status.in_((MessageStatus.SENDING, MessageStatus.UNCONFIRMED)),
        )
        .options(joinedload(Message.conversation))
        .with_for_update(of=Message)
    )
    return db.session.scalar(statement)


def _requeue(message: Message) -> None:
    message.status = MessageStatus.QUEUED
    message.attempts -= 1
    message.next_attempt_at = utcnow()
    message.lease_owner = message.lease_until = None
    show_status(message.conversation, message)


def _unconfirm(message: Message) -> None:
    message.status = MessageStatus.UNCONFIRMED
    message.next_attempt_at = utcnow() + ECHO_WAIT
    show_status(message.conversation, message)


def settle_expired_leases() -> int:
    """Messages still `sending` long after any call must have ended: nobody knows, so nobody resends."""
    statement = (
        select(Message)
        .where(
            Message.status == MessageStatus.SENDING,
            or_(Message.lease_until < utcnow(), Message.lease_until.is_(None)),
        )
        .options(
            joinedload(Message.conversation), joinedload(Message.account).lazyload(Account.phone_numbers)
        )
        .with_for_update(of=Message, skip_locked=True)
    )
    messages = db.session.scalars(statement).all()
    for message in messages:
        _unconfirm(message)
    db.session.commit()
    return len(messages)
