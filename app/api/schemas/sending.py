"""What sending a message takes."""

from __future__ import annotations

from typing import Any

from apiflask import Schema
from marshmallow import ValidationError, fields, validates_schema

from app.api.repeating import is_key
from app.api.schemas.fields import Choice, Flag, Id, Moment, Text, described
from app.models import utcnow

SENDABLE = (
    "text",
    "template",
    "interactive",
    "image",
    "video",
    "audio",
    "document",
    "sticker",
    "location",
    "contacts",
    "reaction",
)
"""Kinds that can be sent; each but `text` has its object under its own name in the body."""
FLAT_TEMPLATE = ("template_name", "template_language", "template_parameters")
_WAMID = "wamid.HBgMNDQ3NzAwOTAwMTIzFQIAERgSMEY1"


class NumberReference(fields.Field[str]):
    """A phone number by our id (a number) or by Meta's (text)."""

    def _deserialize(self, value: Any, *_args: Any, **_options: Any) -> str:
        if isinstance(value, bool) or not isinstance(value, int | str) or not str(value).isascii():
            raise ValidationError("Must be our id (a number) or Meta's phone number id (text).")
        if not str(value).isdigit() or len(str(value)) > 64:
            raise ValidationError("Must be our id (a number) or Meta's phone number id (text).")
        return str(value)


def _meta_object(what: str, example: Any) -> fields.Field[Any]:
    return fields.Dict(keys=fields.String(), metadata=described(what, example))


def _media(kind: str, **more: str) -> fields.Field[Any]:
    link = {"link": f"https://shop.example.com/{kind}", **more}
    return _meta_object(f"For message_type {kind}: id (uploaded media) or link, and what goes with it.", link)


class FlowMessageIn(Schema):
    """A message whose button opens one of our Flows; the token that leads its answer back is added here."""

    id = Id(required=True, metadata=described("The Flow, by our id (see flows/).", 3))
    body = Text(1024, least=1, required=True, metadata=described("The text.", "Tell us what happened."))
    button = Text(30, least=1, required=True, metadata=described("The button's text.", "Report damage"))
    header = Text(60, metadata=described("Above the text."))
    footer = Text(60, metadata=described("Below the text."))
    screen = Text(200, metadata=described("Begin on this screen; default: the first one.", "DAMAGE"))
    data = fields.Dict(
        keys=fields.String(), metadata=described("What the first screen is given.", {"policy": "MI-7740219"})
    )


class SendMessageIn(Schema):
    """A message to send: the recipient, the kind, and the fields of that kind."""

    waba_account_id = Id(metadata=described("May be left out; must be the account of the address.", 1))
    to_phone_number = Text(
        64, metadata=described("The customer's number with country code, in any spelling.", "+44 7700 900123")
    )
    to_user_id = Text(
        140,
        metadata=described(
            "Instead of a number: the customer's business-scoped user id.", "US.7310000000000001"
        ),
    )
    phone_number_id = NumberReference(
        metadata={
            **described("The sending number, by our id or Meta's. Default: the account's first number.", 1),
            "type": ["integer", "string"],
        }
    )
    message_type = Choice(*SENDABLE, required=True, metadata=described("The kind.", "text"))
    text_content = Text(
        4096, metadata=described("For message_type text: 1 to 4096 characters.", "Your order is on its way.")
    )
    preview_url = Flag(metadata=described("For message_type text: show a preview of the first link.", False))
    template = _meta_object(
        "For message_type template: Meta's object. Or use the three flat fields below.",
        {"name": "hello_world", "language": {"code": "en_US"}},
    )
    template_name = Text(512, least=1, metadata=described("The message template's name.", "order_update"))
    template_language = Text(
        16,
        least=1,
        metadata=described(
            "Its language; may be left out if it has only one. `auto`: of the approved ones the customer’s, "
            "if known, one of its base (de for de_AT), or the fallback of `templates/{id}/family/`.",
            "en_US",
        ),
    )
    template_parameters = fields.Raw(
        metadata={
            **described(
                "Its values: a list for the body, or an object with header, body and buttons. Each is a "
                "list in order, or an object by name (buttons: by position from 0).",
                ["Grace", "BM-1042"],
            ),
            "type": ["array", "object"],
        }
    )
    interactive = _meta_object(
        "For message_type interactive: Meta's object (button, list, cta_url, flow, …). Or use flow below.",
        {
            "type": "button",
            "body": {"text": "Does Tuesday suit you?"},
            "action": {"buttons": [{"type": "reply", "reply": {"id": "yes", "title": "Yes"}}]},
        },
    )
    flow = fields.Nested(
        FlowMessageIn,
        metadata=described(
            "For message_type interactive: open one of our Flows.",
            {"id": 3, "body": "Tell us what happened.", "button": "Report damage"},
        ),
    )
    image = _media("image", caption="Our shop")
    video = _media("video", caption="Our shop")
    audio = _media("audio")
    document = _media("document", caption="Your invoice", filename="invoice.pdf")
    sticker = _media("sticker")
    location = _meta_object(
        "For message_type location.",
        {"latitude": 50.8, "longitude": -1.09, "name": "Shop", "address": "12 Harbour Lane"},
    )
    contacts = fields.List(
        fields.Dict(keys=fields.String()),
        metadata=described(
            "For message_type contacts: Meta's list of contact cards.",
            [
                {
                    "name": {"formatted_name": "Grace Hall", "first_name": "Grace"},
                    "phones": [{"phone": "+447700900123"}],
                }
            ],
        ),
    )
    reaction = _meta_object("For message_type reaction.", {"message_id": _WAMID, "emoji": "👍"})
    context_message_id = Text(256, least=1, metadata=described("Quote this message, by its wamid.", _WAMID))
    reply_to = Text(256, least=1, metadata=described("The same as context_message_id.", _WAMID))
    expires_at = Moment(
        metadata=described(
            "After this time the message is of no use and is not sent any more: it fails instead. "
            "Default: never; ten minutes for message templates of the category AUTHENTICATION.",
            "2027-01-15T09:00:00Z",
        ),
    )
    send_at = Moment(
        metadata=described(
            "Send it at this time, within a year, instead of now: the answer is the planned message (see "
            "planned-messages/). Free text and media have to leave while the customer's window is open.",
            "2027-01-15T09:00:00Z",
        ),
    )
    hold_if_answered = Flag(
        metadata=described(
            "With send_at: if the customer writes before, hold it back for a person. Default: no.", False
        )
    )
    dry_run = Flag(
        metadata=described(
            "Check everything and send nothing: the answer is 200 with what would be sent, or the refusal "
            "that sending would get.",
            False,
        )
    )
    on_unknown = Choice(
        "hold",
        "resend",
        metadata=described(
            "When Meta's answer gets lost and no status follows within a minute: hold it as unconfirmed "
            "until somebody decides (the default), or send it once more, which may reach the customer twice.",
            "hold",
        ),
    )

    @validates_schema(skip_on_field_errors=False)
    def _one_recipient(self, data: dict[str, Any], **_: Any) -> None:
        if bool(data.get("to_phone_number")) == bool(data.get("to_user_id")):
            raise ValidationError("Give either to_phone_number or to_user_id.", "to_phone_number")

    @validates_schema(skip_on_field_errors=False)
    def _one_quote(self, data: dict[str, Any], **_: Any) -> None:
        if len({data[name] for name in ("context_message_id", "reply_to") if name in data}) > 1:
            raise ValidationError("Names another message than context_message_id.", "reply_to")
        if data.get("message_type") == "reaction" and {"context_message_id", "reply_to"} & data.keys():
            raise ValidationError("A reaction cannot quote a message.", "message_type")

    @validates_schema(skip_on_field_errors=False)
    def _later_or_now(self, data: dict[str, Any], **_: Any) -> None:
        if "hold_if_answered" in data and "send_at" not in data:
            raise ValidationError("Goes with send_at.", "hold_if_answered")
        if {"send_at", "expires_at"} <= data.keys():
            raise ValidationError("A planned message has a time of its own; leave this out.", "expires_at")

    @validates_schema(skip_on_field_errors=False)
    def _not_over_yet(self, data: dict[str, Any], **_: Any) -> None:
        if "expires_at" in data and data["expires_at"] <= utcnow():
            raise ValidationError("Must be in the future.", "expires_at")

    @validates_schema(skip_on_field_errors=True)
    def _fields_of_its_kind(self, data: dict[str, Any], **_: Any) -> None:
        """A field of another kind is a mistake that would otherwise be sent without it."""
        kind = data["message_type"]
        belongs = {
            "text": {"text_content", "preview_url"},
            "template": {"template", *FLAT_TEMPLATE},
            "interactive": {"interactive", "flow"},
        }.get(kind, {kind})
        all_kinds = {"text_content", "preview_url", "flow", *SENDABLE, *FLAT_TEMPLATE}
        strange = sorted((all_kinds & data.keys()) - belongs)
        if strange:
            raise ValidationError({name: [f"Does not belong to message_type {kind}."] for name in strange})


class SendHeaders(Schema):
    """Headers of a send."""

    class Meta:
        unknown = "exclude"

    idempotency_key = fields.String(
        data_key="Idempotency-Key",
        metadata=described(
            "Your own key for this message, 1 to 255 visible ASCII characters. The same key with the same "
            "body is the same message, however often you send it; with another body the answer is 409.",
            "order-1042-shipped",
        ),
    )

    @validates_schema
    def _visible(self, data: dict[str, Any], **_: Any) -> None:
        key = data.get("idempotency_key")
        if key is not None and not is_key(key):
            raise ValidationError("Must be 1 to 255 visible ASCII characters.", "Idempotency-Key")
