"""Working off Meta's posts: in batches, each in one transaction with its effects.

If a batch fails it is rolled back and done one by one, so that a poisoned event holds up nobody: it
is tried a few times, then parked with the reason. A killed worker's batch rolls back by itself.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import or_, select
from sqlalchemy.exc import OperationalError

from app import failpoints
from app.extensions import db
from app.graph.json_limits import MalformedBody
from app.graph.webhooks import BadElement, Item, StatusUpdate, loads, parse
from app.models import Account, AccountStatus, EventState, WebhookEvent, utcnow
from app.services import bell, bot
from app.services.event_items import Effects, apply_item
from app.services.inbound import Unroutable
from app.services.statuses import Statuses

log = logging.getLogger(__name__)

BATCH = 100
MAX_TRIES = 5
_RETRY_S = 2.0


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
    statement = (
        select(WebhookEvent.id, WebhookEvent.body)
        .where(
            WebhookEvent.state == EventState.PENDING,
            # A new one is due whatever the clock of the machine said that took it in.
            or_(WebhookEvent.attempts == 0, WebhookEvent.next_attempt_at <= utcnow()),
        )
        .order_by(WebhookEvent.next_attempt_at, WebhookEvent.id)
        .limit(limit)
    )
    rows = db.session.execute(statement).all()
    db.session.rollback()
    return [_parse(event_id, body) for event_id, body in rows]


def _parse(event_id: int, body: bytes) -> _Reading:
    try:
        return _Reading(event_id, parse(loads(body)).items)
    except MalformedBody as error:
        return _Reading(event_id, malformed=error.reason)


def _process(readings: Sequence[_Reading]) -> Effects:
    """One transaction for all of them."""
    by_id = {reading.event_id: reading for reading in readings}
    events = _lock(list(by_id))
    accounts = _accounts_by_meta_id(readings)
    statuses = Statuses(_status_updates(events, by_id, accounts))
    effects = Effects()
    for event in events:
        _process_event(event, by_id[event.id], accounts, statuses, effects)
    statuses.store()
    _answer(effects)
    failpoints.reach("events-before-commit")
    db.session.commit()
    failpoints.reach("events-after-commit")
    return effects


def _lock(event_ids: list[int]) -> list[WebhookEvent]:
    """Those that are still pending; another worker may have been faster."""
    statement = (
        select(WebhookEvent)
        .where(WebhookEvent.id.in_(event_ids), WebhookEvent.state == EventState.PENDING)
        .order_by(WebhookEvent.id)
        .with_for_update(skip_locked=True)
    )
    return list(db.session.scalars(statement))


def _accounts_by_meta_id(readings: Sequence[_Reading]) -> dict[str, Account]:
    meta_ids = {item.waba_id for reading in readings for item in reading.items if item.waba_id}
    if not meta_ids:
        return {}
    statement = select(Account).where(Account.meta_id.in_(meta_ids), Account.status != AccountStatus.ARCHIVED)
    return {account.meta_id or "": account for account in db.session.scalars(statement)}


def _status_updates(
    events: Sequence[WebhookEvent], by_id: dict[int, _Reading], accounts: dict[str, Account]
) -> list[tuple[int, StatusUpdate]]:
    return [
        (accounts[item.waba_id].id, item)
        for event in events
        for item in by_id[event.id].items
        if isinstance(item, StatusUpdate) and item.waba_id in accounts
    ]


@dataclass
class _Tally:
    """What became of one event's items."""

    new: int = 0
    known: int = 0
    ignored: list[str] = field(default_factory=list)
    parked: list[str] = field(default_factory=list)


def _process_event(
    event: WebhookEvent,
    reading: _Reading,
    accounts: dict[str, Account],
    statuses: Statuses,
    effects: Effects,
) -> None:
    event.attempts += 1
    event.processed_at = utcnow()
    if reading.malformed:
        _finish(event, EventState.PARKED, reason=f"The body {reading.malformed}.", summary="unreadable")
        return
    tally = _Tally()
    believed = {int(id_) for id_ in event.verified_account_ids.split(",") if id_}
    for item in reading.items:
        _process_item(event, item, accounts, believed, statuses, effects, tally)
    event.summary = summarise(reading.items)
    _conclude(event, reading, tally)


def _process_item(
    event: WebhookEvent,
    item: Item,
    accounts: dict[str, Account],
    believed: set[int],
    statuses: Statuses,
    effects: Effects,
    tally: _Tally,
) -> None:
    account = accounts.get(item.waba_id or "")
    if isinstance(item, BadElement):
        _park_part(event, account, item, item.reason)
        tally.parked.append(item.reason)
        return
    if account is None:
        tally.parked.append(f"The account {item.waba_id or 'missing'} is not connected here.")
        return
    if account.id not in believed:
        tally.parked.append(f"The signature does not speak for the account {item.waba_id}.")
        return
    _note_event(event, account)
    try:
        result = apply_item(account, item, statuses, effects)
    except Unroutable as error:
        tally.parked.append(str(error))
        return
    if result is None:
        tally.ignored.append(item.field)
    elif result:
        tally.new += 1
    else:
        tally.known += 1


def _note_event(event: WebhookEvent, account: Account) -> None:
    event.account_id = event.account_id or account.id
    account.first_event_at = account.first_event_at or event.received_at
    if account.last_event_at is None or event.received_at > account.last_event_at:
        account.last_event_at = event.received_at


def _conclude(event: WebhookEvent, reading: _Reading, tally: _Tally) -> None:
    """The event's end state. Parked parts of a mixed event stand in rows of their own where they can."""
    if tally.parked and not tally.new and not tally.known:
        _finish(event, EventState.PARKED, reason=" ".join(dict.fromkeys(tally.parked)))
    elif tally.new:
        _finish(event, EventState.PROCESSED, reason=" ".join(dict.fromkeys(tally.parked)))
    elif tally.known:
        _finish(event, EventState.DUPLICATE, reason="Everything in it had arrived before.")
    elif reading.items:
        kinds = ", ".join(dict.fromkeys(tally.ignored))
        _finish(event, EventState.IGNORED, reason=f"Nothing here acts on: {kinds}.")
    else:
        _finish(event, EventState.IGNORED, reason="The post holds no event.")


def _finish(event: WebhookEvent, state: EventState, *, reason: str = "", summary: str | None = None) -> None:
    event.state = state
    event.reason = reason
    if summary is not None:
        event.summary = summary


def _park_part(event: WebhookEvent, account: Account | None, item: BadElement, reason: str) -> None:
    """A part that could not be understood gets a row of its own, to be seen and tried again alone."""
    body = json.dumps({"path": item.path, "field": item.field, "part": item.raw}, default=str).encode()
    db.session.add(
        WebhookEvent(
            parent_id=event.id,
            account_id=account.id if account else None,
            received_at=event.received_at,
            verified_account_ids=event.verified_account_ids,
            body=body,
            body_sha256=event.body_sha256,
            state=EventState.PARKED,
            summary=f"part {item.path}",
            reason=reason,
            processed_at=utcnow(),
        )
    )


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
            log.exception("event %d could not be worked off", reading.event_id)
            _try_later(reading.event_id, error)
    return everything


def _try_later(event_id: int, error: Exception) -> None:
    event = db.session.get(WebhookEvent, event_id)
    if event is None or event.state is not EventState.PENDING:
        return
    event.attempts += 1
    event.reason = f"It failed here ({type(error).__name__}). The log has the details under event {event_id}."
    if event.attempts >= MAX_TRIES:
        event.state = EventState.PARKED
        event.processed_at = utcnow()
    else:
        event.next_attempt_at = utcnow() + timedelta(seconds=_RETRY_S**event.attempts)
    db.session.commit()


def _answer(effects: Effects) -> None:
    """The bot's replies, at most one per message. They belong to the batch: a worker that dies after it has
    forgotten none."""
    for message in effects.new_inbound:
        if not message.account.auto_reply_enabled:
            continue
        try:
            with db.session.begin_nested():
                effects.sendable = bot.answer(message) is not None or effects.sendable
        except OperationalError:
            raise
        except Exception:
            log.exception("the bot failed on message %d; the message itself is stored", message.id)


def replay(event: WebhookEvent, actor_name: str) -> None:
    """Work an event off once more. It cannot double anything: what it holds is already known."""
    event.state = EventState.PENDING
    event.attempts = 0
    event.next_attempt_at = utcnow()
    event.reason = f"Processed again by {actor_name}."
    db.session.commit()
    bell.ring(bell.EVENTS)
