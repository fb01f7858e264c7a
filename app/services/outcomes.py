"""Recording how each try to send ended, and what follows from it.

What Meta accepted, which is nearly everything, is written in a few statements for the whole group;
the rest is looked at one by one.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app import failpoints
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
from app.log_fields import about
from app.models import (
    AttemptOutcome,
    Message,
    MessageAttempt,
    MessageStatus,
)
from app.services import consents, health_signals, pacing, usage_changes
from app.services.acceptance import record_accepted
from app.services.conversations import show_status
from app.services.graph_calls import keep_sends, outcome_word
from app.services.outgoing import attention, telling
from app.services.pacing import PAIR_BURST, PAIR_INTERVAL
from app.services.pauses import PAIR_LIMIT, keep_pauses
from app.services.sending import Outcome, calls_of
from app.services.statuses import apply_kept_statuses

log = logging.getLogger(__name__)

ECHO_WAIT = timedelta(minutes=15)
"""How long an unknown outcome waits for a status webhook before a person is asked."""
RESEND_WAIT = timedelta(minutes=1)
"""How long it waits when its sender asked for a second try rather than none."""
GIVE_UP_AFTER = timedelta(hours=4)
ACCOUNT_CODES = frozenset({3, 10, 33, 368, 131005, 131031, 131042, 131045, 133010})
"""Refusals that are about the account or number, not about this message."""

_LONGEST_WAIT_S = 300.0


def record(outcomes: Sequence[Outcome], *, is_retold: bool = False) -> None:
    """Write down how these tries ended, in one transaction, and their calls.

    `is_retold`: some of them were handed in before, and it is not known whether that commit arrived.
    """
    if not outcomes:
        return
    # Pauses first: every transaction locks paces before messages, so that none waits for another in a ring.
    keep_pauses(outcomes)
    now = pacing.database_now()
    moved = record_accepted(
        [outcome for outcome in outcomes if outcome.sent is not None], now, is_retold=is_retold
    )
    _record_others([outcome for outcome in outcomes if outcome.sent is None], now, is_retold=is_retold)
    failpoints.reach("before-record")
    db.session.commit()
    failpoints.reach("after-record")
    consents.hear_refusals(
        {
            *(message_id for message_id, code in moved.items() if code == consents.STOPPED_MARKETING),
            *(outcome.outgoing.message_id for outcome in outcomes if _is_stopped(outcome)),
        }
    )
    for outcome in outcomes:
        _log(outcome)


def _is_stopped(outcome: Outcome) -> bool:
    error = outcome.error
    return isinstance(error, GraphError) and error.code == consents.STOPPED_MARKETING


def _log(outcome: Outcome) -> None:
    """By ids and codes alone: Meta's words may quote the customer's number."""
    level = logging.DEBUG if outcome.sent is not None else logging.WARNING
    if not log.isEnabledFor(level):
        return
    error = outcome.error if isinstance(outcome.error, GraphError) else None
    word = "held" if outcome.error is not None and error is None else outcome_word(error)
    fields = about(
        message_id=outcome.outgoing.message_id,
        account_id=outcome.outgoing.account_id,
        attempt=outcome.outgoing.attempt_id,
        outcome=word,
        code=error.code if error is not None else None,
        trace_id=error.fbtrace_id if error is not None else None,
    )
    log.log(level, "a send ended: %s", word, extra=fields)


def _record_others(outcomes: Sequence[Outcome], now: datetime, *, is_retold: bool) -> None:
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
        .execution_options(populate_existing=True)
    )
    messages = {message.id: message for message in db.session.scalars(statement)}
    attempts = _attempts(outcomes)
    refused: list[int] = []
    for outcome in outcomes:
        message = messages.get(outcome.outgoing.message_id)
        attempt = attempts.get(outcome.outgoing.attempt_id)
        if message is None or attempt is None or outcome.error is None:
            continue
        # Else it is recorded: a commit went through whose answer was lost. It may be on its way again by now.
        if attempt.outcome is AttemptOutcome.STARTED and _record_error(message, attempt, outcome.error, now):
            refused.append(message.id)
    db.session.flush()
    telling.tell_statuses(refused)
    failed = [message for message in messages.values() if message.status is MessageStatus.FAILED]
    usage_changes.note((message.phone_number_id, message.created_at) for message in failed)
    owners = {message.id: message.account_id for message in messages.values()}
    keep_sends(calls_of(outcomes, owners), is_retold=is_retold)
    apply_kept_statuses(
        {message.id: (message.account_id, message.wamid) for message in messages.values() if message.wamid}
    )


def _attempts(outcomes: Sequence[Outcome]) -> dict[int, MessageAttempt]:
    ids = [outcome.outgoing.attempt_id for outcome in outcomes]
    found = db.session.scalars(
        select(MessageAttempt).where(MessageAttempt.id.in_(ids)).execution_options(populate_existing=True)
    )
    return {attempt.id: attempt for attempt in found}


def _record_error(
    message: Message, attempt: MessageAttempt, error: GraphError | DomainError, now: datetime
) -> bool:
    """True when the message has failed with it."""
    attempt.finished_at = now
    _note_error(attempt, error)
    attempt.outcome = _not_accepted(message, error, now)
    message.lease_owner = message.lease_until = None
    show_status(message.conversation, message)
    return attempt.outcome is AttemptOutcome.REFUSED


def _not_accepted(message: Message, error: GraphError | DomainError, now: datetime) -> AttemptOutcome:
    if message.status is not MessageStatus.SENDING:
        # A status webhook has settled it in the meantime, whatever the call looked like from here.
        return AttemptOutcome.UNKNOWN
    if isinstance(error, GraphAuthError | DomainError):
        _hold_account(message, error)
        _again(message, now, 0.0, "The account needs attention first; nothing is lost.")
        message.attempts -= 1
        return AttemptOutcome.RETRY
    if isinstance(error, GraphThrottled | GraphUnreachable):
        return _later(message, error, now)
    if isinstance(error, GraphRejected | GraphBlocked):
        _fail(message, error, now)
        return AttemptOutcome.REFUSED
    message.status = MessageStatus.UNCONFIRMED
    message.next_attempt_at = now + (RESEND_WAIT if may_resend(message) else ECHO_WAIT)
    return AttemptOutcome.UNKNOWN


def may_resend(message: Message) -> bool:
    """Its sender asked for it, and it was not done yet: one more copy at the most."""
    return message.resends_unconfirmed and message.attempts < 2


def _later(message: Message, error: GraphError, now: datetime) -> AttemptOutcome:
    """Not now: wait as Meta says, else longer each time. After four hours of trying it counts as failed."""
    if _tried_since(message, now) > GIVE_UP_AFTER:
        _fail(message, error, now)
        return AttemptOutcome.REFUSED
    is_pair = error.code == PAIR_LIMIT
    wait_s = error.retry_after_s or backoff_s(message.attempts, base=4.0 if is_pair else 2.0)
    if is_pair:
        # Meta counts more than we knew of: from here on as if the whole burst were used.
        message.conversation.pair_paid_until = (
            now + PAIR_INTERVAL * (PAIR_BURST - 1) + timedelta(seconds=wait_s)
        )
    _again(message, now, wait_s, f"{error.title}. It is tried again by itself.")
    return AttemptOutcome.RETRY


def _tried_since(message: Message, now: datetime) -> timedelta:
    """Since its first try, not since it was written: it may have been held for a day before."""
    first = db.session.scalar(
        select(func.min(MessageAttempt.started_at)).where(MessageAttempt.message_id == message.id)
    )
    return now - first if first is not None else timedelta(0)


def backoff_s(tries: int, *, base: float) -> float:
    """1, 2, 4, … seconds (1, 4, 16, … for one pair), at most five minutes, with up to a quarter of chance."""
    wait_s = min(base ** max(0, tries - 1), _LONGEST_WAIT_S)
    # Chance spreads the tries of many messages; nobody gains by guessing it.
    return wait_s * (1 + random.random() / 4)  # noqa: S311


def _again(message: Message, now: datetime, wait_s: float, reason: str) -> None:
    message.status = MessageStatus.QUEUED
    message.next_attempt_at = now + timedelta(seconds=wait_s)
    message.wait_reason = reason


def _hold_account(message: Message, error: GraphError | DomainError) -> None:
    """The queue is held, not failed: everything goes out once the operator has acted."""
    attention.hold(message.account, error.message if isinstance(error, DomainError) else _token_text(error))


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
    message.wait_reason = ""
    message.error_code = error.code
    message.error_title = error.title
    message.error_details = error.user_message or error.details
    message.error_trace_id = error.fbtrace_id or ""
    if error.code in ACCOUNT_CODES:
        reason = f"{error.title}. {error.details}".strip()
        attention.remark(message.account, reason, source=health_signals.SENDING)


def _note_error(attempt: MessageAttempt, error: GraphError | DomainError) -> None:
    attempt.error_text = str(error)
    if isinstance(error, GraphError):
        attempt.http_status = error.http_status
        attempt.error_code = error.code
        attempt.trace_id = error.fbtrace_id or ""
