"""Messages whose sender vanished: queued again when they surely never left, else marked unconfirmed."""

from __future__ import annotations

import logging
from collections.abc import Collection
from pathlib import Path

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from app.extensions import db
from app.models import Account, AttemptOutcome, Message, MessageAttempt, MessageStatus, utcnow
from app.services import claiming, media_claims, pacing
from app.services.conversations import show_status
from app.services.departures import DeadWorker, dead_workers
from app.services.outcomes import ECHO_WAIT, RESEND_WAIT, may_resend
from app.services.outgoing import claims as delivery_claims

log = logging.getLogger(__name__)

_MOST_AT_ONCE = 1000


def settle_dead_workers(folder: Path) -> int:
    """Look at what each dead worker of this machine left in flight. Returns how many were queued again."""
    requeued = 0
    for dead in dead_workers(folder):
        requeued += _settle(dead)
        media_claims.release(dead.worker)
        delivery_claims.release(dead.worker)
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
    message.next_attempt_at = pacing.database_now()
    message.lease_owner = message.lease_until = None
    show_status(message.conversation, message)


def _unconfirm(message: Message) -> None:
    message.status = MessageStatus.UNCONFIRMED
    message.next_attempt_at = utcnow() + (RESEND_WAIT if may_resend(message) else ECHO_WAIT)
    show_status(message.conversation, message)


def settle_expired_leases() -> int:
    """Messages still `sending` long after any call must have ended: nobody knows, so nobody resends."""
    statement = (
        select(Message)
        .where(
            Message.status == MessageStatus.SENDING,
            or_(Message.lease_until < pacing.database_now(), Message.lease_until.is_(None)),
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


def take_back(worker: str, attempts_in_the_air: Collection[int]) -> int:
    """Queue again what this living worker has marked `sending` and does not know of: it never left.

    That happens when the connection breaks while a claim is committed. For the thread that claims alone.
    """
    statement = (
        select(MessageAttempt)
        .where(MessageAttempt.worker == worker, MessageAttempt.outcome == AttemptOutcome.STARTED)
        .order_by(MessageAttempt.id)
    )
    taken_back = 0
    for attempt in db.session.scalars(statement).all():
        if attempt.id in attempts_in_the_air:
            continue
        attempt.finished_at = utcnow()
        attempt.outcome = AttemptOutcome.RETRY
        attempt.error_text = "The connection to the database broke off before it left."
        message = _open_message(attempt, worker)
        if message is not None:
            _requeue(message)
            taken_back += 1
    db.session.commit()
    return taken_back


def resend_unconfirmed() -> int:
    """Messages whose senders prefer a second copy to none, and of which Meta has said nothing since."""
    statement = (
        select(Message)
        .where(
            Message.status == MessageStatus.UNCONFIRMED,
            Message.resends_unconfirmed,
            Message.attempts < 2,
            Message.next_attempt_at < utcnow(),
        )
        .options(joinedload(Message.conversation))
        .with_for_update(of=Message, skip_locked=True)
    )
    messages = db.session.scalars(statement).all()
    for message in messages:
        message.status = MessageStatus.QUEUED
        message.next_attempt_at = pacing.database_now()
        message.wait_reason = "Meta never confirmed it, and its sender asked for a second try."
        show_status(message.conversation, message)
    db.session.commit()
    return len(messages)


def fail_expired() -> int:
    """Queued messages that are of no more use. Most are found when they would be sent; these wait for longer
    than that, behind an account that needs attention, say."""
    statement = (
        select(Message.id, Message.conversation_id)
        .where(Message.status == MessageStatus.QUEUED, Message.expires_at < utcnow())
        .order_by(Message.id)
        .limit(_MOST_AT_ONCE)
        .with_for_update(of=Message, skip_locked=True)
    )
    rows = db.session.execute(statement).all()
    if rows:
        claiming.fail([(row.id, row.conversation_id, None, claiming.EXPIRED) for row in rows], utcnow())
    db.session.commit()
    return len(rows)
