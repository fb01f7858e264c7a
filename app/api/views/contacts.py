"""Contacts: who they are, what is said about them here, and whether they want marketing."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE

from app.api.access import allowed
from app.api.blueprint import blueprint
from app.api.paging import page_of
from app.api.schemas.conversations import ConsentIn, ContactChange, ContactList, ContactOut, ContactQuery
from app.models import Contact
from app.queries import contact_lists as queries
from app.services import consents, contacts
from app.web.identity import current_actor

_TAGS = ["Contacts"]


@blueprint.get("/contacts/")
@allowed("messages.view")
@blueprint.input(ContactQuery, location="query", unknown=RAISE)
@blueprint.output(ContactList)
@blueprint.doc(tags=_TAGS)
def list_contacts(query_data: dict[str, Any]) -> dict[str, Any]:
    """List contacts

    Newest first. A customer of two accounts is a contact of each.
    """
    number = query_data.get("phone_number")
    filters = queries.ContactFilters(
        account_id=query_data.get("account"),
        wa_id="".join(char for char in number if char in "0123456789") if number is not None else None,
        user_id=query_data.get("user_id"),
        search=query_data.get("search", "").strip(),
        tag=query_data.get("tag", ""),
        field=query_data.get("field", ""),
        how=query_data.get("field_is", "filled"),
        value=query_data.get("value", ""),
        is_opted_out={"yes": True, "no": False}.get(query_data.get("opted_out", "")),
    )
    scope = current_actor().scope("messages.view")
    return page_of(queries.slice_contacts(scope, filters, query_data.get("cursor"), query_data["limit"]))


@blueprint.get("/contacts/<int:contact_id>/")
@allowed("messages.view", contact=queries.get_contact)
@blueprint.output(ContactOut)
@blueprint.doc(tags=_TAGS)
def show_contact(contact: Contact) -> Contact:
    """Show a contact"""
    return contact


@blueprint.patch("/contacts/<int:contact_id>/")
@allowed("console.use", contact=queries.get_contact)
@blueprint.input(ContactChange, location="json")
@blueprint.output(ContactOut)
@blueprint.doc(tags=_TAGS)
def change_contact(contact: Contact, json_data: dict[str, Any]) -> Contact:
    """Change what is said about a contact

    What the customer says of themselves, number and WhatsApp name, comes from Meta and cannot be changed.
    """
    return contacts.change_contact(contact=contact, values=json_data, actor=current_actor())


@blueprint.post("/contacts/<int:contact_id>/opt_out/")
@allowed("console.use", contact=queries.get_contact)
@blueprint.input(ConsentIn, location="json")
@blueprint.output(ContactOut, description="Marketing message templates to this contact are refused.")
@blueprint.doc(tags=_TAGS)
def opt_contact_out(contact: Contact, json_data: dict[str, Any]) -> Contact:
    """Take a contact off marketing

    Sending one a marketing message template is answered with 409 `opted_out` from now on; all else goes. Said
    twice is said once.
    """
    consents.opt_out(contact=contact, actor=current_actor(), note=json_data["note"])
    return contact


@blueprint.post("/contacts/<int:contact_id>/opt_in/")
@allowed("console.use", contact=queries.get_contact)
@blueprint.input(ConsentIn, location="json")
@blueprint.output(ContactOut, description="Marketing message templates go again.")
@blueprint.doc(tags=_TAGS)
def opt_contact_in(contact: Contact, json_data: dict[str, Any]) -> Contact:
    """Put a contact back on marketing

    Only for a customer who asked for it.
    """
    consents.opt_in(contact=contact, actor=current_actor(), note=json_data["note"])
    return contact
