"""Canned replies: texts that agents fill the composer with."""

from __future__ import annotations

from flask import Response, flash, make_response, render_template, url_for
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from app.errors import DomainError, InvalidFields, NotFound
from app.models import CannedReply
from app.queries import canned_replies as queries
from app.queries.accounts import list_accounts
from app.services import canned_replies as service
from app.services.canned_replies import MANAGE
from app.settings.blueprint import blueprint
from app.web.form_errors import show_problems
from app.web.identity import current_actor
from app.web.page_forms import PageForm
from app.web.permissions import permission_required
from app.web.responses import go_to


class CannedReplyForm(PageForm):
    """What a reply is called, what it says, and where it is offered."""

    name = StringField("Short name", [InputRequired("Give it a short name.")])
    body = TextAreaField("Text", [InputRequired("Write the text.")])
    account = SelectField("Where")

    def offer(self) -> CannedReplyForm:
        """Only where this person may change them."""
        actor = current_actor()
        everywhere = [("", "All accounts")] if service.may_manage(actor, None) else []
        accounts = [(str(row.id), row.name) for row in list_accounts(actor.scope(MANAGE))]
        self.account.choices = [*everywhere, *accounts]
        return self

    @property
    def account_id(self) -> int | None:
        return int(self.account.data) if self.account.data else None


@blueprint.get("/canned-replies/")
@permission_required(MANAGE)
def canned_replies() -> Response:
    actor = current_actor()
    rows = queries.list_canned_replies(actor.scope(MANAGE))
    html = render_template(
        "settings/canned_replies.html",
        rows=rows,
        changeable={row.id for row in rows if service.may_manage(actor, row.account_id)},
        account_names={account.id: account.name for account in list_accounts(actor.scope(MANAGE))},
    )
    return make_response(html)


@blueprint.route("/canned-replies/new", methods=["GET", "POST"])
@permission_required(MANAGE)
def create_canned_reply() -> Response:
    return _edit(None, CannedReplyForm().offer())


@blueprint.route("/canned-replies/<int:canned_reply_id>", methods=["GET", "POST"])
@permission_required(MANAGE)
def canned_reply(canned_reply_id: int) -> Response:
    row = _own(canned_reply_id)
    form = CannedReplyForm(name=row.name, body=row.body, account=str(row.account_id or ""))
    return _edit(row, form.offer())


@blueprint.get("/canned-replies/<int:canned_reply_id>/delete")
@permission_required(MANAGE)
def delete_canned_reply(canned_reply_id: int) -> Response:
    """Asks once more."""
    row = _own(canned_reply_id)
    return make_response(render_template("settings/canned_reply_delete.html", row=row))


@blueprint.post("/canned-replies/<int:canned_reply_id>/delete")
@permission_required(MANAGE)
def delete_canned_reply_now(canned_reply_id: int) -> Response:
    row = _own(canned_reply_id)
    name = row.name
    service.delete_canned_reply(reply=row, actor=current_actor())
    flash(f"The canned reply “{name}” is deleted.")
    return go_to(url_for("settings.canned_replies"))


def _own(canned_reply_id: int) -> CannedReply:
    row = queries.get_canned_reply(canned_reply_id, current_actor().scope(MANAGE))
    if not service.may_manage(current_actor(), row.account_id):
        raise NotFound("There is no such canned reply.")
    return row


def _edit(row: CannedReply | None, form: CannedReplyForm) -> Response:
    if form.validate_on_submit():
        try:
            kept = service.save_canned_reply(
                reply=row,
                name=form.name.data,
                body=form.body.data,
                account_id=form.account_id,
                actor=current_actor(),
            )
        except InvalidFields as error:
            show_problems(form, error)
        except DomainError as error:
            form.form_errors.append(error.message)
        else:
            flash(f"The canned reply “{kept.name}” is saved.")
            return go_to(url_for("settings.canned_replies"))
    status = 422 if form.errors else 200
    return make_response(render_template("settings/canned_reply.html", row=row, form=form), status)
