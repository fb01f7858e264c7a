"""Reads of files that people have chosen to send and have not sent yet."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, String, and_, cast, exists, func, literal, select

from app.errors import NotFound
from app.extensions import db
from app.models import Conversation, OutgoingFile, PlannedMessage
from app.models.outgoing_files import PLANNED
from app.queries.planned import OPEN

_IS_CHOSEN = ~OutgoingFile.key.startswith(PLANNED)
"""It waits in a composer, not for a planned message."""


def list_waiting(conversation: Conversation, user_id: int | None) -> list[OutgoingFile]:
    """What this person has chosen for this conversation, whole files only, in the order of choosing."""
    statement = (
        select(OutgoingFile)
        .where(
            OutgoingFile.conversation_id == conversation.id,
            OutgoingFile.user_id == user_id,
            OutgoingFile.stored_at.is_not(None),
            _IS_CHOSEN,
        )
        .order_by(OutgoingFile.id)
    )
    return list(db.session.scalars(statement)) if user_id is not None else []


def count_chosen(conversation: Conversation, user_id: int) -> int:
    """Those that are still on their way here are counted, too."""
    statement = select(func.count()).where(
        OutgoingFile.conversation_id == conversation.id, OutgoingFile.user_id == user_id, _IS_CHOSEN
    )
    return db.session.scalar(statement) or 0


def find_by_key(key: str) -> OutgoingFile | None:
    """Whoever's it is."""
    return db.session.scalar(select(OutgoingFile).where(OutgoingFile.key == key))


def lock_by_keys(conversation: Conversation, user_id: int, keys: Collection[str]) -> dict[str, OutgoingFile]:
    """This person's, by key, held until the end of the transaction."""
    statement = (
        select(OutgoingFile)
        .where(
            OutgoingFile.conversation_id == conversation.id,
            OutgoingFile.user_id == user_id,
            OutgoingFile.key.in_(keys),
            _IS_CHOSEN,
        )
        .order_by(OutgoingFile.id)
        .with_for_update()
    )
    return {row.key: row for row in db.session.scalars(statement)}


def list_of_plan(planned_id: int) -> list[OutgoingFile]:
    """What this planned message carries, in its order."""
    mine = OutgoingFile.key.startswith(f"{PLANNED}{planned_id}-")
    return list(db.session.scalars(select(OutgoingFile).where(mine).order_by(OutgoingFile.id)))


def is_left(before: datetime) -> ColumnElement[bool]:
    """The condition: chosen before then and never sent, nor waiting for a message that is still to leave."""
    waits = exists().where(
        PlannedMessage.conversation_id == OutgoingFile.conversation_id,
        PlannedMessage.state.in_(OPEN),
        OutgoingFile.key.like(literal(PLANNED) + cast(PlannedMessage.id, String) + "-%"),
    )
    return and_(OutgoingFile.created_at < before, ~waits)


def get_outgoing_file(outgoing_file_id: int, conversation: Conversation) -> OutgoingFile:
    """Whoever chose it. Raises NotFound for one of another conversation."""
    file = db.session.get(OutgoingFile, outgoing_file_id)
    if file is None or file.conversation_id != conversation.id:
        raise NotFound("This file is not here any more. It was sent or taken away.")
    return file
