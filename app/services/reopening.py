"""Whose a conversation is once its customer has opened it again by writing.

It stays with the person who had it, who knows the story, unless they cannot take it up: then it is nobody's,
and goes the way of every new one.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import cast

from sqlalchemy import Table, select, update

from app.extensions import db
from app.models import Conversation, ConversationEvent, TeamEvent, User
from app.queries.desks import away_among
from app.queries.teamwork import find_colleague
from app.services.bulk import Insert

_RELEASED = Insert(
    cast(Table, ConversationEvent.__table__),
    "conversation_id",
    "assignee_name",
    constants={"kind": TeamEvent.UNASSIGNED},
)


def release_from_absent(conversation_ids: Collection[int]) -> None:
    """Take these, which were just opened again, from whoever says that they are away, was switched off, or
    may not answer in the account any more. A team that has one keeps it. The caller holds the rows, and
    commits.
    """
    if not conversation_ids:
        return
    held = db.session.execute(
        select(Conversation.id, Conversation.account_id, User.id, User.name, User.email)
        .join(User, User.id == Conversation.assigned_to_id)
        .where(Conversation.id.in_(conversation_ids))
        .order_by(Conversation.id)
    ).all()
    away = away_among({user_id for _, _, user_id, *_ in held})
    may_answer = {
        (account_id, user_id): find_colleague(account_id, user_id) is not None
        for account_id, user_id in {(account_id, user_id) for _, account_id, user_id, *_ in held}
    }
    lost = [
        (id_, name or email)
        for id_, account_id, user_id, name, email in held
        if user_id in away or not may_answer[account_id, user_id]
    ]
    if lost:
        db.session.execute(
            update(Conversation)
            .where(Conversation.id.in_([id_ for id_, _ in lost]))
            .values(assigned_to_id=None, version=Conversation.version + 1)
            .execution_options(synchronize_session="fetch")
        )
        _RELEASED.write(lost)
