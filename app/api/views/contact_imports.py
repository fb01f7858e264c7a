"""Imports of files of contacts."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE

from app.api.access import allowed
from app.api.blueprint import blueprint
from app.api.field_names import renamed
from app.api.paging import page_of
from app.api.schemas.contact_imports import (
    ContactImportDetail,
    ContactImportIn,
    ContactImportList,
    ContactImportOut,
    ContactImportQuery,
)
from app.errors import InvalidFields
from app.models import ContactImport
from app.queries import contact_imports as queries
from app.queries.accounts import get_account
from app.services.contact_files import imports
from app.services.contact_files.imports import MANAGE
from app.web.identity import current_actor

_TAGS = ["Contacts"]
_SHOWN_FAILED = 200


@blueprint.get("/contact-imports/")
@allowed(MANAGE)
@blueprint.input(ContactImportQuery, location="query", unknown=RAISE)
@blueprint.output(ContactImportList)
@blueprint.doc(tags=_TAGS)
def list_contact_imports(query_data: dict[str, Any]) -> dict[str, Any]:
    """List imports of contacts

    Newest first; they are kept for 90 days.
    """
    scope, account_id = current_actor().scope(MANAGE), query_data.get("account")
    return page_of(queries.slice_imports(scope, account_id, query_data.get("cursor"), query_data["limit"]))


@blueprint.post("/contact-imports/")
@allowed(MANAGE)
@blueprint.input(ContactImportIn, location="json")
@blueprint.output(ContactImportOut, status_code=202, description="Kept; a worker takes it over.")
@blueprint.doc(tags=_TAGS)
def create_contact_import(json_data: dict[str, Any]) -> ContactImport:
    """Import a file of contacts

    At most 10 MB and 50,000 lines. People are known by their number: nobody is doubled by a second import.
    """
    account = get_account(json_data["waba_account_id"], current_actor().scope(MANAGE))
    on = json_data.get("consent_on")
    try:
        row = imports.bring(
            account_id=account.id,
            file_name=json_data["file_name"],
            content=json_data["text"].encode(),
            country="",
            actor=current_actor(),
        )
        options = {name: json_data[name] for name in ("mode", "wins", "country", "consent_source")}
        options["consent_on"] = on.isoformat() if on else ""
        imports.set_up_and_start(
            row=row, mapping=json_data.get("mapping"), options=options, actor=current_actor()
        )
    except InvalidFields as error:
        raise renamed(error, {"file": "text", "reading": "text"}) from error
    return row


@blueprint.get("/contact-imports/<int:contact_import_id>/")
@allowed(MANAGE, contact_import=queries.get_import)
@blueprint.output(ContactImportDetail)
@blueprint.doc(tags=_TAGS)
def show_contact_import(contact_import: ContactImport) -> dict[str, Any]:
    """Show an import of contacts, with the first lines that were not taken"""
    names = [name for name in ContactImportOut().fields if name != "waba_account_id"]
    values = {name: getattr(contact_import, name) for name in [*names, "account_id"]}
    return {**values, "failed_lines": queries.list_failed(contact_import.id, _SHOWN_FAILED)}


@blueprint.post("/contact-imports/<int:contact_import_id>/undo/")
@allowed(MANAGE, contact_import=queries.get_import)
@blueprint.output(ContactImportOut, status_code=202, description="A worker takes it back.")
@blueprint.doc(tags=_TAGS)
def undo_contact_import(contact_import: ContactImport) -> ContactImport:
    """Undo an import of contacts

    What it made or changed, as far as nobody has changed it since. Only once, and only when it is done.
    """
    imports.undo(row=contact_import, actor=current_actor())
    return contact_import
