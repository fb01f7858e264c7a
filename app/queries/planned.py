"""Reads of messages planned for later."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Select, func, select
from sqlalchemy.orm import contains_eager, joinedload

from app.errors import NotFound
from app.extensions import db
from app.models import Account, AccountStatus, Conversation, PlannedMessage, PlannedState
from app.queries.access import AccountScope
from app.queries.slices import Slice, Turn, fetch_slice

OPEN = (PlannedState.PLANNED, PlannedState.HELD)
MOST_LISTED = 200


def get_planned(planned_id: int, scope: AccountScope) -> PlannedMessage:
    """With its conversation. Raises NotFound outside the scope."""
    planned: PlannedMessage | None = db.session.scalar(_visible(scope).where(PlannedMessage.id == planned_id))
    if planned is None:
        raise NotFound("There is no such planned message.")
    return planned


def is_planned(account_id: int, client_key: str) -> bool:
    """Whether this key stands for a planned message that was not cancelled."""
    statement = select(PlannedMessage.id).where(
        PlannedMessage.account_id == account_id,
        PlannedMessage.client_key == client_key,
        PlannedMessage.state != PlannedState.CANCELLED,
    )
    return db.session.scalar(statement) is not None


def list_open(conversation_id: int) -> list[PlannedMessage]:
    """Those of one conversation that are still to leave, or held, by time."""
    statement = (
        select(PlannedMessage)
        .where(PlannedMessage.conversation_id == conversation_id, PlannedMessage.state.in_(OPEN))
        .order_by(PlannedMessage.send_at, PlannedMessage.id)
        .limit(MOST_LISTED)
    )
    return list(db.session.scalars(statement))


def list_all_open(scope: AccountScope) -> list[PlannedMessage]:
    """Of all conversations: the held ones first, since they wait for a person; then by time."""
    statement = (
        _visible(scope)
        .where(PlannedMessage.state.in_(OPEN))
        .order_by(PlannedMessage.state, PlannedMessage.send_at, PlannedMessage.id)
        .limit(MOST_LISTED)
    )
    return list(db.session.scalars(statement))


def count_open(conversation_ids: Collection[int]) -> dict[int, tuple[int, int]]:
    """(planned, held) by conversation; without those that have none."""
    statement = (
        select(PlannedMessage.conversation_id, PlannedMessage.state, func.count())
        .where(PlannedMessage.conversation_id.in_(conversation_ids), PlannedMessage.state.in_(OPEN))
        .group_by(PlannedMessage.conversation_id, PlannedMessage.state)
    )
    counts: dict[int, tuple[int, int]] = {}
    for id_, state, count in db.session.execute(statement) if conversation_ids else ():
        planned, held = counts.get(id_, (0, 0))
        counts[id_] = (planned, held + count) if state is PlannedState.HELD else (planned + count, held)
    return counts


def slice_planned(
    scope: AccountScope,
    account_id: int | None,
    state: PlannedState | None,
    turn: Turn | None,
    limit: int,
) -> Slice[PlannedMessage]:
    """Newest first, page by page."""
    statement = _visible(scope)
    if account_id is not None:
        statement = statement.where(PlannedMessage.account_id == account_id)
    if state is not None:
        statement = statement.where(PlannedMessage.state == state)
    return fetch_slice(statement, PlannedMessage, turn=turn, limit=limit)


def _visible(scope: AccountScope) -> Select[PlannedMessage]:
    return (
        select(PlannedMessage)
        .join(PlannedMessage.conversation)
        .join(PlannedMessage.account)
        .options(
            contains_eager(PlannedMessage.account),
            contains_eager(PlannedMessage.conversation).options(
                joinedload(Conversation.contact), joinedload(Conversation.phone_number)
            ),
        )
        .where(scope.covers(PlannedMessage.account_id), Account.status != AccountStatus.ARCHIVED)
    )
