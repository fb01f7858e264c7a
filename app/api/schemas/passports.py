"""The passport of a message, as the API shows it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from apiflask import Schema
from marshmallow import fields

from app.api.schemas.bot import BotTraceOut
from app.api.schemas.failures import MessageError
from app.api.schemas.fields import Choice, Moment, described
from app.api.schemas.graph_calls import CallOut
from app.api.schemas.messages import MessageOut, show_message
from app.models import AttemptOutcome, EventState
from app.queries.message_changes import MessageChange
from app.services.failures import failure_fields
from app.services.passports import By, EventLine, Passport, Price, StatusLine


class PassportCause(Schema):
    """Why the message exists."""

    by = Choice(
        *By,
        required=True,
        metadata=described("Who wrote it; unknown: deleted since, or nobody was noted.", "person"),
    )
    name = fields.String(
        required=True,
        allow_none=True,
        metadata=described("Of who wrote it.", "Grace Hall"),
    )
    user_id = fields.Integer(required=True, allow_none=True, metadata=described("The person.", 3))
    api_key_id = fields.Integer(required=True, allow_none=True, metadata=described("The API key.", 2))
    answers_message_id = fields.Integer(
        required=True, allow_none=True, metadata=described("The message it answers, by our id.", 1041)
    )
    answers_wamid = fields.String(
        required=True,
        allow_none=True,
        metadata=described("The same by Meta's id, kept here or not."),
    )


class PassportPrice(Schema):
    """What Meta says of the price; Meta names no amount."""

    category = fields.String(required=True, metadata=described("Meta's word; empty if not told.", "utility"))
    type = fields.String(required=True, metadata=described("Meta's word; empty if not told.", "regular"))
    model = fields.String(required=True, metadata=described("Meta's word; empty if not told.", "PMP"))
    billable = fields.Boolean(
        required=True, allow_none=True, metadata=described("Whether it is charged; null if not told.", True)
    )


class PassportStatus(Schema):
    """A status as Meta reported it."""

    status = fields.String(required=True, metadata=described("Meta's word.", "delivered"))
    wamid = fields.String(required=True, metadata=described("Another than the message's: of an earlier try."))
    occurred_at = Moment(required=True, metadata=described("By Meta's clock, to the second."))
    received_at = Moment(required=True, metadata=described("When it was noted here."))
    delay_ms = fields.Integer(
        required=True, metadata=described("Between the two; below 0 where the clocks differ.", 1400)
    )
    price = fields.Nested(PassportPrice, required=True, allow_none=True)
    error = fields.Nested(MessageError, required=True, allow_none=True)


class PassportAttempt(Schema):
    """A try to hand the message to Meta."""

    started_at = Moment(required=True)
    finished_at = Moment(required=True, allow_none=True)
    outcome = Choice(*AttemptOutcome, required=True, metadata=described("", "accepted"))
    http_status = fields.Integer(required=True, allow_none=True)
    error_code = fields.Integer(required=True, allow_none=True, metadata=described("Meta's.", 130429))
    trace_id = fields.String(
        required=True,
        allow_none=True,
        metadata=described("For Meta's support; null: not for this key."),
    )
    error_text = fields.String(
        required=True, allow_none=True, metadata=described("What went wrong; null: not for this key.")
    )
    worker = fields.String(
        required=True, allow_none=True, metadata=described("Which process; null: not for this key.")
    )


class PassportEvent(Schema):
    """A post of Meta's that speaks of the message (see webhook-events/)."""

    id = fields.Integer(required=True, metadata=described("Our id.", 5001))
    kinds = fields.List(fields.String(), required=True, metadata=described("", ["status.read"]))
    state = Choice(*EventState, required=True, metadata=described("", "processed"))
    received_at = Moment(required=True)
    processed_at = Moment(required=True, allow_none=True)


class PassportOut(Schema):
    """All that is known of a message."""

    message = fields.Nested(MessageOut, required=True)
    cause = fields.Nested(PassportCause, required=True)
    bot = fields.Nested(
        BotTraceOut,
        required=True,
        allow_none=True,
        metadata=described("What the bot made of it, or why the bot wrote it; null if that is not kept."),
    )
    client_ref = fields.String(
        required=True,
        allow_none=True,
        metadata=described("Our reference, which Meta repeats in each status; null for inbound messages."),
    )
    trace_ids = fields.List(
        fields.String(),
        required=True,
        allow_none=True,
        metadata=described("For Meta's support; null: not for this key."),
    )
    price = fields.Nested(PassportPrice, required=True, allow_none=True)
    reported_errors = fields.List(
        fields.Nested(MessageError),
        required=True,
        metadata=described("What Meta found wrong with a customer's message; empty for others."),
    )
    statuses = fields.List(fields.Nested(PassportStatus), required=True)
    attempts = fields.List(fields.Nested(PassportAttempt), required=True)
    calls = fields.List(
        fields.Nested(CallOut),
        required=True,
        allow_none=True,
        metadata=described("What was asked and answered, as long as calls are kept; null: not for this key."),
    )
    webhook_events = fields.List(
        fields.Nested(PassportEvent),
        required=True,
        allow_none=True,
        metadata=described("Oldest first, as long as events are kept; null: not for this key."),
    )


def show_passport(passport: Passport, change: MessageChange | None = None) -> dict[str, Any]:
    """The passport under the API's names."""
    message, cause = passport.message, passport.cause
    return {
        "message": show_message(message, change),
        "cause": {
            "by": cause.by,
            "name": cause.name or None,
            "user_id": cause.user_id,
            "api_key_id": cause.api_key_id,
            "answers_message_id": cause.answers.id if cause.answers else None,
            "answers_wamid": cause.answers_wamid,
        },
        "bot": cause.trace,
        "client_ref": message.client_ref if message.is_outbound else None,
        "trace_ids": passport.trace_ids if passport.sees_traces else None,
        "price": _price(passport.price),
        "reported_errors": [failure_fields(failure) for failure in passport.reported],
        "statuses": [_status(line) for line in passport.statuses],
        "attempts": [_attempt(row, passport.sees_traces) for row in passport.attempts],
        "calls": passport.calls,
        "webhook_events": None if passport.events is None else [_event(line) for line in passport.events],
    }


def _price(price: Price | None) -> dict[str, Any] | None:
    if price is None:
        return None
    return {
        "category": price.category,
        "type": price.type,
        "model": price.model,
        "billable": price.is_billable,
    }


def _status(line: StatusLine) -> dict[str, Any]:
    return {
        "status": line.row.status,
        "wamid": line.row.wamid,
        "occurred_at": line.row.occurred_at,
        "received_at": line.row.received_at,
        "delay_ms": round(line.delay / timedelta(milliseconds=1)),
        "price": _price(line.price),
        "error": failure_fields(line.failure),
    }


def _attempt(row: Any, sees_traces: bool) -> dict[str, Any]:
    return {
        "started_at": row.started_at,
        "finished_at": row.finished_at,
        "outcome": row.outcome,
        "http_status": row.http_status,
        "error_code": row.error_code,
        "trace_id": row.trace_id if sees_traces else None,
        "error_text": row.error_text if sees_traces else None,
        "worker": row.worker if sees_traces else None,
    }


def _event(line: EventLine) -> dict[str, Any]:
    row = line.row
    return {
        "id": row.id,
        "kinds": line.kinds,
        "state": row.state,
        "received_at": row.received_at,
        "processed_at": row.processed_at,
    }
