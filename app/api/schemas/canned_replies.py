"""Canned replies."""

from __future__ import annotations

from apiflask import Schema
from marshmallow import fields

from app.api.blueprint import LARGEST_ID
from app.api.schemas.fields import Id, ListQuery, Moment, QueryInteger, Text, described, list_of
from app.services.canned_replies import LONGEST_BODY, LONGEST_NAME

_ACCOUNT = described("The account, by our id; null: all accounts.", 1)
_BODY = "Good morning {{name}}, we are open from 8 to 18. {{agent}}"


class CannedReplyChange(Schema):
    """A text under a short name."""

    name = Text(LONGEST_NAME, least=1, required=True, metadata=described("Short.", "Opening hours"))
    body = Text(
        LONGEST_BODY,
        least=1,
        required=True,
        metadata=described("{{name}}: the customer; {{agent}}: who writes.", _BODY),
    )


class CannedReplyIn(CannedReplyChange):
    """A new canned reply."""

    waba_account_id = Id(required=True, allow_none=True, metadata=_ACCOUNT)


class CannedReplyOut(Schema):
    """A text under a short name."""

    id = fields.Integer(required=True, metadata=described("Our id.", 4))
    waba_account_id = fields.Integer(
        required=True, allow_none=True, attribute="account_id", metadata=_ACCOUNT
    )
    name = fields.String(required=True, metadata=described("Short.", "Opening hours"))
    body = fields.String(required=True, metadata=described("With its places for names.", _BODY))
    created_at = Moment(required=True)
    updated_at = Moment(required=True)


CannedReplyList = list_of(CannedReplyOut, "CannedReplyList")


class CannedReplyQuery(ListQuery):
    """Filters of the list."""

    account = QueryInteger(
        1, LARGEST_ID, metadata=described("What can be used in it: its own, and those of all accounts.", 1)
    )
