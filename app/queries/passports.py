"""Reads for the passport of one message: all by its id, its wamid, or ids that stand in its row."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.extensions import db
from app.models import ApiKey, BotTrace, Message, MessageStatusEvent, User, WebhookEvent
from app.queries import webhook_events
from app.queries.access import AccountScope
from app.queries.webhook_events import EventFilters

_MOST_STATUSES = 100
MOST_EVENTS = 50


def list_statuses(message: Message) -> list[MessageStatusEvent]:
    """As Meta reported them, by Meta's time; those of earlier tries too."""
    statement = (
        select(MessageStatusEvent)
        .where(MessageStatusEvent.message_id == message.id)
        .order_by(MessageStatusEvent.occurred_at, MessageStatusEvent.id)
        .limit(_MOST_STATUSES)
    )
    return list(db.session.scalars(statement))


def find_answered(message: Message) -> Message | None:
    """The message that it quotes, else the one that the bot answered with it."""
    if message.context_wamid:
        statement = select(Message).where(
            Message.account_id == message.account_id, Message.wamid == message.context_wamid
        )
        found = db.session.scalar(statement)
        if found is not None:
            return found
    return db.session.get(Message, message.bot_reply_to_id) if message.bot_reply_to_id else None


def find_trace(message: Message) -> BotTrace | None:
    """What the bot made of it, or why the bot wrote it."""
    if message.is_outbound and not message.is_bot:
        return None
    if not message.is_outbound or message.bot_reply_to_id:
        about = BotTrace.message_id == (message.bot_reply_to_id or message.id)
    else:
        about = BotTrace.reply_message_id == message.id
    statement = select(BotTrace).options(joinedload(BotTrace.rule)).where(about).limit(1)
    return db.session.scalar(statement)


def find_sender(message: Message) -> User | None:
    return db.session.get(User, message.sender_id) if message.sender_id else None


def find_api_key(message: Message) -> ApiKey | None:
    return db.session.get(ApiKey, message.api_key_id) if message.api_key_id else None


def list_events(
    wamids: Iterable[str], scope: AccountScope
) -> tuple[list[WebhookEvent], dict[int, list[str]]]:
    """(Meta's posts that speak of these messages, oldest first; the keys of each, by its id)."""
    keys = tuple(f"m:{wamid}" for wamid in wamids)
    if not keys:
        return [], {}
    found = webhook_events.list_events(scope, EventFilters(found_by=(keys,)), limit=MOST_EVENTS).rows[::-1]
    return found, webhook_events.list_keys([event.id for event in found])
