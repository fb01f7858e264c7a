"""Why a message failed, as the API shows it."""

from __future__ import annotations

from apiflask import Schema
from marshmallow import fields

from app.api.schemas.fields import Choice, described
from app.services.failures import Side


class MessageError(Schema):
    """Why a message failed, in words for people."""

    code = fields.Integer(
        required=True, allow_none=True, metadata=described("Meta's error code, if Meta refused.", 131026)
    )
    title = fields.String(required=True, metadata=described("What happened.", "Not delivered"))
    explanation = fields.String(required=True, metadata=described("Why."))
    whose_side = Choice(
        *Side,
        required=True,
        metadata=described(
            "Where the cause lies. ours: in what was sent, or how; customer; meta; account: in the account's "
            "settings at Meta; unknown: a code that we do not know.",
            "customer",
        ),
    )
    can_retry = fields.Boolean(
        required=True,
        metadata=described(
            "Whether the very same message may still arrive when sent again, at once or after what_to_do.",
            True,
        ),
    )
    what_to_do = fields.String(required=True, metadata=described("What to do about it."))
