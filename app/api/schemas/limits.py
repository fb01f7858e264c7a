"""Limits of an account."""

from __future__ import annotations

from typing import Any

from apiflask import Schema
from marshmallow import fields, validate

from app.api.schemas.fields import Moment, described
from app.models import QuotaWindow
from app.services.quotas import MOST


def _limit(window: str) -> fields.Field[Any]:
    return fields.Integer(
        strict=True,
        allow_none=True,
        load_default=None,
        validate=validate.Range(1, MOST),
        metadata=described(f"Messages that may be queued in a {window}; null or left out: no limit.", 1000),
    )


class LimitsIn(Schema):
    """All three: what is left out has no limit from now on."""

    messages_per_minute = _limit("minute")
    messages_per_day = _limit("day of the account's time zone")
    messages_per_month = _limit("month of the account's time zone")


class LimitOut(Schema):
    """One limit."""

    window = fields.Enum(QuotaWindow, by_value=True, required=True)
    limit = fields.Integer(required=True, allow_none=True, metadata=described("null: there is none.", 1000))
    used = fields.Integer(
        required=True, metadata=described("Of the window that runs; counted only where a limit is set.", 12)
    )
    ends_at = Moment(required=True, metadata=described("When the window that runs ends."))


class LimitsOut(Schema):
    """All limits of an account, the longest window first."""

    limits = fields.List(fields.Nested(LimitOut), required=True)
