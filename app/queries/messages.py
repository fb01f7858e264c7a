"""Reads of single messages, and of messages by filter."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import joinedload, selectinload

from app.errors import NotFound
from app.extensions import db
from app.models import Account, AccountStatus, Contact, Conversation, Direction, Message, MessageStatus
from app.models.phone_twins import spellings_of
from app.queries.access import AccountScope
from app.queries.slices import Slice, Turn, fetch_slice


@dataclass(frozen=True)
class MessageFilters:
    """They all hold at once. `contact` is a phone number in any spelling, or a user id.

    `since` counts as inside, `until` as outside; both are about when the message was created here.
    """

    account_id: int | None = None
    direction: Direction | None = None
    status: MessageStatus | None = None
    message_type: str | None = None
    contact: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def get_message(message_id: int, scope: AccountScope) -> Message:
    """With its phone number and contact. Raises NotFound when it does not exist or lies outside the scope."""
    message: Message | None = db.session.scalar(_visible(scope).where(Message.id == message_id))
    if message is None:
        raise NotFound("There is no such message.")
    return message


def list_messages(
    scope: AccountScope, filters: MessageFilters, turn: Turn | None = None, limit: int = 50
) -> Slice[Message]:
    """Newest first, page by page, with the phone number and the contact of each."""
    return fetch_slice(_visible(scope).where(*_conditions(filters)), Message, turn=turn, limit=limit)


def _visible(scope: AccountScope) -> Select[Message]:
    return (
        select(Message)
        .join(Message.account)
        .options(
            joinedload(Message.phone_number), joinedload(Message.contact), selectinload(Message.media_file)
        )
        .where(scope.covers(Message.account_id), Account.status != AccountStatus.ARCHIVED)
    )


def _conditions(filters: MessageFilters) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        column == value
        for column, value in (
            (Message.account_id, filters.account_id),
            (Message.direction, filters.direction),
            (Message.status, filters.status),
            (Message.message_type, filters.message_type),
        )
        if value is not None
    ]
    if filters.contact is not None:
        conditions.append(Message.contact_id.in_(select(Contact.id).where(is_contact(filters.contact))))
    if filters.since is not None:
        conditions.append(Message.created_at >= filters.since)
    if filters.until is not None:
        conditions.append(Message.created_at < filters.until)
    return conditions


def is_contact(text: str) -> ColumnElement[bool]:
    """By user id as it is, or by the digits of a phone number."""
    if "." in text and text[:2].isalpha():
        return Contact.user_id == text
    return Contact.wa_id.in_(spellings_of(re.sub(r"[^0-9]", "", text)))


def list_failures(message_ids: Iterable[int]) -> dict[int, tuple[int | None, str]]:
    """Of the failed ones among them: Meta's code, if Meta refused, and its title or our own words."""
    ids = list(message_ids)
    statement = select(Message.id, Message.error_code, Message.error_title).where(
        Message.id.in_(ids), Message.status == MessageStatus.FAILED
    )
    rows = db.session.execute(statement) if ids else ()
    return {row.id: (row.error_code, row.error_title) for row in rows}


def find_in_conversation(conversation: Conversation, message_id: int) -> Message | None:
    statement = select(Message).where(Message.id == message_id, Message.conversation_id == conversation.id)
    message: Message | None = db.session.scalar(statement)
    return message


def list_own_reactions(message: Message) -> list[Message]:
    """Our reactions to a message of the customer's, oldest first."""
    statement = (
        select(Message)
        .where(
            Message.conversation_id == message.conversation_id,
            Message.message_type == "reaction",
            Message.direction == Direction.OUTBOUND,
            Message.occurred_at >= message.occurred_at,
        )
        .order_by(Message.occurred_at, Message.id)
    )
    return [row for row in db.session.scalars(statement) if row.content.get("message_id") == message.wamid]
