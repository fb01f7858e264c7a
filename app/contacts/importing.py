"""Bringing files of contacts: say what the columns mean, look, start, follow, undo."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, make_response, render_template, request, url_for
from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice

from app.contacts.blueprint import blueprint
from app.errors import DomainError, InvalidFields
from app.models import ContactImport, ContactImportState
from app.queries import accounts as account_queries
from app.queries import contact_imports as queries
from app.queries.contact_fields import list_fields
from app.queries.cursors import Cursor
from app.queries.slices import Turn
from app.services.contact_files import errors, imports, meaning
from app.services.contact_files.countries import COUNTRIES, country_of_account
from app.services.contact_files.imports import MANAGE
from app.services.contact_files.reading import (
    DELIMITERS,
    ENCODINGS,
    LARGEST_FILE,
    MOST_LINES,
    Reading,
    Unreadable,
)
from app.web.form_errors import show_problems
from app.web.identity import current_actor
from app.web.page_forms import PageForm
from app.web.permissions import permission_required
from app.web.responses import go_to, respond, stream

_LOOKED_AT = 200
_SHOWN = 8
_SHOWN_FAILED = 100
_LIST_LENGTH = 50


class FileForm(PageForm):
    """A file and the account whose contacts it holds."""

    account = SelectField("Account", coerce=int)
    file = FileField("File", [FileRequired("Choose a file.")])

    def offer(self) -> FileForm:
        accounts = account_queries.list_accounts(current_actor().scope(MANAGE))
        self.account.choices = [SelectChoice(row.id, row.name) for row in accounts]
        return self


@blueprint.get("/imports/")
@permission_required(MANAGE)
def import_list() -> Response:
    return _list_page(FileForm(formdata=None).offer())


@blueprint.post("/imports/")
@permission_required(MANAGE)
def bring_file() -> Response:
    """Keep the file as a draft; nothing is taken over before somebody has looked."""
    form = FileForm().offer()
    if not form.validate():
        return _list_page(form, 422)
    account = account_queries.get_account(form.account.data, current_actor().scope(MANAGE))
    try:
        row = imports.bring(
            account_id=account.id,
            file_name=form.file.data.filename or "",
            # One byte more than may be tells that it is too large.
            content=form.file.data.stream.read(LARGEST_FILE + 1),
            country=country_of_account(account),
            actor=current_actor(),
        )
    except InvalidFields as error:
        show_problems(form, error)
        return _list_page(form, 422)
    return _to(row)


@blueprint.get("/imports/<int:contact_import_id>/")
@permission_required(MANAGE)
def import_detail(contact_import_id: int) -> Response:
    """A draft with its first lines; else how far it is. The page asks for the part below by itself."""
    row = _own(contact_import_id)
    if row.state is ContactImportState.DRAFT:
        return _draft_page(row)
    return respond(
        page="contacts/import.html",
        fragment="contacts/_import.html",
        row=row,
        failed=queries.list_failed(row.id, _SHOWN_FAILED),
    )


@blueprint.post("/imports/<int:contact_import_id>/set-up")
@permission_required(MANAGE)
def set_up_import(contact_import_id: int) -> Response:
    """What was chosen is kept; the first lines are looked at anew, or (the other
    button) the import starts.
    """
    row, reading = _own(contact_import_id), _reading()
    # Read in another way, the columns are other ones: they are to be seen before anything is taken over.
    is_as_seen = reading.as_dict() == row.reading
    try:
        imports.set_up(row=row, reading=reading, mapping=request.form.getlist("mapping"), options=_options())
        if request.form.get("then") == "start" and is_as_seen:
            imports.start(row=row, actor=current_actor())
    except InvalidFields as error:
        return _draft_page(row, error.message, 422)
    except DomainError as error:
        flash(error.message, "bad")
    return _to(row)


@blueprint.post("/imports/<int:contact_import_id>/discard")
@permission_required(MANAGE)
def discard_import(contact_import_id: int) -> Response:
    row = _own(contact_import_id)
    try:
        imports.discard(row=row, actor=current_actor())
    except DomainError as error:
        flash(error.message, "bad")
        return _to(row)
    flash("The file is discarded. Nothing was imported.")
    return go_to(url_for("contacts.import_list"))


@blueprint.post("/imports/<int:contact_import_id>/undo")
@permission_required(MANAGE)
def undo_import(contact_import_id: int) -> Response:
    row = _own(contact_import_id)
    try:
        imports.undo(row=row, actor=current_actor())
    except DomainError as error:
        flash(error.message, "bad")
    return _to(row)


@blueprint.get("/imports/<int:contact_import_id>/errors.csv")
@permission_required(MANAGE)
def import_errors(contact_import_id: int) -> Response:
    """Lines that were not taken, with the reason of each."""
    answer = stream(errors.write_csv(_own(contact_import_id)), "text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="not-taken-{contact_import_id}.csv"'
    return answer


def _own(contact_import_id: int) -> ContactImport:
    return queries.get_import(contact_import_id, current_actor().scope(MANAGE))


def _to(row: ContactImport) -> Response:
    return go_to(url_for("contacts.import_detail", contact_import_id=row.id))


def _reading() -> Reading:
    form = request.form
    return Reading(form.get("encoding", ""), form.get("delimiter", ""), form.get("has_header") == "1")


def _options() -> dict[str, Any]:
    names = ("mode", "wins", "country", "consent_source", "consent_on")
    return {name: request.form[name] for name in names if name in request.form}


def _draft_page(row: ContactImport, problem: str = "", status: int = 200) -> Response:
    looked = None
    try:
        looked = imports.look(row, row.content or b"", _LOOKED_AT)
    except Unreadable as error:
        problem = problem or str(error)
    html = render_template(
        "contacts/import_draft.html",
        row=row,
        looked=looked,
        shown=looked.lines[:_SHOWN] if looked else [],
        first_wrong=[line for line in looked.lines if line[2]][:_SHOWN] if looked else [],
        problem=problem,
        meanings=meaning.meanings_of(list_fields(row.account_id)),
        countries=COUNTRIES,
        encodings=ENCODINGS,
        delimiters=DELIMITERS,
        modes=imports.MODES,
        wins=imports.WINS,
    )
    return make_response(html, status)


def _list_page(form: FileForm, status: int = 200) -> Response:
    place = Cursor.parse(request.args.get("before"))
    scope = current_actor().scope(MANAGE)
    page = queries.slice_imports(scope, None, Turn(place) if place else None, _LIST_LENGTH)
    html = render_template(
        "contacts/imports.html",
        form=form,
        rows=page.rows,
        older_url=url_for("contacts.import_list", before=str(page.older.place)) if page.older else None,
        largest_mb=LARGEST_FILE // 1024 // 1024,
        most_lines=MOST_LINES,
    )
    return make_response(html, status)
