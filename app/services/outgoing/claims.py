"""Which deliveries are posted next, and how each try ends: short transactions around a post, none during it.

Addresses take turns, and none has more than its share of a worker's threads; one that keeps failing has a
single one. A claim lasts `LEASE`; what a killed worker leaves is posted again when it has run out, so an
event may arrive twice, and never not at all. In which order events arrive is not promised.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain, zip_longest
from typing import Any, cast

from sqlalchemy import Table, bindparam, exists, insert, select, text, update
from sqlalchemy.engine import Row

from app import failpoints
from app.crypto import Secret
from app.extensions import db
from app.models import DeliveryState, OutgoingAttempt, OutgoingDelivery, OutgoingWebhook
from app.services import pacing

LEASE = timedelta(minutes=2)
"""Longer than a post may take (15 s, and twice a resolver's patience), and the recording after it."""
WAITS = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 300, 1800, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600)
)
"""After the first try, the second …: three days of them."""
LONGEST_WAIT = timedelta(hours=24)
OFF_AFTER = timedelta(days=5)
"""An address at which every try has failed for so long is switched off."""
_FAILS_ALWAYS = 5

_DELIVERIES = cast(Table, OutgoingDelivery.__table__)
_ATTEMPTS = cast(Table, OutgoingAttempt.__table__)
_WEBHOOKS = cast(Table, OutgoingWebhook.__table__)
# In words of its own: with bound values no database would see that the small index of open rows fits.
_IS_OPEN = text("outgoing_deliveries.state IN ('waiting', 'sending')")

_DUE_WEBHOOKS = select(OutgoingWebhook.id, OutgoingWebhook.failures).where(
    OutgoingWebhook.is_on,
    exists().where(
        OutgoingDelivery.webhook_id == OutgoingWebhook.id,
        _IS_OPEN,
        OutgoingDelivery.next_attempt_at <= bindparam("now"),
    ),
)
_CANDIDATES = (
    select(
        OutgoingDelivery.id,
        OutgoingDelivery.webhook_id,
        OutgoingDelivery.event_id,
        OutgoingDelivery.body,
        OutgoingDelivery.attempts,
    )
    .where(
        OutgoingDelivery.webhook_id == bindparam("webhook"),
        _IS_OPEN,
        OutgoingDelivery.next_attempt_at <= bindparam("now"),
    )
    .order_by(OutgoingDelivery.next_attempt_at, OutgoingDelivery.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_TAKE = (
    update(_DELIVERIES)
    .where(_DELIVERIES.c.id == bindparam("delivery"))
    .values(
        state=DeliveryState.SENDING,
        attempts=_DELIVERIES.c.attempts + 1,
        lease_owner=bindparam("worker"),
        next_attempt_at=bindparam("until"),
    )
)


@dataclass(frozen=True)
class Claim:
    """A delivery to post, copied out of its row."""

    delivery_id: int
    webhook_id: int
    event_id: str
    body: str
    attempt: int
    worker: str
    url: str
    keys: tuple[Secret, ...] = field(repr=False)
    """What signs it: the secret, and for a day after a change the one before."""


@dataclass(frozen=True)
class Ending:
    """How a try ended. `words`: in short, for lists. `error`: why there was no answer, else empty."""

    started_at: datetime
    duration_ms: int
    headers: Mapping[str, str]
    words: str
    status: int | None = None
    answer: str = ""
    error: str = ""
    retry_after: timedelta | None = None

    @property
    def is_good(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        """The receiver's word that nothing is wanted there any more."""
        return self.status == 410


def claim(worker: str, limit: int, in_hand: Mapping[int, int], most_per_webhook: int) -> list[Claim]:
    """Mark up to `limit` due deliveries as `sending` by this worker, and commit. `in_hand`: by webhook."""
    now = pacing.database_now()
    rooms = {
        row.id: (1 if row.failures >= _FAILS_ALWAYS else most_per_webhook) - in_hand.get(row.id, 0)
        for row in db.session.execute(_DUE_WEBHOOKS, {"now": now})
    }
    lanes = [_candidates(id_, now, min(limit, room)) for id_, room in rooms.items() if room > 0]
    chosen = _in_turns(lanes)[:limit]
    if not chosen:
        db.session.rollback()
        return []
    webhooks = _webhooks({row.webhook_id for row in chosen})
    claims = [_copy_out(row, webhooks[row.webhook_id], worker, now) for row in chosen]
    until = now + LEASE
    db.session.execute(
        _TAKE, [{"delivery": one.delivery_id, "worker": worker, "until": until} for one in claims]
    )
    db.session.commit()
    failpoints.reach("delivery-after-claim")
    return claims


def _candidates(webhook_id: int, now: datetime, most: int) -> list[Row[Any]]:
    found: Any = db.session.execute(_CANDIDATES, {"webhook": webhook_id, "now": now, "most": most}).all()
    return list(found)


def _in_turns(lanes: Sequence[Sequence[Row[Any]]]) -> list[Row[Any]]:
    """The first of each address, then the second of each …; who begins is left to chance."""
    mixed = random.sample(lanes, len(lanes))
    return [found for found in chain.from_iterable(zip_longest(*mixed)) if found is not None]


def _webhooks(ids: set[int]) -> dict[int, OutgoingWebhook]:
    found = db.session.scalars(
        select(OutgoingWebhook).where(OutgoingWebhook.id.in_(ids)).execution_options(populate_existing=True)
    )
    return {webhook.id: webhook for webhook in found}


def _copy_out(row: Row[Any], webhook: OutgoingWebhook, worker: str, now: datetime) -> Claim:
    return Claim(
        delivery_id=row.id,
        webhook_id=row.webhook_id,
        event_id=row.event_id,
        body=row.body,
        attempt=row.attempts + 1,
        worker=worker,
        url=webhook.url,
        keys=_keys(webhook, now),
    )


def _keys(webhook: OutgoingWebhook, now: datetime) -> tuple[Secret, ...]:
    is_overlap = webhook.previous_secret_until is not None and now < webhook.previous_secret_until
    keys = (webhook.secret, webhook.previous_secret if is_overlap else None)
    return tuple(key for key in keys if key)


def finish(claim: Claim, ending: Ending) -> bool:
    """Write down how the try ended; False when the row was no longer this worker's."""
    now = pacing.database_now()
    values = {**_next(claim.attempt, ending, now), "lease_owner": None, "last_answer": ending.words}
    changed = db.session.execute(update(_DELIVERIES).where(*_is_still_ours(claim)).values(values))
    is_ours = bool(cast(Any, changed).rowcount)
    if is_ours:
        db.session.execute(insert(_ATTEMPTS), [_attempt(claim, ending)])
        _note_on_webhook(claim.webhook_id, ending, now)
    failpoints.reach("delivery-before-finish")
    db.session.commit()
    return is_ours


def _next(attempt: int, ending: Ending, now: datetime) -> dict[str, Any]:
    if ending.is_good:
        return {"state": DeliveryState.DELIVERED, "next_attempt_at": None, "finished_at": now}
    if attempt > len(WAITS):
        return {"state": DeliveryState.FAILED, "next_attempt_at": None, "finished_at": now}
    # Chance spreads the tries after an outage; nobody gains by guessing it.
    planned = WAITS[attempt - 1] * (1 + random.random() / 10)  # noqa: S311
    wait = min(max(planned, ending.retry_after or timedelta(0)), LONGEST_WAIT * 1.1)
    return {"state": DeliveryState.WAITING, "next_attempt_at": now + wait}


def _attempt(claim: Claim, ending: Ending) -> dict[str, Any]:
    return {
        "delivery_id": claim.delivery_id,
        "number": claim.attempt,
        "started_at": ending.started_at,
        "duration_ms": ending.duration_ms,
        "url": claim.url,
        "request_headers": dict(ending.headers),
        "status": ending.status,
        "answer": ending.answer,
        "error": ending.error,
    }


def _note_on_webhook(webhook_id: int, ending: Ending, now: datetime) -> None:
    """Added up by the database: many tries may end at the same moment."""
    values: dict[str, Any] = {"last_attempt_at": now, "last_answer": ending.words}
    if ending.is_good:
        values |= {"failures": 0, "failing_since": None, "last_success_at": now}
    else:
        values["failures"] = _WEBHOOKS.c.failures + 1
    db.session.execute(update(_WEBHOOKS).where(_WEBHOOKS.c.id == webhook_id).values(values))
    if not ending.is_good:
        _look_whether_it_is_over(webhook_id, ending, now)


def _look_whether_it_is_over(webhook_id: int, ending: Ending, now: datetime) -> None:
    is_this = _WEBHOOKS.c.id == webhook_id
    begins = update(_WEBHOOKS).where(is_this, _WEBHOOKS.c.failing_since.is_(None))
    db.session.execute(begins.values(failing_since=now))
    is_too_long = _WEBHOOKS.c.failing_since <= now - OFF_AFTER
    reason = (
        "It answered 410, which means that nothing is wanted there any more."
        if ending.is_gone
        else f"Every try has failed for {OFF_AFTER.days} days, the last one with: {ending.words}"
    )
    off = update(_WEBHOOKS).where(is_this, _WEBHOOKS.c.is_on, *(() if ending.is_gone else (is_too_long,)))
    db.session.execute(off.values(is_on=False, off_reason=reason, updated_at=now))


def release(worker: str) -> int:
    """Whatever this worker still has in hand may be taken at once: it has ended, or is about to."""
    changed = db.session.execute(
        update(_DELIVERIES)
        .where(_DELIVERIES.c.state == DeliveryState.SENDING, _DELIVERIES.c.lease_owner == worker, _IS_OPEN)
        .values(next_attempt_at=pacing.database_now())
    )
    db.session.commit()
    return int(cast(Any, changed).rowcount)


def _is_still_ours(claim: Claim) -> tuple[Any, ...]:
    """The count of tries is this claim's alone, so it tells that nobody has taken the row since."""
    return (
        _DELIVERIES.c.id == claim.delivery_id,
        _DELIVERIES.c.state == DeliveryState.SENDING,
        _DELIVERIES.c.lease_owner == claim.worker,
        _DELIVERIES.c.attempts == claim.attempt,
    )
