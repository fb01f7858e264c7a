"""Processing events again: one, or a range. It can neither double nor undo anything.

Messages and statuses are known by their ids, so nothing comes of a second time. Other news (a
message template's state, a number's rating) replace what stood before: from an event that had its
effect already they are not taken again, since something newer may have come in the meantime.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select, update

from app.errors import NotReady
from app.extensions import db
from app.graph.webhooks import InboundMessage, Item, PhoneMessage, StatusUpdate
from app.models import EventState, WebhookEvent, utcnow
from app.queries import webhook_events as queries
from app.queries.access import AccountScope, Actor
from app.queries.webhook_events import EventFilters
from app.services import audit, bell
from app.services.event_rows import EventRow

MOST_AT_ONCE = 10_000
_CHUNK = 500
"""Marked in one transaction: the writer of new events waits no longer than that takes."""
_HAD_EFFECT = (EventState.PROCESSED, EventState.DUPLICATE)


def may_apply(event: EventRow, item: Item) -> bool:
    """Whether this item of the event may have an effect now."""
    return not event.is_repeat or isinstance(item, InboundMessage | PhoneMessage | StatusUpdate)


def replay_one(*, event: WebhookEvent, actor: Actor) -> None:
    """A part is processed again with the whole post it came in."""
    event_id, account_id = event.id, event.account_id
    _mark([event_id], actor)
    audit.record(
        actor,
        "webhook_event.replayed",
        account_id=account_id,
        object_type="webhook_event",
        object_id=event_id,
    )
    db.session.commit()
    bell.ring(bell.EVENTS)


def replay_range(*, scope: AccountScope, filters: EventFilters, actor: Actor) -> int:
    """All that fit the filters, the newest first, MOST_AT_ONCE at most; returns how many.

    Only marks them: the workers process them like any that wait. Marked chunk by chunk, so a large
    range stops nobody; if it breaks off, what is marked is processed, and asking again does the rest.
    """
    ids = queries.list_event_ids(scope, filters, MOST_AT_ONCE)
    db.session.commit()
    for start in range(0, len(ids), _CHUNK):
        _mark(ids[start : start + _CHUNK], actor)
        db.session.commit()
        bell.ring(bell.EVENTS)
    audit.record(
        actor,
        "webhook_events.replayed",
        account_id=filters.account_id,
        object_type="webhook_event",
        details={"events": len(ids)},
    )
    db.session.commit()
    return len(ids)


def _mark(event_ids: Sequence[int], actor: Actor) -> None:
    parents = db.session.scalars(
        select(WebhookEvent.parent_id).where(
            WebhookEvent.id.in_(event_ids), WebhookEvent.parent_id.is_not(None)
        )
    )
    now = utcnow()
    db.session.execute(
        update(WebhookEvent)
        .where(
            WebhookEvent.id.in_({*event_ids, *parents}),
            WebhookEvent.parent_id.is_(None),
            WebhookEvent.state != EventState.PENDING,
        )
        .values(
            is_repeat=or_(WebhookEvent.is_repeat, WebhookEvent.state.in_(_HAD_EFFECT)),
            state=EventState.PENDING,
            attempts=0,
            next_attempt_at=now,
            replayed_at=now,
            reason=f"Processed again by {actor.name}.",
        )
        .execution_options(synchronize_session=False)
    )


def set_aside(*, event: WebhookEvent, actor: Actor) -> None:
    """Somebody has looked at a parked event and leaves it at that. Raises NotReady for any other."""
    db.session.refresh(event, with_for_update=True)
    if event.state is not EventState.PARKED:
        raise NotReady("Only a parked event can be set aside. This one is not parked any more.")
    event.state = EventState.IGNORED
    event.reason = f"Set aside by {actor.name}. {event.reason}"
    audit.record(
        actor,
        "webhook_event.set_aside",
        account_id=event.account_id,
        object_type="webhook_event",
        object_id=event.id,
    )
    db.session.commit()
