"""One's own second factor: scan, confirm, keep the recovery codes, turn it off."""

from __future__ import annotations

import io
from base64 import b64encode

import segno
from flask import Response, flash, make_response, render_template, url_for
from flask_login import current_user

from app.crypto import Secret
from app.errors import DomainError, InvalidFields
from app.queries.second_factors import get_requirement, is_needed_by, must_set_one_up
from app.services import second_factor as service
from app.services.password_tries import TooManyTries
from app.settings.blueprint import blueprint, refuse_for_now
from app.settings.forms import CodeForm, OwnPasswordForm
from app.web.form_errors import show_problems
from app.web.identity import current_actor
from app.web.permissions import signed_in
from app.web.responses import go_to


@blueprint.get("/second-factor/")
@signed_in
def second_factor() -> Response:
    return _page()


@blueprint.post("/second-factor/start")
@signed_in
def start_second_factor() -> Response:
    try:
        service.begin(user=current_user.user, actor=current_actor())
    except DomainError as error:
        flash(error.message, "bad")
    return go_to(url_for("settings.second_factor"))


@blueprint.get("/second-factor/picture")
@signed_in
def second_factor_picture() -> Response:
    """The QR code to scan. Only while it is being set up: afterwards nobody sees the secret again."""
    secret = _waiting_secret()
    if secret is None:
        return go_to(url_for("settings.second_factor"))
    picture = io.BytesIO()
    address = service.address_of(current_user.user, secret)
    segno.make(address, error="m").save(picture, kind="svg", scale=5, border=4, light="white")
    return Response(picture.getvalue(), mimetype="image/svg+xml")


@blueprint.post("/second-factor/confirm")
@signed_in
def confirm_second_factor() -> Response:
    """On from here; the recovery codes are in this answer and nowhere else."""
    form = CodeForm()
    if not form.validate():
        return _page(code_form=form, status=422)
    try:
        typed = "".join(form.code.data.split())
        codes = service.confirm(user=current_user.user, code=typed, actor=current_actor())
    except InvalidFields as error:
        show_problems(form, error)
        return _page(code_form=form, status=422)
    except DomainError as error:
        flash(error.message, "bad")
        return go_to(url_for("settings.second_factor"))
    return _page(codes=codes, status=201)


@blueprint.post("/second-factor/recovery-codes")
@signed_in
def make_recovery_codes() -> Response:
    """The new ones are in this answer and nowhere else."""
    form = OwnPasswordForm()
    if not form.validate():
        return _page(password_form=form, status=422)
    try:
        codes = service.make_recovery_codes(
            user=current_user.user, password=form.password.data, actor=current_actor()
        )
    except TooManyTries as error:
        return refuse_for_now(form.password, error, lambda status: _page(password_form=form, status=status))
    except InvalidFields as error:
        show_problems(form, error)
        return _page(password_form=form, status=422)
    return _page(codes=codes, status=201)


@blueprint.post("/second-factor/turn-off")
@signed_in
def turn_off_second_factor() -> Response:
    form = OwnPasswordForm()
    if not form.validate():
        return _page(password_form=form, status=422)
    try:
        service.turn_off(user=current_user.user, password=form.password.data, actor=current_actor())
    except TooManyTries as error:
        return refuse_for_now(form.password, error, lambda status: _page(password_form=form, status=status))
    except InvalidFields as error:
        show_problems(form, error)
        return _page(password_form=form, status=422)
    if not must_set_one_up(current_user.user):
        flash("Your second factor is off. Your password alone opens your account.")
    return go_to(url_for("settings.second_factor"))


def _waiting_secret() -> Secret | None:
    """The secret that is to be scanned; None before and after."""
    factor = service.find(current_user.user.id)
    return factor.secret if factor is not None and factor.confirmed_at is None else None


def _page(
    code_form: CodeForm | None = None,
    password_form: OwnPasswordForm | None = None,
    codes: list[Secret] | None = None,
    status: int = 200,
) -> Response:
    secret = _waiting_secret()
    is_asked_for = must_set_one_up(current_user.user)
    texts = [code.reveal() for code in codes or []]
    file = "Recovery codes of waba-console, each for one sign-in:\n\n" + "\n".join(texts) + "\n"
    html = render_template(
        "settings/second_factor_needed.html" if is_asked_for else "settings/second_factor.html",
        is_on=service.is_on(current_user.user.id),
        secret=_in_groups(secret) if secret else None,
        app_address=service.address_of(current_user.user, secret) if secret else None,
        code_form=code_form or CodeForm(formdata=None),
        password_form=password_form or OwnPasswordForm(formdata=None),
        codes=texts,
        codes_file="data:text/plain;base64," + b64encode(file.encode()).decode(),
        is_required=is_needed_by(current_user.user, get_requirement()),
        codes_left=service.count_recovery_codes(current_user.user.id),
    )
    return make_response(html, status)


def _in_groups(secret: Secret) -> str:
    """Easier to type: the apps take no notice of the spaces."""
    text = secret.reveal()
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))
