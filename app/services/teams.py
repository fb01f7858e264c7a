"""Teams: made, changed and deleted by whoever manages people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from app.errors import DomainError, FieldProblem, InvalidFields
from app.extensions import db
from app.models import Account, Conversation, PhoneNumber, Team, TeamMember, TeamPlace, User
from app.queries.access import Actor
from app.services import audit
from app.services.account_cleaners import Unfit
from app.services.bot import cleaners

LONGEST_NAME = 60
MOST = 200
MOST_MEMBERS = 500
_HOURS = {
    "has_hours": cleaners.switch,
    "time_zone": cleaners.time_zone,
    "hours": cleaners.week,
    "holidays": cleaners.holidays,
}

Place = tuple[int, int | None]
"""An account, and one of its numbers or None for all."""


def save_team(
    *,
    team: Team | None,
    name: str,
    user_ids: Iterable[int],
    places: Iterable[Place],
    hours: dict[str, Any],
    actor: Actor,
) -> Team:
    """A new one, or the whole of a changed one. Raises InvalidFields.

    `hours` may hold has_hours, time_zone, hours and holidays, as the bot's settings do. A conversation that
    the team has stays with it, also where it serves no more.
    """
    name, people, served = " ".join(name.split()), sorted(set(user_ids)), sorted_places(places)
    cleaned, problems = _clean_hours(hours)
    problems += [*_check_name(name), *_check_people(people), *_check_places(served)]
    if cleaned.get("has_hours") and not any(cleaned.get("hours", team.hours if team else [])):
        text = "No day has an opening time. Give one, or switch the team’s own hours off."
        problems.append(FieldProblem("hours", text))
    if problems:
        raise InvalidFields(problems)
    is_new = team is None
    if team is None:
        if len(db.session.scalars(select(Team.id)).all()) >= MOST:
            raise DomainError(f"There are {MOST} teams, and no room for more. Delete one first.")
        team = Team()
        db.session.add(team)
    team.name = name
    for key, value in cleaned.items():
        setattr(team, key, value)
    _flush_name()
    _set_members(team, people)
    _set_places(team, served)
    _record(team, actor, "team.created" if is_new else "team.changed", people, served)
    return team


def delete_team(*, team: Team, actor: Actor) -> None:
    """Its conversations stay with the person who has them, or are nobody's."""
    db.session.execute(
        update(Conversation)
        .where(Conversation.assigned_team_id == team.id)
        .values(assigned_team_id=None, version=Conversation.version + 1)
        .execution_options(synchronize_session=False)
    )
    audit.record(actor, "team.deleted", object_type="team", object_id=team.id, details={"name": team.name})
    db.session.delete(team)
    db.session.commit()


def sorted_places(places: Iterable[Place]) -> list[Place]:
    """Each once; a number beside its whole account says nothing more."""
    found = set(places)
    whole = {account_id for account_id, number_id in found if number_id is None}
    kept = [place for place in found if place[1] is None or place[0] not in whole]
    return sorted(kept, key=lambda place: (place[0], place[1] or 0))


def _clean_hours(values: dict[str, Any]) -> tuple[dict[str, Any], list[FieldProblem]]:
    cleaned: dict[str, Any] = {}
    problems: list[FieldProblem] = []
    for name, value in values.items():
        try:
            cleaned[name] = _HOURS[name](value)
        except Unfit as error:
            problems.append(FieldProblem(name, str(error)))
    return cleaned, problems


def _check_name(name: str) -> list[FieldProblem]:
    if name and len(name) <= LONGEST_NAME and name.isprintable():
        return []
    return [FieldProblem("name", f"Give the team a name, of up to {LONGEST_NAME} characters.")]


def _check_people(user_ids: Sequence[int]) -> list[FieldProblem]:
    if len(user_ids) > MOST_MEMBERS:
        return [FieldProblem("user_ids", f"A team has up to {MOST_MEMBERS} people.")]
    known = set(db.session.scalars(select(User.id).where(User.id.in_(user_ids))))
    unknown = set(user_ids) - known
    return [FieldProblem("user_ids", f"There is no person with the id {min(unknown)}.")] if unknown else []


def _check_places(places: Sequence[Place]) -> list[FieldProblem]:
    if not places:
        return [FieldProblem("places", "Choose at least one account or number that the team serves.")]
    accounts = set(db.session.scalars(select(Account.id).where(Account.id.in_({one for one, _ in places}))))
    wanted = {number for _, number in places if number is not None}
    rows = db.session.execute(
        select(PhoneNumber.id, PhoneNumber.account_id).where(PhoneNumber.id.in_(wanted))
    )
    numbers = {row.id: row.account_id for row in rows}
    for account_id, number_id in places:
        if account_id not in accounts:
            return [FieldProblem("places", f"There is no account with the id {account_id}.")]
        if number_id is not None and numbers.get(number_id) != account_id:
            return [FieldProblem("places", f"The account has no number with the id {number_id}.")]
    return []


def _flush_name() -> None:
    """The index has the last word, also between two at the same moment."""
    try:
        db.session.flush()
    except IntegrityError:
        db.session.rollback()
        raise InvalidFields([FieldProblem("name", "There is a team of this name already.")]) from None


def _set_members(team: Team, user_ids: Sequence[int]) -> None:
    kept = {member.user_id: member for member in team.members}
    team.members = [kept.get(id_) or TeamMember(user_id=id_) for id_ in user_ids]


def _set_places(team: Team, places: Sequence[Place]) -> None:
    kept = {(place.account_id, place.phone_number_id): place for place in team.places}
    team.places = [
        kept.get(place) or TeamPlace(account_id=place[0], phone_number_id=place[1]) for place in places
    ]


def _record(team: Team, actor: Actor, action: str, people: Sequence[int], places: Sequence[Place]) -> None:
    details = {"name": team.name, "people": list(people), "places": [list(place) for place in places]}
    audit.record(actor, action, object_type="team", object_id=team.id, details=details)
    db.session.commit()
