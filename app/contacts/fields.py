"""Fields of one's own: made, changed, put in order, retired."""

from __future__ import annotations

from flask import Response, flash, make_response, render_template, request, url_for
from wtforms import SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice

from app.contacts.blueprint import blueprint
from app.errors import DomainError, InvalidFields
from app.models import Account, ContactField, FieldKind
from app.queries import accounts as account_queries
from app.queries import contact_fields as queries
from app.services import contact_fields as service
from app.web.form_errors import show_problems
from app.web.identity import current_actor
from app.web.page_forms import PageForm
from app.web.permissions import permission_required
from app.web.responses import go_to
from app.web.routing import row_id

MANAGE = "contacts.manage"
KINDS = {
    FieldKind.TEXT: "Text",
    FieldKind.NUMBER: "Number",
    FieldKind.DATE: "Date",
    FieldKind.YES_NO: "Yes or no",
    FieldKind.CHOICE: "Choice of a list",
    FieldKind.LINK: "Link",
}


class FieldForm(PageForm):
    """One field. What is wrong is said by the service."""

    name = StringField("Name", render_kw={"maxlength": service.LONGEST_NAME, "autocomplete": "off"})
    kind = SelectField(
        "Kind", choices=[SelectChoice(kind.value, words) for kind, words in KINDS.items()], default="text"
    )
    choices = TextAreaField("What can be chosen", render_kw={"rows": 4, "dir": "auto"})

    def lines(self) -> list[str]:
        return (self.choices.data or "").splitlines()


@blueprint.get("/fields/")
@permission_required(MANAGE)
def field_list() -> Response:
    return _page(FieldForm(formdata=None))


@blueprint.post("/fields/")
@permission_required(MANAGE)
def create_field() -> Response:
    form, account = FieldForm(), _account()
    if account is None or not form.validate():
        return _page(form, 422)
    return _save(None, account, form)


@blueprint.route("/fields/<int:field_id>", methods=["GET", "POST"])
@permission_required(MANAGE)
def field(field_id: int) -> Response:
    """A field's name and choices. Its kind stays: values of another would be left over."""
    row = _own(field_id)
    form = FieldForm(name=row.name, kind=row.kind.value, choices="\n".join(row.choices))
    if request.method == "GET":
        return _field_page(row, form)
    account = account_queries.get_account(row.account_id, current_actor().scope(MANAGE))
    return _save(row, account, form)


@blueprint.post("/fields/<int:field_id>/retire")
@permission_required(MANAGE)
def retire_field(field_id: int) -> Response:
    """Offered no more; its values stay."""
    return _set_retired(_own(field_id), is_retired=True)


@blueprint.post("/fields/<int:field_id>/restore")
@permission_required(MANAGE)
def restore_field(field_id: int) -> Response:
    return _set_retired(_own(field_id), is_retired=False)


@blueprint.post("/fields/<int:field_id>/move")
@permission_required(MANAGE)
def move_field(field_id: int) -> Response:
    row = _own(field_id)
    by = -1 if request.form.get("by") == "up" else 1
    service.move_field(field=row, by=by, actor=current_actor())
    return _back(row.account_id)


def _set_retired(row: ContactField, *, is_retired: bool) -> Response:
    try:
        service.retire_field(field=row, is_retired=is_retired, actor=current_actor())
    except DomainError as error:
        flash(error.message, "bad")
    return _back(row.account_id)


def _save(row: ContactField | None, account: Account, form: FieldForm) -> Response:
    try:
        kind = row.kind if row else FieldKind(form.kind.data)
        kept = service.save_field(
            field=row,
            account=account,
            name=form.name.data or "",
            kind=kind,
            choices=form.lines(),
            actor=current_actor(),
        )
    except InvalidFields as error:
        show_problems(form, error)
        return _page(form, 422) if row is None else _field_page(row, form, 422)
    flash(f"The field “{kept.name}” is saved.", "ok")
    return _back(kept.account_id)


def _own(field_id: int) -> ContactField:
    return queries.get_field(field_id, current_actor().scope(MANAGE))


def _account() -> Account | None:
    """The account the request names, else the first one."""
    scope = current_actor().scope(MANAGE)
    wanted = request.values.get("account", type=row_id)
    accounts = account_queries.list_accounts(scope)
    return next((row for row in accounts if row.id == wanted), accounts[0] if accounts else None)


def _back(account_id: int) -> Response:
    return go_to(url_for("contacts.field_list", account=account_id))


def _page(form: FieldForm, status: int = 200) -> Response:
    account = _account()
    rows = queries.list_fields(account.id, with_retired=True) if account else []
    html = render_template(
        "contacts/fields.html",
        form=form,
        account=account,
        accounts=account_queries.list_accounts(current_actor().scope(MANAGE)),
        active=[row for row in rows if not row.is_retired],
        retired=[row for row in rows if row.is_retired],
        kinds=KINDS,
    )
    return make_response(html, status)


def _field_page(row: ContactField, form: FieldForm, status: int = 200) -> Response:
    html = render_template("contacts/field.html", row=row, form=form, kinds=KINDS)
    return make_response(html, status)
