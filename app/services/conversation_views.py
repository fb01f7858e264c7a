"""Saved views of the conversation list: one's own, or shared with all who work in an account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from app.errors import FieldProblem, InvalidFields
from app.extensions import db
from app.models import ConversationStart, ConversationView, User
from app.queries.access import Actor
from app.queries.conversation_views import count_own
from app.services import audit
from app.services.conversations import insert_ignoring_conflict

LONGEST_NAME = 40
MOST = 20


def save_view(
    *, name: str, query: Mapping[str, Any], user: User, account_id: int | None, actor: Actor
) -> ConversationView:
    """By the same name, one's own view of before is changed. Raises InvalidFields."""
    name = " ".join(name.replace("\x00", " ").split())
    if not name or len(name) > LONGEST_NAME:
        problem = f"Give the view a name of 1 to {LONGEST_NAME} characters. Nothing was saved."
        raise InvalidFields([FieldProblem("name", problem)])
    view = db.session.scalar(
        select(ConversationView).where(
            ConversationView.user_id == user.id,
            ConversationView.name == name,
            ConversationView.account_id == account_id,
        )
    )
    if view is None:
        if count_own(user.id) >= MOST:
            problem = f"You have {MOST} views, which is the most. Delete one first. Nothing was saved."
            raise InvalidFields([FieldProblem("name", problem)])
        view = ConversationView(user_id=user.id, account_id=account_id, name=name)
        db.session.add(view)
    view.query = dict(query)
    db.session.flush()
    _record(actor, "conversation_view.saved", view)
    db.session.commit()
    return view


def delete_view(*, view: ConversationView, actor: Actor) -> None:
    """Whose list began with it, begins with all conversations again."""
    _record(actor, "conversation_view.deleted", view)
    db.session.delete(view)
    db.session.commit()


def start_with(*, view: ConversationView | None, user: User) -> None:
    """The list begins with this view; None: with all conversations."""
    row = db.session.get(ConversationStart, user.id)
    if view is None:
        if row is not None:
            db.session.delete(row)
    elif row is None:
        insert_ignoring_conflict(ConversationStart, [{"user_id": user.id, "view_id": view.id}])
    else:
        row.view_id = view.id
    db.session.commit()


def _record(actor: Actor, action: str, view: ConversationView) -> None:
    audit.record(
        actor,
        action,
        account_id=view.account_id,
        object_type="conversation_view",
        object_id=view.id,
        details={"name": view.name, "is_shared": view.account_id is not None},
    )
