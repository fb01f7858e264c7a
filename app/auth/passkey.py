"""Signing in with a passkey: what the browser has to sign, and its answer."""

from __future__ import annotations

from flask import Response, jsonify, request, session

from app.auth.forms import SignInForm
from app.auth.views import TOKEN_IN_COOKIE, begin_session, blueprint, destination, sign_in_page, wait_page
from app.services import passkeys, sign_in
from app.services.passkeys import Challenge, PasskeyRefused
from app.services.password_tries import TooManyTries
from app.web.identity import client_address
from app.web.permissions import public
from app.web.responses import go_to

_CHALLENGE = "passkey_to_sign_in"


@blueprint.post("/login/passkey/options")
@public
def passkey_options() -> tuple[Response, int]:
    try:
        options, challenge = passkeys.options_to_sign_in()
    except PasskeyRefused as error:
        return jsonify(message=error.message), error.status
    session[_CHALLENGE] = challenge.kept()
    return jsonify(options), 200


@blueprint.post("/login/passkey")
@public
def check_passkey() -> Response:
    """303 into the console, 422 with the reason on the sign-in page, 429 while it has to wait."""
    try:
        user_session, token = passkeys.sign_in_with(
            answer=request.form.get("credential", ""),
            challenge=Challenge.read(session.pop(_CHALLENGE, None)),
            visitor=sign_in.Visitor(client_address(), request.user_agent.string),
            old_token=session.get(TOKEN_IN_COOKIE),
        )
    except PasskeyRefused as error:
        form = SignInForm(formdata=None)
        form.form_errors.append(error.message)
        return sign_in_page(form, error.status)
    except TooManyTries as error:
        return wait_page(error)
    begin_session(user_session, token, is_remembered=False)
    return go_to(destination())
