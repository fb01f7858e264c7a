"""The page an invitation's link opens: whoever holds it chooses a name and a password, and is in."""

from __future__ import annotations

from flask import Response, make_response, render_template, request, url_for

from app.auth.forms import InvitationForm
from app.auth.views import begin_session, blueprint, wait_page
from app.errors import FieldProblem, InvalidFields
from app.models import Invitation
from app.services import invitations, sign_in
from app.services.invitations import UnusableInvitation
from app.services.password_tries import TooManyTries
from app.web.form_errors import show_problems
from app.web.identity import client_address
from app.web.permissions import public
from app.web.responses import go_to


@blueprint.get("/invitation/<token:token>")
@public
def invitation(token: str) -> Response:
    try:
        found = invitations.open_link(token)
    except UnusableInvitation as error:
        return _closed(error)
    return _page(found, token, InvitationForm(name=found.name))


@blueprint.post("/invitation/<token:token>")
@public
def accept_invitation(token: str) -> Response:
    """303 into the console, 422 for what is to be corrected, 410 for a link that opens nothing."""
    form = InvitationForm()
    visitor = sign_in.Visitor(client_address(), request.user_agent.string)
    try:
        found = invitations.open_known_link(token, visitor)
        if not form.validate():
            return _page(found, token, form, 422)
        user_session, cookie_token = invitations.accept(
            token=token, name=form.name.data or "", password=form.new_password.data, visitor=visitor
        )
    except UnusableInvitation as error:
        return _closed(error)
    except TooManyTries as error:
        return wait_page(error)
    except InvalidFields as error:
        show_problems(form, _as_typed(error))
        return _page(invitations.open_link(token), token, form, 422)
    begin_session(user_session, cookie_token, is_remembered=False)
    return go_to(url_for("analytics.overview"))


def _as_typed(error: InvalidFields) -> InvalidFields:
    """The password stands in another field here; the address (taken meanwhile) in none."""
    names = {"password": "new_password"}
    return InvalidFields(
        [FieldProblem(names.get(problem.field, problem.field), problem.message) for problem in error.problems]
    )


def _page(found: Invitation, token: str, form: InvitationForm, status: int = 200) -> Response:
    html = render_template("auth/invitation.html", form=form, invitation=found, token=token)
    return make_response(html, status)


def _closed(error: UnusableInvitation) -> Response:
    return make_response(render_template("auth/invitation_closed.html", message=error.message), error.status)
