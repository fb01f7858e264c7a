"""Message templates."""

from __future__ import annotations

from typing import Any

from apiflask import Schema
from marshmallow import fields

from app.api.blueprint import LARGEST_ID
from app.api.schemas.fields import Choice, Id, ListQuery, Moment, QueryInteger, Text, described, list_of
from app.models import MessageTemplateStatus
from app.queries.message_templates import QUALITIES, UNRATED

_COMPONENTS = [
    {
        "type": "BODY",
        "text": "Hello {{1}}, your order {{2}} is on its way.",
        "example": {"body_text": [["Grace", "BM-1042"]]},
    }
]


def _components(**options: Any) -> fields.Field[Any]:
    return fields.List(
        fields.Dict(keys=fields.String()),
        metadata=described("Meta's array: HEADER, BODY, FOOTER, BUTTONS.", _COMPONENTS),
        **options,
    )


class MessageTemplateOut(Schema):
    """One language of a message template."""

    id = fields.Integer(required=True, metadata=described("Our id.", 12))
    waba_account_id = fields.Integer(
        required=True, attribute="account_id", metadata=described("The account, by our id.", 1)
    )
    meta_id = fields.String(
        required=True, allow_none=True, metadata=described("Meta's id; null before it was submitted.")
    )
    name = fields.String(required=True, metadata=described("", "order_update"))
    language = fields.String(required=True, metadata=described("", "en_US"))
    category = fields.String(required=True, metadata=described("Meta may change it.", "UTILITY"))
    status = Choice(
        *MessageTemplateStatus,
        required=True,
        metadata=described("Meta's word, or DRAFT before it was submitted.", "APPROVED"),
    )
    parameter_format = fields.String(required=True, metadata=described("POSITIONAL or NAMED.", "POSITIONAL"))
    components = _components(required=True)
    rejected_reason = fields.String(required=True)
    quality_score = fields.String(required=True, metadata=described("Meta's word.", "GREEN"))
    submitted_at = Moment(required=True, allow_none=True)
    status_changed_at = Moment(required=True, allow_none=True)
    last_synced_at = Moment(required=True, allow_none=True)
    created_at = Moment(required=True)
    updated_at = Moment(required=True)


MessageTemplateList = list_of(MessageTemplateOut, "MessageTemplateList")


class MessageTemplateFilterQuery(Schema):
    """Which message templates; deleted ones only when asked for by status."""

    account = QueryInteger(1, LARGEST_ID, metadata=described("Our account id.", 1))
    status = Choice(*MessageTemplateStatus, metadata=described("", "APPROVED"))
    language = Text(16, least=1, metadata=described("", "en_US"))
    category = Text(32, least=1, metadata=described("", "UTILITY"))
    quality = Choice(*QUALITIES, UNRATED, metadata=described("UNKNOWN: not rated.", "GREEN"))
    tag = Text(40, least=1, metadata=described("A tag of its name, in small letters.", "claims"))
    search = Text(200, least=1, metadata=described("In the name, the body and the tags.", "order"))


class MessageTemplateQuery(ListQuery, MessageTemplateFilterQuery):
    """Filters of the list; they all hold at once."""


class MessageTemplateChange(Schema):
    """A message template's text. Name and language are fixed once it is at Meta."""

    name = Text(512, least=1, required=True, metadata=described("a to z, 0 to 9 and _.", "order_update"))
    language = Text(16, least=1, required=True, metadata=described("", "en_US"))
    category = Text(
        32, least=1, required=True, metadata=described("MARKETING, UTILITY or AUTHENTICATION.", "UTILITY")
    )
    components = _components(required=True)
    parameter_format = Choice(
        "POSITIONAL",
        "NAMED",
        metadata=described("{{1}} or {{first_name}}; the first if left out.", "NAMED"),
    )


class MessageTemplateIn(MessageTemplateChange):
    """A draft to keep."""

    waba_account_id = Id(required=True, metadata=described("The account, by our id.", 1))
