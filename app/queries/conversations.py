"""Reads of one conversation, and what of conversations one may see at all."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager, joinedload

from app.errors import NotFound
from app.extensions import db
from app.models import Account, AccountStatus, Conversation, Message
from app.queries.access import AccountScope


def get_conversation(conversation_id: int, scope: AccountScope) -> Conversation:
    """With account, number and contact; the account's other numbers are read if asked for. Raises NotFound
    outside the scope."""
    statement = (
        visible(select(Conversation), scope)
        .options(
            contains_eager(Conversation.account).lazyload(Account.phone_numbers),
            joinedload(Conversation.contact),
            joinedload(Conversation.phone_number),
            joinedload(Conversation.assigned_to),
            joinedload(Conversation.assigned_team),
        )
        .where(Conversation.id == conversation_id)
    )
    conversation: Conversation | None = db.session.scalar(statement)
    if conversation is None:
        raise NotFound("There is no such conversation.")
    return conversation


def visible(statement: Select[Any], scope: AccountScope) -> Select[Any]:
    """The statement, over conversations of this scope whose account is not archived."""
    return statement.join(Conversation.account).where(
        scope.covers(Conversation.account_id), Account.status != AccountStatus.ARCHIVED
    )


def get_message(conversation: Conversation, message_id: int) -> Message:
    """One message of this conversation. Raises NotFound."""
    statement = select(Message).where(Message.id == message_id, Message.conversation_id == conversation.id)
    message: Message | None = db.session.scalar(statement)
    if message is None:
        raise NotFound("There is no such message.")
    return message
