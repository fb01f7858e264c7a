"""What an account used, and how its health was."""

from __future__ import annotations

from typing import Any

from apiflask import Schema
from marshmallow import fields

from app.api.schemas.accounts import CheckOut
from app.api.schemas.analytics import AnalyticsQuery, Counts
from app.api.schemas.fields import Choice, Id, ListQuery, Moment, QueryInteger, Text, described
from app.models import CheckState

_LARGEST = 2**31 - 1


class UsageQuery(AnalyticsQuery):
    """Days, and of which number."""

    phone_number_id = QueryInteger(1, _LARGEST, metadata=described("Our number, by our id.", 1))


class UsageDayOut(Counts):
    """One number on one day."""

    day = fields.Date(required=True, metadata=described("In the time zone of the account.", "2026-11-22"))
    phone_number_id = fields.Integer(required=True, metadata=described("Our number, by our id.", 1))
    kinds = fields.Dict(
        required=True, metadata=described("By kind of message.", {"text": {"sent": 3, "received": 5}})
    )
    pricing = fields.Dict(
        required=True,
        metadata=described("Messages that Meta priced, by category and type.", {"utility": {"regular": 12}}),
    )
    bot_replies = fields.Integer(required=True, metadata=described("Of those sent.", 4))
    unique_people = fields.Integer(required=True, metadata=described("With a message in or out.", 17))
    api_calls = fields.Integer(required=True, metadata=described("Calls to Meta.", 33))


class UsageOut(Schema):
    """Days on which there was anything."""

    waba_account_id = fields.Integer(required=True)
    time_zone = fields.String(required=True, metadata=described("Where its days begin.", "Europe/London"))
    results = fields.List(fields.Nested(UsageDayOut), required=True)


class TimeZoneIn(Schema):
    """Where the account's days begin."""

    time_zone = Text(64, required=True, metadata=described("", "Europe/London"))


class TimeZoneOut(Schema):
    """Where the account's days begin."""

    time_zone = fields.String(required=True, metadata=described("", "Europe/London"))


class HealthLogOut(Schema):
    """One check of an account's health."""

    id = fields.Integer(required=True, metadata=described("Our id.", 9))
    checked_at = Moment(required=True)
    state = Choice(*CheckState, required=True, metadata=described("The worst of the lines.", "passed"))
    checks = fields.List(fields.Nested(CheckOut), required=True)


class HealthLogList(Schema):
    """A page of checks."""

    results = fields.List(fields.Nested(HealthLogOut), required=True)
    next = fields.String(required=True, allow_none=True, metadata=described("Older ones."))
    previous = fields.String(required=True, allow_none=True, metadata=described("Newer ones."))


class HealthLogQuery(ListQuery):
    """Pages of the list."""


class SyncIn(Schema):
    """Of which account."""

    waba_account_id = Id(required=True, metadata=described("The account, by our id.", 1))


class SyncOut(Schema):
    """What a look at Meta changed here."""

    created = fields.Integer(required=True)
    updated = fields.Integer(required=True)
    gone = fields.Integer(required=True)
    left_out = fields.List(
        fields.String(), required=True, metadata=described("Names that had to give way, or belong elsewhere.")
    )


def day_of_usage(row: Any) -> dict[str, Any]:
    """Of a NumberDay."""
    usage = row.usage
    return {
        **vars(usage.figures),
        "day": usage.day,
        "phone_number_id": row.phone_number_id,
        "kinds": usage.kinds,
        "pricing": usage.pricing,
        "bot_replies": usage.bot_replies,
        "unique_people": usage.people,
        "api_calls": usage.api_calls,
    }
