"""Recording what Meta accepted, which is nearly everything: a few statements for a whole group."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, bindparam, case, select
from sqlalchemy.engine import Row

from app.extensions import db
from app.graph.messages import SentMessage
from app.models import (
    AddressSource,
    AttemptOutcome,
    Contact,
    Conversation,
    Message,
    MessageAttempt,
    MessageStatus,
)
from app.services import identity_changes, usage_changes
from app.services.contact_addresses import Origin
from app.services.graph_calls import keep_sends
from app.services.outgoing import telling
from app.services.sending import Outcome, calls_of
from app.services.statuses import apply_kept_statuses

_MESSAGES = cast(Table, Message.__table__)
_ATTEMPTS = cast(Table, MessageAttempt.__table__)
_CONVERSATIONS = cast(Table, Conversation.__table__)

_LOCKED: Any = (
    select(
        Message.id,
        Message.account_id,
        Message.conversation_id,
        Message.contact_id,
        Message.phone_number_id,
        Message.created_at,
        Message.status,
        Message.wamid,
        Message.sent_at,
        Message.next_attempt_at,
        Contact.wa_id,
        Contact.user_id,
    )
    .join(Contact, Contact.id == Message.contact_id)
    .where(Message.id.in_(bindparam("ids", expanding=True)))
    .order_by(Message.id)
    .with_for_update(of=Message)
)
_ACCEPT = (
    _MESSAGES.update()
    .where(_MESSAGES.c.id == bindparam("message"))
    .values(
        status=bindparam("state"),
        wamid=bindparam("meta_id"),
        sent_at=bindparam("at"),
        next_attempt_at=bindparam("due"),
        lease_owner=None,
        lease_until=None,
        wait_reason="",
    )
)
_CLOSE_ATTEMPTS = (
    _ATTEMPTS.update()
    .where(_ATTEMPTS.c.id.in_(bindparam("ids", expanding=True)))
    .values(finished_at=bindparam("at"), outcome=AttemptOutcome.ACCEPTED)
)
_SHOW = (
    _CONVERSATIONS.update()
    .where(_CONVERSATIONS.c.id == bindparam("conversation"))
    .values(
        version=_CONVERSATIONS.c.version + 1,
        last_message_status=case(
            (_CONVERSATIONS.c.last_message_id == bindparam("message"), bindparam("state")),
            else_=_CONVERSATIONS.c.last_message_status,
        ),
    )
)


def record_accepted(
    outcomes: Sequence[Outcome], now: datetime, *, is_retold: bool = False
) -> dict[int, int | None]:
    """Write down a group of accepted messages. `is_retold`: see graph_calls. The caller commits.

    Returns Meta's codes, by message id, of those that statuses kept from before have moved.
    """
    if not outcomes:
        return {}
    by_id = {outcome.outgoing.message_id: outcome for outcome in outcomes}
    rows: list[Row[Any]] = list(db.session.execute(_LOCKED, {"ids": sorted(by_id)}).all())
    if rows:
        db.session.execute(_ACCEPT, [_accepted(row, by_id[row.id], now) for row in rows])
        usage_changes.note((row.phone_number_id, row.created_at) for row in rows)
        shown = [
            {"conversation": row.conversation_id, "message": row.id, "state": _state(row).value}
            for row in rows
        ]
        db.session.execute(_SHOW, sorted(shown, key=lambda row: int(row["conversation"])))
        keep_sends(calls_of(outcomes, {row.id: row.account_id for row in rows}), is_retold=is_retold)
        telling.tell_statuses([row.id for row in rows if row.status.rank < MessageStatus.SENT.rank])
    attempt_ids = sorted(outcome.outgoing.attempt_id for outcome in outcomes)
    db.session.execute(_CLOSE_ATTEMPTS, {"ids": attempt_ids, "at": now})
    for row in rows:
        _learn_ids(row, cast(SentMessage, by_id[row.id].sent), now)
    return apply_kept_statuses({row.id: (row.account_id, _wamid(row, by_id[row.id])) for row in rows})


def _accepted(row: Row[Any], outcome: Outcome, now: datetime) -> dict[str, Any]:
    """A status webhook may have been faster: then only what it could not know is filled in."""
    is_ahead = row.status.rank >= MessageStatus.SENT.rank
    return {
        "message": row.id,
        "state": _state(row),
        "meta_id": _wamid(row, outcome),
        "at": row.sent_at or now,
        "due": row.next_attempt_at if is_ahead else None,
    }


def _state(row: Row[Any]) -> MessageStatus:
    status: MessageStatus = row.status
    return status if status.rank >= MessageStatus.SENT.rank else MessageStatus.SENT


def _wamid(row: Row[Any], outcome: Outcome) -> str:
    return str(row.wamid or cast(SentMessage, outcome.sent).wamid)


def _learn_ids(row: Row[Any], sent: SentMessage, now: datetime) -> None:
    """Meta may know a customer under another spelling of the number (Brazil, Mexico); replies use that. It
    may name the user id too, for a number that was written to."""
    origin = Origin(AddressSource.ANSWER, now)
    wa_id, user_id = sent.recipient_wa_id, sent.recipient_user_id
    if wa_id and row.wa_id not in {None, wa_id}:
        identity_changes.note_number(row.contact_id, wa_id, origin, identity_changes.OTHER_SPELLING)
    if user_id and row.wa_id and not row.user_id:
        identity_changes.note_user_id(row.contact_id, user_id, origin)
