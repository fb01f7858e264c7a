"""What accounts keep from their agents and viewers: colleagues' conversations, and customers' numbers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Alias, ColumnElement, Table, and_, exists, false, or_, select, true

from app.extensions import db
from app.models import (
    AccountDesk,
    AgentsSee,
    AssignBy,
    Contact,
    Conversation,
    DeskSettings,
    Message,
    Role,
    TeamMember,
)
from app.models.roles import roles_above

_CONVERSATIONS = cast(Table, Conversation.__table__)
_CONTACTS = cast(Table, Contact.__table__)
_MESSAGES = cast(Table, Message.__table__)
_LIMITED = (Role.AGENT, Role.VIEWER)
"""Managers and owners see all; so does nobody below them where an account says so."""
_FOR_SUMS = frozenset({"conversation_cases"})
"""Only ever counted: who sees some conversations sees the sums of all."""


@dataclass(frozen=True)
class ConversationLimits:
    """Accounts in which one sees only one's own conversations (`own`), or beside them those of one's teams
    and those that are nobody's (`teams`)."""

    person_id: int
    team_ids: frozenset[int]
    own: frozenset[int]
    teams: frozenset[int]

    def allow(self, column: Any) -> ColumnElement[bool]:
        """For the table that `column` is of: true() where it has nothing to do with conversations."""
        table = column.expression.table
        name = str(getattr(table.element if isinstance(table, Alias) else table, "name", ""))
        if name == "conversations":
            return self._may_see(table)
        if name == "contacts":
            return self._may_see_contact(table)
        one = _CONVERSATIONS.alias()
        if name in _FOR_SUMS:
            return true()
        if "conversation_id" not in table.c and "contact_id" in table.c:
            return or_(self._is_open(table), self._belongs_to_seen(table))
        if "conversation_id" not in table.c and "message_id" in table.c:
            message = _MESSAGES.alias()
            joined = and_(message.c.id == table.c.message_id, one.c.id == message.c.conversation_id)
            return or_(self._is_open(table), exists().where(joined, self._may_see(one)))
        if "conversation_id" in table.c:
            belongs = one.c.id == table.c.conversation_id
            return or_(self._is_open(table), exists().where(belongs, self._may_see(one)))
        return true()

    def sees(self, conversation: Conversation) -> bool:
        """The same about one that is at hand."""
        if conversation.account_id not in self.own | self.teams:
            return True
        if conversation.assigned_to_id == self.person_id:
            return True
        if conversation.account_id in self.own:
            return False
        if conversation.assigned_team_id in self.team_ids:
            return True
        return conversation.assigned_to_id is None and conversation.assigned_team_id is None

    def _is_open(self, table: Any) -> ColumnElement[bool]:
        """Rows of accounts that keep nothing back."""
        is_open: ColumnElement[bool] = table.c.account_id.not_in(self.own | self.teams)
        return is_open

    def _may_see(self, table: Any) -> ColumnElement[bool]:
        team, person = table.c.assigned_team_id, table.c.assigned_to_id
        is_teams = or_(team.in_(self.team_ids), and_(team.is_(None), person.is_(None)))
        return or_(
            self._is_open(table),
            person == self.person_id,
            and_(table.c.account_id.in_(self.teams), is_teams) if self.teams else false(),
        )

    def _belongs_to_seen(self, table: Any) -> ColumnElement[bool]:
        """What is kept about a contact (addresses, blocks …); of two, as joins are, both have to be seen."""
        columns = [table.c[name] for name in ("contact_id", "into_id") if name in table.c]
        contacts = [(column, _CONTACTS.alias()) for column in columns]
        return and_(
            *(exists().where(one.c.id == column, self._may_see_contact(one)) for column, one in contacts)
        )

    def _may_see_contact(self, table: Any) -> ColumnElement[bool]:
        """Of conversations they may read; where nobody's are seen, also whoever has none."""
        one, other = _CONVERSATIONS.alias(), _CONVERSATIONS.alias()
        is_new = and_(table.c.account_id.in_(self.teams), ~exists().where(other.c.contact_id == table.c.id))
        return or_(
            self._is_open(table),
            exists().where(one.c.contact_id == table.c.id, self._may_see(one)),
            is_new if self.teams else false(),
        )


def rules_for(person_id: int, roles: Mapping[int, Role]) -> tuple[ConversationLimits | None, frozenset[int]]:
    """What holds for a person with these roles by account: limits, and the accounts with masked numbers."""
    if not roles:
        return None, frozenset()
    rows = db.session.execute(
        select(AccountDesk.account_id, AccountDesk.agents_see, AccountDesk.numbers_from).where(
            AccountDesk.account_id.in_(roles),
            or_(AccountDesk.agents_see != AgentsSee.EVERYTHING, AccountDesk.numbers_from != Role.VIEWER),
        )
    ).all()
    masked = frozenset(
        row.account_id for row in rows if row.numbers_from in roles_above(roles[row.account_id])
    )
    limited = [row for row in rows if roles[row.account_id] in _LIMITED]
    own = frozenset(row.account_id for row in limited if row.agents_see is AgentsSee.OWN)
    teams = frozenset(row.account_id for row in limited if row.agents_see is AgentsSee.TEAMS)
    if not own and not teams:
        return None, masked
    return ConversationLimits(person_id, _team_ids(person_id), own, teams), masked


def _team_ids(person_id: int) -> frozenset[int]:
    return frozenset(db.session.scalars(select(TeamMember.team_id).where(TeamMember.user_id == person_id)))


def desk_of(account_id: int) -> AccountDesk:
    """The row, or one with every default that is kept nowhere."""
    return db.session.get(AccountDesk, account_id) or AccountDesk(
        account_id=account_id,
        assign_by=AssignBy.NOBODY,
        assign_number_ids=[],
        agents_see=AgentsSee.EVERYTHING,
        numbers_from=Role.VIEWER,
    )


def settings_of(user_id: int) -> DeskSettings:
    """The row, or one with every default that is kept nowhere."""
    return db.session.get(DeskSettings, user_id) or usual_settings(user_id)


def usual_settings(user_id: int) -> DeskSettings:
    """Of somebody who has chosen nothing: a row with every default that is kept nowhere."""
    values = {
        column.name: column.default.arg
        for column in DeskSettings.__table__.columns
        if column.default is not None
    }
    return DeskSettings(user_id=user_id, **values)


def away_among(user_ids: Collection[int]) -> set[int]:
    """Those of them who say that they are away."""
    statement = select(DeskSettings.user_id).where(DeskSettings.user_id.in_(user_ids), DeskSettings.is_away)
    return set(db.session.scalars(statement)) if user_ids else set()
