"""From an event to delivery rows: who listens, and what the webhook faults make of it."""

from dataclasses import dataclass, replace
from typing import Any

from .. import clock
from ..context import Sandbox
from ..database import Row
from ..settings import Settings
from ..store import deliveries, faults, phone_numbers, subscriptions
from ..store.deliveries import NewDelivery
from . import payloads
from .batches import MOST_UPDATES

# Long enough for what comes next to overtake.
REORDER_DELAY_S = 1.5
DELAY_S = 5.0
# A batch is filled for so long.
BATCH_WAIT_S = 2.0


@dataclass(frozen=True)
class Event:
    """Something to tell. `key` groups what keeps its order; `summary` is for the trace on the page.

    `has_time`: entries about templates, numbers and accounts carry one; those with metadata do not.
    `entry_id`: whose news it is, where that is not the account.
    """

    waba_id: str
    field: str
    value: dict[str, Any]
    summary: str
    key: str
    phone_number_id: str | None = None
    wa_id: str | None = None
    has_time: bool = False
    entry_id: str | None = None


def send(sandbox: Sandbox, event: Event) -> None:
    """Store one delivery per listening app; without a listener the row only says so."""
    number = phone_numbers.find(sandbox.db, event.phone_number_id) if event.phone_number_id else None
    at = clock.now() if event.has_time else None
    body = payloads.meta_json(
        payloads.envelope(event.entry_id or event.waba_id, event.field, event.value, at)
    )
    listeners = subscriptions.listeners(sandbox.db, event.waba_id, number, event.field)
    if not listeners:
        deliveries.insert(sandbox.db, _delivery(event, body, None, None, "nobody"))
        return
    for listener in listeners:
        state = "pending" if listener.url else "nobody"
        delivery = _delivery(event, body, listener.app_id, listener.url, state)
        _store(sandbox, delivery, sandbox.settings)
    sandbox.wake()


def _delivery(event: Event, body: str, app_id: str | None, url: str | None, state: str) -> NewDelivery:
    return NewDelivery(
        app_id=app_id,
        url=url,
        waba_id=event.waba_id,
        field=event.field,
        summary=event.summary,
        body=body,
        key=event.key,
        state=state,
        phone_number_id=event.phone_number_id,
        wa_id=event.wa_id,
    )


def _store(sandbox: Sandbox, delivery: NewDelivery, settings: Settings) -> None:
    if delivery.state != "pending":
        deliveries.insert(sandbox.db, delivery)
        return
    subject = faults.Subject(
        waba_id=delivery.waba_id,
        phone_number_id=delivery.phone_number_id,
        to=delivery.wa_id,
        field=delivery.field,
    )
    striking = faults.take(sandbox.db, faults.WEBHOOK_KINDS, subject)
    delivery = _in_batches(delivery, settings.batch_updates, settings.speed)
    for copy in _after_faults(delivery, striking, settings.speed):
        deliveries.insert(sandbox.db, copy)


def _in_batches(delivery: NewDelivery, updates: int, speed: float) -> NewDelivery:
    if updates <= 1:
        return delivery
    return replace(delivery, batch=updates, hold_s=BATCH_WAIT_S / speed)


def _after_faults(delivery: NewDelivery, striking: list[Row], speed: float) -> list[NewDelivery]:
    by_kind = {fault["kind"]: fault["options"] for fault in striking}
    if "drop_webhooks" in by_kind:
        return [replace(delivery, state="dropped")]
    if "batch_webhooks" in by_kind:
        updates = int(by_kind["batch_webhooks"].get("updates", MOST_UPDATES))
        delivery = _in_batches(delivery, updates, speed)
    delay = 0.0
    if "delay_webhooks" in by_kind:
        delay += float(by_kind["delay_webhooks"].get("seconds", DELAY_S)) / speed
    if "reorder_webhooks" in by_kind:
        delay += REORDER_DELAY_S / speed
    once = replace(delivery, delay_s=delay)
    return [once, once] if "duplicate_webhooks" in by_kind else [once]
