"""A kept call to Meta, as the API shows it."""

from __future__ import annotations

from apiflask import Schema
from marshmallow import fields

from app.api.schemas.fields import Moment, described


class CallOut(Schema):
    """One call to Meta: what was asked, what came back. Secrets are blanked."""

    id = fields.Integer(required=True, metadata=described("Our id.", 7001))
    at = Moment(required=True)
    method = fields.String(required=True, metadata=described("", "POST"))
    path = fields.String(
        required=True, metadata=described("Without version and query.", "108293047500001/messages")
    )
    http_status = fields.Integer(
        required=True, allow_none=True, metadata=described("Null when no answer came.", 200)
    )
    outcome = fields.String(
        required=True,
        metadata=described(
            "ok, or what went wrong: unreachable, throttled, autherror, blocked, rejected, unconfirmed, "
            "unexpected.",
            "ok",
        ),
    )
    error_code = fields.Integer(
        required=True, allow_none=True, metadata=described("Meta's error code.", 130429)
    )
    duration_ms = fields.Integer(required=True, metadata=described("Until the whole answer was there.", 182))
    trace_id = fields.String(
        required=True, metadata=described("What Meta's support asks for.", "AbCdEfGh123")
    )
    api_version = fields.String(required=True, metadata=described("The version that answered.", "v25.0"))
    request = fields.String(required=True, metadata=described("JSON as text, cut at 8 KB."))
    answer = fields.String(required=True, metadata=described("JSON as text, cut at 8 KB."))


class CallList(Schema):
    """All kept calls of a message at once: they are few, so there is never a neighbouring page."""

    results = fields.List(fields.Nested(CallOut), required=True)
    next = fields.String(required=True, allow_none=True, metadata=described("Always null."))
    previous = fields.String(required=True, allow_none=True, metadata=described("Always null."))
