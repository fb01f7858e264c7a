"""Gives conversations that wait to people who are there: a pass that the worker makes every second.

Nothing is remembered beside the rows, so a pass also picks up what waited over night, what came back from
somebody who was switched off, and what the bot handed over. One worker at a time makes it: the accounts' rows
are its lock, as loads are counted over all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from app.extensions import db
from app.models import (
    Account,
    AccountDesk,
    AccountStatus,
    AssignBy,
    BotConversation,
    Conversation,
    DeskPresence,
    DeskSettings,
    Team,
    TeamEvent,
    utcnow,
)
from app.queries.access import SYSTEM
from app.queries.desks import away_among
from app.queries.presence import THERE
from app.queries.teams import list_serving, members_of
from app.queries.teamwork import Colleague, list_colleagues
from app.services.business_time import hours_at, is_open
from app.services.teamwork import note_event

_AT_A_TIME = 50
_LIVE = (AccountStatus.LIVE, AccountStatus.NEEDS_ATTENTION)
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def work_off() -> int:
    """How many conversations found somebody. Writes nothing where no account wants it or nothing waits."""
    if not _is_anything_waiting():
        return 0
    desks = db.session.scalars(
        select(AccountDesk)
        .where(AccountDesk.assign_by == AssignBy.LOAD)
        .order_by(AccountDesk.account_id)
        .with_for_update(skip_locked=True)
    ).all()
    crew = _Crew()
    given = sum(_give_of(desk, crew) for desk in desks)
    db.session.commit()
    return given


def _is_anything_waiting() -> bool:
    """Read only: on SQLite a pass without work must not hold the one write lock."""
    is_anybody_there = exists().where(DeskPresence.seen_at > utcnow() - THERE)
    statement = (
        select(Conversation.id)
        .join(AccountDesk, AccountDesk.account_id == Conversation.account_id)
        .where(AccountDesk.assign_by == AssignBy.LOAD, is_anybody_there, *_waits())
        .limit(1)
    )
    with db.engine.connect().execution_options(reads=True) as connection:
        return connection.execute(statement).first() is not None


def _waits() -> tuple[ColumnElement[bool], ...]:
    """Open, nobody's, and a customer in it has had no person's answer; the bot's own ones wait for nobody."""
    is_people = exists().where(
        BotConversation.conversation_id == Conversation.id,
        or_(BotConversation.waits_since.is_not(None), BotConversation.quiet_until > utcnow()),
    )
    has_no_bot = exists().where(Account.id == Conversation.account_id, ~Account.auto_reply_enabled)
    return (
        Conversation.case_since.is_not(None),
        Conversation.answered_at.is_(None),
        Conversation.assigned_to_id.is_(None),
        Conversation.closed_at.is_(None),
        exists().where(and_(Account.id == Conversation.account_id, Account.status.in_(_LIVE))),
        or_(has_no_bot, is_people),
    )


def _give_of(desk: AccountDesk, crew: _Crew) -> int:
    statement = select(Conversation).where(Conversation.account_id == desk.account_id, *_waits())
    if desk.assign_number_ids:
        statement = statement.where(Conversation.phone_number_id.in_(desk.assign_number_ids))
    # Never waits for a row: a batch of events may hold one and want another. Left out, it comes next time.
    statement = (
        statement.order_by(Conversation.case_since)
        .limit(_AT_A_TIME)
        .with_for_update(key_share=True, skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return sum(_give(conversation, crew) for conversation in db.session.scalars(statement).all())


def _give(conversation: Conversation, crew: _Crew) -> bool:
    found = crew.choose(conversation)
    if found is None:
        return False
    person, team_id = found
    conversation.assigned_to_id = person.id
    conversation.assigned_team_id = team_id
    note_event(conversation, TeamEvent.ASSIGNED, SYSTEM, person)
    crew.note_given(person.id)
    return True


@dataclass
class _Crew:
    """Who is there, how much each has, and when each last got something: read once in a pass."""

    _now: datetime = field(default_factory=utcnow)
    _by_account: dict[int, list[Colleague]] = field(default_factory=dict)
    _loads: dict[int, int] = field(default_factory=dict)
    _given: dict[int, datetime] = field(default_factory=dict)

    def choose(self, conversation: Conversation) -> tuple[Colleague, int | None] | None:
        """Of the team that has it, else of those that serve its number, else anybody who may answer; only
        where it is open now."""
        there = self._there(conversation.account_id)
        if not there:
            return None
        teams = self._teams(conversation)
        if not teams:
            if not is_open(hours_at(conversation.account_id, None), self._now):
                return None
            return self._least(there), None
        members = members_of(team.id for team in teams)
        at_work = [team for team in teams if is_open(hours_at(conversation.account_id, team), self._now)]
        fitting = [(one, team.id) for team in at_work for one in there if one.id in members.get(team.id, ())]
        return min(fitting, key=lambda pair: self._rank(pair[0])) if fitting else None

    def note_given(self, user_id: int) -> None:
        """Counts for the next choice at once."""
        self._loads[user_id] = self._loads.get(user_id, 0) + 1
        self._given[user_id] = utcnow()
        row = db.session.get(DeskSettings, user_id)
        if row is None:
            row = DeskSettings(user_id=user_id)
            db.session.add(row)
        row.last_given_at = self._given[user_id]
        db.session.flush()

    def _teams(self, conversation: Conversation) -> Sequence[Team]:
        if conversation.assigned_team_id is not None:
            own = db.session.get(Team, conversation.assigned_team_id)
            return [own] if own is not None else []
        return list_serving(conversation.account_id, conversation.phone_number_id)

    def _least(self, people: Sequence[Colleague]) -> Colleague:
        return min(people, key=self._rank)

    def _rank(self, person: Colleague) -> tuple[int, datetime, int]:
        return self._loads.get(person.id, 0), self._given.get(person.id, _LONG_AGO), person.id

    def _there(self, account_id: int) -> list[Colleague]:
        """Who may answer, has a page open, and is not away."""
        if account_id not in self._by_account:
            people = {one.id: one.name for one in list_colleagues(account_id)}
            seen = set(
                db.session.scalars(
                    select(DeskPresence.user_id).where(
                        DeskPresence.user_id.in_(people), DeskPresence.seen_at > self._now - THERE
                    )
                )
            )
            present = seen - away_among(seen)
            self._count(present)
            self._by_account[account_id] = [Colleague(id_, people[id_]) for id_ in sorted(present)]
        return self._by_account[account_id]

    def _count(self, user_ids: set[int]) -> None:
        new = user_ids - self._loads.keys()
        if not new:
            return
        loads = db.session.execute(
            select(Conversation.assigned_to_id, func.count())
            .where(Conversation.assigned_to_id.in_(new), Conversation.closed_at.is_(None))
            .group_by(Conversation.assigned_to_id)
        )
        self._loads |= dict.fromkeys(new, 0) | {id_: count for id_, count in loads if id_ is not None}
        given = db.session.execute(
            select(DeskSettings.user_id, DeskSettings.last_given_at).where(
                DeskSettings.user_id.in_(new), DeskSettings.last_given_at.is_not(None)
            )
        )
        self._given |= {id_: at for id_, at in given if at is not None}
