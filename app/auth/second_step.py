"""The page between the password and being signed in: a code of the authenticator app."""

from __future__ import annotations

from flask import Response, flash, make_response, render_template, request, session, url_for

from app.auth.forms import CodeForm
from app.auth.views import (
    REMEMBER_IN_COOKIE,
    STEP_IN_COOKIE,
    begin_session,
    blueprint,
    destination,
    wait_page,
)
from app.services import second_step as service
from app.services.second_factor import WaitForGuess
from app.services.sign_in import Visitor
from app.web.identity import client_address
from app.web.permissions import public
from app.web.redirects import own_path
from app.web.responses import go_to


@blueprint.get("/login/code", endpoint="second_step")
@public
def show_second_step() -> Response:
    if service.find_step(session.get(STEP_IN_COOKIE)) is None:
        return go_to(_sign_in_url())
    return _page(CodeForm())


@blueprint.post("/login/code")
@public
def check_second_step() -> Response:
    """303 into the console, or to the password when it took too long; 422 for a wrong code, 429 to wait."""
    form = CodeForm()
    if service.find_step(session.get(STEP_IN_COOKIE)) is not None and not form.validate():
        return _page(form, 422)
    is_remembered = bool(session.get(REMEMBER_IN_COOKIE))
    try:
        user_session, token = service.finish(
            token=session.get(STEP_IN_COOKIE),
            code=form.code.data or "",
            visitor=Visitor(client_address(), request.user_agent.string),
        )
    except service.StepOver as error:
        # Only this: somebody who is signed in elsewhere in this browser stays so.
        session.pop(STEP_IN_COOKIE, None)
        session.pop(REMEMBER_IN_COOKIE, None)
        flash(error.message, "warn")
        return go_to(_sign_in_url())
    except service.WrongCode as error:
        form.code.errors = [error.message]
        return _page(form, error.status)
    except WaitForGuess as error:
        return wait_page(error)
    begin_session(user_session, token, is_remembered=is_remembered)
    return go_to(destination())


def _sign_in_url() -> str:
    return url_for("auth.sign_in", next=own_path(request.args.get("next")))


def _page(form: CodeForm, status: int = 200) -> Response:
    next_path = own_path(request.args.get("next"))
    return make_response(render_template("auth/second_step.html", form=form, next_path=next_path), status)
