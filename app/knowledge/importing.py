"""Bringing files of articles in, and watching the worker take them over."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, make_response, render_template, url_for

from app.errors import DomainError, InvalidFields
from app.knowledge.blueprint import blueprint
from app.knowledge.forms import ImportForm, choices
from app.models import KnowledgeImport
from app.queries import accounts as account_queries
from app.queries import knowledge as queries
from app.services.knowledge import imports
from app.services.knowledge.files.reading import ENDINGS
from app.services.knowledge.files.table import COLUMNS
from app.services.knowledge.languages import NAMES
from app.web.form_errors import show_problems
from app.web.identity import current_actor
from app.web.permissions import permission_required
from app.web.responses import go_to, respond

_MANAGE, _VIEW = "knowledge.manage", "knowledge.view"
_SHOWN_ITEMS = 200


@blueprint.get("/imports/")
@permission_required("knowledge.view")
def import_list() -> Response:
    return _page(_form())


@blueprint.post("/imports/")
@permission_required("knowledge.manage")
def start_import() -> Response:
    """Keep the file; the worker does the rest."""
    form = _form()
    if not form.validate_on_submit():
        return _page(form, 422)
    account = account_queries.get_account(form.account.data, current_actor().scope(_MANAGE))
    file = form.file.data
    try:
        row = imports.queue_import(
            account_id=account.id,
            file_name=file.filename or "",
            # One byte more than may be tells that it is too large.
            content=file.stream.read(imports.LARGEST_FILE + 1),
            language=form.language.data,
            actor=current_actor(),
        )
    except InvalidFields as error:
        show_problems(form, error)
        return _page(form, 422)
    except DomainError as error:
        form.form_errors.append(error.message)
        return _page(form, 422)
    flash("The file is here. Its articles are being taken over.", "ok")
    return go_to(url_for("knowledge.import_detail", import_id=row.id))


@blueprint.get("/imports/<int:import_id>/")
@permission_required("knowledge.view")
def import_detail(import_id: int) -> Response:
    """The page asks for the part below while the work goes on; a reload shows the same."""
    row = queries.get_import(import_id, current_actor().scope(_VIEW))
    return respond(
        page="knowledge/import.html", fragment="knowledge/_progress.html", status=200, **_progress(row)
    )


def _progress(row: KnowledgeImport) -> dict[str, Any]:
    return {
        "row": row,
        "failed": queries.list_items(row.id, failed_only=True, limit=_SHOWN_ITEMS),
        "items": queries.list_items(row.id, limit=_SHOWN_ITEMS) if row.is_finished else [],
        "languages": NAMES,
    }


def _form() -> ImportForm:
    form = ImportForm()
    form.offer(choices(account_queries.list_accounts(current_actor().scope(_MANAGE))))
    return form


def _page(form: ImportForm, status: int = 200) -> Response:
    return make_response(
        render_template(
            "knowledge/imports.html",
            form=form,
            rows=queries.list_imports(current_actor().scope(_VIEW)),
            may_manage=bool(form.account.choices),
            largest_mb=imports.LARGEST_FILE // 1024 // 1024,
            endings=ENDINGS,
            columns=COLUMNS,
        ),
        status,
    )
