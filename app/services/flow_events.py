"""News of Meta about a Flow: by webhook, one item at a time. The caller commits.

Source: Meta docs, "Webhooks: flows" page, read 2026-09.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.graph.webhooks import AccountEvent
from app.models import Account, Flow, FlowEvent, utcnow
from app.queries import flows as queries
from app.services.flow_copies import set_status

FIELD = "flows"
_STATUS_CHANGE = "FLOW_STATUS_CHANGE"


def apply(account: Account, item: AccountEvent) -> bool | None:
    """Keep it on the Flow's page, and take over a new status unless it is late; None for a Flow not known."""
    flow = queries.find_by_meta_id(account.id, _text(item.value, "flow_id"))
    if flow is None:
        return None
    at = item.entry_time or utcnow()
    if item.entry_time is not None and _is_known(flow, item):
        return False
    db.session.add(
        FlowEvent(
            account_id=account.id,
            flow_id=flow.id,
            event=item.event,
            details=dict(item.value),
            occurred_at=min(at, utcnow()),
        )
    )
    status = _text(item.value, "new_status")
    # Compared by Meta's whole seconds, since that is all an entry says.
    is_late = flow.status_changed_at is not None and at < flow.status_changed_at.replace(microsecond=0)
    if item.event == _STATUS_CHANGE and status and status != flow.status and not is_late:
        set_status(flow, status, at)
    return True


def _is_known(flow: Flow, item: AccountEvent) -> bool:
    """Meta posts some news twice."""
    statement = select(FlowEvent).where(
        FlowEvent.flow_id == flow.id, FlowEvent.occurred_at == item.entry_time, FlowEvent.event == item.event
    )
    return any(known.details == item.value for known in db.session.scalars(statement))


def _text(value: dict[str, Any], key: str) -> str:
    found = value.get(key)
    is_number = isinstance(found, int) and not isinstance(found, bool)
    return found if isinstance(found, str) else str(found) if is_number else ""
