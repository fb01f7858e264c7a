"""Mail: is a server set, does it take what is sent, and what was sent lately."""

from __future__ import annotations

from flask import Response, current_app, flash, make_response, render_template, url_for
from flask_login import current_user

from app.errors import DomainError
from app.queries.mails import list_latest_mails
from app.services.mail import outbox, sending
from app.settings.blueprint import blueprint
from app.web.permissions import permission_required
from app.web.responses import go_to

_manages_mail = permission_required("people.manage")


@blueprint.get("/mail/")
@_manages_mail
def mail() -> Response:
    html = render_template(
        "settings/mail.html",
        mail=current_app.config["SETTINGS"].mail,
        rows=list_latest_mails(),
        given_up=outbox.list_given_up(),
    )
    return make_response(html)


@blueprint.post("/mail/test")
@_manages_mail
def send_test_mail() -> Response:
    """To oneself, at once."""
    try:
        sending.send_test(current_user.user.email)
    except DomainError as error:
        flash(error.message, "bad")
    else:
        flash(f"The mail server has taken a test for {current_user.user.email}.")
    return go_to(url_for("settings.mail"))
