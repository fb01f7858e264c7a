"""Reads about teams: who is in them, what they serve."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import selectinload

from app.errors import NotFound
from app.extensions import db
from app.models import Conversation, Team, TeamMember, TeamPlace
from app.queries.access import AccountScope
from app.queries.slices import Slice, Turn, fetch_slice


def slice_teams(scope: AccountScope, turn: Turn | None, limit: int) -> Slice[Team]:
    """Those that serve any of these accounts, newest first."""
    return fetch_slice(select(Team).where(_serves_any(scope)), Team, turn=turn, limit=limit)


def list_teams(scope: AccountScope) -> list[Team]:
    """Those that serve any of these accounts, by name, with people and places."""
    statement = (
        select(Team)
        .where(_serves_any(scope))
        .options(selectinload(Team.members), selectinload(Team.places))
        .order_by(Team.name, Team.id)
    )
    return list(db.session.scalars(statement))


def list_team_names(scope: AccountScope) -> list[tuple[int, str]]:
    """The same teams, with their ids and names alone."""
    statement = select(Team.id, Team.name).where(_serves_any(scope)).order_by(Team.name, Team.id)
    return [(row.id, row.name) for row in db.session.execute(statement)]


def get_team(team_id: int, scope: AccountScope) -> Team:
    """Raises NotFound where it serves none of these accounts."""
    team: Team | None = db.session.scalar(select(Team).where(Team.id == team_id, _serves_any(scope)))
    if team is None:
        raise NotFound("There is no such team.")
    return team


def list_serving(account_id: int, phone_number_id: int) -> list[Team]:
    """The teams of a number, by name."""
    statement = select(Team).where(serves(account_id, phone_number_id)).order_by(Team.name, Team.id)
    return list(db.session.scalars(statement))


def find_serving(conversation: Conversation, team_id: int) -> Team | None:
    """The team, if it serves the conversation's number."""
    here = serves(conversation.account_id, conversation.phone_number_id)
    return db.session.scalar(select(Team).where(Team.id == team_id, here))


def team_ids_of(user_id: int) -> frozenset[int]:
    """The teams that a person is in."""
    return frozenset(db.session.scalars(select(TeamMember.team_id).where(TeamMember.user_id == user_id)))


def is_member(team_id: int, user_id: int) -> bool:
    return db.session.get(TeamMember, (team_id, user_id)) is not None


def members_of(team_ids: Iterable[int]) -> dict[int, set[int]]:
    """People by team."""
    statement = select(TeamMember.team_id, TeamMember.user_id).where(TeamMember.team_id.in_(set(team_ids)))
    found: dict[int, set[int]] = {}
    for team_id, user_id in db.session.execute(statement):
        found.setdefault(team_id, set()).add(user_id)
    return found


def _serves_any(scope: AccountScope) -> ColumnElement[bool]:
    """One that serves nothing (any more) is for whoever sees all accounts."""
    if scope.ids is None:
        return Team.id.is_not(None)
    return exists().where(TeamPlace.team_id == Team.id, scope.covers(TeamPlace.account_id))


def serves(account_id: int, phone_number_id: int) -> ColumnElement[bool]:
    """The condition: a team of this number."""
    return exists().where(
        and_(
            TeamPlace.team_id == Team.id,
            TeamPlace.account_id == account_id,
            or_(TeamPlace.phone_number_id.is_(None), TeamPlace.phone_number_id == phone_number_id),
        )
    )
