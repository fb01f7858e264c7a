"""Business phone numbers."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE

from app.api.access import allowed
from app.api.blueprint import blueprint
from app.api.paging import page_of
from app.api.schemas.phone_numbers import (
    PhoneNumberChange,
    PhoneNumberIn,
    PhoneNumberList,
    PhoneNumberOut,
    PhoneNumberQuery,
)
from app.models import PhoneNumber
from app.queries import accounts as queries
from app.services import number_changes
from app.web.identity import current_actor

_TAGS = ["Phone numbers"]


@blueprint.get("/phone-numbers/")
@allowed("accounts.view")
@blueprint.input(PhoneNumberQuery, location="query", unknown=RAISE)
@blueprint.output(PhoneNumberList)
@blueprint.doc(tags=_TAGS)
def list_phone_numbers(query_data: dict[str, Any]) -> dict[str, Any]:
    """List phone numbers

    Newest first, as Meta last described them.
    """
    scope = current_actor().scope("accounts.view")
    account_id = query_data.get("account")
    return page_of(queries.slice_numbers(scope, account_id, query_data.get("cursor"), query_data["limit"]))


@blueprint.post("/phone-numbers/")
@allowed("accounts.manage")
@blueprint.input(PhoneNumberIn, location="json")
@blueprint.output(PhoneNumberOut, status_code=201, description="In use from now on.")
@blueprint.doc(tags=_TAGS)
def add_phone_number(json_data: dict[str, Any]) -> PhoneNumber:
    """Take a phone number into use

    The number must be in the account's WhatsApp Business Account at Meta, which is asked.
    """
    account = queries.get_account(json_data["waba_account_id"], current_actor().scope("accounts.manage"))
    return number_changes.add_number(
        account=account,
        meta_id=json_data["phone_number_id"],
        display_number=json_data.get("display_number", ""),
        actor=current_actor(),
    )


@blueprint.get("/phone-numbers/<int:number_id>/")
@allowed("accounts.view", number=queries.get_number)
@blueprint.output(PhoneNumberOut)
@blueprint.doc(tags=_TAGS)
def show_phone_number(number: PhoneNumber) -> PhoneNumber:
    """Show a phone number"""
    return number


@blueprint.put("/phone-numbers/<int:number_id>/")
@allowed("accounts.manage", number=queries.get_number)
@blueprint.input(PhoneNumberChange, location="json")
@blueprint.output(PhoneNumberOut)
@blueprint.doc(tags=_TAGS)
def change_phone_number(number: PhoneNumber, json_data: dict[str, Any]) -> PhoneNumber:
    """Change a phone number

    Only how it is written can change here; the rest is Meta's.
    """
    return number_changes.rename_number(
        number=number, display_number=json_data["display_number"], actor=current_actor()
    )


@blueprint.delete("/phone-numbers/<int:number_id>/")
@allowed("accounts.manage", number=queries.get_number)
@blueprint.output({}, status_code=204, description="Out of use here; at Meta nothing changed.")
@blueprint.doc(tags=_TAGS)
def remove_phone_number(number: PhoneNumber) -> str:
    """Take a phone number out of use

    Refused (409) for an account's only number and for one that has conversations.
    """
    number_changes.remove_number(number=number, actor=current_actor())
    return ""
