"""How long customers wait: from their first message to a person's first answer, and until it was closed.

A case begins with the customer's first message after the conversation was new or closed (the batch that
stores the message says so in the conversation's row). Answers of the bot and of programs do not end the wait.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import select, update

from app.extensions import db
from app.models import AccountDesk, Conversation, ConversationCase, Message, Team, utcnow
from app.queries.teams import list_serving, team_ids_of
from app.services.bot.hours import Hours
from app.services.business_time import after, hours_at, hours_of_accounts, seconds_between
from app.services.conversations import insert_ignoring_conflict
from app.services.message_marks import PHONE_APP

_NEAR_PART = 4
"""From a quarter of the target on that is left, the list says so."""


@dataclass(frozen=True)
class Deadline:
    """When a first answer is due. `is_near`: worth a word; `is_past`: it was due by then."""

    at: datetime
    is_near: bool
    is_past: bool


class Waiting(Protocol):
    """What a deadline follows from: a conversation, or its columns alone."""

    @property
    def id(self) -> int: ...
    @property
    def account_id(self) -> int: ...
    @property
    def case_since(self) -> datetime | None: ...
    @property
    def answered_at(self) -> datetime | None: ...
    @property
    def assigned_team_id(self) -> int | None: ...


def person_answered(message: Message) -> None:
    """The caller holds the conversation's row, and commits. Only people's answers count, those on the
    business's own phone too, of which nobody knows who it was."""
    is_of_phone = PHONE_APP in message.content
    if message.sender_id is None and not is_of_phone:
        return
    row = db.session.execute(
        select(Conversation.case_since, Conversation.answered_at, Conversation.assigned_team_id).where(
            Conversation.id == message.conversation_id
        )
    ).one()
    now = message.occurred_at if is_of_phone else utcnow()
    if row.case_since is None or row.answered_at is not None or row.case_since > now:
        return
    db.session.execute(
        update(Conversation)
        .where(Conversation.id == message.conversation_id)
        .values(answered_at=now)
        .execution_options(synchronize_session=False)
    )
    team_id = row.assigned_team_id or _only_team(message)
    _keep(
        message,
        message.conversation_id,
        row.case_since,
        answered_at=now,
        answered_by_id=message.sender_id,
        answer_team_id=team_id,
        answer_s=_seconds(message.account_id, row.assigned_team_id, row.case_since, now),
        answer_target_s=_target(message.account_id, "answer_target_min"),
    )


def close(conversation: Conversation, user_id: int | None) -> None:
    """The conversation was just closed. The caller holds its row, and commits."""
    since, now = conversation.case_since, conversation.closed_at or utcnow()
    if since is not None:
        _keep(
            conversation,
            conversation.id,
            since,
            closed_at=now,
            closed_by_id=user_id,
            close_team_id=conversation.assigned_team_id,
            resolution_s=_seconds(conversation.account_id, conversation.assigned_team_id, since, now),
            resolution_target_s=_target(conversation.account_id, "resolution_target_min"),
        )
    conversation.case_since = conversation.answered_at = None


def reopen(conversation: Conversation) -> None:
    """By hand: the case goes on as if it had not been closed. The caller holds the row, and commits."""
    case = db.session.scalar(
        select(ConversationCase).where(
            ConversationCase.conversation_id == conversation.id,
            ConversationCase.closed_at == conversation.closed_at,
        )
    )
    if case is None:
        return
    conversation.case_since, conversation.answered_at = case.began_at, case.answered_at
    case.closed_at = case.closed_by_id = case.close_team_id = None
    case.resolution_s = case.resolution_target_s = None


def _keep(place: Conversation | Message, conversation_id: int, began_at: datetime, **values: Any) -> None:
    base = {
        "account_id": place.account_id,
        "phone_number_id": place.phone_number_id,
        "conversation_id": conversation_id,
        "began_at": began_at,
    }
    insert_ignoring_conflict(ConversationCase, [base])
    db.session.execute(
        update(ConversationCase)
        .where(
            ConversationCase.conversation_id == conversation_id,
            ConversationCase.began_at == began_at,
        )
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def _seconds(account_id: int, team_id: int | None, begin: datetime, end: datetime) -> int:
    team = db.session.get(Team, team_id) if team_id is not None else None
    return seconds_between(hours_at(account_id, team), begin, end)


def _target(account_id: int, name: str) -> int | None:
    minutes = db.session.scalar(
        select(getattr(AccountDesk, name)).where(AccountDesk.account_id == account_id)
    )
    return minutes * 60 if minutes is not None else None


def _only_team(message: Message) -> int | None:
    """The person's team at this number, where there is just one."""
    own = team_ids_of(message.sender_id) if message.sender_id is not None else ()
    found = [team.id for team in list_serving(message.account_id, message.phone_number_id) if team.id in own]
    return found[0] if len(found) == 1 else None


def deadlines_of(conversations: Collection[Waiting], now: datetime) -> dict[int, Deadline]:
    """By conversation id, of those in which a customer waits for a first answer that has a target."""
    waiting = [one for one in conversations if one.case_since is not None and one.answered_at is None]
    targets = _targets({one.account_id for one in waiting})
    if not targets:
        return {}
    aimed = [one for one in waiting if one.account_id in targets]
    hours = hours_of_accounts(list(targets))
    teams = _teams({one.assigned_team_id for one in aimed if one.assigned_team_id is not None})
    found = {}
    for one in aimed:
        team = teams.get(one.assigned_team_id or 0)
        own = hours_at(one.account_id, team) if team else hours[one.account_id]
        deadline = _deadline(own, one.case_since or now, targets[one.account_id], now)
        if deadline is not None:
            found[one.id] = deadline
    return found


def _targets(account_ids: Collection[int]) -> dict[int, int]:
    """Seconds until a person should answer, by account; without those that have no such target."""
    statement = select(AccountDesk.account_id, AccountDesk.answer_target_min).where(
        AccountDesk.account_id.in_(account_ids), AccountDesk.answer_target_min.is_not(None)
    )
    rows = db.session.execute(statement) if account_ids else ()
    return {row.account_id: row.answer_target_min * 60 for row in rows}


def _teams(ids: Collection[int]) -> dict[int, Team]:
    rows = db.session.scalars(select(Team).where(Team.id.in_(ids))) if ids else ()
    return {team.id: team for team in rows}


def _deadline(hours: Hours | None, since: datetime, target_s: int, now: datetime) -> Deadline | None:
    due = after(hours, since, target_s)
    if due is None:
        return None
    left = seconds_between(hours, now, due)
    return Deadline(due, is_near=left * _NEAR_PART <= target_s, is_past=due <= now)
