"""One's own passkeys: add one, see when each was used, remove it."""

from __future__ import annotations

from flask import Response, flash, jsonify, make_response, render_template, session, url_for
from flask_login import current_user

from app.errors import InvalidFields
from app.services import passkeys as service
from app.services.passkeys import Challenge, PasskeyRefused
from app.services.password_tries import TooManyTries
from app.settings.blueprint import blueprint, refuse_for_now
from app.settings.forms import PasskeyForm
from app.web.form_errors import show_problems
from app.web.identity import current_actor
from app.web.permissions import signed_in
from app.web.responses import go_to

_CHALLENGE = "passkey_to_add"


@blueprint.get("/passkeys/")
@signed_in
def passkeys() -> Response:
    return _page(PasskeyForm(formdata=None))


@blueprint.post("/passkeys/options")
@signed_in
def passkey_options() -> tuple[Response, int]:
    """What the browser is asked to make."""
    try:
        options, challenge = service.options_to_add(current_user.user)
    except PasskeyRefused as error:
        return jsonify(message=error.message), error.status
    session[_CHALLENGE] = challenge.kept()
    return jsonify(options), 200


@blueprint.post("/passkeys/")
@signed_in
def add_passkey() -> Response:
    form = PasskeyForm()
    challenge = Challenge.read(session.pop(_CHALLENGE, None))
    if not form.validate():
        return _page(form, 422)
    try:
        passkey = service.add(
            user=current_user.user,
            name=form.name.data,
            password=form.password.data,
            answer=form.credential.data or "",
            challenge=challenge,
            actor=current_actor(),
        )
    except InvalidFields as error:
        show_problems(form, error)
        return _page(form, 422)
    except TooManyTries as error:
        return refuse_for_now(form.password, error, lambda status: _page(form, status))
    except PasskeyRefused as error:
        form.form_errors.append(error.message)
        return _page(form, 422)
    flash(f"The passkey “{passkey.name}” is kept. You can sign in with it from now on.")
    return go_to(url_for("settings.passkeys"))


@blueprint.post("/passkeys/<int:passkey_id>/remove")
@signed_in
def remove_passkey(passkey_id: int) -> Response:
    """Only one's own; anybody else's does not exist here."""
    passkey = service.remove(user=current_user.user, passkey_id=passkey_id, actor=current_actor())
    flash(f"The passkey “{passkey.name}” opens nothing here any more. Remove it from the device, too.")
    return go_to(url_for("settings.passkeys"))


def _page(form: PasskeyForm, status: int = 200) -> Response:
    html = render_template(
        "settings/passkeys.html",
        form=form,
        rows=service.list_of(current_user.user.id),
        has_host=service.host() is not None,
    )
    return make_response(html, status)
