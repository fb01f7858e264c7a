"""What the frame around every page shows of the database, read with one statement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import literal, select

from app.extensions import db
from app.models import DeskSettings, User
from app.queries import conversation_lists, outgoing_webhooks, webhook_events
from app.queries.access import AccountScope
from app.queries.desks import usual_settings

_NOTHING = literal(0)


@dataclass(frozen=True)
class Frame:
    """Conversations with something unread, parked events, outgoing webhooks that were switched off; and what
    this person chose for their own desk."""

    unread: int
    parked: int
    switched_off: int
    desk: DeskSettings


def read_frame(
    user_id: int, *, console: AccountScope | None, events: AccountScope | None, sees_webhooks: bool
) -> Frame:
    """Only what this person may see is counted. `console`, `events`: where they may; None: nowhere."""
    unread: Any = conversation_lists.unread(console).scalar_subquery() if console else _NOTHING
    parked: Any = webhook_events.parked(events).scalar_subquery() if events else _NOTHING
    off: Any = outgoing_webhooks.switched_off().scalar_subquery() if sees_webhooks else _NOTHING
    statement = (
        select(unread, parked, off, DeskSettings)
        .select_from(User)
        .outerjoin(DeskSettings, DeskSettings.user_id == User.id)
        .where(User.id == user_id)
    )
    unread_count, parked_count, off_count, desk = db.session.execute(statement).one()
    return Frame(unread_count, parked_count, off_count, desk or usual_settings(user_id))
