"""Reads of single messages."""

from __future__ import annotations

from sqlalchemy import select

from app.errors import NotFound
from app.extensions import db
from app.models import Message
from app.queries.access import AccountScope


def get_message(message_id: int, scope: AccountScope) -> Message:
    """Raises NotFound when it does not exist or lies outside the scope."""
    message = db.session.scalar(
        select(Message).where(Message.id == message_id, scope.covers(Message.account_id))
    )
    if message is None:
        raise NotFound("There is no such message.")
    return message
