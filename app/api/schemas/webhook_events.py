"""Webhook events: one as it was received and worked off, and the list's filters."""

from __future__ import annotations

from typing import Any

from apiflask import Schema
from marshmallow import fields

from app.api.blueprint import LARGEST_ID
from app.api.schemas.fields import Choice, ListQuery, Moment, QueryInteger, Text, described, list_of
from app.models import EventState

_WAMID = "wamid.HBgMNDQ3NzAwOTAwMTIzFQIAERgSMEY1"


class WebhookEventOut(Schema):
    """One POST of Meta's, or a part of one that could not be read."""

    id = fields.Integer(required=True, metadata=described("Our id.", 88412))
    waba_account_id = fields.Integer(
        required=True,
        allow_none=True,
        metadata=described(
            "The account, by our id; null while it waits or when it is about none of ours.", 1
        ),
    )
    parent_id = fields.Integer(
        required=True, allow_none=True, metadata=described("For a part: the event that it came in.")
    )
    state = Choice(
        *EventState,
        required=True,
        metadata=described(
            "pending until it is worked off; then processed, duplicate (it had arrived before), ignored "
            "(nothing here acts on it) or parked (it could not be worked off, see reason).",
            "processed",
        ),
    )
    kinds = fields.List(
        fields.String(),
        required=True,
        metadata=described("What it holds; empty while it waits.", ["messages.text", "status.read"]),
    )
    reason = fields.String(
        required=True, metadata=described("Why it is in its state, if there is more to say.")
    )
    attempts = fields.Integer(required=True, metadata=described("How often it was tried.", 1))
    received_at = Moment(required=True)
    processed_at = Moment(required=True, allow_none=True)
    replayed_at = Moment(
        required=True, allow_none=True, metadata=described("When it was last asked to be processed again.")
    )


class WebhookEventDetailOut(WebhookEventOut):
    """An event with its body."""

    body = fields.String(
        required=True,
        metadata=described(
            "As it was received; bytes that are no text as \\xNN. Entries about accounts that the key may "
            "not see are left out.",
            '{"object": "whatsapp_business_account", "entry": []}',
        ),
    )


WebhookEventList = list_of(WebhookEventOut, "WebhookEventList")


class WebhookEventQuery(ListQuery):
    """Filters of the event list; they all hold at once."""

    account = QueryInteger(1, LARGEST_ID, metadata=described("Our account id.", 1))
    phone_number_id = QueryInteger(
        1, LARGEST_ID, metadata=described("A business's phone number, by our id.", 1)
    )
    contact = Text(
        200,
        least=1,
        metadata=described("The customer's phone number with country code, or user id.", "+447700900123"),
    )
    wamid = Text(200, least=1, metadata=described("A message's id at Meta.", _WAMID))
    kind = Text(
        200, least=1, metadata=described("One of the kinds, as an event shows them.", "messages.text")
    )
    state = Choice(*EventState, metadata=described("", "parked"))
    since = Moment(metadata=described("Received at this moment or later.", "2026-11-22T00:00:00Z"))
    until = Moment(metadata=described("Received before this moment.", "2026-11-23T00:00:00Z"))


def show_event(event: Any, keys: list[str]) -> dict[str, Any]:
    """The row under the API's names."""
    return {
        "id": event.id,
        "waba_account_id": event.account_id,
        "parent_id": event.parent_id,
        "state": event.state,
        "kinds": [key[2:] for key in keys if key.startswith("k:")],
        "reason": event.reason,
        "attempts": event.attempts,
        "received_at": event.received_at,
        "processed_at": event.processed_at,
        "replayed_at": event.replayed_at,
    }
