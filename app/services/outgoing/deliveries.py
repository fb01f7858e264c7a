"""The log of deliveries: sending something once more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from sqlalchemy import Table, insert, literal, select, update

from app.extensions import db
from app.models import DeliveryState, OutgoingDelivery, utcnow
from app.models.base import UtcDateTime, enum_type
from app.queries import outgoing_webhooks as queries
from app.queries.access import Actor
from app.queries.outgoing_webhooks import DeliveryFilters
from app.services import audit, pacing

MOST_AT_ONCE = 1_000
_DELIVERIES = cast(Table, OutgoingDelivery.__table__)
_COPIED = (
    OutgoingDelivery.webhook_id,
    OutgoingDelivery.account_id,
    OutgoingDelivery.event_id,
    OutgoingDelivery.event,
    OutgoingDelivery.body,
)


def replay_one(*, delivery: OutgoingDelivery, actor: Actor) -> OutgoingDelivery:
    """Deliver the same event, with the same id, once more: as a delivery of its own. One that still waits is
    tried at once instead."""
    if delivery.state in {DeliveryState.WAITING, DeliveryState.SENDING}:
        return _try_now(delivery, actor)
    (new_id,) = _copy([delivery.id])
    _record(actor, delivery.id, {"deliveries": 1})
    db.session.commit()
    return db.session.get_one(OutgoingDelivery, new_id)


def _try_now(delivery: OutgoingDelivery, actor: Actor) -> OutgoingDelivery:
    db.session.execute(
        update(OutgoingDelivery)
        .where(OutgoingDelivery.id == delivery.id, OutgoingDelivery.state == DeliveryState.WAITING)
        .values(next_attempt_at=pacing.database_now())
    )
    _record(actor, delivery.id, {"deliveries": 1})
    db.session.commit()
    return delivery


def replay_range(*, filters: DeliveryFilters, actor: Actor) -> int:
    """As `replay_one`, the newest that fit and are not under way. Returns how many, at most MOST_AT_ONCE."""
    ids = queries.list_finished_ids(filters, MOST_AT_ONCE)
    if ids:
        _copy(ids)
        _record(actor, "", {"deliveries": len(ids)})
    db.session.commit()
    return len(ids)


def _copy(ids: Sequence[int]) -> list[int]:
    """The oldest first, so that they leave in their order."""
    now = utcnow()
    moment = UtcDateTime()
    chosen = (
        select(
            *_COPIED,
            literal(now, moment),
            literal(DeliveryState.WAITING, enum_type(DeliveryState)),
            literal(0),
            literal(now, moment),
            literal(""),
            OutgoingDelivery.id,
            literal(True),
        )
        .where(OutgoingDelivery.id.in_(ids))
        .order_by(OutgoingDelivery.created_at, OutgoingDelivery.id)
    )
    names = [column.key for column in _COPIED]
    names += ["created_at", "state", "attempts", "next_attempt_at"]
    names += ["last_answer", "replay_of_id", "is_replay"]
    statement = insert(_DELIVERIES).from_select(names, chosen).returning(_DELIVERIES.c.id)
    return list(db.session.scalars(statement))


def _record(actor: Actor, object_id: object, details: dict[str, object]) -> None:
    audit.record(
        actor,
        "outgoing_webhook.replayed",
        object_type="outgoing_delivery",
        object_id=object_id,
        details=details,
    )
