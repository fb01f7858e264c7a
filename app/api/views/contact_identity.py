"""Who is who, for programs: addresses, joins and their undoing, blocking at Meta."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE

from app.api.access import allowed
from app.api.blueprint import blueprint
from app.api.paging import page_of
from app.api.schemas.contact_identity import (
    AddressList,
    AddressOut,
    BlockIn,
    BlockList,
    BlockOut,
    BlockQuery,
    JoinIn,
    JoinList,
    JoinOut,
    JoinQuery,
    SyncBlocksIn,
    SyncedBlocks,
)
from app.api.schemas.fields import ListQuery
from app.errors import FieldProblem, InvalidFields, NotFound, NotReady
from app.models import Contact, ContactAddress, ContactBlock, ContactJoin, JoinState, PhoneNumber
from app.queries import contact_identity as queries
from app.queries.accounts import get_number
from app.queries.contact_lists import get_contact
from app.services import contact_blocks, contact_joins
from app.web.identity import current_actor

_TAGS = ["Contacts"]


@blueprint.get("/contacts/<int:contact_id>/addresses/")
@allowed("messages.view", contact=get_contact)
@blueprint.input(ListQuery, location="query", unknown=RAISE)
@blueprint.output(AddressList)
@blueprint.doc(tags=_TAGS)
def list_contact_addresses(contact: Contact, query_data: dict[str, Any]) -> dict[str, Any]:
    """List a contact's addresses

    All numbers, ids and user names the contact ever had, with when and by what they came; newest first.
    """
    return page_of(queries.slice_addresses(contact, query_data.get("cursor"), query_data["limit"]))


@blueprint.post("/contacts/addresses/<int:address_id>/refuse/")
@allowed("console.use", address=queries.get_address)
@blueprint.output(AddressOut, description="Who writes from it is a contact of their own.")
@blueprint.doc(tags=_TAGS)
def refuse_contact_address(address: ContactAddress) -> ContactAddress:
    """Say that an address is somebody else's

    Of another spelling or an earlier number; what the contact is reached by now stays.
    """
    contact_joins.refuse_address(row=address, actor=current_actor())
    return address


@blueprint.get("/contacts/joins/")
@allowed("messages.view")
@blueprint.input(JoinQuery, location="query", unknown=RAISE)
@blueprint.output(JoinList)
@blueprint.doc(tags=_TAGS)
def list_contact_joins(query_data: dict[str, Any]) -> dict[str, Any]:
    """List joins of contacts

    With `state=suggested` those that wait for a decision.
    """
    state = query_data.get("state")
    return page_of(
        queries.slice_joins(
            current_actor().scope("messages.view"),
            JoinState(state) if state else None,
            query_data.get("contact"),
            query_data.get("cursor"),
            query_data["limit"],
        )
    )


@blueprint.post("/contacts/<int:contact_id>/join/")
@allowed("console.use", contact=get_contact)
@blueprint.input(JoinIn, location="json")
@blueprint.output(JoinOut, description="One person. Each contact keeps its conversations.")
@blueprint.doc(tags=_TAGS)
def join_contact(contact: Contact, json_data: dict[str, Any]) -> ContactJoin:
    """Join two contacts that are one person

    The contact in the address stands for both from now on. Nothing is moved, and it can be undone.
    """
    try:
        other = get_contact(json_data["contact_id"], current_actor().scope("console.use"))
    except NotFound as error:
        raise InvalidFields([FieldProblem("contact_id", "There is no such contact.")]) from error
    return contact_joins.join(contact=other, into=contact, actor=current_actor())


@blueprint.post("/contacts/joins/<int:join_id>/accept/")
@allowed("console.use", join=queries.get_join)
@blueprint.output(JoinOut)
@blueprint.doc(tags=_TAGS)
def accept_contact_join(join: ContactJoin) -> ContactJoin:
    """Accept a suggested join"""
    return contact_joins.join(contact=join.contact, into=join.into, actor=current_actor())


@blueprint.post("/contacts/joins/<int:join_id>/dismiss/")
@allowed("console.use", join=queries.get_join)
@blueprint.output(JoinOut, description="It is not suggested again.")
@blueprint.doc(tags=_TAGS)
def dismiss_contact_join(join: ContactJoin) -> ContactJoin:
    """Dismiss a suggested join"""
    contact_joins.dismiss(row=join, actor=current_actor())
    return join


@blueprint.post("/contacts/joins/<int:join_id>/undo/")
@allowed("console.use", join=queries.get_join)
@blueprint.output(JoinOut, description="Two people again; no rule joins them any more.")
@blueprint.doc(tags=_TAGS)
def undo_contact_join(join: ContactJoin) -> ContactJoin:
    """Undo a join"""
    contact_joins.undo(row=join, actor=current_actor())
    return join


@blueprint.post("/contacts/<int:contact_id>/block/")
@allowed("console.use", contact=get_contact)
@blueprint.input(BlockIn, location="json")
@blueprint.output(BlockOut, description="Blocked at Meta.")
@blueprint.doc(tags=_TAGS)
def block_contact(contact: Contact, json_data: dict[str, Any]) -> ContactBlock:
    """Block a contact at Meta

    Only somebody who wrote to the number in the last 24 hours. Their messages do not arrive any more, and
    sending to them is answered with 409 `blocked`. After 504 `meta_unconfirmed` it may be asked for again.
    """
    number = _number(contact, json_data.get("phone_number_id"))
    return contact_blocks.block(
        contact=contact, number=number, actor=current_actor(), reason=json_data["reason"]
    )


@blueprint.post("/contacts/<int:contact_id>/unblock/")
@allowed("console.use", contact=get_contact)
@blueprint.input(BlockIn(exclude=("reason",)), location="json")
@blueprint.output(BlockOut, description="They can write again.")
@blueprint.doc(tags=_TAGS)
def unblock_contact(contact: Contact, json_data: dict[str, Any]) -> ContactBlock:
    """Unblock a contact at Meta"""
    number = _number(contact, json_data.get("phone_number_id"))
    return contact_blocks.unblock(contact=contact, number=number, actor=current_actor())


@blueprint.get("/contacts/blocked/")
@allowed("messages.view")
@blueprint.input(BlockQuery, location="query", unknown=RAISE)
@blueprint.output(BlockList)
@blueprint.doc(tags=_TAGS)
def list_blocked(query_data: dict[str, Any]) -> dict[str, Any]:
    """List who is blocked

    As it is known here. Meta's own list is fetched once a day; `contacts/blocked/sync/` fetches it now.
    """
    scope, number_id = current_actor().scope("messages.view"), query_data.get("phone_number_id")
    return page_of(queries.slice_blocks(scope, number_id, query_data.get("cursor"), query_data["limit"]))


@blueprint.post("/contacts/blocked/sync/")
@allowed("console.use")
@blueprint.input(SyncBlocksIn, location="json")
@blueprint.output(SyncedBlocks)
@blueprint.doc(tags=_TAGS)
def sync_blocked(json_data: dict[str, Any]) -> dict[str, int]:
    """Fetch a number's list of the blocked from Meta"""
    try:
        number = get_number(json_data["phone_number_id"], current_actor().scope("console.use"))
    except NotFound as error:
        raise InvalidFields([FieldProblem("phone_number_id", "There is no such phone number.")]) from error
    return {"blocked": contact_blocks.sync(number=number, actor=current_actor())}


def _number(contact: Contact, number_id: int | None) -> PhoneNumber:
    """Of the contact's account: that one, or its first. Raises InvalidFields, NotReady."""
    account = contact.account
    if number_id is None:
        if account.first_number is None:
            raise NotReady("This account has no phone number yet. Nothing was changed.")
        return account.first_number
    for number in account.phone_numbers:
        if number.id == number_id:
            return number
    raise InvalidFields([FieldProblem("phone_number_id", "This account has no such phone number.")])
