"""Signing in and out."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, request, session, url_for
from flask_login import current_user, login_user, logout_user

from app.auth.forms import ChoosePasswordForm, SignInForm
from app.errors import InvalidFields
from app.models import UserSession
from app.queries.access import EVERYTHING
from app.queries.accounts import list_accounts
from app.services import passkeys, people, sign_in
from app.services.password_tries import TooManyTries
from app.services.second_factor import WaitForGuess
from app.web.form_errors import show_problems
from app.web.identity import SignedIn, client_address, current_actor
from app.web.permissions import public, signed_in
from app.web.redirects import own_path
from app.web.responses import go_to

blueprint = Blueprint("auth", __name__)

STEP_IN_COOKIE = "second_step"
REMEMBER_IN_COOKIE = "is_remembered"
TOKEN_IN_COOKIE = "_user_id"  # noqa: S105 - the name Flask-Login keeps it under


@blueprint.get("/login", endpoint="sign_in")
@public
def show_sign_in() -> Response:
    if current_user.is_authenticated:
        return go_to(destination())
    return sign_in_page(SignInForm())


@blueprint.post("/login")
@public
def check_sign_in() -> Response:
    """303 to where the person was going, 422 with the same words for every wrong try, 429 while locked."""
    form = SignInForm()
    if not form.validate():
        return sign_in_page(form, 422)
    visitor = sign_in.Visitor(client_address(), request.user_agent.string)
    try:
        user_session, token = sign_in.sign_in(
            email=form.email.data,
            password=form.password.data,
            visitor=visitor,
            old_token=session.get(TOKEN_IN_COOKIE),
        )
    except sign_in.WrongCredentials as error:
        form.form_errors.append(error.message)
        return sign_in_page(form, error.status)
    except TooManyTries as error:
        return wait_page(error)
    except sign_in.SecondStepNeeded as step:
        session.clear()
        session[STEP_IN_COOKIE], session[REMEMBER_IN_COOKIE] = step.token, form.is_remembered.data
        return go_to(url_for("auth.second_step", next=own_path(request.args.get("next"))))
    begin_session(user_session, token, is_remembered=form.is_remembered.data)
    return go_to(destination())


def begin_session(user_session: UserSession, token: str, *, is_remembered: bool) -> None:
    """A cookie somebody may have planted before ends here, with everything in it."""
    session.clear()
    login_user(SignedIn(user_session, token))
    session.permanent = is_remembered


@blueprint.post("/logout")
@public
def sign_out() -> Response:
    """Open to all: somebody whose session ran out meanwhile ends up on the same page."""
    sign_in.sign_out(session.get(TOKEN_IN_COOKIE))
    logout_user()
    session.clear()
    return go_to(url_for("auth.sign_in"))


@blueprint.route("/login/new-password", methods=["GET", "POST"])
@signed_in
def choose_password() -> Response:
    """The only page that a one-time password opens."""
    if not current_user.user.has_temporary_password:
        return go_to(url_for("analytics.overview"))
    form = ChoosePasswordForm()
    if form.validate_on_submit() and _has_chosen(form):
        return go_to(url_for("analytics.overview"))
    status = 422 if form.errors else 200
    return make_response(render_template("auth/choose_password.html", form=form), status)


def _has_chosen(form: ChoosePasswordForm) -> bool:
    try:
        people.choose_password(
            user=current_user.user,
            new=form.new_password.data,
            keep_session_id=current_user.session.id,
            actor=current_actor(),
        )
    except InvalidFields as error:
        show_problems(form, error)
        return False
    return True


def destination() -> str:
    """Where the person was going; a console without any account begins at its set-up."""
    home = url_for("analytics.overview")
    wanted = own_path(request.args.get("next"))
    if wanted not in {None, home}:
        return str(wanted)
    is_new = current_actor().may("accounts.create") and not list_accounts(EVERYTHING)
    return url_for("setup.new") if is_new else home


def sign_in_page(form: SignInForm, status: int = 200) -> Response:
    next_path = own_path(request.args.get("next"))
    html = render_template(
        "auth/sign_in.html", form=form, next_path=next_path, has_passkeys=passkeys.host() is not None
    )
    return make_response(html, status)


def wait_page(error: TooManyTries | WaitForGuess) -> Response:
    html = render_template(
        "auth/wait.html", message=error.message, next_path=own_path(request.args.get("next"))
    )
    return make_response(html, error.status, {"Retry-After": str(error.wait_s)})
