"""What a person may ask of us: everything that is held about them, and that it is erased."""

from __future__ import annotations

from typing import Any

from flask import Response
from marshmallow import RAISE

from app.api.access import allowed
from app.api.blueprint import blueprint
from app.api.field_names import renamed
from app.api.paging import page_of
from app.api.schemas.erasures import EraseIn, ErasureList, ErasureOut, ErasureQuery
from app.errors import InvalidFields
from app.models import Contact, Erasure
from app.queries import contact_lists
from app.queries import erasures as queries
from app.services.erasing import holding
from app.services.erasing.requests import ERASE, request_erasure
from app.web.identity import current_actor

_TAGS = ["Contacts"]
_WHOLE: Any = {
    200: {
        "description": "All rows by table.",
        "content": {"application/json": {"schema": {"type": "object"}}},
    }
}


@blueprint.post("/contacts/<int:contact_id>/data/")
@allowed(ERASE, contact=contact_lists.get_contact)
@blueprint.doc(tags=_TAGS, responses=_WHOLE)
def take_contact_data(contact: Contact) -> Response:
    """Take everything that is held about a contact

    For a person who asks for it: `{"made_at", "tables": {table: [row, …]}}`. Files are at
    `media/{id}/content/` by the ids in `media_files`. It is written down who took it, which is why this is no
    GET.
    """
    contact_id = contact.id
    holding.note_access(contact=contact, actor=current_actor())
    return Response("".join(holding.write_json(contact_id)), mimetype="application/json")


@blueprint.post("/contacts/<int:contact_id>/erase/")
@allowed(ERASE, contact=contact_lists.get_contact)
@blueprint.input(EraseIn, location="json")
@blueprint.output(ErasureOut, status_code=202, description="Noted; a worker does it within minutes.")
@blueprint.doc(tags=_TAGS)
def erase_contact(contact: Contact, json_data: dict[str, Any]) -> Erasure:
    """Erase a person everywhere

    Messages, files, notes, raw events and all else, for good; counts stay. `joined` takes the contacts along
    that are the same person: one confirmation, one proof, in which the rows of all are counted. Asked twice,
    it is the same erasing.
    """
    try:
        return request_erasure(
            contact=contact,
            typed=json_data["confirm"],
            password=None,
            actor=current_actor(),
            with_joined=json_data["joined"],
        )
    except InvalidFields as error:
        raise renamed(error, {"typed": "confirm"}) from error


@blueprint.get("/erasures/")
@allowed(ERASE)
@blueprint.input(ErasureQuery, location="query", unknown=RAISE)
@blueprint.output(ErasureList)
@blueprint.doc(tags=_TAGS)
def list_erasures(query_data: dict[str, Any]) -> dict[str, Any]:
    """List erased people

    Newest first, each with its proof.
    """
    scope = current_actor().scope(ERASE)
    return page_of(queries.slice_erasures(scope, query_data.get("cursor"), query_data["limit"]))


@blueprint.get("/erasures/<int:erasure_id>/")
@allowed(ERASE, erasure=queries.get_erasure)
@blueprint.output(ErasureOut)
@blueprint.doc(tags=_TAGS)
def show_erasure(erasure: Erasure) -> Erasure:
    """Show an erasing and its proof"""
    return erasure
