"""Outgoing webhooks: where customers' systems are told of events, and the log of deliveries."""

from __future__ import annotations

from typing import Any

from apiflask import Schema
from marshmallow import fields

from app.api.blueprint import LARGEST_ID
from app.api.schemas.fields import Choice, Flag, Id, ListQuery, Moment, QueryInteger, Text, described, list_of
from app.models import CHOSEN_EVENTS, DeliveryState, OutgoingDelivery, OutgoingEvent, OutgoingWebhook
from app.services.outgoing.addresses import LONGEST_URL
from app.services.outgoing.webhooks import LONGEST_DESCRIPTION

_URL = "https://shop.example.com/whatsapp-events"
_EVENTS = described("Which events it is told of.", ["message.received", "message.status"])
_ANSWER = described("How the last try ended, in short: the status, or why there was no answer.", "204")


class OutgoingWebhookOut(Schema):
    """An outgoing webhook. Its secret is only in the answers that make one."""

    id = fields.Integer(required=True, metadata=described("Our id.", 1))
    url = fields.String(required=True, metadata=described("", _URL))
    description = fields.String(required=True, metadata=described("", "Shop system"))
    events = fields.List(Choice(*CHOSEN_EVENTS), required=True, metadata=_EVENTS)
    is_for_all = fields.Boolean(required=True, metadata=described("All accounts, also later ones.", True))
    account_ids = fields.List(
        fields.Integer(), required=True, metadata=described("Else these, by our ids.", [])
    )
    is_on = fields.Boolean(required=True, metadata=described("Off, it is told nothing.", True))
    off_reason = fields.String(
        required=True, metadata=described("Why it was switched off here; empty if a person did it.", "")
    )
    failures = fields.Integer(required=True, metadata=described("Tries in a row that failed.", 0))
    failing_since = Moment(required=True, allow_none=True)
    last_attempt_at = Moment(required=True, allow_none=True)
    last_success_at = Moment(required=True, allow_none=True)
    last_answer = fields.String(required=True, metadata=_ANSWER)
    previous_secret_until = Moment(
        required=True, allow_none=True, metadata=described("Until when the secret before signs as well.")
    )
    created_at = Moment(required=True)
    updated_at = Moment(required=True)


class OutgoingWebhookSecretOut(OutgoingWebhookOut):
    """With its secret, this once."""

    secret = fields.String(
        required=True, metadata=described("What deliveries are signed with. Never shown again.", "whsec_…")
    )


OutgoingWebhookList = list_of(OutgoingWebhookOut, "OutgoingWebhookList")


class OutgoingWebhookQuery(ListQuery):
    """What the list takes."""


class OutgoingWebhookIn(Schema):
    """The whole of an outgoing webhook but its secret."""

    url = Text(LONGEST_URL, least=1, required=True, metadata=described("https, and public.", _URL))
    description = Text(LONGEST_DESCRIPTION, load_default="", metadata=described("", "Shop system"))
    events = fields.List(Choice(*CHOSEN_EVENTS), required=True, metadata=_EVENTS)
    is_for_all = Flag(load_default=False, metadata=described("All accounts, also later ones.", True))
    account_ids = fields.List(
        Id(), load_default=list, metadata=described("Unless it is for all: which accounts.", [1])
    )
    is_on = Flag(load_default=True, metadata=described("", True))


class OutgoingDeliveryOut(Schema):
    """One event for one outgoing webhook."""

    id = fields.Integer(required=True, metadata=described("Our id.", 7310))
    outgoing_webhook_id = fields.Integer(
        required=True, attribute="webhook_id", metadata=described("The webhook, by our id.", 1)
    )
    waba_account_id = fields.Integer(
        required=True, allow_none=True, attribute="account_id", metadata=described("Null for a test.", 1)
    )
    event_id = fields.String(
        required=True,
        metadata=described(
            "The header webhook-id, the same for every try and replay.",
            "evt_4c1f0a6d3b7e4e0f9a52c8d1e6b7f309",
        ),
    )
    event = Choice(*OutgoingEvent, required=True, metadata=described("", "message.received"))
    state = Choice(
        *DeliveryState,
        required=True,
        metadata=described(
            "waiting for its next try, sending, delivered, or failed (given up after three days).",
            "delivered",
        ),
    )
    attempts = fields.Integer(required=True, metadata=described("", 1))
    last_answer = fields.String(required=True, metadata=_ANSWER)
    next_attempt_at = Moment(required=True, allow_none=True)
    is_replay = fields.Boolean(required=True, metadata=described("Whether it was asked for by hand.", False))
    replay_of_id = fields.Integer(required=True, allow_none=True)
    created_at = Moment(required=True)
    finished_at = Moment(required=True, allow_none=True)


class OutgoingAttemptOut(Schema):
    """One try, and what came back."""

    number = fields.Integer(required=True, metadata=described("", 1))
    started_at = Moment(required=True)
    duration_ms = fields.Integer(required=True, metadata=described("", 84))
    url = fields.String(required=True, metadata=described("", _URL))
    status = fields.Integer(
        required=True, allow_none=True, metadata=described("Null if there was no answer.", 204)
    )
    answer = fields.String(required=True, metadata=described("The answer's body, shortened."))
    error = fields.String(required=True, metadata=described("Why there was no answer.", ""))


class OutgoingDeliveryDetailOut(OutgoingDeliveryOut):
    """A delivery with its body and its tries."""

    body = fields.String(required=True, metadata=described("What is posted, byte for byte.", "{}"))
    tries = fields.List(fields.Nested(OutgoingAttemptOut), required=True)


OutgoingDeliveryList = list_of(OutgoingDeliveryOut, "OutgoingDeliveryList")


class OutgoingDeliveryFilter(Schema):
    """Which deliveries; all of it holds at once."""

    outgoing_webhook = QueryInteger(1, LARGEST_ID, metadata=described("The webhook, by our id.", 1))
    account = QueryInteger(1, LARGEST_ID, metadata=described("The account, by our id.", 1))
    event = Choice(*OutgoingEvent, metadata=described("", "message.received"))
    state = Choice(*DeliveryState, metadata=described("", "failed"))
    since = Moment(metadata=described("Written down at this moment or later.", "2026-11-22T00:00:00Z"))
    until = Moment(metadata=described("Written down before this moment.", "2026-11-23T00:00:00Z"))


class OutgoingDeliveryQuery(OutgoingDeliveryFilter, ListQuery):
    """Filters of the log, and its page."""


class OutgoingReplayIn(Schema):
    """Which deliveries are sent once more: the newest 1,000 that fit and are not under way."""

    outgoing_webhook = Id(required=True, metadata=described("The webhook, by our id.", 1))
    account = Id(metadata=described("The account, by our id.", 1))
    event = Choice(*OutgoingEvent, metadata=described("", "message.received"))
    state = Choice(*DeliveryState, metadata=described("", "failed"))
    since = Moment(metadata=described("Written down at this moment or later.", "2026-11-22T00:00:00Z"))
    until = Moment(metadata=described("Written down before this moment.", "2026-11-23T00:00:00Z"))


class OutgoingReplayOut(Schema):
    """How many."""

    replayed = fields.Integer(required=True, metadata=described("", 12))


def show_with_secret(webhook: OutgoingWebhook, secret: str) -> dict[str, Any]:
    names = set(OutgoingWebhookOut().fields)
    return {**{name: getattr(webhook, name) for name in names}, "secret": secret}


def show_delivery(delivery: OutgoingDelivery, tries: list[Any]) -> dict[str, Any]:
    shown = OutgoingDeliveryOut().fields.items()
    values = {field.attribute or name: getattr(delivery, field.attribute or name) for name, field in shown}
    return {**values, "body": delivery.body, "tries": tries}
