"""Teams: who answers together, and which accounts and numbers they serve."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Response, flash, make_response, render_template, url_for
from wtforms import StringField
from wtforms.validators import InputRequired

from app.errors import DomainError, InvalidFields
from app.models import Account, Team
from app.queries import people as people_queries
from app.queries import teams as queries
from app.queries.access import EVERYTHING
from app.queries.accounts import list_accounts
from app.services import teams as service
from app.services.teams import Place
from app.settings.blueprint import blueprint
from app.web.form_errors import show_problems
from app.web.hours_fields import HoursFields
from app.web.identity import current_actor
from app.web.page_forms import Boxes, PageForm
from app.web.permissions import permission_required
from app.web.responses import go_to

_MANAGE = "people.manage"


class TeamForm(HoursFields, PageForm):
    """A team, whole."""

    name = StringField("Name", [InputRequired("Give the team a name.")], render_kw={"autocomplete": "off"})
    user_ids = Boxes("People", coerce=int)
    places = Boxes("Serves")

    def offer(self) -> TeamForm:
        """Everybody who may sign in, and every account with its numbers."""
        self.user_ids.choices = [
            (user.id, f"{user.display_name}, {user.role.value}")
            for user in people_queries.list_users()
            if user.is_active or user.id in (self.user_ids.data or ())
        ]
        accounts = list_accounts(EVERYTHING)
        self.places.choices = [choice for account in accounts for choice in _choices(account)]
        return self

    def chosen_places(self) -> list[Place]:
        found = (value.split("-") for value in self.places.data or ())
        return [(int(account), int(number) if number else None) for account, number in found]


def _choices(account: Account) -> Iterable[tuple[str, str]]:
    yield f"{account.id}-", f"{account.name}: all numbers"
    if len(account.phone_numbers) > 1:
        for number in account.phone_numbers:
            yield f"{account.id}-{number.id}", f"{account.name}: only {number.shown_number}"


@blueprint.get("/teams/")
@permission_required(_MANAGE)
def teams() -> Response:
    accounts = list_accounts(EVERYTHING)
    html = render_template(
        "settings/teams.html",
        rows=queries.list_teams(EVERYTHING),
        accounts={account.id: account.name for account in accounts},
        numbers={row.id: row.shown_number for account in accounts for row in account.phone_numbers},
    )
    return make_response(html)


@blueprint.route("/teams/new", methods=["GET", "POST"])
@permission_required(_MANAGE)
def create_team() -> Response:
    return _edit(None, TeamForm(hours=[{}] * 7, time_zone="UTC").offer())


@blueprint.route("/teams/<int:team_id>", methods=["GET", "POST"])
@permission_required(_MANAGE)
def team(team_id: int) -> Response:
    row = queries.get_team(team_id, EVERYTHING)
    return _edit(row, TeamForm(data=_shown(row)).offer())


@blueprint.get("/teams/<int:team_id>/delete")
@permission_required(_MANAGE)
def delete_team(team_id: int) -> Response:
    """Asks once more."""
    row = queries.get_team(team_id, EVERYTHING)
    return make_response(render_template("settings/team_delete.html", row=row))


@blueprint.post("/teams/<int:team_id>/delete")
@permission_required(_MANAGE)
def delete_team_now(team_id: int) -> Response:
    row = queries.get_team(team_id, EVERYTHING)
    name = row.name
    service.delete_team(team=row, actor=current_actor())
    flash(f"The team “{name}” is deleted.")
    return go_to(url_for("settings.teams"))


def _shown(row: Team) -> dict[str, Any]:
    return {
        "name": row.name,
        "user_ids": [member.user_id for member in row.members],
        "places": [f"{place.account_id}-{place.phone_number_id or ''}" for place in row.places],
        **TeamForm.shown_hours(row),
    }


def _edit(row: Team | None, form: TeamForm) -> Response:
    if form.validate_on_submit():
        try:
            kept = service.save_team(
                team=row,
                name=form.name.data or "",
                user_ids=form.user_ids.data or (),
                places=form.chosen_places(),
                hours=form.hours_values(),
                actor=current_actor(),
            )
        except InvalidFields as error:
            show_problems(form, error)
        except DomainError as error:
            form.form_errors.append(error.message)
        else:
            flash(f"The team “{kept.name}” is saved.")
            return go_to(url_for("settings.teams"))
    status = 422 if form.errors else 200
    return make_response(render_template("settings/team.html", row=row, form=form), status)
