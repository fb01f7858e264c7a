"""People: who may sign in, with which role, in which accounts."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, current_app, flash, make_response, render_template, request, url_for
from flask_login import current_user

from app.crypto import Secret
from app.errors import DomainError, InvalidFields
from app.models import Invitation, Role, SecondFactorFor, User, utcnow
from app.models.roles import role_allows
from app.queries import invitations as invitation_queries
from app.queries import people as people_queries
from app.queries.access import EVERYTHING
from app.queries.accounts import list_accounts
from app.queries.second_factors import get_requirement, is_needed_by
from app.services import console_rules, invitations, passkeys, second_factor
from app.services import people as people_service
from app.settings.blueprint import blueprint
from app.settings.forms import PersonForm, PersonRightsForm, SecondFactorForForm
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
    """The link, or the new person's one-time password, is in this answer and nowhere else."""
    form = PersonForm(role=Role.AGENT.value)
    form.offer(list_accounts(EVERYTHING))
    if form.validate_on_submit():
        try:
            if request.form.get("how") == "link":
                return _invited(form)
            user, password = people_service.add_person(
                email=form.email.data,
                name=form.name.data or "",
                role=form.chosen_role,
                account_ids=form.chosen_accounts,
                other_roles=form.other_roles,
                actor=current_actor(),
            )
            return _people_page(user, password, status=201)
        except InvalidFields as error:
            show_problems(form, error)
    status = 422 if form.errors else 200
    return make_response(render_template("settings/person_new.html", form=form), status)


def _invited(form: PersonForm) -> Response:
    invitation, token = invitations.invite(
        email=form.email.data,
        name=form.name.data or "",
        role=form.chosen_role,
        account_ids=form.chosen_accounts,
        other_roles=form.other_roles,
        actor=current_actor(),
    )
    return _people_page(invited=(invitation, token), status=201)


@blueprint.post("/people/invitations/<int:invitation_id>/new-link")
@manages_people
def renew_invitation(invitation_id: int) -> Response:
    """The new link is in this answer and nowhere else; the old one opens nothing any more."""
    renewed = invitations.make_new_link(invitation_id=invitation_id, actor=current_actor())
    return _people_page(invited=renewed)


@blueprint.post("/people/invitations/<int:invitation_id>/withdraw")
@manages_people
def withdraw_invitation(invitation_id: int) -> Response:
    invitation = invitations.withdraw(invitation_id=invitation_id, actor=current_actor())
    flash(f"The invitation of {invitation.email} is withdrawn. Its link opens nothing any more.")
    return go_to(url_for("settings.people"))


@blueprint.post("/people/second-factor")
@manages_people
def require_second_factor() -> Response:
    form = SecondFactorForForm()
    if not form.validate():
        return _people_page(rule_form=form, status=422)
    try:
        wanted = SecondFactorFor(form.second_factor_for.data)
        console_rules.require_second_factor(of=wanted, actor=current_actor())
    except DomainError as error:
        form.second_factor_for.errors = [error.message]
        return _people_page(rule_form=form, status=error.status)
    flash("Saved. Whoever needs a second factor and has none is asked for it at their next click.")
    return go_to(url_for("settings.people"))


@blueprint.get("/people/<int:user_id>")
@manages_people
def person(user_id: int) -> Response:
    user = people_queries.get_user(user_id)
    form = PersonRightsForm(
        role=user.role.value, account_ids=[row.account_id for row in user.memberships]
    ).showing({row.account_id: row.role.value for row in user.memberships if row.role is not user.role})
    return _person_page(user, form)


@blueprint.post("/people/<int:user_id>")
@manages_people
def set_rights(user_id: int) -> Response:
    user = people_queries.get_user(user_id)
    form = PersonRightsForm()
    form.offer(list_accounts(EVERYTHING))
    if not form.validate():
        return _person_page(user, form, 422)
    try:
        people_service.set_rights(
            user=user,
            role=form.chosen_role,
            account_ids=form.chosen_accounts,
            other_roles=form.other_roles,
            actor=current_actor(),
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


@blueprint.post("/people/<int:user_id>/reset-second-factor")
@manages_people
def reset_second_factor(user_id: int) -> Response:
    """For who lost their app and their recovery codes."""
    user = people_queries.get_user(user_id)
    if user.id == current_user.user.id:
        return go_to(url_for("settings.second_factor"))
    second_factor.reset(user=user, actor=current_actor())
    flash(f"{user.display_name} signs in with the password alone, until they set up a second factor anew.")
    return go_to(url_for("settings.person", user_id=user.id))


def _refused(error: DomainError, user_id: int) -> Response:
    flash(error.message, "bad")
    return go_to(url_for("settings.person", user_id=user_id))


def _people_page(
    user: User | None = None,
    password: Secret | None = None,
    invited: tuple[Invitation, Secret] | None = None,
    rule_form: SecondFactorForForm | None = None,
    status: int = 200,
) -> Response:
    users, with_one = people_queries.list_users(), second_factor.list_ids_with_one()
    requirement = get_requirement()
    names = {account.id: account.name for account in list_accounts(EVERYTHING)}
    html = render_template(
        "settings/people.html",
        rows=[PersonRow(person, _accounts_of(person, names)) for person in users],
        role_rights=[(text, _roles_with(permission)) for text, permission in _RIGHTS],
        changed_user=user,
        one_time_password=password.reveal() if password else None,
        invited=invited[0] if invited else None,
        invitation_link=_link(invited[1]) if invited else None,
        invitations=invitation_queries.list_waiting(),
        now=utcnow(),
        with_second_factor=with_one,
        rule_form=rule_form or SecondFactorForForm(formdata=None, second_factor_for=requirement.value),
        must_set_up={
            user.id for user in users if is_needed_by(user, requirement) and user.id not in with_one
        },
    )
    return make_response(html, status)


def _link(token: Secret) -> str:
    path = url_for("auth.invitation", token=token.reveal())
    return f"{current_app.config['SETTINGS'].public_base_url}{path}"


def _accounts_of(user: User, names: dict[int, str]) -> list[str]:
    if user.role is Role.OWNER:
        return ["All"]
    return sorted(
        names[row.account_id] + ("" if row.role is user.role else f" ({row.role.value})")
        for row in user.memberships
        if row.account_id in names
    )


def _roles_with(permission: str) -> set[str]:
    return {role.value for role in Role if role_allows(role, permission)}


def _person_page(user: User, form: PersonRightsForm, status: int = 200) -> Response:
    form.offer(list_accounts(EVERYTHING))
    html = render_template(
        "settings/person.html",
        person=user,
        form=form,
        has_passkeys=bool(passkeys.list_of(user.id)),
        has_second_factor=second_factor.is_on(user.id),
        keys_made=people_queries.count_working_keys_by(user.id),
    )
    return make_response(html, status)
