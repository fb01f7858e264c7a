"""Message templates as a file: the export of what the list shows, and the import with a look before it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, flash, make_response, render_template, request, url_for
from flask_wtf.file import FileField
from wtforms import BooleanField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from app.errors import DomainError, InvalidFields
from app.message_templates.blueprint import blueprint
from app.message_templates.listing import MANAGE, VIEW, read_filters
from app.message_templates.plans import Shown, show_plan
from app.models import Account
from app.queries import accounts as account_queries
from app.services.message_templates.exporting import write_export
from app.services.message_templates.importing import import_drafts, plan_import
from app.services.message_templates.reading import LARGEST_FILE, MOST_ENTRIES, read_file
from app.web.filters import plural
from app.web.form_errors import show_problems
from app.web.identity import current_actor
from app.web.page_forms import PageForm
from app.web.permissions import permission_required
from app.web.responses import go_to, stream
from app.web.routing import row_id

_FILE_NAME = "message-templates.json"


class ImportForm(PageForm):
    """A file or its text, and the account it is for."""

    account = SelectField("Account", coerce=int)
    file = FileField("File", [Optional()])
    text = TextAreaField(
        "Or its text", [Optional()], render_kw={"rows": 8, "spellcheck": "false", "autocomplete": "off"}
    )
    overwrite = BooleanField("Give drafts that differ the text of the file")

    def content(self) -> bytes:
        """One byte more than may be tells that it is too large."""
        if self.file.data:
            with self.file.data.stream as stream:
                found: bytes = stream.read(LARGEST_FILE + 1)
            return found
        return (self.text.data or "").encode("utf-8", "replace")


@dataclass(frozen=True)
class Import:
    """The page; `shown` once a file was looked at."""

    form: ImportForm
    shown: Shown | None = None
    text: str = ""


@blueprint.get("/export.json")
@permission_required("message_templates.view")
def export() -> Response:
    """All that fit the list's filters, or one name; written while they are read."""
    name = request.args.get("name", "").strip()[:512]
    response = stream(write_export(current_actor().scope(VIEW), read_filters(), name), "application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="{_FILE_NAME}"'
    return response


@blueprint.get("/import/")
@permission_required("message_templates.manage")
def import_page() -> Response:
    form = _form()
    if not form.account.choices:
        flash("Connect an account first; a message template belongs to one.", "info")
        return go_to(url_for("message_templates.index"))
    form.account.data = request.args.get("account", type=row_id) or form.account.choices[0].value
    return _page(Import(form))


@blueprint.post("/import/")
@permission_required("message_templates.manage")
def import_file() -> Response:
    """Look at the file; with `step=make`, keep its drafts."""
    form = _form()
    if not form.validate_on_submit():
        return _page(Import(form), 422)
    account = account_queries.get_account(form.account.data, current_actor().scope(MANAGE))
    content = form.content()
    try:
        plan = plan_import(account.id, read_file(content), overwrite=form.overwrite.data)
        if request.form.get("step") == "make" and plan.taken_over:
            made = import_drafts(account=account, plan=plan, actor=current_actor())
            return _made(account, len(made))
    except InvalidFields as error:
        show_problems(form, error)
        return _page(Import(form), 422)
    except DomainError as error:
        form.form_errors.append(error.message)
        return _page(Import(form), 422)
    return _page(Import(form, show_plan(account, plan), content.strip().decode("utf-8")))


def _made(account: Account, count: int) -> Response:
    flash(f"{plural(count, 'draft is', 'drafts are')} here. Nothing was sent to Meta.", "ok")
    return go_to(url_for("message_templates.index", account=account.id, status="DRAFT"))


def _form() -> ImportForm:
    form = ImportForm()
    accounts = account_queries.list_accounts(current_actor().scope(MANAGE))
    form.account.choices = [SelectChoice(account.id, account.name) for account in accounts]
    return form


def _page(built: Import, status: int = 200) -> Response:
    page = render_template(
        "message_templates/import.html",
        page=built,
        largest_mb=LARGEST_FILE // 1024 // 1024,
        most_entries=MOST_ENTRIES,
    )
    return make_response(page, status)
