"""Reads about notes that name a person. Only of conversations that the person may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import contains_eager, joinedload

from app.extensions import db
from app.models import Conversation, ConversationNote, NoteMention
from app.queries.access import AccountScope

_MOST = 100


@dataclass(frozen=True)
class Mention:
    """A note that names somebody, and whether they have looked."""

    id: int
    conversation: Conversation
    note: ConversationNote
    at: datetime
    is_unread: bool


def count_unread(scope: AccountScope, user_id: int) -> int:
    statement = _of(scope, user_id).where(NoteMention.read_at.is_(None))
    return db.session.scalar(statement.with_only_columns(func.count())) or 0


def list_mentions(scope: AccountScope, user_id: int, after_id: int = 0) -> list[Mention]:
    """The newest first."""
    statement = (
        _of(scope, user_id)
        .join(ConversationNote, ConversationNote.id == NoteMention.note_id)
        .add_columns(Conversation, ConversationNote)
        .options(joinedload(Conversation.contact), contains_eager(Conversation.account))
        .where(NoteMention.id > after_id)
        .order_by(NoteMention.id.desc())
        .limit(_MOST)
    )
    return [
        Mention(mention.id, conversation, note, mention.at, mention.read_at is None)
        for mention, conversation, note in db.session.execute(statement)
    ]


def _of(scope: AccountScope, user_id: int) -> Select[NoteMention]:
    return (
        select(NoteMention)
        .join(Conversation, Conversation.id == NoteMention.conversation_id)
        .join(Conversation.account)
        .where(NoteMention.user_id == user_id, scope.covers(Conversation.account_id))
    )
