"""How far a person has seen a conversation."""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite

from app.extensions import db
from app.models import Conversation, ConversationLook, utcnow
from app.services import messages


def mark_seen(*, conversation: Conversation, user_id: int, message_id: int) -> None:
    """This person has had the conversation before their eyes, up to that message; it is unread no more.

    Only forward: a page that stood open elsewhere brings nothing back.
    """
    dialect: Any = sqlite if db.engine.dialect.name == "sqlite" else postgresql
    fresh = dialect.insert(ConversationLook.__table__).values(
        user_id=user_id, conversation_id=conversation.id, message_id=message_id, at=utcnow()
    )
    db.session.execute(
        fresh.on_conflict_do_update(
            index_elements=["user_id", "conversation_id"],
            set_={"message_id": fresh.excluded.message_id, "at": fresh.excluded.at},
            where=fresh.excluded.message_id > ConversationLook.message_id,
        )
    )
    messages.mark_read(conversation=conversation)
