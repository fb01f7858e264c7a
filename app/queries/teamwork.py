"""Reads about what colleagues do among themselves: who can take a conversation, its history, its notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, exists, func, literal, or_, select

from app.extensions import db
from app.models import (
    Conversation,
    ConversationEvent,
    ConversationNote,
    Membership,
    Message,
    Role,
    Team,
    User,
)
from app.models.roles import role_allows
from app.queries.slices import Slice, Turn, fetch_slice
from app.queries.teams import serves
from app.queries.threads import Thread

_MOST_LINES = 300
"""Of the events and of the notes that stand between an open thread's messages; the latest ones."""
_ANSWERING = [role for role in Role if role_allows(role, "console.use")]


@dataclass(frozen=True)
class Colleague:
    """Somebody who may answer."""

    id: int
    name: str


@dataclass(frozen=True)
class ServingTeam:
    """A team that can be given a conversation."""

    id: int
    name: str


@dataclass(frozen=True)
class Between:
    """What stands between a thread's messages, oldest first."""

    events: list[ConversationEvent] = field(default_factory=list)
    notes: list[ConversationNote] = field(default_factory=list)


def list_colleagues(account_id: int) -> list[Colleague]:
    """Who can be given a conversation of this account, by name."""
    found = db.session.execute(_colleagues(account_id)).all()
    people = [Colleague(row.id, row.name or row.email) for row in found]
    return sorted(people, key=lambda one: (one.name.casefold(), one.id))


def list_hands(conversation: Conversation) -> tuple[list[Colleague], list[ServingTeam]]:
    """Who can be given this conversation: people, and the teams of its number, by name."""
    people = _colleagues(conversation.account_id).add_columns(literal(False).label("is_team"))
    teams = select(Team.id, Team.name, literal(""), literal(True)).where(
        serves(conversation.account_id, conversation.phone_number_id)
    )
    rows = db.session.execute(people.union_all(teams))
    named = ((row.name or row.email, row.id, row.is_team) for row in rows)
    found = sorted(named, key=lambda one: (one[0].casefold(), one[1]))
    return (
        [Colleague(id_, name) for name, id_, is_team in found if not is_team],
        [ServingTeam(id_, name) for name, id_, is_team in found if is_team],
    )


def list_all_colleagues(account_ids: Sequence[int]) -> list[Colleague]:
    """Who answers in any of these accounts, by name."""
    is_member = exists().where(
        Membership.user_id == User.id,
        Membership.account_id.in_(account_ids),
        Membership.role.in_(_ANSWERING),
    )
    statement = select(User.id, User.name, User.email).where(
        User.is_active, or_(User.role == Role.OWNER, is_member)
    )
    people = [Colleague(row.id, row.name or row.email) for row in db.session.execute(statement)]
    return sorted(people, key=lambda one: (one.name.casefold(), one.id))


def find_colleague(account_id: int, user_id: int) -> Colleague | None:
    row = db.session.execute(_colleagues(account_id).where(User.id == user_id)).one_or_none()
    return Colleague(row.id, row.name or row.email) if row is not None else None


def _colleagues(account_id: int) -> Select[int, str, str]:
    return select(User.id, User.name, User.email).where(User.is_active, _may_answer(account_id))


def _may_answer(account_id: int) -> Any:
    is_member = exists().where(
        Membership.user_id == User.id,
        Membership.account_id == account_id,
        Membership.role.in_(_ANSWERING),
    )
    return or_(User.role == Role.OWNER, is_member)


def list_between(conversation: Conversation, thread: Thread) -> Between:
    """What happened in the stretch of time that this thread shows."""
    since = thread.messages[0].occurred_at if thread.messages and thread.earlier else None
    until = None if thread.is_newest else _next_after(conversation, thread)
    return Between(
        _lines(ConversationEvent, conversation, since, until),
        _lines(ConversationNote, conversation, since, until),
    )


def _lines(
    model: Any, conversation: Conversation, since: datetime | None, until: datetime | None
) -> list[Any]:
    statement = (
        select(model)
        .where(model.conversation_id == conversation.id)
        .order_by(model.at.desc(), model.id.desc())
        .limit(_MOST_LINES)
    )
    if since is not None:
        statement = statement.where(model.at >= since)
    if until is not None:
        statement = statement.where(model.at < until)
    return list(db.session.scalars(statement))[::-1]


def _next_after(conversation: Conversation, thread: Thread) -> datetime | None:
    """When the first message came that stands on the page after this one."""
    if not thread.messages:
        return None
    last = thread.messages[-1]
    return db.session.scalar(
        select(func.min(Message.occurred_at)).where(
            and_(Message.conversation_id == conversation.id, Message.occurred_at > last.occurred_at)
        )
    )


def slice_notes(conversation: Conversation, turn: Turn | None, limit: int) -> Slice[ConversationNote]:
    """Newest first, page by page."""
    statement = select(ConversationNote).where(ConversationNote.conversation_id == conversation.id)
    return fetch_slice(statement, ConversationNote, turn=turn, limit=limit, by="at")
