"""People: who may sign in, with which role, in which accounts."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, flash, make_response, render_template, url_for

from app.crypto import Secret
from app.errors import DomainError, InvalidFields
from app.models import Role, User
from app.models.roles import role_allows
from app.queries import people as people_queries
from app.queries.access import EVERYTHING
from app.queries.accounts import list_accounts
from app.services import people as people_service
from app.settings.blueprint import blueprint
from app.settings.forms import PersonForm, RightsForm
from app.web.form_errors import show_problems
from app.web.identity import current_actor
from app.web.permissions import permission_required
from app.web.responses import go_to

manages_people = permission_required("people.manage")

# One permission stands for each line: the table shows what the pages check.
_RIGHTS = (
    ("Read conversations, figures and message templates", "messages.view"),
    ("Answer customers", "messages.send"),
    ("Connect accounts, change message templates, bot and profile", "accounts.manage"),
    ("Add people, API keys and outgoing webhooks", "people.manage"),
)


@dataclass(frozen=True)
class PersonRow:
    """One line of the list."""

    user: User
    accounts: list[str]


@blueprint.get("/people")
@manages_people
def people() -> Response:
    return _people_page()


@blueprint.route("/people/new", methods=["GET", "POST"])
@manages_people
def add_person() -> Response:
    """The new person's one-time password is in this answer and nowhere else."""
    form = PersonForm(role=Role.AGENT.value)
    form.offer(list_accounts(EVERYTHING))
    if form.validate_on_submit():
        try:
            user, password = people_service.add_person(
                email=form.email.data,
                name=form.name.data or "",
                role=form.chosen_role,
                account_ids=form.chosen_accounts,
                actor=current_actor(),
            )
            return _people_page(user, password, 201)
        except InvalidFields as error:
            show_problems(form, error)
    status = 422 if form.errors else 200
    return make_response(render_template("settings/person_new.html", form=form), status)


@blueprint.get("/people/<int:user_id>")
@manages_people
def person(user_id: int) -> Response:
    user = people_queries.get_user(user_id)
    form = RightsForm(role=user.role.value, account_ids=[row.account_id for row in user.memberships])
    return _person_page(user, form)


@blueprint.post("/people/<int:user_id>")
@manages_people
def set_rights(user_id: int) -> Response:
    user = people_queries.get_user(user_id)
    form = RightsForm()
    form.offer(list_accounts(EVERYTHING))
    if not form.validate():
        return _person_page(user, form, 422)
    try:
        people_service.set_rights(
            user=user, role=form.chosen_role, account_ids=form.chosen_accounts, actor=current_actor()
        )
    except InvalidFields as error:
        show_problems(form, error)
        return _person_page(user, form, 422)
    except DomainError as error:
        return _refused(error, user_id)
    flash(f"The rights of {user.display_name} are saved and hold from now on.")
    return go_to(url_for("settings.people"))


@blueprint.post("/people/<int:user_id>/switch-off")
@manages_people
def switch_off(user_id: int) -> Response:
    user = people_queries.get_user(user_id)
    try:
        people_service.switch_off(user=user, actor=current_actor())
    except DomainError as error:
        return _refused(error, user_id)
    flash(f"{user.display_name} is switched off and signed out everywhere.")
    return go_to(url_for("settings.people"))


@blueprint.post("/people/<int:user_id>/switch-on")
@manages_people
def switch_on(user_id: int) -> Response:
    user = people_queries.get_user(user_id)
    people_service.switch_on(user=user, actor=current_actor())
    flash(f"{user.display_name} may sign in again.")
    return go_to(url_for("settings.people"))


@blueprint.post("/people/<int:user_id>/one-time-password")
@manages_people
def give_one_time_password(user_id: int) -> Response:
    """Shown in this answer only."""
    user = people_queries.get_user(user_id)
    try:
        password = people_service.give_one_time_password(user=user, actor=current_actor())
    except DomainError as error:
        return _refused(error, user_id)
    return _people_page(user, password)


def _refused(error: DomainError, user_id: int) -> Response:
    flash(error.message, "bad")
    return go_to(url_for("settings.person", user_id=user_id))


def _people_page(user: User | None = None, password: Secret | None = None, status: int = 200) -> Response:
    names = {account.id: account.name for account in list_accounts(EVERYTHING)}
    html = render_template(
        "settings/people.html",
        rows=[PersonRow(person, _accounts_of(person, names)) for person in people_queries.list_users()],
        role_rights=[(text, _roles_with(permission)) for text, permission in _RIGHTS],
        changed_user=user,
        one_time_password=password.reveal() if password else None,
    )
    return make_response(html, status)


def _accounts_of(user: User, names: dict[int, str]) -> list[str]:
    if user.role is Role.OWNER:
        return ["All"]
    return sorted(names[row.account_id] for row in user.memberships if row.account_id in names)


def _roles_with(permission: str) -> set[str]:
    return {role.value for role in Role if role_allows(role, permission)}


def _person_page(user: User, form: RightsForm, status: int = 200) -> Response:
    form.offer(list_accounts(EVERYTHING))
    html = render_template(
        "settings/person.html",
        person=user,
        form=form,
        keys_made=people_queries.count_working_keys_by(user.id),
    )
    return make_response(html, status)
