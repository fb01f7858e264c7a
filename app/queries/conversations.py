"""Reads of one conversation, and what of conversations one may see at all."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, func, literal, select
from sqlalchemy.orm import contains_eager, joinedload

from app.errors import NotFound
from app.extensions import db
from app.models import Account, AccountStatus, Conversation, Message, MessageStatus
from app.queries.access import AccountScope


def get_conversation(conversation_id: int, scope: AccountScope) -> Conversation:
    """With account, number and contact. Raises NotFound outside the scope."""
    statement = (
        visible(select(Conversation), scope)
        .options(
            contains_eager(Conversation.account),
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


def waits_mark(conversation: Conversation) -> str:
    """Changes when one of its queued messages is put off, or put off again."""
    statement = select(func.count(), func.max(Message.next_attempt_at)).where(
        Message.conversation_id == conversation.id,
        Message.status == literal(MessageStatus.QUEUED, Message.status.type, literal_execute=True),
        Message.wait_reason != "",
    )
    count, latest = db.session.execute(statement).one()
    return f"{count}-{latest.timestamp():.0f}" if latest is not None else ""


def get_message(conversation: Conversation, message_id: int) -> Message:
    """One message of this conversation. Raises NotFound."""
    statement = select(Message).where(Message.id == message_id, Message.conversation_id == conversation.id)
    message: Message | None = db.session.scalar(statement)
    if message is None:
        raise NotFound("There is no such message.")
    return message
