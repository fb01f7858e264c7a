"""Fields of an account's own, which its contacts have values in."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE

from app.api.access import allowed
from app.api.blueprint import blueprint
from app.api.paging import page_of
from app.api.schemas.contact_fields import (
    ContactFieldChange,
    ContactFieldIn,
    ContactFieldList,
    ContactFieldOut,
    ContactFieldQuery,
)
from app.models import ContactField, FieldKind
from app.queries import contact_fields as queries
from app.queries.accounts import get_account
from app.services import contact_fields as service
from app.web.identity import current_actor

_TAGS = ["Contacts"]
_VIEW, _MANAGE = "messages.view", "contacts.manage"


@blueprint.get("/contact-fields/")
@allowed(_VIEW)
@blueprint.input(ContactFieldQuery, location="query", unknown=RAISE)
@blueprint.output(ContactFieldList)
@blueprint.doc(tags=_TAGS)
def list_contact_fields(query_data: dict[str, Any]) -> dict[str, Any]:
    """List fields of contacts

    Newest first, retired ones too.
    """
    scope, account_id = current_actor().scope(_VIEW), query_data.get("account")
    return page_of(queries.slice_fields(scope, account_id, query_data.get("cursor"), query_data["limit"]))


@blueprint.post("/contact-fields/")
@allowed(_MANAGE)
@blueprint.input(ContactFieldIn, location="json")
@blueprint.output(ContactFieldOut, status_code=201)
@blueprint.doc(tags=_TAGS)
def create_contact_field(json_data: dict[str, Any]) -> ContactField:
    """Add a field of contacts

    Its key is made of its name.
    """
    account = get_account(json_data["waba_account_id"], current_actor().scope(_MANAGE))
    return service.save_field(
        field=None,
        account=account,
        name=json_data["name"],
        kind=FieldKind(json_data["kind"]),
        choices=json_data["choices"],
        actor=current_actor(),
    )


@blueprint.get("/contact-fields/<int:field_id>/")
@allowed(_VIEW, field=queries.get_field)
@blueprint.output(ContactFieldOut)
@blueprint.doc(tags=_TAGS)
def show_contact_field(field: ContactField) -> ContactField:
    """Show a field of contacts"""
    return field


@blueprint.patch("/contact-fields/<int:field_id>/")
@allowed(_MANAGE, field=queries.get_field)
@blueprint.input(ContactFieldChange, location="json")
@blueprint.output(ContactFieldOut)
@blueprint.doc(tags=_TAGS)
def change_contact_field(field: ContactField, json_data: dict[str, Any]) -> ContactField:
    """Change or retire a field of contacts

    Values that contacts have in it stay, whatever is changed.
    """
    if json_data.keys() & {"name", "choices"}:
        account = get_account(field.account_id, current_actor().scope(_MANAGE))
        service.save_field(
            field=field,
            account=account,
            name=json_data.get("name", field.name),
            kind=field.kind,
            choices=json_data.get("choices", field.choices),
            actor=current_actor(),
        )
    is_retired = json_data.get("is_retired", field.is_retired)
    if is_retired is not field.is_retired:
        service.retire_field(field=field, is_retired=is_retired, actor=current_actor())
    return field
