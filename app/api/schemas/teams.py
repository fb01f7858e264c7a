"""Teams, and how people work on an account's conversations."""

from __future__ import annotations

from typing import Any

from apiflask import Schema
from marshmallow import fields, validate
from marshmallow.validate import Range

from app.api.blueprint import LARGEST_ID
from app.api.schemas.bot import Holiday, WeekHours
from app.api.schemas.fields import Choice, Flag, Id, ListQuery, Moment, Text, described, list_of
from app.models import AgentsSee, AssignBy, Team
from app.services.desks import LONGEST_TARGET_MIN, NUMBERS_FROM
from app.services.teams import LONGEST_NAME, MOST_MEMBERS

_PEOPLE = described("People, by our ids. Being in a team gives no rights.", [3, 4])
_NUMBER = described("One of its numbers, by our id; null: all.", None)
_TARGET = described("Minutes of business hours; null: no target.", 15)


class TeamPlaceIn(Schema):
    """What a team serves."""

    waba_account_id = Id(required=True, metadata=described("The account, by our id.", 1))
    phone_number_id = Id(load_default=None, allow_none=True, metadata=_NUMBER)


class TeamPlaceOut(Schema):
    """What a team serves."""

    waba_account_id = fields.Integer(required=True, attribute="account_id")
    phone_number_id = fields.Integer(required=True, allow_none=True, metadata=_NUMBER)


class TeamIn(Schema):
    """A team, whole."""

    name = Text(LONGEST_NAME, least=1, required=True, metadata=described("", "Sales"))
    user_ids = fields.List(
        Id(), load_default=list, validate=validate.Length(max=MOST_MEMBERS), metadata=_PEOPLE
    )
    serves = fields.List(fields.Nested(TeamPlaceIn), required=True, validate=validate.Length(1, 1000))
    has_hours = Flag(
        load_default=False, metadata=described("Hours of its own; else those of the account.", False)
    )
    time_zone = Text(64, load_default="UTC", metadata=described("", "Europe/Madrid"))
    hours = WeekHours(load_default=list)
    holidays = fields.List(fields.Nested(Holiday), load_default=list)


class TeamOut(Schema):
    """People who answer together."""

    id = fields.Integer(required=True, metadata=described("Our id.", 2))
    name = fields.String(required=True, metadata=described("", "Sales"))
    user_ids = fields.List(fields.Integer(), required=True, metadata=_PEOPLE)
    serves = fields.List(fields.Nested(TeamPlaceOut), required=True, attribute="places")
    has_hours = Flag(required=True)
    time_zone = fields.String(required=True)
    hours = WeekHours(required=True)
    holidays = fields.List(fields.Nested(Holiday), required=True)
    created_at = Moment(required=True)
    updated_at = Moment(required=True)


TeamList = list_of(TeamOut, "TeamList")


class TeamQuery(ListQuery):
    """Pages of the list."""


def show_team(team: Team) -> dict[str, Any]:
    """A team as TeamOut shows it."""
    names = ("id", "name", "places", "has_hours", "time_zone", "hours", "holidays")
    shown = {name: getattr(team, name) for name in (*names, "created_at", "updated_at")}
    return {**shown, "user_ids": [member.user_id for member in team.members]}


class TeamworkOut(Schema):
    """How people work on an account's conversations."""

    assign_by = Choice(
        *AssignBy,
        required=True,
        metadata=described(
            "load: to whoever is there with the fewest open; nobody: people take them.", "load"
        ),
    )
    assign_number_ids = fields.List(
        fields.Integer(strict=True, validate=Range(1, LARGEST_ID)),
        required=True,
        validate=validate.Length(max=1000),
        metadata=described("Only of these numbers, by our ids; none: of all.", []),
    )
    agents_see = Choice(
        *AgentsSee,
        required=True,
        metadata=described("teams: their own, their teams' and nobody's. Keys see everything.", "everything"),
    )
    numbers_from = Choice(
        *NUMBERS_FROM,
        required=True,
        metadata=described("The least role of people who see customers' numbers in full.", "viewer"),
    )
    answer_target_min = fields.Integer(
        required=True, allow_none=True, strict=True, validate=Range(1, LONGEST_TARGET_MIN), metadata=_TARGET
    )
    resolution_target_min = fields.Integer(
        required=True, allow_none=True, strict=True, validate=Range(1, LONGEST_TARGET_MIN), metadata=_TARGET
    )


class TeamworkIn(TeamworkOut):
    """What is to change."""
