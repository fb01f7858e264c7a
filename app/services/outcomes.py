"""Recording how each try to send ended, and what follows from it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.errors import DomainError
from app.extensions import db
from app.graph.errors import (
    GraphAuthError,
    GraphBlocked,
    GraphError,
    GraphRejected,
    GraphThrottled,
    GraphUnreachable,
)
from app.graph.messages import SentMessage
from app.models import (
    AccountStatus,
    AttemptOutcome,
    Contact,
    Message,
    MessageAttempt,
    MessageStatus,
    utcnow,
)
from app.services.conversations import show_status
from app.services.pacing import Pace
from app.services.sending import Outcome
from app.services.statuses import apply_kept_statuses

ECHO_WAIT = timedelta(minutes=15)
"""How long an unknown outcome waits for a status webhook before a person is asked."""
GIVE_UP_AFTER = timedelta(hours=4)
PAIR_LIMIT = 131056
ACCOUNT_CODES = frozenset({3, 10, 33, 368, 131005, 131031, 131042, 131045, 133010})
"""Refusals that are about the account or number, not about this message."""

_LONGEST_WAIT_S = 300.0
_NUMBER_PAUSE_S = 2.0


def record(outcomes: Sequence[Outcome], pace: Pace) -> None:
    """Write down how these tries ended, in one transaction."""
    if not outcomes:
        return
    by_id = {outcome.outgoing.message_id: outcome for outcome in outcomes}
    statement = (
        select(Message)
        .where(Message.id.in_(by_id))
        .order_by(Message.id)
        # Not the account: its secrets would be decrypted for each message, and only a refusal needs it.
        .options(joinedload(Message.conversation), joinedload(Message.contact))
        .with_for_update(of=Message)
    )
    messages = {message.id: message for message in db.session.scalars(statement)}
    attempts = _attempts(outcomes)
    now = utcnow()
    for outcome in outcomes:
        message = messages.get(outcome.outgoing.message_id)
        attempt = attempts.get(outcome.outgoing.attempt_id)
        if message is not None and attempt is not None:
            _record_one(message, attempt, outcome, now, pace)
    apply_kept_statuses(messages.values())
    db.session.commit()


def _attempts(outcomes: Sequence[Outcome]) -> dict[int, MessageAttempt]:
    ids = [outcome.outgoing.attempt_id for outcome in outcomes]
    found = db.session.scalars(select(MessageAttempt).where(MessageAttempt.id.in_(ids)))
    return {attempt.id: attempt for attempt in found}


def _record_one(
    message: Message, attempt: MessageAttempt, outcome: Outcome, now: datetime, pace: Pace
) -> None:
    attempt.finished_at = now
    if outcome.sent is not None:
        attempt.outcome = AttemptOutcome.ACCEPTED
        _accepted(message, outcome.sent, now)
    elif outcome.error is not None:
        _note_error(attempt, outcome.error)
        attempt.outcome = _not_accepted(message, outcome.error, now, pace)
    message.lease_owner = message.lease_until = None
    show_status(message.conversation, message)


def _accepted(message: Message, sent: SentMessage, now: datetime) -> None:
    """A status webhook may have been faster: then only what it could not know is filled in."""
    message.wamid = message.wamid or sent.wamid
    message.sent_at = message.sent_at or now
    if message.status.rank < MessageStatus.SENT.rank:
        message.status = MessageStatus.SENT
        message.next_attempt_at = None
    _learn_wa_id(message, sent.recipient_wa_id)


def _learn_wa_id(message: Message, wa_id: str | None) -> None:
    """Meta may know a customer under another spelling of the number (Brazil, Mexico); replies use that."""
    contact = message.contact
    if not wa_id or contact.wa_id in {None, wa_id}:
        return
    taken = db.session.scalar(
        select(Contact.id).where(Contact.account_id == contact.account_id, Contact.wa_id == wa_id)
    )
    if taken is None:
        contact.wa_id = wa_id


def _not_accepted(
    message: Message, error: GraphError | DomainError, now: datetime, pace: Pace
) -> AttemptOutcome:
    if message.status is not MessageStatus.SENDING:
        # A status webhook has settled it in the meantime, whatever the call looked like from here.
        return AttemptOutcome.UNKNOWN
    if isinstance(error, GraphAuthError | DomainError):
        _hold_account(message, error)
        _again(message, now, 0.0)
        message.attempts -= 1
        return AttemptOutcome.RETRY
    if isinstance(error, GraphThrottled | GraphUnreachable):
        return _later(message, error, now, pace)
    if isinstance(error, GraphRejected | GraphBlocked):
        _fail(message, error, now)
        return AttemptOutcome.REFUSED
    message.status = MessageStatus.UNCONFIRMED
    message.next_attempt_at = now + ECHO_WAIT
    return AttemptOutcome.UNKNOWN


def _later(message: Message, error: GraphError, now: datetime, pace: Pace) -> AttemptOutcome:
    """Not now: wait as Meta says, else longer each time. After four hours it counts as failed."""
    if now - message.created_at > GIVE_UP_AFTER:
        _fail(message, error, now)
        return AttemptOutcome.REFUSED
    base = 4.0 if error.code == PAIR_LIMIT else 2.0
    wait_s = error.retry_after_s or backoff_s(message.attempts, base=base)
    if error.code != PAIR_LIMIT:
        pace.pause(message.phone_number_id, min(wait_s, _NUMBER_PAUSE_S * 15))
    _again(message, now, wait_s)
    return AttemptOutcome.RETRY


def backoff_s(tries: int, *, base: float) -> float:
    """1, 2, 4, … seconds (1, 4, 16, … for one pair), at most five minutes, with up to a quarter of chance."""
    wait_s = min(base ** max(0, tries - 1), _LONGEST_WAIT_S)
    # Chance spreads the tries of many messages; nobody gains by guessing it.
    return wait_s * (1 + random.random() / 4)  # noqa: S311


def _again(message: Message, now: datetime, wait_s: float) -> None:
    message.status = MessageStatus.QUEUED
    message.next_attempt_at = now + timedelta(seconds=wait_s)


def _hold_account(message: Message, error: GraphError | DomainError) -> None:
    """The queue is held, not failed: everything goes out once the operator has acted."""
    account = message.account
    account.status = AccountStatus.NEEDS_ATTENTION
    text = error.message if isinstance(error, DomainError) else _token_text(error)
    account.attention_reason = text


def _token_text(error: GraphError) -> str:
    code = f" Meta's code: {error.code}." if error.code is not None else ""
    return (
        "Meta no longer accepts this account's access token. Messages wait in the queue and nothing is lost. "
        f"Enter a new token in step 3 of the set-up.{code}"
    )


def _fail(message: Message, error: GraphError, now: datetime) -> None:
    message.status = MessageStatus.FAILED
    message.failed_at = now
    message.next_attempt_at = None
    message.error_code = error.code
    message.error_title = error.title
    message.error_details = error.user_message or error.details
    message.error_trace_id = error.fbtrace_id or ""
    if error.code in ACCOUNT_CODES:
        message.account.attention_reason = f"{error.title}. {error.details}".strip()


def _note_error(attempt: MessageAttempt, error: GraphError | DomainError) -> None:
    attempt.error_text = str(error)
    if isinstance(error, GraphError):
        attempt.http_status = error.http_status
        attempt.error_code = error.code
        attempt.trace_id = error.fbtrace_id or ""
