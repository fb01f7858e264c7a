"""Signs of people's open pages. One row for each person, overwritten; an older sign says nothing any more."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update

from app.extensions import db
from app.models import DeskPresence, utcnow
from app.services.conversations import insert_ignoring_conflict

ANSWERING = timedelta(seconds=40)
"""After the last key that was pressed; the page speaks again while somebody types on."""


def note(*, user_id: int, conversation_id: int | None, is_answering: bool) -> None:
    """The person's page is open: on this conversation, or on none. The caller checked that they see it."""
    now = utcnow()
    values = {
        "seen_at": now,
        "conversation_id": conversation_id,
        "answering_until": now + ANSWERING if is_answering and conversation_id else None,
    }
    statement = update(DeskPresence).where(DeskPresence.user_id == user_id).values(**values)
    statement = statement.returning(DeskPresence.user_id)
    if db.session.scalar(statement.execution_options(synchronize_session=False)) is None:
        insert_ignoring_conflict(DeskPresence, [{"user_id": user_id, **values}])
    db.session.commit()
