"""Which messages leave next: claimed for one worker, in turn, as far as Meta's limits allow.

Each number's queue is looked at by itself, so a long queue of one never hides another's. Replies of
people go before a bot's, and both before bulk; within each the accounts take turns. A claim is one
transaction: the messages are marked `sending`, each with its attempt, before anything is posted.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain, zip_longest
from typing import Any, cast

from sqlalchemy import Table, bindparam, case, exists, select
from sqlalchemy.engine import Row
from sqlalchemy.orm import aliased, lazyload

from app import failpoints
from app.errors import DomainError
from app.extensions import db
from app.graph import payloads
from app.graph.client import GraphClient
from app.models import (
    Account,
    AccountStatus,
    AttemptOutcome,
    Contact,
    Conversation,
    Message,
    MessageAttempt,
    MessagePriority,
    MessageStatus,
    PhoneNumber,
)
from app.models.conversations import WINDOW, WINDOW_MARGIN
from app.services import connections, pacing, usage_changes
from app.services.marketing import is_marketing
from app.services.messaging_limits import MessagingLimits
from app.services.outgoing import telling
from app.services.pacing import Allowance
from app.services.sending import Outgoing, meta_content

LEASE = timedelta(seconds=90)
"""Longer than a call may take (5 s to connect, 30 s to answer) and the recording after it."""
WINDOW_CLOSED = 131047
WINDOW_WORDS = "The 24-hour window closed before this message could be sent"
EXPIRED = "It could not be sent before it was of no more use"
OPTED_OUT = "The customer opted out of marketing before this message left"

_MESSAGES = cast(Table, Message.__table__)
_ATTEMPTS = cast(Table, MessageAttempt.__table__)
_CONVERSATIONS = cast(Table, Conversation.__table__)
_IN_ORDER = (MessagePriority.PERSON, MessagePriority.BOT, MessagePriority.BULK)
_PAIR_WORDS = "Meta takes one message per six seconds to the same customer; this one waits its turn."

_Candidate = Row[Any]


def _has_due(priority: MessagePriority) -> Any:
    return exists().where(
        Message.phone_number_id == PhoneNumber.id,
        Message.status == MessageStatus.QUEUED,
        Message.priority == priority,
        Message.next_attempt_at <= bindparam("now"),
    )


# Statements are made once: at hundreds of messages a second, building them cost more than running them.
_NUMBERS = (
    select(
        PhoneNumber.id,
        PhoneNumber.meta_id,
        PhoneNumber.account_id,
        PhoneNumber.throughput_level,
        PhoneNumber.messaging_limit,
        *(_has_due(priority).label(priority.value) for priority in _IN_ORDER),
    )
    .join(Account, Account.id == PhoneNumber.account_id)
    .where(Account.status == AccountStatus.LIVE)
)


def _candidates_statement() -> Any:
    earlier = aliased(Message)
    waits_for_earlier = exists().where(
        earlier.conversation_id == Message.conversation_id,
        earlier.id < Message.id,
        earlier.status.in_((MessageStatus.QUEUED, MessageStatus.SENDING)),
    )
    return (
        select(
            Message.id,
            Message.account_id,
            Message.phone_number_id,
            Message.conversation_id,
            Message.contact_id,
            Message.message_type,
            Message.content,
            Message.context_wamid,
            Message.client_ref,
            Message.expires_at,
            Contact.wa_id,
            Contact.user_id,
            Contact.opted_out_at,
            Conversation.last_inbound_at,
            Conversation.pair_paid_until,
        )
        .join(Contact, Contact.id == Message.contact_id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(
            Message.status == MessageStatus.QUEUED,
            Message.phone_number_id == bindparam("number"),
            Message.priority == bindparam("priority"),
            Message.next_attempt_at <= bindparam("now"),
            ~waits_for_earlier,
        )
        .order_by(Message.next_attempt_at, Message.id)
        .limit(bindparam("most"))
        .with_for_update(of=Message, skip_locked=True)
    )


_CANDIDATES = _candidates_statement()
_ACCOUNTS = select(Account).where(Account.id.in_(bindparam("ids", expanding=True))).options(lazyload("*"))
_MARK_SENDING = (
    _MESSAGES.update()
    .where(_MESSAGES.c.id.in_(bindparam("ids", expanding=True)))
    .values(
        status=MessageStatus.SENDING,
        attempts=_MESSAGES.c.attempts + 1,
        lease_owner=bindparam("worker"),
        lease_until=bindparam("until"),
        wait_reason="",
    )
)
_SHOW_SENDING = (
    _CONVERSATIONS.update()
    .where(_CONVERSATIONS.c.id == bindparam("conversation"))
    .values(
        version=_CONVERSATIONS.c.version + 1,
        pair_paid_until=bindparam("paid_until"),
        last_message_status=case(
            (_CONVERSATIONS.c.last_message_id == bindparam("message"), MessageStatus.SENDING.value),
            else_=_CONVERSATIONS.c.last_message_status,
        ),
    )
)
_DELAY = (
    _MESSAGES.update()
    .where(_MESSAGES.c.id == bindparam("message"))
    .values(next_attempt_at=bindparam("at"), wait_reason=bindparam("reason"))
)
_FAIL = (
    _MESSAGES.update()
    .where(_MESSAGES.c.id == bindparam("message"))
    .values(
        status=MessageStatus.FAILED,
        failed_at=bindparam("at"),
        next_attempt_at=None,
        error_code=bindparam("code"),
        error_title=bindparam("title"),
        wait_reason="",
    )
)
_SHOW_FAILED = (
    _CONVERSATIONS.update()
    .where(_CONVERSATIONS.c.id == bindparam("conversation"))
    .values(
        version=_CONVERSATIONS.c.version + 1,
        last_message_status=case(
            (_CONVERSATIONS.c.last_message_id == bindparam("message"), MessageStatus.FAILED.value),
            else_=_CONVERSATIONS.c.last_message_status,
        ),
    )
)


@dataclass
class _Choice:
    """What one claim decided about each message it looked at."""

    now: datetime
    allowances: dict[int, Allowance]
    limits: MessagingLimits
    sending: list[_Candidate] = field(default_factory=list)
    paid: dict[int, datetime] = field(default_factory=dict)
    delayed: list[tuple[_Candidate, datetime, str]] = field(default_factory=list)
    failed: list[tuple[_Candidate, int | None, str]] = field(default_factory=list)

    def decide(self, found: _Candidate) -> None:
        if found.expires_at is not None and found.expires_at <= self.now:
            self.failed.append((found, None, EXPIRED))
        elif found.opted_out_at is not None and is_marketing(found):
            self.failed.append((found, None, OPTED_OUT))
        elif found.message_type != "template" and not _is_open(found.last_inbound_at, self.now):
            self.failed.append((found, WINDOW_CLOSED, WINDOW_WORDS))
        elif free_at := pacing.pair_wait(found.pair_paid_until, self.now):
            self.delayed.append((found, free_at, _PAIR_WORDS))
        elif wait := self._limit_wait(found):
            self.delayed.append((found, *wait))
        else:
            self._send(found)

    def _limit_wait(self, found: _Candidate) -> tuple[datetime, str] | None:
        if found.message_type != "template" or _is_open(found.last_inbound_at, self.now):
            return None
        return self.limits.take(found.phone_number_id, found.contact_id)

    def _send(self, found: _Candidate) -> None:
        self.allowances[found.phone_number_id].take()
        self.paid[found.conversation_id] = pacing.pair_pay(found.pair_paid_until, self.now)
        self.sending.append(found)


def _is_open(last_inbound_at: datetime | None, now: datetime) -> bool:
    """As Conversation.window_is_open, without the row."""
    return last_inbound_at is not None and now < last_inbound_at + WINDOW - WINDOW_MARGIN


@dataclass(frozen=True)
class Claim:
    """What one worker may post now. `is_contended`: another worker is claiming for the same numbers at this
    moment, so it is worth looking again at once."""

    outgoing: list[Outgoing]
    is_contended: bool = False


def claim(worker: str, limit: int) -> Claim:
    """Mark up to `limit` due messages as `sending` by this worker, and commit.

    One message per conversation at a time, the oldest first, so that a customer reads them in order.
    """
    if limit <= 0:
        return Claim([])
    now = pacing.database_now()
    numbers = {
        row.id: row
        for row in db.session.execute(_NUMBERS, {"now": now})
        if any(getattr(row, priority.value) for priority in _IN_ORDER)
    }
    if not numbers:
        db.session.rollback()
        return Claim([])
    levels = {id_: row.throughput_level for id_, row in numbers.items()}
    allowances = pacing.open_allowances(levels, now)
    choice = _Choice(now, allowances, MessagingLimits(numbers.values(), now))
    _choose(choice, numbers, limit)
    outgoing = _write_down(choice, numbers, worker)
    failpoints.reach("before-claim")
    db.session.commit()
    failpoints.reach("after-claim")
    return Claim(outgoing, is_contended=len(allowances) < len(numbers))


def _choose(choice: _Choice, numbers: Mapping[int, Row[Any]], limit: int) -> None:
    for priority in _IN_ORDER:
        by_account: dict[int, list[list[_Candidate]]] = {}
        for id_, allowance in choice.allowances.items():
            most = min(limit - len(choice.sending), allowance.left)
            if most > 0 and getattr(numbers[id_], priority.value):
                lane = _candidates(id_, priority, choice.now, most)
                by_account.setdefault(numbers[id_].account_id, []).append(lane)
        for found in _in_turns([[*_in_turns(lanes)] for lanes in by_account.values()]):
            if len(choice.sending) >= limit:
                return
            if choice.allowances[found.phone_number_id].left:
                choice.decide(found)


def _candidates(number_id: int, priority: MessagePriority, now: datetime, most: int) -> list[_Candidate]:
    given = {"number": number_id, "priority": priority, "now": now, "most": most}
    return list(db.session.execute(_CANDIDATES, given).all())


def _in_turns(lanes: Sequence[Sequence[_Candidate]]) -> Iterator[_Candidate]:
    """The first of each lane, then the second of each …; who begins is left to chance."""
    # Nobody gains by guessing it.
    mixed = random.sample(lanes, len(lanes))
    return (found for found in chain.from_iterable(zip_longest(*mixed)) if found is not None)


def _write_down(choice: _Choice, numbers: Mapping[int, Row[Any]], worker: str) -> list[Outgoing]:
    _give_up(choice)
    _put_off(choice)
    if not choice.sending:
        return []
    ids = [found.id for found in choice.sending]
    db.session.execute(_MARK_SENDING, {"ids": ids, "worker": worker, "until": choice.now + LEASE})
    db.session.execute(
        _SHOW_SENDING,
        _by_conversation(
            {
                "conversation": found.conversation_id,
                "message": found.id,
                "paid_until": choice.paid[found.conversation_id],
            }
            for found in choice.sending
        ),
    )
    attempts = _start_attempts(ids, worker, choice.now)
    pacing.keep(choice.allowances.values(), choice.now)
    choice.limits.keep()
    client_of = _clients({found.account_id for found in choice.sending})
    return [
        _copy_out(found, attempts[found.id], numbers[found.phone_number_id].meta_id, client_of)
        for found in choice.sending
    ]


def _give_up(choice: _Choice) -> None:
    if choice.failed:
        fail(
            [(found.id, found.conversation_id, code, title) for found, code, title in choice.failed],
            choice.now,
        )


def fail(messages: Iterable[tuple[int, int, int | None, str]], now: datetime) -> None:
    """Mark messages (id, conversation id, code, title) as failed without a try. The caller commits."""
    rows: list[dict[str, Any]] = [
        {"message": id_, "conversation": conversation, "at": now, "code": code, "title": title}
        for id_, conversation, code, title in messages
    ]
    db.session.execute(_FAIL, rows)
    usage_changes.note_ids(row["message"] for row in rows)
    telling.tell_statuses([row["message"] for row in rows])
    db.session.execute(_SHOW_FAILED, _by_conversation(rows))


def _put_off(choice: _Choice) -> None:
    if choice.delayed:
        rows = [{"message": found.id, "at": at, "reason": reason} for found, at, reason in choice.delayed]
        db.session.execute(_DELAY, rows)


def _by_conversation(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """In one order everywhere, so that two transactions never wait for each other."""
    return sorted(
        ({key: row[key] for key in ("conversation", "message", "paid_until") if key in row} for row in rows),
        key=lambda row: int(row["conversation"]),
    )


def _start_attempts(message_ids: Iterable[int], worker: str, now: datetime) -> dict[int, int]:
    """The new attempts' ids by message id."""
    rows = [
        {
            "message_id": id_,
            "worker": worker,
            "started_at": now,
            "outcome": AttemptOutcome.STARTED,
            "error_text": "",
            "trace_id": "",
        }
        for id_ in message_ids
    ]
    statement = _ATTEMPTS.insert().returning(_ATTEMPTS.c.message_id, _ATTEMPTS.c.id)
    return {row.message_id: row.id for row in db.session.execute(statement, rows)}


def _clients(account_ids: set[int]) -> Callable[[int], tuple[GraphClient | None, str]]:
    """A client per account, made once for the claim, or why there is none."""
    made: dict[int, tuple[GraphClient | None, str]] = {}
    for account in db.session.scalars(_ACCOUNTS, {"ids": sorted(account_ids)}):
        try:
            made[account.id] = connections.client_for(account), ""
        except DomainError as error:
            made[account.id] = None, error.message
    return made.__getitem__


def _copy_out(
    found: _Candidate,
    attempt_id: int,
    meta_number_id: str,
    client_of: Callable[[int], tuple[GraphClient | None, str]],
) -> Outgoing:
    client, obstacle = client_of(found.account_id)
    return Outgoing(
        message_id=found.id,
        attempt_id=attempt_id,
        phone_number_id=found.phone_number_id,
        meta_number_id=meta_number_id,
        payload=payloads.envelope(
            to=found.wa_id,
            recipient=None if found.wa_id else found.user_id,
            content=meta_content(found.message_type, found.content),
            context_wamid=found.context_wamid,
            callback_data=found.client_ref,
        ),
        client=client,
        obstacle=obstacle,
        account_id=found.account_id,
    )
