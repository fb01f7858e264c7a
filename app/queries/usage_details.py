"""What a day's figures are made of: kinds, prices, replies of the bot, people, calls to Meta."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select

from app.extensions import db
from app.models import Direction, GraphCall, Message, MessagePriority, MessageStatus, PhoneNumber
from app.queries.usage import Span


@dataclass
class Details:
    """Of one number and one day; see AccountUsageLog."""

    kinds: dict[str, dict[str, int]] = field(default_factory=dict)
    pricing: dict[str, dict[str, int]] = field(default_factory=dict)
    bot_replies: int = 0
    unique_people: int = 0

    @property
    def is_empty(self) -> bool:
        return not self.kinds and not self.unique_people


def count_details(phone_number_id: int, start: datetime, end: datetime) -> Details:
    """Of one number's messages in [start, end). Failed ones are no part of kinds, prices and replies."""
    span = Span((phone_number_id,), start, end).condition()
    is_bot = Message.priority == MessagePriority.BOT
    parts = (Message.direction, Message.message_type, Message.pricing_category, Message.pricing_type, is_bot)
    is_tried = Message.sent_at.is_not(None) & (Message.status != MessageStatus.FAILED)
    statement = (
        select(*parts[:4], is_bot.label("is_bot"), func.count().label("messages"))
        .where(span, (Message.direction == Direction.INBOUND) | is_tried)
        .group_by(*parts)
    )
    found = Details()
    for row in db.session.execute(statement):
        way = "received" if row.direction is Direction.INBOUND else "sent"
        _add(found.kinds, row.message_type, way, row.messages)
        if row.pricing_category:
            _add(found.pricing, row.pricing_category, row.pricing_type or "regular", row.messages)
        if row.is_bot and way == "sent":
            found.bot_replies += row.messages
    people = select(func.count(func.distinct(Message.contact_id))).where(span)
    found.unique_people = db.session.scalar(people) or 0
    return found


NAMED = "template:"
"""Begins those entries of a day's `kinds` that count the messages of one message template, by its name."""


def count_names(phone_number_id: int, start: datetime, end: datetime) -> dict[str, dict[str, int]]:
    """`{"template:order_update": {"sent": 3, "delivered": 3, "read": 2}}` of one number's messages."""
    name = Message.content["name"].as_string()
    is_read = Message.read_at.is_not(None)
    statement = (
        select(
            name.label("name"),
            func.count().label("sent"),
            func.sum(case((Message.delivered_at.is_not(None) | is_read, 1), else_=0)).label("delivered"),
            func.sum(case((is_read, 1), else_=0)).label("read"),
        )
        .where(
            Span((phone_number_id,), start, end).condition(),
            Message.direction == Direction.OUTBOUND,
            Message.message_type == "template",
            Message.sent_at.is_not(None),
            Message.status != MessageStatus.FAILED,
        )
        .group_by(name)
    )
    return {
        f"{NAMED}{row.name}": {"sent": row.sent, "delivered": int(row.delivered), "read": int(row.read)}
        for row in db.session.execute(statement)
        if row.name
    }


def plain_kinds(kinds: Mapping[str, Any]) -> dict[str, Any]:
    """Without the entries of single message templates."""
    return {kind: parts for kind, parts in kinds.items() if not kind.startswith(NAMED)}


def count_calls(number: PhoneNumber, start: datetime, end: datetime) -> int:
    """Kept calls to Meta in [start, end): of a first number, those about the account itself too."""
    calls = (
        select(func.count())
        .select_from(GraphCall)
        .where(GraphCall.account_id == number.account_id, GraphCall.at >= start, GraphCall.at < end)
    )
    first_id = db.session.scalar(
        select(func.min(PhoneNumber.id)).where(PhoneNumber.account_id == number.account_id)
    )
    if first_id != number.id:
        return db.session.scalar(calls.where(_is_about(number))) or 0
    others = db.session.scalars(
        select(PhoneNumber).where(PhoneNumber.account_id == number.account_id, PhoneNumber.id != number.id)
    )
    return db.session.scalar(calls.where(*(~_is_about(other) for other in others))) or 0


def _is_about(number: PhoneNumber) -> Any:
    """Paths begin with the node that is asked: `1065…/messages`."""
    path = GraphCall.path
    return (path == number.meta_id) | path.startswith(f"{number.meta_id}/", autoescape=True)


def _add(found: dict[str, dict[str, int]], name: str, part: str, count: int) -> None:
    entry = found.setdefault(name, {})
    entry[part] = entry.get(part, 0) + count
