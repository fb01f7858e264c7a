"""One's own profile: name, password, and the browsers one is signed in on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Response, flash, make_response, render_template, url_for
from flask_login import current_user

from app.errors import InvalidFields
from app.models import UserSession, utcnow
from app.queries import people as people_queries
from app.services import passkeys, people, second_factor
from app.services.password_tries import TooManyTries
from app.settings.blueprint import blueprint, refuse_for_now
from app.settings.browsers import browser_name
from app.settings.forms import PasswordForm, ProfileForm
from app.web.form_errors import show_problems
from app.web.identity import current_actor, idle_limit
from app.web.permissions import signed_in
from app.web.responses import go_to


@dataclass(frozen=True)
class SessionRow:
    """One signed-in browser as the page shows it."""

    id: int
    browser: str
    ip_address: str
    last_seen_at: datetime
    is_this_one: bool


@blueprint.get("/", endpoint="profile")
@signed_in
def show_profile() -> Response:
    return _page(ProfileForm(obj=current_user.user), PasswordForm())


@blueprint.post("/")
@signed_in
def save_profile() -> Response:
    form = ProfileForm()
    if not form.validate() or not _is_saved(form):
        return _page(form, PasswordForm(), 422)
    flash("Your profile is saved.")
    return go_to(url_for("settings.profile"))


def _is_saved(form: ProfileForm) -> bool:
    try:
        people.change_profile(
            user=current_user.user,
            name=form.name.data or "",
            time_zone=form.time_zone.data or "",
            actor=current_actor(),
        )
    except InvalidFields as error:
        show_problems(form, error)
        return False
    return True


@blueprint.post("/password")
@signed_in
def change_password() -> Response:
    form = PasswordForm()

    def page(status: int) -> Response:
        return _page(ProfileForm(formdata=None, obj=current_user.user), form, status)

    try:
        if not form.validate() or not _has_changed(form):
            return page(422)
    except TooManyTries as error:
        return refuse_for_now(form.current_password, error, page)
    flash("Your password is changed. Everywhere else you are signed out.")
    return go_to(url_for("settings.profile"))


def _has_changed(form: PasswordForm) -> bool:
    try:
        people.change_password(
            user=current_user.user,
            current=form.current_password.data,
            new=form.new_password.data,
            keep_session_id=current_user.session.id,
            actor=current_actor(),
        )
    except InvalidFields as error:
        show_problems(form, error)
        return False
    return True


@blueprint.post("/sessions/<int:session_id>/sign-out")
@signed_in
def sign_out_session(session_id: int) -> Response:
    """Only one's own; anybody else's session does not exist here."""
    people.sign_out_session(user=current_user.user, session_id=session_id, actor=current_actor())
    flash("That browser is signed out.")
    return go_to(url_for("settings.profile"))


@blueprint.post("/sessions/sign-out-others")
@signed_in
def sign_out_others() -> Response:
    people.sign_out_others(
        user=current_user.user, keep_session_id=current_user.session.id, actor=current_actor()
    )
    flash("Everywhere else you are signed out.")
    return go_to(url_for("settings.profile"))


def _page(profile_form: ProfileForm, password_form: PasswordForm, status: int = 200) -> Response:
    seen_since = utcnow() - idle_limit(current_user.user)
    sessions = people_queries.list_open_sessions(current_user.user.id, seen_since)
    html = render_template(
        "settings/profile.html",
        profile_form=profile_form,
        password_form=password_form,
        passkeys_kept=len(passkeys.list_of(current_user.user.id)),
        has_second_factor=second_factor.is_on(current_user.user.id),
        sessions=[_row(session) for session in sessions],
    )
    return make_response(html, status)


def _row(session: UserSession) -> SessionRow:
    return SessionRow(
        session.id,
        browser_name(session.user_agent),
        session.ip_address,
        session.last_seen_at,
        session.id == current_user.session.id,
    )
