"""Messages: the one object for both directions, its list filters, and what sending takes."""

from __future__ import annotations

from typing import Any

from apiflask import Schema
from marshmallow import ValidationError, fields, pre_dump, validates_schema

from app.api.blueprint import LARGEST_ID
from app.api.repeating import is_key
from app.api.schemas.failures import MessageError
from app.api.schemas.fields import Choice, Flag, Id, ListQuery, Moment, QueryInteger, Text, described, list_of
from app.api.schemas.media import MediaOut, show_media
from app.models import MEDIA_KINDS, Direction, Message, MessageStatus, utcnow
from app.services.failures import explain_failure, failure_fields

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


class MessageOut(Schema):
    """One WhatsApp message, in or out."""

    id = fields.Integer(required=True, metadata=described("Our id.", 1042))
    waba_account_id = fields.Integer(required=True, metadata=described("The account, by our id.", 1))
    phone_number_id = fields.Integer(
        required=True, metadata=described("The business's phone number, by our id (see phone-numbers/).", 1)
    )
    wamid = fields.String(
        required=True,
        allow_none=True,
        metadata=described("Meta's id; null until accepted.", _WAMID),
    )
    direction = Choice(*Direction, required=True, metadata=described("", "outbound"))
    status = Choice(
        *MessageStatus,
        required=True,
        metadata=described(
            "Outbound messages go queued, sending, sent, delivered, read (audio: played) or failed; "
            "unconfirmed means that Meta's answer was lost and we wait for its word. Inbound: received.",
            "queued",
        ),
    )
    message_type = fields.String(required=True, metadata=described("Meta's word for the kind.", "text"))
    to_phone_number = fields.String(required=True, allow_none=True, metadata=described("", "+447700900123"))
    to_user_id = fields.String(
        required=True,
        allow_none=True,
        metadata=described(
            "The customer's business-scoped user id, if the message goes to a customer and it is known."
        ),
    )
    from_phone_number = fields.String(required=True, allow_none=True, metadata=described("", "+442079460101"))
    from_user_id = fields.String(
        required=True,
        allow_none=True,
        metadata=described("The customer's business-scoped user id, if one is the sender."),
    )
    text_content = fields.String(
        required=True, metadata=described("The words, whatever the kind.", "Your order is on its way.")
    )
    content = fields.Raw(
        required=True,
        metadata={
            **described("Meta's object of that kind.", {"body": "Your order is on its way."}),
            "type": ["object", "array"],
        },
    )
    media = fields.Nested(
        MediaOut,
        required=True,
        allow_none=True,
        metadata={"description": "The file that came with it; null without one."},
    )
    error = fields.Nested(MessageError, required=True, allow_none=True)
    wait_reason = fields.String(
        required=True,
        allow_none=True,
        metadata=described(
            "Why a queued message does not leave yet; null when it only has its turn to wait."
        ),
    )
    next_attempt_at = Moment(
        required=True, allow_none=True, metadata=described("When a queued message is looked at next.")
    )
    created_at = Moment(required=True)
    sent_at = Moment(required=True, allow_none=True)
    delivered_at = Moment(required=True, allow_none=True)
    read_at = Moment(required=True, allow_none=True)
    failed_at = Moment(required=True, allow_none=True)

    @pre_dump
    def _from_row(self, message: Message, **_: Any) -> dict[str, Any]:
        return show_message(message)


def show_message(message: Message) -> dict[str, Any]:
    """The row under the API's names."""
    ours = {"phone_number": message.phone_number.phone_number, "user_id": None}
    theirs = {"phone_number": message.contact.phone_number or None, "user_id": message.contact.user_id}
    sender, recipient = (ours, theirs) if message.is_outbound else (theirs, ours)
    is_queued = message.status is MessageStatus.QUEUED
    return {
        "id": message.id,
        "waba_account_id": message.account_id,
        "phone_number_id": message.phone_number_id,
        "wamid": message.wamid,
        "direction": message.direction,
        "status": message.status,
        "message_type": message.message_type,
        "to_phone_number": recipient["phone_number"],
        "to_user_id": recipient["user_id"],
        "from_phone_number": sender["phone_number"],
        "from_user_id": sender["user_id"],
        "text_content": message.text_content,
        "content": _content(message),
        "media": show_media(message.media_file) if message.message_type in MEDIA_KINDS else None,
        "error": failure_fields(explain_failure(message)),
        "wait_reason": (message.wait_reason or None) if is_queued else None,
        "next_attempt_at": message.next_attempt_at if is_queued else None,
        "created_at": message.created_at,
        "sent_at": message.sent_at,
        "delivered_at": message.delivered_at,
        "read_at": message.read_at,
        "failed_at": message.failed_at,
    }


def _content(message: Message) -> Any:
    """As Meta has it: our own notes (with a low line) left out, contact cards as a list."""
    if message.message_type == "contacts":
        return message.content.get("contacts", [])
    return {key: value for key, value in message.content.items() if not key.startswith("_")}


MessageList = list_of(MessageOut, "MessageList")


class MessageQuery(ListQuery):
    """Filters of the message list; they all hold at once."""

    account = QueryInteger(1, LARGEST_ID, metadata=described("Our account id.", 1))
    direction = Choice(*Direction, metadata=described("", "outbound"))
    status = Choice(*MessageStatus, metadata=described("", "failed"))
    message_type = Text(64, least=1, metadata=described("Meta's word for the kind.", "text"))
    contact = Text(
        140,
        least=1,
        metadata=described("The customer's phone number with country code, or user id.", "+447700900123"),
    )
    since = Moment(metadata=described("Created at this moment or later.", "2026-11-22T00:00:00Z"))
    until = Moment(metadata=described("Created before this moment.", "2026-11-23T00:00:00Z"))


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
