"""Working off Meta's posts: in batches, each in one transaction with its effects.

If a batch fails it is rolled back and done one by one, so that a poisoned event holds up nobody: it
is tried a few times, then parked with the reason. A killed worker's batch rolls back by itself.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from app import failpoints
from app.extensions import db
from app.graph.json_limits import MalformedBody
from app.graph.webhooks import BadElement, InboundMessage, Item, StatusUpdate, loads, parse
from app.log_fields import about
from app.models import Account, AccountStatus, EventState, WebhookEvent, utcnow
from app.services import bell, event_keys, event_parts, event_rows, number_rhythm
from app.services.bot.live import answer_all
from app.services.event_items import Batch, Effects, apply_item
from app.services.event_replay import may_apply
from app.services.event_rows import EventRow
from app.services.inbound import Inbox, Unroutable
from app.services.statuses import Statuses

log = logging.getLogger(__name__)

BATCH = 200
MAX_TRIES = 5
_RETRY_S = 2.0

_Kind = TypeVar("_Kind", InboundMessage, StatusUpdate)


@dataclass
class _Reading:
    """One event, parsed before the transaction begins: parsing needs no lock."""

    event_id: int
    items: tuple[Item, ...] = ()
    malformed: str = ""


def work_off(limit: int = BATCH) -> int:
    """Work off up to `limit` pending events. Returns how many there were."""
    readings = _read_pending(limit)
    if not readings:
        return 0
    try:
        effects = _process(readings)
    except OperationalError:
        # The database itself is in trouble (locked, restarting): nothing is wrong with the events.
        db.session.rollback()
        raise
    except Exception:
        db.session.rollback()
        log.warning("a batch of %d events failed and is done one by one", len(readings), exc_info=True)
        effects = _one_by_one(readings)
    if effects.sendable:
        bell.ring(bell.MESSAGES)
    return len(readings)


def _read_pending(limit: int) -> list[_Reading]:
    return [_parse(event_id, body) for event_id, body in event_rows.read_due(limit, utcnow())]


def _parse(event_id: int, body: bytes) -> _Reading:
    try:
        return _Reading(event_id, parse(loads(body)).items)
    except MalformedBody as error:
        return _Reading(event_id, malformed=error.reason)


def _process(readings: Sequence[_Reading]) -> Effects:
    """One transaction for all of them."""
    by_id = {reading.event_id: reading for reading in readings}
    events = event_rows.lock_pending(by_id)
    accounts = _accounts_by_meta_id(readings)
    batch = Batch(
        Statuses(_items_of(StatusUpdate, events, by_id, accounts)),
        Inbox(_items_of(InboundMessage, events, by_id, accounts)),
    )
    effects = Effects()
    for event in events:
        _process_event(event, by_id[event.id], accounts, batch, effects)
    batch.store({account.id for account in accounts.values() if account.auto_reply_enabled}, effects)
    event_rows.store(events, utcnow())
    event_rows.note_seen(effects.seen)
    event_keys.store((event.id, by_id[event.id].items) for event in events)
    number_rhythm.note(_seen(events, by_id, accounts))
    _answer(effects)
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


def _accounts_by_meta_id(readings: Sequence[_Reading]) -> dict[str, Account]:
    meta_ids = {item.waba_id for reading in readings for item in reading.items if item.waba_id}
    if not meta_ids:
        return {}
    statement = select(Account).where(Account.meta_id.in_(meta_ids), Account.status != AccountStatus.ARCHIVED)
    return {account.meta_id or "": account for account in db.session.scalars(statement)}


def _items_of(
    kind: type[_Kind],
    events: Sequence[EventRow],
    by_id: dict[int, _Reading],
    accounts: dict[str, Account],
) -> list[tuple[int, _Kind]]:
    """(our account id, item) of all items of a kind, in order."""
    return [
        (accounts[item.waba_id].id, item)
        for event in events
        for item in by_id[event.id].items
        if isinstance(item, kind) and item.waba_id in accounts
    ]


def _seen(
    events: Sequence[EventRow], by_id: dict[int, _Reading], accounts: dict[str, Account]
) -> Iterator[tuple[str, datetime]]:
    """Which numbers the believed items are about, and when they arrived."""
    for event in events:
        believed = _believed(event)
        for item in by_id[event.id].items:
            account = accounts.get(item.waba_id or "")
            if item.phone_number_id and account is not None and account.id in believed:
                yield item.phone_number_id, event.received_at


@dataclass
class _Tally:
    """What became of one event's items."""

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
) -> None:
    if reading.malformed:
        _finish(event, EventState.PARKED, reason=f"The body {reading.malformed}.", summary="unreadable")
        return
    tally = _Tally()
    believed = _believed(event)
    for item in reading.items:
        _process_item(event, item, accounts, believed, batch, effects, tally)
    event.summary = summarise(reading.items)
    event_parts.close_read(event, [item for item in reading.items if isinstance(item, BadElement)])
    _conclude(event, reading, tally)


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
        result = apply_item(account, item, batch, effects)
    except Unroutable as error:
        tally.parked.append(str(error))
        return
    if result is None:
        tally.ignored.append(item.field)
    elif result:
        tally.new += 1
    else:
        tally.known += 1


def _conclude(event: EventRow, reading: _Reading, tally: _Tally) -> None:
    """The event's end state. Parked parts of a mixed event stand in rows of their own where they can."""
    if tally.parked and not tally.new and not tally.known:
        _finish(event, EventState.PARKED, reason=" ".join(dict.fromkeys(tally.parked)))
    elif tally.new:
        _finish(event, EventState.PROCESSED, reason=" ".join(dict.fromkeys(tally.parked)))
    elif tally.known:
        again = "Processed again: nothing new came of it." if event.replayed_at else ""
        _finish(event, EventState.DUPLICATE, reason=again or "Everything in it had arrived before.")
    elif reading.items:
        kinds = ", ".join(dict.fromkeys(tally.ignored))
        _finish(event, EventState.IGNORED, reason=f"Nothing here acts on: {kinds}.")
    else:
        _finish(event, EventState.IGNORED, reason="The post holds no event.")


def _finish(event: EventRow, state: EventState, *, reason: str = "", summary: str | None = None) -> None:
    event.state = state
    event.reason = reason
    if summary is not None:
        event.summary = summary


def summarise(items: Sequence[Item]) -> str:
    """What a post holds, in a few words: "2 messages, 1 status"."""
    counts: dict[str, int] = {}
    for item in items:
        word = item.field if not isinstance(item, StatusUpdate) else "status"
        counts[word] = counts.get(word, 0) + 1
    return ", ".join(f"{count} {word}" for word, count in counts.items())


def _one_by_one(readings: Sequence[_Reading]) -> Effects:
    everything = Effects()
    for reading in readings:
        try:
            everything.extend(_process([reading]))
        except OperationalError:
            db.session.rollback()
            raise
        except Exception as error:
            db.session.rollback()
            log.exception(
                "event %d could not be worked off", reading.event_id, extra=about(event_id=reading.event_id)
            )
            _try_later(reading.event_id, error)
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
    """The bot's replies, at most one per message. They belong to the batch: a worker that dies after it has
    forgotten none."""
    effects.sendable = answer_all(effects.new_inbound_ids) or effects.sendable
