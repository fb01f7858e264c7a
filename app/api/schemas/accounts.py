"""Accounts: what is shown, what set-up takes, and the health check."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from apiflask import Schema
from flask import current_app
from marshmallow import fields, pre_dump

from app.api.schemas.fields import Choice, ListQuery, Masked, Moment, Rows, described, list_of
from app.api.schemas.phone_numbers import PhoneNumberOut
from app.models import Account, AccountStatus, CheckState
from app.services.account_fields import FIELDS, AccountField

_EXAMPLES: dict[str, Any] = {
    "name": "Harbour Lane Bakery",
    "waba_id": "104857392000001",
    "meta_business_account_id": "204857392000001",
    "app_id": "731204988400001",
    "app_secret": "0123456789abcdef0123456789abcdef",
    "phone_number_id": "108293047500001",
    "phone_number": "+442079460101",
    "display_number": "+44 20 7946 0101",
    "access_token": "EAAexampletoken",
    "webhook_verify_token": "a word of your own",
    "business_name": "Harbour Lane Bakery",
    "business_about": "Write to us, we answer within the hour.",
    "business_description": "Bread and cakes, Monday to Saturday.",
    "business_email": "hello@bakery.example",
    "business_address": "12 Harbour Lane, Portsmouth",
    "business_vertical": "RESTAURANT",
    "business_websites": ["https://bakery.example"],
    "auto_reply_enabled": True,
    "knowledge_base": "We open at 8 and close at 18.",
    "greeting_message": "Hello, how can we help?",
    "fallback_message": "We will answer as soon as we can.",
}
_TYPES: dict[str, Any] = {
    "business_websites": {"type": ["array", "string", "null"], "items": {"type": "string"}},
    "auto_reply_enabled": {"type": ["boolean", "null"]},
}


def _taken(field: AccountField) -> fields.Field[Any]:
    """Typed for the description only: the wizard's own rules check the value, and name what is wrong."""
    metadata: dict[str, Any] = {
        "description": f"{field.label} (step {field.step} of the set-up).",
        "example": _EXAMPLES[field.name],
        **_TYPES.get(field.name, {"type": ["string", "null"]}),
    }
    if field.max_length and field.name not in _TYPES:
        metadata["maxLength"] = field.max_length
    if field.is_secret:
        metadata["writeOnly"] = True
    return fields.Raw(metadata=metadata)


def _input(name: str, note: str) -> type[Schema]:
    made = Schema.from_dict({field.name: _taken(field) for field in FIELDS.values()}, name=name)
    schema = cast("type[Schema]", made)
    schema.__doc__ = note
    return schema


AccountSetup = _input("AccountSetup", "All six steps of the set-up as one flat object.")
AccountIn = _input("AccountIn", "What is known of an account so far; only `name` is needed.")
AccountChange = _input("AccountChange", "The fields to change.")
SETUP_EXAMPLE = {name: _EXAMPLES[name] for name in _EXAMPLES if name != "business_about"}


class AccountOut(Schema):
    """An account. Secrets show only whether they are set."""

    id = fields.Integer(required=True, metadata=described("Our id.", 1))
    name = fields.String(required=True, metadata=described("", _EXAMPLES["name"]))
    waba_id = fields.String(required=True, allow_none=True, attribute="meta_id")
    meta_business_account_id = fields.String(required=True, allow_none=True)
    app_id = fields.String(required=True, allow_none=True)
    app_secret = Masked(required=True)
    access_token = Masked(required=True)
    webhook_verify_token = Masked(required=True)
    status = Choice(
        *(status for status in AccountStatus if status is not AccountStatus.ARCHIVED),
        required=True,
        metadata=described(
            "setup until all six steps are done; needs_attention when sending is held.", "live"
        ),
    )
    attention_reason = fields.String(
        required=True, metadata=described("Why, and what to do; empty if all is well.")
    )
    setup_step = fields.Integer(required=True, metadata=described("Steps that are done, 0 to 6.", 6))
    is_sandbox = fields.Boolean(required=True)
    webhook_url = fields.String(required=True, metadata=described("Where Meta posts this account's events."))
    business_name = fields.String(required=True)
    business_about = fields.String(required=True)
    business_description = fields.String(required=True)
    business_email = fields.String(required=True)
    business_address = fields.String(required=True)
    business_vertical = fields.String(required=True)
    business_websites = fields.List(fields.String(), required=True)
    auto_reply_enabled = fields.Boolean(required=True)
    knowledge_base = fields.String(required=True)
    greeting_message = fields.String(required=True)
    fallback_message = fields.String(required=True)
    currency = fields.String(required=True)
    time_zone = fields.String(
        required=True, metadata=described("In which the days of its figures begin.", "Europe/London")
    )
    token_scopes = fields.List(fields.String(), required=True)
    token_expires_at = Moment(required=True, allow_none=True)
    subscribed_at = Moment(required=True, allow_none=True)
    handshake_seen_at = Moment(required=True, allow_none=True)
    first_event_at = Moment(required=True, allow_none=True)
    last_event_at = Moment(required=True, allow_none=True)
    live_at = Moment(required=True, allow_none=True)
    created_at = Moment(required=True)
    updated_at = Moment(required=True)
    phone_numbers = Rows(PhoneNumberOut, required=True)

    @pre_dump
    def _add_webhook(self, account: Account, **_: Any) -> dict[str, Any]:
        names = {field.attribute or name for name, field in self.fields.items()} - {"webhook_url"}
        values = {name: getattr(account, name) for name in names}
        return {**values, "webhook_url": current_app.config["SETTINGS"].webhook_url}


AccountList = list_of(AccountOut, "AccountList")


class AccountQuery(ListQuery):
    """What the list takes."""


class CheckOut(Schema):
    """One line of the check list."""

    key = fields.String(required=True, metadata=described("", "token"))
    title = fields.String(required=True, metadata=described("", "Token is valid"))
    state = Choice(*CheckState, required=True, metadata=described("", "passed"))
    evidence = fields.String(required=True, metadata=described("What we saw.", "Permanent."))
    what_to_do = fields.String(required=True, metadata=described("Empty when nothing is wrong.", ""))
    why = fields.String(required=True, metadata=described("Why it matters; empty when nothing is wrong.", ""))
    since = Moment(required=True, allow_none=True, metadata=described("Since when it has stood like this."))

    @pre_dump
    def _read_since(self, check: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Kept as text; logs of earlier versions have neither."""
        since = check.get("since")
        return {"why": "", **check, "since": datetime.fromisoformat(since) if since else None}


class NumberHealthOut(Schema):
    """Meta's words about a number at the last check."""

    phone_number_id = fields.String(required=True, metadata=described("Meta's id.", "106540352242922"))
    status = fields.String(required=True, metadata=described("", "CONNECTED"))
    quality_rating = fields.String(required=True, metadata=described("", "GREEN"))
    messaging_limit = fields.String(required=True, metadata=described("", "TIER_2K"))
    throughput_level = fields.String(required=True, metadata=described("", "STANDARD"))
    name_status = fields.String(required=True, metadata=described("", "APPROVED"))


class AccountHealthOut(Schema):
    """How an account is now."""

    waba_account_id = fields.Integer(required=True)
    status = Choice(*AccountStatus, required=True, metadata=described("", "live"))
    attention_reason = fields.String(required=True, metadata=described("Empty if all is well.", ""))
    state = Choice(*CheckState, required=True, metadata=described("The worst of the findings.", "passed"))
    checked_at = Moment(required=True, allow_none=True)
    findings = fields.List(
        fields.Nested(CheckOut), required=True, metadata=described("What is not in order, the worst first.")
    )
    checks = fields.List(fields.Nested(CheckOut), required=True, metadata=described("All lines."))
    numbers = fields.List(fields.Nested(NumberHealthOut), required=True)


class HealthCheckOut(Schema):
    """One run of the health check."""

    id = fields.Integer(required=True)
    waba_account_id = fields.Integer(required=True, attribute="account_id")
    state = Choice(*CheckState, required=True, metadata=described("The worst of the lines.", "passed"))
    checked_at = Moment(required=True)
    checks = fields.List(fields.Nested(CheckOut), required=True)


class TestMessageOut(Schema):
    """What a made-up customer wrote to an account of the sandbox."""

    waba_account_id = fields.Integer(required=True)
    wamid = fields.String(required=True, metadata=described("Meta's id of the message.", "wamid.HBgL"))
    from_phone_number = fields.String(required=True, metadata=described("", "+14155550123"))
    to_phone_number = fields.String(required=True, metadata=described("", "+15550783881"))
    text_content = fields.String(required=True, metadata=described("", "Hello, is this line working?"))
