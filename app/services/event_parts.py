"""Parts of a post that could not be understood: each in a row of its own, to be seen and tried again.

A part is tried again with the post it came in, which alone says whose it is. What can be read by
then is closed; what cannot keeps its one row, however often it is tried.
"""

from __future__ import annotations

import json
from collections.abc import Collection

from sqlalchemy import select

from app.extensions import db
from app.graph.webhooks import BadElement
from app.models import Account, EventState, WebhookEvent, utcnow
from app.services.event_rows import EventRow


def park(event: EventRow, account: Account | None, item: BadElement) -> None:
    """One row for this part of the event. The caller commits."""
    known = _find(event, item) if event.replayed_at is not None else None
    if known is not None:
        known.state, known.reason, known.processed_at = EventState.PARKED, _reason(item), utcnow()
        return
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
            summary=_name(item),
            reason=_reason(item),
            processed_at=utcnow(),
        )
    )


def close_read(event: EventRow, still_bad: Collection[BadElement]) -> None:
    """After a replay: parts that could be read this time are not parked any more. The caller commits."""
    if event.replayed_at is None:
        return
    names = {_name(item) for item in still_bad}
    for part in db.session.scalars(select(WebhookEvent).where(WebhookEvent.parent_id == event.id)):
        if part.summary not in names and part.state is EventState.PARKED:
            part.state = EventState.PROCESSED
            part.reason = "Understood when the whole post was processed again."
            part.processed_at = utcnow()


def _find(event: EventRow, item: BadElement) -> WebhookEvent | None:
    return db.session.scalar(
        select(WebhookEvent)
        .where(WebhookEvent.parent_id == event.id, WebhookEvent.summary == _name(item))
        .limit(1)
    )


def _reason(item: BadElement) -> str:
    """As a sentence."""
    return f"{item.reason[:1].upper()}{item.reason[1:]}."


def _name(item: BadElement) -> str:
    return f"part {item.path}"
