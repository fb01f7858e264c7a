"""What customers send: kept once, in their conversation, with the window it opens."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.graph.webhooks import InboundMessage
from app.models import Account, Contact, Conversation, Direction, Message, MessageStatus, PhoneNumber, utcnow
from app.services.conversations import ensure_contact, ensure_conversation, show_as_last


class Unroutable(Exception):
    """It cannot be told whose it is; the text says why, for the parked event."""


def receive(account: Account, item: InboundMessage) -> Message | None:
    """Store one inbound message; None when it is already there. The caller commits.

    The row of a message is its dedupe memory: (account, wamid) is unique, whatever body it came in.
    """
    if _is_known(account.id, item.wamid):
        return None
    number = _number_of(account, item)
    if item.wa_id is None and item.user_id is None:
        raise Unroutable("The message names no sender.")
    contact = ensure_contact(account.id, item.wa_id, item.user_id)
    _learn_profile(contact, item)
    conversation = ensure_conversation(account.id, number.id, contact.id)
    message = Message(
        account_id=account.id,
        phone_number_id=number.id,
        contact_id=contact.id,
        conversation_id=conversation.id,
        direction=Direction.INBOUND,
        status=MessageStatus.RECEIVED,
        message_type=item.type,
        text_content=item.text,
        content=_content(item),
        wamid=item.wamid,
        context_wamid=item.context_wamid,
        occurred_at=min(item.timestamp, utcnow()),
        next_attempt_at=None,
    )
    db.session.add(message)
    db.session.flush()
    _open_window(conversation, message)
    return message


def _is_known(account_id: int, wamid: str) -> bool:
    statement = select(Message.id).where(Message.account_id == account_id, Message.wamid == wamid)
    return db.session.scalar(statement) is not None


def _number_of(account: Account, item: InboundMessage) -> PhoneNumber:
    """The number it was written to must belong to the account that the signed entry names."""
    for number in account.phone_numbers:
        if number.meta_id == item.phone_number_id:
            return number
    raise Unroutable(
        f"The number {item.phone_number_id or 'missing'} is not one of this account's numbers here. "
        "Add the number to the account, then process this event again."
    )


def _learn_profile(contact: Contact, item: InboundMessage) -> None:
    if item.profile_name and contact.profile_name != item.profile_name:
        contact.profile_name = item.profile_name
    if item.username and contact.username != item.username:
        contact.username = item.username


def _content(item: InboundMessage) -> dict[str, Any]:
    """Meta's object of the kind, and what stood beside it that a thread shows."""
    content = dict(item.content)
    if item.referral:
        content["_referral"] = item.referral
    if item.is_forwarded:
        content["_forwarded"] = True
    if item.errors:
        content["_errors"] = [
            {"code": error.code, "title": error.title, "details": error.details} for error in item.errors
        ]
    return content


def _open_window(conversation: Conversation, message: Message) -> None:
    """Each inbound message opens 24 hours anew, by Meta's clock; a late one never shortens them."""
    if message.message_type != "system" and (
        conversation.last_inbound_at is None or message.occurred_at > conversation.last_inbound_at
    ):
        conversation.last_inbound_at = message.occurred_at
    if message.message_type != "reaction":
        conversation.unread_count = Conversation.unread_count + 1
    show_as_last(conversation, message)
