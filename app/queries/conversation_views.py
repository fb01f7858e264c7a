"""Reads about saved views of the conversation list."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, or_, select

from app.errors import NotFound
from app.extensions import db
from app.models import Account, AccountStatus, ConversationStart, ConversationView
from app.queries.access import AccountScope

MOST_SHOWN = 20


def list_views(scope: AccountScope, user_id: int | None) -> list[ConversationView]:
    """One's own, and those shared in accounts of the scope, by name."""
    statement = (
        select(ConversationView)
        .outerjoin(Account, Account.id == ConversationView.account_id)
        .where(_may_see(scope, user_id))
        .order_by(ConversationView.name, ConversationView.id)
        .limit(MOST_SHOWN)
    )
    return list(db.session.scalars(statement))


def get_view(view_id: int, scope: AccountScope, user_id: int | None) -> ConversationView:
    """Raises NotFound for what this person does not see."""
    statement = (
        select(ConversationView)
        .outerjoin(Account, Account.id == ConversationView.account_id)
        .where(ConversationView.id == view_id, _may_see(scope, user_id))
    )
    view = db.session.scalar(statement)
    if view is None:
        raise NotFound("There is no such view.")
    return view


def find_start_id(user_id: int | None) -> int | None:
    """The view with which this person's list begins."""
    if user_id is None:
        return None
    return db.session.scalar(select(ConversationStart.view_id).where(ConversationStart.user_id == user_id))


def count_own(user_id: int) -> int:
    """How many views this person has made, shared ones too."""
    return len(list(db.session.scalars(select(ConversationView.id).filter_by(user_id=user_id))))


def _may_see(scope: AccountScope, user_id: int | None) -> ColumnElement[bool]:
    own = and_(ConversationView.account_id.is_(None), ConversationView.user_id == user_id)
    shared = and_(
        ConversationView.account_id.is_not(None),
        scope.covers(ConversationView.account_id),
        Account.status != AccountStatus.ARCHIVED,
    )
    return or_(own, shared)
