"""Flows and their answers."""

from __future__ import annotations

import json
from typing import Any

from apiflask import Schema
from marshmallow import ValidationError, fields, pre_dump

from app.api.blueprint import LARGEST_ID
from app.api.schemas.fields import Choice, Flag, Id, ListQuery, Moment, QueryInteger, Text, described
from app.models import Flow, FlowAnswer
from app.services.flow_starting_forms import STARTING_FORMS
from app.services.flows import CATEGORIES

STATUSES = ("DRAFT", "PUBLISHED", "THROTTLED", "BLOCKED", "DEPRECATED")
_TOKEN = "9f86d081884c7d65.Jv3nY0sXk2mQ8Rz1tBf6Wg"  # noqa: S105 (an example)
_FAULT = {
    "error": "INVALID_PROPERTY_VALUE",
    "error_type": "FLOW_JSON_ERROR",
    "message": "…",
    "line_start": 12,
    "line_end": 12,
    "column_start": 9,
    "column_end": 31,
    "paths": ["screens[0].layout.children[1]"],
}
_ADDRESS = "The address of the neighbouring page, or null."
_JSON = {"version": "7.3", "screens": []}


class FlowJson(fields.Field[str]):
    """A Flow's JSON: as a text, which is kept as it is, or as an object."""

    def __init__(self, **options: Any) -> None:
        about = "Flow JSON, as an object or as a text (kept to the letter)."
        metadata = {"type": ["object", "string"], **described(about, _JSON)}
        super().__init__(metadata=metadata, **options)

    def _deserialize(self, value: Any, *_args: Any, **_options: Any) -> str:
        if isinstance(value, str):
            return value
        if not isinstance(value, dict):
            raise ValidationError("Must be an object, or a text.")
        return json.dumps(value, ensure_ascii=False, indent=2)


class FlowOut(Schema):
    """A Flow, as Meta last described it."""

    id = fields.Integer(required=True, metadata=described("Our id.", 3))
    waba_account_id = fields.Integer(
        required=True, attribute="account_id", metadata=described("The account, by our id.", 1)
    )
    meta_id = fields.String(
        required=True, allow_none=True, metadata=described("Meta's id; null while only we have it.")
    )
    name = fields.String(required=True, metadata=described("Unique in the account.", "Claim"))
    status = fields.String(
        required=True,
        metadata=described(f"Meta's word: {', '.join(STATUSES)}, or a newer one.", "PUBLISHED"),
    )
    categories = fields.List(
        fields.String(), required=True, metadata=described("Meta's words.", ["CUSTOMER_SUPPORT"])
    )
    validation_errors = fields.List(
        fields.Dict(keys=fields.String()),
        required=True,
        metadata=described("Meta's faults, with lines and columns from 1. They bar publishing.", [_FAULT]),
    )
    has_unsent_text = Flag(
        required=True, metadata=described("The text kept here is not at Meta: refused, or not sent yet.")
    )
    json_version = fields.String(required=True, metadata=described("", "7.3"))
    data_api_version = fields.String(required=True)
    endpoint_uri = fields.String(required=True, metadata=described("Empty: it needs no data endpoint."))
    health = fields.Raw(
        required=True,
        metadata={
            "type": "object",
            **described("can_send_message and entities, Meta's words; may be empty."),
        },
    )
    published_at = Moment(required=True, allow_none=True)
    status_changed_at = Moment(required=True, allow_none=True)
    last_synced_at = Moment(required=True, allow_none=True)
    gone_at = Moment(
        required=True, allow_none=True, metadata=described("Since when Meta no longer has it; else null.")
    )
    created_at = Moment(required=True)
    updated_at = Moment(required=True)


class FlowDetailOut(FlowOut):
    """A Flow with its text and the questions in it."""

    flow_json = fields.String(required=True, metadata=described("The text kept here."))
    questions = fields.Raw(
        required=True,
        metadata={
            "type": "array",
            **described(
                "name (in answers), label, and choices by the id that is sent.",
                [{"name": "place", "label": "Where was it?", "choices": {}}],
            ),
        },
    )

    @pre_dump
    def _from_row(self, flow: Flow, **_: Any) -> dict[str, Any]:
        own = {name: getattr(flow, field.attribute or name) for name, field in FlowOut().fields.items()}
        renamed = {"account_id": own.pop("waba_account_id"), "flow_json": flow.flow_json}
        return {**own, **renamed, "questions": flow.outline.get("questions", [])}


class FlowList(Schema):
    """One page of the list."""

    results = fields.List(fields.Nested(FlowOut), required=True)
    next = fields.String(required=True, allow_none=True, metadata=described(_ADDRESS))
    previous = fields.String(required=True, allow_none=True, metadata=described(_ADDRESS))


class FlowQuery(ListQuery):
    """Filters of the list."""

    account = QueryInteger(1, LARGEST_ID, metadata=described("Our account id.", 1))
    status = Choice(*STATUSES, metadata=described("", "PUBLISHED"))
    search = Text(200, least=1, metadata=described("In the name.", "claim"))


class FlowChange(Schema):
    """What may be changed; what is left out stays."""

    name = Text(200, least=1, metadata=described("Unique in the account.", "Claim"))
    categories = fields.List(Choice(*CATEGORIES), metadata=described("At least one.", ["CUSTOMER_SUPPORT"]))
    flow_json = FlowJson()
    endpoint_uri = Text(
        2000, metadata=described("The data endpoint, for a Flow JSON with data_api_version.", "")
    )


class FlowIn(FlowChange):
    """A Flow to make at Meta, from its JSON or from a starting form."""

    waba_account_id = Id(required=True, metadata=described("The account, by our id.", 1))
    name = Text(200, least=1, required=True, metadata=described("Unique in the account.", "Claim"))
    starting_form = Choice(
        *(form.key for form in STARTING_FORMS),
        metadata=described("Begin with a form of ours, in place of flow_json.", "claim"),
    )


class FlowSyncIn(Schema):
    """Whose Flows are read from Meta."""

    waba_account_id = Id(required=True, metadata=described("The account, by our id.", 1))


class FlowSyncOut(Schema):
    """What a look at Meta changed here."""

    created = fields.Integer(required=True)
    updated = fields.Integer(required=True)
    gone = fields.List(fields.String(), required=True, metadata=described("Names that Meta no longer has."))
    unread = fields.Integer(required=True, metadata=described("Flows that could be read in part only."))


class FlowPreviewOut(Schema):
    """Where Meta plays the Flow. Whoever has the address sees it."""

    preview_url = fields.String(required=True)
    preview_expires_at = Moment(required=True, allow_none=True)


class FlowAnswerOut(Schema):
    """What a customer sent off with a Flow."""

    id = fields.Integer(required=True, metadata=described("Our id.", 17))
    waba_account_id = fields.Integer(required=True, metadata=described("The account, by our id.", 1))
    flow_id = fields.Integer(
        required=True, allow_none=True, metadata=described("By our id; null for a Flow not known here.", 3)
    )
    message_id = fields.Integer(required=True, metadata=described("The message it came in, by our id.", 1042))
    phone_number = fields.String(required=True, allow_none=True, metadata=described("", "+447700900123"))
    user_id = fields.String(
        required=True, allow_none=True, metadata=described("The customer's business-scoped user id.")
    )
    customer = fields.String(required=True, metadata=described("The name the customer uses.", "Grace"))
    flow_token = fields.String(required=True, metadata=described("As it went out.", _TOKEN))
    answers = fields.Dict(
        keys=fields.String(), required=True, metadata=described("By name.", {"place": "Kitchen"})
    )
    problem = fields.String(
        required=True, metadata=described("What could not be read of it; the message has Meta's text.")
    )
    received_at = Moment(required=True)

    @pre_dump
    def _from_row(self, answer: FlowAnswer, **_: Any) -> dict[str, Any]:
        return {
            "id": answer.id,
            "waba_account_id": answer.account_id,
            "flow_id": answer.flow_id,
            "message_id": answer.message_id,
            "phone_number": answer.contact.phone_number or None,
            "user_id": answer.contact.user_id,
            "customer": answer.contact.display_name,
            "flow_token": answer.flow_token,
            "answers": answer.answers,
            "problem": answer.problem,
            "received_at": answer.received_at,
        }


class FlowAnswerList(Schema):
    """One page of the list."""

    results = fields.List(fields.Nested(FlowAnswerOut), required=True)
    next = fields.String(required=True, allow_none=True, metadata=described(_ADDRESS))
    previous = fields.String(required=True, allow_none=True, metadata=described(_ADDRESS))


class FlowEventOut(Schema):
    """News of Meta about a Flow: another state, an alert about its endpoint, a version that ends."""

    id = fields.Integer(required=True, metadata=described("Our id.", 5))
    event = fields.String(required=True, metadata=described("Meta's word.", "ENDPOINT_ERROR_RATE"))
    details = fields.Dict(
        keys=fields.String(),
        required=True,
        metadata=described("Meta's whole value.", {"alert_state": "ACTIVATED", "error_rate": 14.2}),
    )
    occurred_at = Moment(required=True)


class FlowEventList(Schema):
    """One page of the list."""

    results = fields.List(fields.Nested(FlowEventOut), required=True)
    next = fields.String(required=True, allow_none=True, metadata=described(_ADDRESS))
    previous = fields.String(required=True, allow_none=True, metadata=described(_ADDRESS))


class AnswerFilterQuery(Schema):
    """Which answers; the filters all hold at once."""

    since = Moment(metadata=described("Received at this moment or later.", "2026-11-22T00:00:00Z"))
    until = Moment(metadata=described("Received before this moment.", "2026-11-23T00:00:00Z"))
    contact = Text(
        140,
        least=1,
        metadata=described("The customer's phone number with country code, or user id.", "+447700900123"),
    )


class AnswerQuery(ListQuery, AnswerFilterQuery):
    """Filters of the list; they all hold at once."""


class AllAnswersQuery(AnswerQuery):
    """Of all Flows."""

    account = QueryInteger(1, LARGEST_ID, metadata=described("Our account id.", 1))
    flow = QueryInteger(1, LARGEST_ID, metadata=described("Our Flow id.", 3))
