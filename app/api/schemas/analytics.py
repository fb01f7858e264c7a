"""Figures of a range of days."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from apiflask import Schema
from marshmallow import ValidationError, fields, validates_schema

from app.api.blueprint import LARGEST_ID
from app.api.schemas.fields import Choice, QueryInteger, described
from app.models import utcnow
from app.services.failures import Side

MOST_DAYS = 366
_DEFAULT_DAYS = 30
_EARLIEST = date(2000, 1, 1)


class AnalyticsQuery(Schema):
    """A range of days in the time zone of the account, both ends inside; the last 30 days if left out."""

    since = fields.Date(metadata=described("The first day; default: 29 days before the last.", "2026-11-01"))
    until = fields.Date(metadata=described("The last day; default: today.", "2026-11-22"))

    @validates_schema
    def _bounded(self, data: dict[str, Any], **_: Any) -> None:
        since, until = days_of(data, utcnow().date())
        if since > until:
            raise ValidationError("Must not be later than until.", "since")
        if since < _EARLIEST or until > utcnow().date() + timedelta(days=1):
            name = "since" if since < _EARLIEST else "until"
            raise ValidationError("Must lie between the year 2000 and today.", name)
        if (until - since).days >= MOST_DAYS:
            raise ValidationError(f"At most {MOST_DAYS} days at once.", "since")


def days_of(data: dict[str, Any], today: date) -> tuple[date, date]:
    """(first day, last day) of the query."""
    until: date = data.get("until") or today
    if until <= _EARLIEST:
        return data.get("since") or until, until
    return data.get("since") or max(until - timedelta(days=_DEFAULT_DAYS - 1), _EARLIEST), until


def _count(text: str, example: int) -> fields.Field[Any]:
    return fields.Integer(required=True, metadata=described(text, example))


def _rate(text: str, example: float) -> fields.Field[Any]:
    return fields.Float(required=True, metadata=described(text, example))


class Counts(Schema):
    """Messages by the day they were created here."""

    sent = _count("Accepted by Meta, and not failed since.", 120)
    delivered = _count("Reached the phone, read ones included.", 117)
    read = _count("Read.", 88)
    failed = _count("Failed for good.", 3)
    received = _count("Written by customers.", 41)


class Totals(Counts):
    """The sum over the range."""

    delivery_rate = _rate("Delivered of those sent, 0 to 1; 0 when none was sent.", 0.975)
    read_rate = _rate("Read of those delivered, 0 to 1.", 0.7521)
    failure_rate = _rate("Failed of all that were tried, 0 to 1.", 0.0244)


class DayFigures(Counts):
    """One day."""

    day = fields.Date(required=True, metadata=described("In the time zone of the account.", "2026-11-22"))


class FailureCount(Schema):
    """Failures of one reason."""

    code = fields.Integer(
        required=True, allow_none=True, metadata=described("Meta's; null: Meta never saw them.", 131026)
    )
    title = fields.String(required=True, metadata=described("", "The message cannot be delivered"))
    whose_side = Choice(
        *Side, required=True, metadata=described("Where the cause lies; see a message's error.", "customer")
    )
    count = _count("How many.", 3)


class AccountFigures(Totals):
    """One account's sum."""

    waba_account_id = _count("The account, by our id.", 1)
    name = fields.String(required=True, metadata=described("", "Harbour Lane Bakery"))


class _Range(Schema):
    since = fields.Date(required=True, metadata=described("", "2026-11-01"))
    until = fields.Date(required=True, metadata=described("", "2026-11-22"))
    totals = fields.Nested(Totals, required=True)
    days = fields.List(fields.Nested(DayFigures), required=True)
    failures = fields.List(fields.Nested(FailureCount), required=True)


class AccountAnalyticsOut(_Range):
    """Figures of one account."""

    waba_account_id = _count("The account, by our id.", 1)


class DashboardOut(_Range):
    """Figures of all accounts the key may see."""

    accounts = fields.List(fields.Nested(AccountFigures), required=True)


class ServiceQuery(AnalyticsQuery):
    """A range of days, and which account."""

    account = QueryInteger(1, LARGEST_ID, metadata=described("Our account id; without it: all.", 1))


class TimesOut(Schema):
    """How long people took, in seconds of business hours."""

    count = _count("How many were counted.", 40)
    median_s = fields.Integer(required=True, allow_none=True, metadata=described("", 240))
    p90_s = fields.Integer(required=True, allow_none=True, metadata=described("", 900))
    within = fields.Float(
        required=True,
        allow_none=True,
        metadata=described("The share that kept to its target, 0 to 1; null: none had one.", 0.9),
    )


class ServiceGroupOut(Schema):
    """A person's or a team's times."""

    id = _count("Our id.", 3)
    name = fields.String(required=True, metadata=described("", "Ana"))
    first_answers = fields.Nested(TimesOut, required=True, attribute="answers")
    closed = fields.Nested(TimesOut, required=True, attribute="ends")


class ServiceTimesOut(Schema):
    """How soon people answered and closed, from the customer's first message on."""

    since = fields.Date(required=True, metadata=described("", "2026-11-01"))
    until = fields.Date(required=True, metadata=described("", "2026-11-22"))
    first_answers = fields.Nested(TimesOut, required=True, attribute="answers")
    closed = fields.Nested(TimesOut, required=True, attribute="ends")
    people = fields.List(fields.Nested(ServiceGroupOut), required=True)
    teams = fields.List(fields.Nested(ServiceGroupOut), required=True)
