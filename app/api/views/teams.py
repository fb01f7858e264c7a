"""Teams, and how people work on an account's conversations."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE

from app.api.access import allowed
from app.api.blueprint import blueprint
from app.api.field_names import renamed
from app.api.paging import page_of
from app.api.schemas.teams import (
    TeamIn,
    TeamList,
    TeamOut,
    TeamQuery,
    TeamworkIn,
    TeamworkOut,
    show_team,
)
from app.errors import InvalidFields
from app.models import Account, AccountDesk, Team
from app.queries import teams as queries
from app.queries.accounts import get_account
from app.queries.desks import desk_of
from app.services import teams as service
from app.services.desks import change_desk
from app.web.identity import current_actor

_TAGS = ["Teams"]
_MANAGE = "people.manage"
_NAMES = {"places": "serves"}


@blueprint.get("/teams/")
@allowed("console.use")
@blueprint.input(TeamQuery, location="query", unknown=RAISE)
@blueprint.output(TeamList)
@blueprint.doc(tags=_TAGS)
def list_teams(query_data: dict[str, Any]) -> dict[str, Any]:
    """List teams

    Those that serve the key's accounts, newest first.
    """
    scope = current_actor().scope("console.use")
    found = queries.slice_teams(scope, query_data.get("cursor"), query_data["limit"])
    return {**page_of(found), "results": [show_team(team) for team in found.rows]}


@blueprint.post("/teams/")
@allowed(_MANAGE)
@blueprint.input(TeamIn, location="json")
@blueprint.output(TeamOut, status_code=201)
@blueprint.doc(tags=_TAGS)
def create_team(json_data: dict[str, Any]) -> dict[str, Any]:
    """Make a team

    Takes an owner's key.
    """
    return _save(None, json_data)


@blueprint.get("/teams/<int:team_id>/")
@allowed("console.use", team=queries.get_team)
@blueprint.output(TeamOut)
@blueprint.doc(tags=_TAGS)
def show_one_team(team: Team) -> dict[str, Any]:
    """Show a team"""
    return show_team(team)


@blueprint.put("/teams/<int:team_id>/")
@allowed(_MANAGE, team=queries.get_team)
@blueprint.input(TeamIn, location="json")
@blueprint.output(TeamOut)
@blueprint.doc(tags=_TAGS)
def change_team(team: Team, json_data: dict[str, Any]) -> dict[str, Any]:
    """Change a team

    The whole of it.
    """
    return _save(team, json_data)


@blueprint.delete("/teams/<int:team_id>/")
@allowed(_MANAGE, team=queries.get_team)
@blueprint.output({}, status_code=204)
@blueprint.doc(tags=_TAGS)
def delete_team(team: Team) -> str:
    """Delete a team

    Its conversations stay with the person who has them.
    """
    service.delete_team(team=team, actor=current_actor())
    return ""


@blueprint.get("/accounts/<int:account_id>/teamwork/")
@allowed("accounts.view", account=get_account)
@blueprint.output(TeamworkOut)
@blueprint.doc(tags=_TAGS)
def show_teamwork(account: Account) -> AccountDesk:
    """Show how people work on an account's conversations"""
    return desk_of(account.id)


@blueprint.patch("/accounts/<int:account_id>/teamwork/")
@allowed("accounts.manage", account=get_account)
@blueprint.input(TeamworkIn(partial=True), location="json")
@blueprint.output(TeamworkOut)
@blueprint.doc(tags=_TAGS)
def change_teamwork(account: Account, json_data: dict[str, Any]) -> AccountDesk:
    """Change how people work on an account's conversations

    Only what is given changes.
    """
    return change_desk(account=account, values=json_data, actor=current_actor())


def _save(team: Team | None, values: dict[str, Any]) -> dict[str, Any]:
    places = [(one["waba_account_id"], one["phone_number_id"]) for one in values["serves"]]
    hours = {name: values[name] for name in ("has_hours", "time_zone", "hours", "holidays")}
    try:
        kept = service.save_team(
            team=team,
            name=values["name"],
            user_ids=values["user_ids"],
            places=places,
            hours=hours,
            actor=current_actor(),
        )
    except InvalidFields as error:
        raise renamed(error, _NAMES) from None
    return show_team(kept)
