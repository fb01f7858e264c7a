"""What happened for one person since their page last asked: for the title, the sound, the notification."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import contains_eager, joinedload

from app.extensions import db
from app.models import (
    Account,
    AccountStatus,
    Conversation,
    ConversationEvent,
    DeskSettings,
    Direction,
    Message,
    NoteMention,
    TeamEvent,
    utcnow,
)
from app.models.number_masks import shown_text
from app.queries.access import AccountScope
from app.queries.mentions import list_mentions
from app.queries.usage import was_here

_MOST = 20
_LOOK_BACK = 200
"""Ids are given before they are committed: what came in between an older and a newer one is looked for
again, and the page knows what it has told."""
_FRESH = timedelta(minutes=2)
_PLACE = re.compile(r"([0-9]{1,18})\.([0-9]{1,18})\.([0-9]{1,18})", re.ASCII)


@dataclass(frozen=True)
class Place:
    """Up to which message, event and mention the page knows."""

    message: int
    event: int
    mention: int

    @classmethod
    def parse(cls, text: str | None) -> Place | None:
        found = _PLACE.fullmatch(text or "")
        return cls(*map(int, found.groups())) if found else None

    def __str__(self) -> str:
        return f"{self.message}.{self.event}.{self.mention}"


@dataclass(frozen=True)
class News:
    """`key` is the same each time it is found; `kind`: own, unassigned, assigned or mention."""

    key: str
    kind: str
    conversation: Conversation
    text: str
    anchor: str = ""


def latest_place() -> Place:
    """Where asking begins."""
    models = (Message, ConversationEvent, NoteMention)
    row = db.session.execute(select(*(select(func.max(one.id)).scalar_subquery() for one in models))).one()
    return Place(row[0] or 0, row[1] or 0, row[2] or 0)


def list_news(scope: AccountScope, settings: DeskSettings, place: Place) -> list[News]:
    """Since a place, of the kinds that the person wants to be told of; only what is minutes old."""
    found = [*_messages(scope, settings, place), *_assigned(scope, settings, place)]
    if settings.tells_mentions:
        since = max(0, place.mention - _LOOK_BACK)
        fresh = utcnow() - _FRESH
        found += [
            News(f"n{one.id}", "mention", one.conversation, one.note.body, f"note-{one.note.id}")
            for one in list_mentions(scope, settings.user_id, since)[:_MOST]
            if one.is_unread and one.at > fresh
        ]
    return found


def _messages(scope: AccountScope, settings: DeskSettings, place: Place) -> Iterator[News]:
    mine = Conversation.assigned_to_id == settings.user_id
    is_open = Conversation.closed_at.is_(None)
    nobody = and_(Conversation.assigned_to_id.is_(None), is_open)
    wanted: ColumnElement[bool]
    if settings.tells_own and settings.tells_unassigned:
        wanted = mine | nobody
    elif settings.tells_own or settings.tells_unassigned:
        wanted = mine if settings.tells_own else nobody
    else:
        return
    statement = (
        select(Message.id, Message.text_content, Message.message_type, Conversation)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .join(Conversation.account)
        .options(joinedload(Conversation.contact), contains_eager(Conversation.account))
        .where(
            Message.id > place.message - _LOOK_BACK,
            Message.created_at > utcnow() - _FRESH,
            was_here(),
            Message.direction == Direction.INBOUND,
            Message.message_type != "reaction",
            scope.covers(Conversation.account_id),
            Account.status != AccountStatus.ARCHIVED,
            wanted,
        )
        .order_by(Message.id.desc())
        .limit(_MOST)
    )
    for id_, text, kind, conversation in db.session.execute(statement):
        own = conversation.assigned_to_id == settings.user_id
        said = shown_text(conversation.account_id, kind, text) or kind
        yield News(f"m{id_}", "own" if own else "unassigned", conversation, said, f"message-{id_}")


def _assigned(scope: AccountScope, settings: DeskSettings, place: Place) -> Iterator[News]:
    """By somebody else, or by itself."""
    if not settings.tells_assigned:
        return
    statement = (
        select(ConversationEvent.id, ConversationEvent.actor_name, Conversation)
        .join(Conversation, Conversation.id == ConversationEvent.conversation_id)
        .join(Conversation.account)
        .options(joinedload(Conversation.contact), contains_eager(Conversation.account))
        .where(
            ConversationEvent.id > place.event - _LOOK_BACK,
            ConversationEvent.at > utcnow() - _FRESH,
            ConversationEvent.kind == TeamEvent.ASSIGNED,
            ConversationEvent.assignee_id == settings.user_id,
            func.coalesce(ConversationEvent.actor_id, 0) != settings.user_id,
            scope.covers(Conversation.account_id),
        )
        .order_by(ConversationEvent.id.desc())
        .limit(_MOST)
    )
    for id_, actor, conversation in db.session.execute(statement):
        yield News(f"e{id_}", "assigned", conversation, f"By {actor}" if actor else "")
