"""How people work on an account's conversations: who gets them, who sees them, how soon they answer."""

from __future__ import annotations

from flask import Response, flash, make_response, render_template, url_for
from wtforms import RadioField, SelectChoice, StringField
from wtforms.validators import InputRequired, Optional

from app.accounts.blueprint import blueprint
from app.errors import InvalidFields
from app.models import Account, AgentsSee, AssignBy, Role
from app.queries import accounts as account_queries
from app.queries.desks import desk_of
from app.queries.teams import list_teams
from app.services.desks import FIELDS, change_desk
from app.web.form_errors import show_problems
from app.web.identity import current_actor
from app.web.page_forms import Boxes, PageForm
from app.web.permissions import permission_required
from app.web.responses import go_to

_CHOOSE = "Choose one."
_MINUTES = {"inputmode": "numeric", "autocomplete": "off"}


class TeamworkForm(PageForm):
    """Named as the service's fields."""

    assign_by = RadioField(
        "Waiting conversations are given",
        [InputRequired(_CHOOSE)],
        choices=[
            SelectChoice(AssignBy.NOBODY.value, "To nobody: people take them"),
            SelectChoice(AssignBy.LOAD.value, "To whoever is there and has the fewest open"),
        ],
    )
    assign_number_ids = Boxes("Only of these numbers", [Optional()], coerce=int)
    agents_see = RadioField(
        "Agents and viewers see",
        [InputRequired(_CHOOSE)],
        choices=[
            SelectChoice(AgentsSee.EVERYTHING.value, "All conversations"),
            SelectChoice(AgentsSee.TEAMS.value, "Their own, those of their teams, and nobody’s"),
            SelectChoice(AgentsSee.OWN.value, "Only their own"),
        ],
    )
    numbers_from = RadioField(
        "Customers’ numbers are shown in full to",
        [InputRequired(_CHOOSE)],
        choices=[
            SelectChoice(Role.VIEWER.value, "Everybody"),
            SelectChoice(Role.AGENT.value, "Agents and above"),
            SelectChoice(Role.MANAGER.value, "Managers and owners"),
        ],
    )
    answer_target_min = StringField("A person answers within, minutes", [Optional()], render_kw=_MINUTES)
    resolution_target_min = StringField("It is closed within, minutes", [Optional()], render_kw=_MINUTES)

    @classmethod
    def of(cls, account: Account) -> TeamworkForm:
        row = desk_of(account.id)
        form = cls(data={name: _shown(getattr(row, name)) for name in FIELDS})
        form.assign_number_ids.choices = [(one.id, one.shown_number) for one in account.phone_numbers]
        return form


def _shown(value: object) -> object:
    if isinstance(value, list):
        return value
    return "" if value is None else str(value)


@blueprint.get("/<int:account_id>/teamwork")
@permission_required("accounts.manage")
def teamwork(account_id: int) -> Response:
    account = _account(account_id)
    return _page(account, TeamworkForm.of(account))


@blueprint.post("/<int:account_id>/teamwork")
@permission_required("accounts.manage")
def save_teamwork(account_id: int) -> Response:
    account = _account(account_id)
    form = TeamworkForm.of(account)
    if form.validate():
        try:
            values = {name: form[name].data for name in FIELDS}
            change_desk(account=account, values=values, actor=current_actor())
        except InvalidFields as error:
            show_problems(form, error)
        else:
            flash("Teamwork is saved.")
            return go_to(url_for("accounts.teamwork", account_id=account_id))
    return _page(account, form, 422)


def _account(account_id: int) -> Account:
    return account_queries.get_account(account_id, current_actor().scope("accounts.manage"))


def _page(account: Account, form: TeamworkForm, status: int = 200) -> Response:
    teams = list_teams(current_actor().scope("accounts.manage").within(account.id))
    html = render_template("accounts/teamwork.html", account=account, form=form, teams=teams)
    return make_response(html, status)
