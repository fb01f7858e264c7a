"""Who is there, and who looks at or answers in a conversation at this moment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from app.extensions import db
from app.models import DeskPresence, User, utcnow

THERE = timedelta(minutes=3)
"""Somebody whose page has not been heard of for longer is not there: browsers let a hidden page speak only
once a minute."""
LOOKING = timedelta(seconds=75)
"""A page that shows a conversation speaks twice a minute."""


@dataclass(frozen=True)
class Looker:
    """A colleague with a conversation open."""

    user_id: int
    name: str
    is_answering: bool


def lookers_at(conversation_ids: Iterable[int], but: int | None) -> dict[int, list[Looker]]:
    """By conversation, those who answer first; without `but`, who asks."""
    ids = list(conversation_ids)
    if not ids:
        return {}
    now = utcnow()
    # Columns alone: the poll of every open page asks this.
    statement = (
        select(
            DeskPresence.conversation_id,
            DeskPresence.user_id,
            DeskPresence.answering_until,
            User.name,
            User.email,
        )
        .join(User, User.id == DeskPresence.user_id)
        .where(DeskPresence.conversation_id.in_(ids), DeskPresence.seen_at > now - LOOKING, User.is_active)
        .order_by(DeskPresence.user_id)
    )
    found: dict[int, list[Looker]] = {}
    for row in db.session.execute(statement):
        if row.user_id != but:
            is_answering = row.answering_until is not None and row.answering_until > now
            looker = Looker(row.user_id, row.name or row.email, is_answering)
            found.setdefault(row.conversation_id, []).append(looker)
    for lookers in found.values():
        lookers.sort(key=lambda one: not one.is_answering)
    return found


def list_there() -> set[int]:
    """People whose page was heard of lately."""
    statement = select(DeskPresence.user_id).where(DeskPresence.seen_at > utcnow() - THERE)
    return set(db.session.scalars(statement))
