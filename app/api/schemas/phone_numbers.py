"""Business phone numbers."""

from __future__ import annotations

from apiflask import Schema
from marshmallow import fields

from app.api.blueprint import LARGEST_ID
from app.api.schemas.fields import Id, ListQuery, Moment, QueryInteger, Text, described, list_of


class PhoneNumberOut(Schema):
    """One number of an account, as Meta last described it."""

    id = fields.Integer(required=True, metadata=described("Our id.", 1))
    waba_account_id = fields.Integer(
        required=True, attribute="account_id", metadata=described("The account, by our id.", 1)
    )
    phone_number_id = fields.String(
        required=True, attribute="meta_id", metadata=described("Meta's id of the number.", "108293047500001")
    )
    phone_number = fields.String(required=True, metadata=described("", "+442079460101"))
    display_number = fields.String(
        required=True, metadata=described("How people write it.", "+44 20 7946 0101")
    )
    verified_name = fields.String(
        required=True, metadata=described("The name customers see.", "Harbour Lane Bakery")
    )
    status = fields.String(required=True, metadata=described("Meta's word.", "CONNECTED"))
    quality_rating = fields.String(required=True, metadata=described("Meta's word.", "GREEN"))
    name_status = fields.String(required=True, metadata=described("Meta's word.", "APPROVED"))
    messaging_limit = fields.String(required=True, metadata=described("Meta's word.", "TIER_1K"))
    throughput_level = fields.String(required=True, metadata=described("Meta's word.", "STANDARD"))
    last_synced_at = Moment(required=True, allow_none=True)
    created_at = Moment(required=True)
    updated_at = Moment(required=True)


PhoneNumberList = list_of(PhoneNumberOut, "PhoneNumberList")


class PhoneNumberQuery(ListQuery):
    """Filters of the list."""

    account = QueryInteger(1, LARGEST_ID, metadata=described("Our account id.", 1))


class PhoneNumberIn(Schema):
    """A number of the account's WABA to take into use."""

    waba_account_id = Id(required=True, metadata=described("The account, by our id.", 1))
    phone_number_id = Text(
        30, least=1, required=True, metadata=described("Meta's id of the number.", "108293047500001")
    )
    display_number = Text(40, metadata=described("How people write it; default: Meta's spelling."))


class PhoneNumberChange(Schema):
    """What may be changed; the rest is Meta's to say and is read again."""

    display_number = Text(40, required=True, metadata=described("How people write it.", "+44 20 7946 0101"))
