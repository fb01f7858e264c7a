"""Reads of the kept calls to Meta: those of one message, and those of an account by filter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import literal, select

from app.extensions import db
from app.models import Account, GraphCall, Message, MessageAttempt
from app.queries.cursors import Cursor

LIST_LENGTH = 30
_MOST_TRIES = 200


@dataclass(frozen=True)
class CallFilters:
    """They all hold at once. `path`: a part of the path; `since` counts as inside."""

    failures_only: bool = False
    path: str = ""
    since: datetime | None = None


@dataclass(frozen=True)
class CallPage:
    calls: list[GraphCall]
    next_cursor: Cursor | None


def list_account_calls(account: Account, filters: CallFilters, cursor: Cursor | None = None) -> CallPage:
    """Newest first, a page at a time."""
    statement = select(GraphCall).where(GraphCall.account_id == account.id)
    if filters.failures_only:
        statement = statement.where(GraphCall.outcome != literal("ok", literal_execute=True))
    if filters.path:
        statement = statement.where(GraphCall.path.contains(filters.path, autoescape=True))
    if filters.since is not None:
        statement = statement.where(GraphCall.at >= filters.since)
    if cursor is not None:
        statement = statement.where(cursor.is_after(GraphCall.at, GraphCall.id))
    statement = statement.order_by(GraphCall.at.desc(), GraphCall.id.desc()).limit(LIST_LENGTH + 1)
    found = list(db.session.scalars(statement))
    goes_on, calls = len(found) > LIST_LENGTH, found[:LIST_LENGTH]
    return CallPage(calls, Cursor(calls[-1].at, calls[-1].id) if goes_on else None)


def list_message_calls(message: Message) -> list[GraphCall]:
    """The kept calls of a message, oldest first; the caller has found the message within a scope."""
    statement = (
        select(GraphCall)
        .where(GraphCall.message_id == message.id)
        .order_by(GraphCall.at, GraphCall.id)
        .limit(_MOST_TRIES)
    )
    return list(db.session.scalars(statement))


def list_attempts(message: Message) -> list[MessageAttempt]:
    """Every try to hand a message to Meta, oldest first."""
    statement = (
        select(MessageAttempt)
        .where(MessageAttempt.message_id == message.id)
        .order_by(MessageAttempt.id)
        .limit(_MOST_TRIES)
    )
    return list(db.session.scalars(statement))
