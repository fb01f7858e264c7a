"""Reads of outgoing webhooks and of the log of their deliveries. For owners alone: one webhook may tell of
several accounts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select, text
from sqlalchemy.orm import defer, joinedload

from app.errors import NotFound
from app.extensions import db
from app.models import (
    DeliveryState,
    OutgoingAttempt,
    OutgoingDelivery,
    OutgoingEvent,
    OutgoingWebhook,
    utcnow,
)
from app.queries.access import AccountScope
from app.queries.slices import Slice, Turn, fetch_slice

LIST_LENGTH = 50
_COUNTED = 1_000
_IS_OPEN = text("outgoing_deliveries.state IN ('waiting', 'sending')")


@dataclass(frozen=True)
class DeliveryFilters:
    """They all hold at once. `since` counts as inside, `until` as outside; both are about when it was
    written down."""

    webhook_id: int | None = None
    account_id: int | None = None
    event: OutgoingEvent | None = None
    state: DeliveryState | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_narrowed(self) -> bool:
        return self != DeliveryFilters()


def list_webhooks() -> list[OutgoingWebhook]:
    return list(db.session.scalars(select(OutgoingWebhook).order_by(OutgoingWebhook.id)))


def slice_webhooks(turn: Turn | None, limit: int) -> Slice[OutgoingWebhook]:
    return fetch_slice(select(OutgoingWebhook), OutgoingWebhook, turn=turn, limit=limit)


def get_webhook(webhook_id: int, scope: AccountScope) -> OutgoingWebhook:
    """Raises NotFound, also for everybody who does not see all accounts."""
    webhook = db.session.get(OutgoingWebhook, webhook_id) if scope.ids is None else None
    if webhook is None:
        raise NotFound("There is no such outgoing webhook.")
    return webhook


def count_switched_off() -> int:
    """Those that were switched off here, since nothing arrived there any more."""
    return db.session.scalar(switched_off()) or 0


def switched_off() -> Select[int]:
    """The same as a statement, to be a part of another."""
    return select(func.count(OutgoingWebhook.id)).where(
        OutgoingWebhook.is_on.is_(False), OutgoingWebhook.off_reason != ""
    )


def count_waiting(webhook_ids: Iterable[int]) -> dict[int, int]:
    """By webhook, how many events are still to be delivered; counted up to a thousand each."""
    return {id_: _count_waiting(id_) for id_ in webhook_ids}


def _count_waiting(webhook_id: int) -> int:
    found = (
        select(OutgoingDelivery.id).where(OutgoingDelivery.webhook_id == webhook_id, _IS_OPEN).limit(_COUNTED)
    )
    return db.session.scalar(select(func.count()).select_from(found.subquery())) or 0


@dataclass(frozen=True)
class Backlog:
    """What waits for customers' systems that are switched on; the age in seconds, 0 when nothing is due."""

    waiting: int
    oldest_due_s: float


def read_backlog() -> Backlog:
    """Counted up to a thousand for each webhook."""
    now = utcnow()
    ids = list(db.session.scalars(select(OutgoingWebhook.id).where(OutgoingWebhook.is_on)))
    oldest = [at for id_ in ids if (at := _earliest_due(id_)) is not None]
    late_s = [(now - at).total_seconds() for at in oldest]
    return Backlog(sum(count_waiting(ids).values()), max([0.0, *late_s]))


def _earliest_due(webhook_id: int) -> datetime | None:
    return db.session.scalar(
        select(OutgoingDelivery.next_attempt_at)
        .where(OutgoingDelivery.webhook_id == webhook_id, _IS_OPEN)
        .order_by(OutgoingDelivery.next_attempt_at)
        .limit(1)
    )


def slice_deliveries(
    filters: DeliveryFilters, turn: Turn | None = None, limit: int = LIST_LENGTH
) -> Slice[OutgoingDelivery]:
    """Newest first, without the bodies."""
    statement = _narrowed(filters).options(defer(OutgoingDelivery.body), joinedload(OutgoingDelivery.webhook))
    return fetch_slice(statement, OutgoingDelivery, turn=turn, limit=limit)


def list_finished_ids(filters: DeliveryFilters, limit: int) -> list[int]:
    """The newest that fit and are not under way, at most `limit`."""
    finished = (DeliveryState.DELIVERED, DeliveryState.FAILED)
    statement = (
        _narrowed(filters)
        .with_only_columns(OutgoingDelivery.id)
        .where(OutgoingDelivery.state.in_(finished))
        .order_by(OutgoingDelivery.created_at.desc(), OutgoingDelivery.id.desc())
        .limit(limit)
    )
    return list(db.session.scalars(statement))


def _narrowed(filters: DeliveryFilters) -> Select[OutgoingDelivery]:
    conditions = {
        OutgoingDelivery.webhook_id: filters.webhook_id,
        OutgoingDelivery.account_id: filters.account_id,
        OutgoingDelivery.event: filters.event,
        OutgoingDelivery.state: filters.state,
    }
    statement = select(OutgoingDelivery).where(
        *(column == value for column, value in conditions.items() if value is not None)
    )
    if filters.since is not None:
        statement = statement.where(OutgoingDelivery.created_at >= filters.since)
    if filters.until is not None:
        statement = statement.where(OutgoingDelivery.created_at < filters.until)
    return statement


def get_delivery(delivery_id: int, scope: AccountScope) -> OutgoingDelivery:
    """With its webhook. Raises NotFound, also for everybody who does not see all accounts."""
    statement = (
        select(OutgoingDelivery)
        .where(OutgoingDelivery.id == delivery_id)
        .options(joinedload(OutgoingDelivery.webhook))
    )
    delivery = db.session.scalar(statement) if scope.ids is None else None
    if delivery is None:
        raise NotFound("There is no such delivery.")
    return delivery


def list_attempts(delivery_id: int) -> list[OutgoingAttempt]:
    """The first one first."""
    return list(
        db.session.scalars(
            select(OutgoingAttempt)
            .where(OutgoingAttempt.delivery_id == delivery_id)
            .order_by(OutgoingAttempt.id)
        )
    )
