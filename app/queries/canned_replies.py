"""Reads about canned replies: those of one account stand beside those of all accounts."""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_, select

from app.errors import NotFound
from app.extensions import db
from app.models import CannedReply
from app.queries.access import AccountScope
from app.queries.slices import Slice, Turn, fetch_slice


def list_canned_replies(scope: AccountScope) -> list[CannedReply]:
    """All that can be seen from these accounts, by name."""
    statement = select(CannedReply).where(_seen_from(scope)).order_by(CannedReply.name, CannedReply.id)
    return list(db.session.scalars(statement))


def list_for_account(account_id: int) -> list[CannedReply]:
    """What can be used in it."""
    return list_canned_replies(AccountScope(frozenset({account_id})))


def slice_canned_replies(
    scope: AccountScope, account_id: int | None, turn: Turn | None, limit: int
) -> Slice[CannedReply]:
    """Newest first, page by page; of one account: also those of all."""
    statement = select(CannedReply).where(_seen_from(scope))
    if account_id is not None:
        statement = statement.where(_seen_from(AccountScope(frozenset({account_id}))))
    return fetch_slice(statement, CannedReply, turn=turn, limit=limit)


def get_canned_reply(canned_reply_id: int, scope: AccountScope) -> CannedReply:
    """Raises NotFound outside the scope."""
    statement = select(CannedReply).where(CannedReply.id == canned_reply_id, _seen_from(scope))
    found: CannedReply | None = db.session.scalar(statement)
    if found is None:
        raise NotFound("There is no such canned reply.")
    return found


def _seen_from(scope: AccountScope) -> ColumnElement[bool]:
    return or_(CannedReply.account_id.is_(None), scope.covers(CannedReply.account_id))
