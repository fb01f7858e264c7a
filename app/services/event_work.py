"""Working off Meta's posts: in batches, each in one transaction with its effects.

If a batch fails it is rolled back and done one by one, so that a poisoned event holds up nobody: it
is tried a few times, then parked with the reason. A killed worker's batch rolls back by itself.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import bindparam, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import defer

from app import failpoints
from app.extensions import db
from app.graph.json_limits import MalformedBody
from app.graph.webhooks import BadElement, InboundMessage, Item, PhoneMessage, StatusUpdate, loads, parse
from app.log_fields import about
from app.models import Account, AccountStatus, EventState, PhoneNumber, WebhookEvent, utcnow
from app.services import bell, consents, event_keys, event_parts, event_rows, number_rhythm
from app.services.bot.live import answer_all
from app.services.event_items import Batch, Claim, Effects, apply_item
from app.services.event_replay import may_apply
from app.services.event_rows import EventRow
from app.services.event_words import why_unused
from app.services.inbound import Inbox, Unroutable
from app.services.phone_messages import PhoneBox
from app.services.statuses import Statuses

log = logging.getLogger(__name__)

BATCH = 200
MAX_TRIES = 5
_RETRY_S = 2.0
_ONE = {"messages": "message", "statuses": "status"}

_ACCOUNTS = (
    select(Account)
    .where(
        Account.meta_id.in_(bindparam("meta_ids", expanding=True)), Account.status != AccountStatus.ARCHIVED
    )
    # Nothing here needs the secrets, and each would be decrypted.
    .options(
        defer(Account.app_secret),
        defer(Account.previous_app_secret),
        defer(Account.access_token),
        defer(Account.webhook_verify_token),
    )
)

_Kind = TypeVar("_Kind", InboundMessage, PhoneMessage, StatusUpdate)


@dataclass
class _Reading:
    """One event, parsed: on SQLite before the transaction begins, since parsing needs no lock."""

    event: EventRow
    items: tuple[Item, ...] = ()
    malformed: str = ""


def work_off(limit: int = BATCH) -> int:
    """Work off up to `limit` pending events. Returns how many there were."""
    due, are_locked = event_rows.read_due(limit, utcnow())
    if not due:
        return 0
    readings = {event.id: _parse(event, body) for event, body in due}
    try:
        effects = _process(readings, [event for event, _ in due] if are_locked else None)
    except OperationalError:
        # The database itself is in trouble (locked, restarting): nothing is wrong with the events.
        db.session.rollback()
        raise
    except Exception:
        db.session.rollback()
        log.warning("a batch of %d events failed and is done one by one", len(readings), exc_info=True)
        effects = _one_by_one(readings.values())
    if effects.sendable:
        bell.ring(bell.MESSAGES)
    if effects.fetchable:
        bell.ring(bell.MEDIA)
    return len(readings)


def _parse(event: EventRow, body: bytes) -> _Reading:
    try:
        return _Reading(event, parse(loads(body)).items)
    except MalformedBody as error:
        return _Reading(event, malformed=error.reason)


def _process(readings: Mapping[int, _Reading], locked: Sequence[EventRow] | None = None) -> Effects:
    """One transaction for all of them. `locked`: their rows, if they are locked already."""
    events = event_rows.lock_pending(readings) if locked is None else locked
    accounts = _accounts_by_meta_id(readings.values())
    batch = Batch(
        Statuses(_items_of(StatusUpdate, events, readings, accounts)),
        Inbox(_items_of(InboundMessage, events, readings, accounts)),
        PhoneBox(_items_of(PhoneMessage, events, readings, accounts)),
    )
    effects = Effects()
    tallies = [_process_event(event, readings[event.id], accounts, batch, effects) for event in events]
    batch.store({account.id for account in accounts.values() if account.auto_reply_enabled}, effects)
    for event, tally in zip(events, tallies, strict=True):
        _conclude(event, readings[event.id], tally, batch)
    event_rows.store(events, utcnow())
    event_keys.store((event.id, readings[event.id].items) for event in events)
    _answer(effects)
    # Last: every worker with an event of the account waits for this row from here to the commit.
    event_rows.note_seen(effects.seen)
    number_rhythm.note(_seen(events, readings, accounts))
    failpoints.reach("events-before-commit")
    db.session.commit()
    failpoints.reach("events-after-commit")
    for event in events:
        _log(event)
    return effects


def _log(event: EventRow) -> None:
    level = logging.WARNING if event.state is EventState.PARKED else logging.DEBUG
    if log.isEnabledFor(level):
        fields = about(
            event_id=event.id,
            account_id=event.account_id,
            attempt=event.attempts + 1,
            outcome=event.state.value,
        )
        log.log(level, "an event was worked off: %s", event.state.value, extra=fields)


def _accounts_by_meta_id(readings: Iterable[_Reading]) -> dict[str, Account]:
    meta_ids = {item.waba_id for reading in readings for item in reading.items if item.waba_id}
    if not meta_ids:
        return {}
    return {
        account.meta_id or "": account for account in db.session.scalars(_ACCOUNTS, {"meta_ids": meta_ids})
    }


def _items_of(
    kind: type[_Kind],
    events: Sequence[EventRow],
    readings: Mapping[int, _Reading],
    accounts: dict[str, Account],
) -> list[tuple[int, _Kind]]:
    """(our account id, item) of all items of a kind, in order."""
    return [
        (accounts[item.waba_id].id, item)
        for event in events
        for item in readings[event.id].items
        if isinstance(item, kind) and item.waba_id in accounts
    ]


def _seen(
    events: Sequence[EventRow], readings: Mapping[int, _Reading], accounts: dict[str, Account]
) -> Iterator[tuple[PhoneNumber, datetime]]:
    """Which numbers the believed items are about, and when they arrived."""
    numbers = {
        (waba_id, number.meta_id): (account.id, number)
        for waba_id, account in accounts.items()
        for number in account.phone_numbers
    }
    for event in events:
        believed = _believed(event)
        for item in readings[event.id].items:
            account_id, number = numbers.get((item.waba_id or "", item.phone_number_id or ""), (0, None))
            if number is not None and account_id in believed:
                yield number, event.received_at


@dataclass
class _Tally:
    """What became of one event's items."""

    claims: list[Claim] = field(default_factory=list)
    new: int = 0
    known: int = 0
    ignored: list[str] = field(default_factory=list)
    parked: list[str] = field(default_factory=list)


def _process_event(
    event: EventRow,
    reading: _Reading,
    accounts: dict[str, Account],
    batch: Batch,
    effects: Effects,
) -> _Tally:
    tally = _Tally()
    if reading.malformed:
        event.summary = "unreadable"
        tally.parked.append(f"The body {reading.malformed}.")
        return tally
    believed = _believed(event)
    for item in reading.items:
        _process_item(event, item, accounts, believed, batch, effects, tally)
    event.summary = summarise(reading.items)
    event_parts.close_read(event, [item for item in reading.items if isinstance(item, BadElement)])
    return tally


def _believed(event: EventRow | WebhookEvent) -> set[int]:
    """The accounts whose secret the signature fitted."""
    return {int(id_) for id_ in event.verified_account_ids.split(",") if id_}


def _process_item(
    event: EventRow,
    item: Item,
    accounts: dict[str, Account],
    believed: set[int],
    batch: Batch,
    effects: Effects,
    tally: _Tally,
) -> None:
    account = accounts.get(item.waba_id or "")
    if isinstance(item, BadElement):
        event_parts.park(event, account, item)
        tally.parked.append(f"A part could not be read: {item.reason}.")
        return
    if account is None:
        tally.parked.append(f"The account {item.waba_id or 'missing'} is not connected here.")
        return
    if account.id not in believed:
        tally.parked.append(f"The signature does not speak for the account {item.waba_id}.")
        return
    event.account_id = event.account_id or account.id
    effects.seen.append((account.id, event.received_at))
    if not may_apply(event, item):
        tally.known += 1
        return
    try:
        result = apply_item(account, item, batch, effects, event.id)
    except Unroutable as error:
        tally.parked.append(str(error))
        return
    if result is None:
        tally.ignored.append(item.field)
    elif isinstance(result, tuple):
        tally.claims.append(result)
    elif result:
        tally.new += 1
    else:
        tally.known += 1


def _conclude(event: EventRow, reading: _Reading, tally: _Tally, batch: Batch) -> None:
    """The event's end state. Parked parts of a mixed event stand in rows of their own where they can."""
    # Another worker may have stored the same at the same moment: then it was new there, and is known here.
    new = sum(claim in batch.new for claim in tally.claims)
    tally.new += new
    tally.known += len(tally.claims) - new
    if tally.parked and not tally.new and not tally.known:
        _finish(event, EventState.PARKED, reason=" ".join(dict.fromkeys(tally.parked)))
    elif tally.new:
        _finish(event, EventState.PROCESSED, reason=" ".join(dict.fromkeys(tally.parked)))
    elif tally.known:
        again = "Processed again: nothing new came of it." if event.replayed_at else ""
        _finish(event, EventState.DUPLICATE, reason=again or "Everything in it had arrived before.")
    elif reading.items:
        _finish(event, EventState.IGNORED, reason=why_unused(tally.ignored))
    else:
        _finish(event, EventState.IGNORED, reason="The post holds no event.")


def _finish(event: EventRow, state: EventState, *, reason: str = "") -> None:
    event.state = state
    event.reason = reason


def summarise(items: Sequence[Item]) -> str:
    """What a post holds, in a few words: "2 messages, 1 status"; other kinds by Meta's name of the field."""
    counts: dict[str, int] = {}
    for item in items:
        word = item.field if not isinstance(item, StatusUpdate) else "statuses"
        counts[word] = counts.get(word, 0) + 1
    return ", ".join(
        f"{count} {_ONE.get(word, word) if count == 1 else word}" for word, count in counts.items()
    )


def _one_by_one(readings: Iterable[_Reading]) -> Effects:
    everything = Effects()
    for reading in readings:
        try:
            everything.extend(_process({reading.event.id: reading}))
        except OperationalError:
            db.session.rollback()
            raise
        except Exception as error:
            db.session.rollback()
            event_id = reading.event.id
            log.exception("event %d could not be worked off", event_id, extra=about(event_id=event_id))
            _try_later(event_id, error)
    return everything


def _try_later(event_id: int, error: Exception) -> None:
    event = db.session.get(WebhookEvent, event_id)
    if event is None or event.state is not EventState.PENDING:
        return
    event.attempts += 1
    event.account_id = event.account_id or _only_signer(event)
    event.reason = f"It failed here ({type(error).__name__}). The log has the details under event {event_id}."
    if event.attempts >= MAX_TRIES:
        event.state = EventState.PARKED
        event.processed_at = utcnow()
    else:
        event.next_attempt_at = utcnow() + timedelta(seconds=_RETRY_S**event.attempts)
    db.session.commit()


def _only_signer(event: WebhookEvent) -> int | None:
    """Whose it is, where nothing of it could be worked off: its account's managers shall see it."""
    believed = _believed(event)
    if len(believed) != 1:
        return None
    return db.session.scalar(select(Account.id).where(Account.id.in_(believed)))


def _answer(effects: Effects) -> None:
    """What customers said about advertising, then the bot's replies to the rest, at most one per message.
    All of it belongs to the batch: a worker that dies after it has forgotten none."""
    consents.hear_refusals(effects.refused_ids, commits=False)
    heard = consents.hear(effects.consent_ids)
    rest = [id_ for id_ in effects.new_inbound_ids if id_ not in heard]
    effects.sendable = answer_all(rest) or bool(heard) or effects.sendable
