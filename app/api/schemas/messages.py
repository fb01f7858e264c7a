"""Messages: the one object for both directions, and its list filters."""

from __future__ import annotations

from typing import Any

from apiflask import Schema
from marshmallow import fields, pre_dump

from app.api.blueprint import LARGEST_ID
from app.api.schemas.failures import MessageError
from app.api.schemas.fields import Choice, Flag, ListQuery, Moment, QueryInteger, Text, described, list_of
from app.api.schemas.media import MediaOut, show_media
from app.models import MEDIA_KINDS, Direction, Message, MessageStatus
from app.queries.message_changes import MessageChange
from app.services.failures import explain_failure, failure_fields
from app.services.message_marks import PHONE_APP, content_of, marks_of

_WAMID = "wamid.HBgMNDQ3NzAwOTAwMTIzFQIAERgSMEY1"


class ContextOut(Schema):
    """Meta's `context` of a message."""

    id = fields.String(
        required=True,
        allow_none=True,
        metadata=described("The wamid of the message that it answers to; null: quotes none.", _WAMID),
    )
    forwarded = Flag(required=True, metadata=described("Passed on from another chat.", False))
    frequently_forwarded = Flag(required=True, metadata=described("Over five times.", False))
    referred_product = fields.Dict(
        keys=fields.String(),
        required=True,
        allow_none=True,
        metadata=described(
            "The product of a catalogue that is asked about.",
            {"catalog_id": "194836987003835", "product_retailer_id": "di9ozbzfi4"},
        ),
    )


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
    context = fields.Nested(
        ContextOut,
        required=True,
        allow_none=True,
        metadata={"description": "What it quotes, or how it came about; null without either."},
    )
    referral = fields.Dict(
        keys=fields.String(),
        required=True,
        allow_none=True,
        metadata=described(
            "The ad or post by which the customer came, as Meta tells it; null without one.",
            {
                "source_url": "https://fb.me/3cr4Wqqkv",
                "source_id": "120226305854810726",
                "source_type": "ad",
                "headline": "Chat with us",
                "ctwa_clid": "Aff-n8ZTODiE79d22KtAwQKj9e",
            },
        ),
    )
    group_id = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The group that it was written in; null: in a chat of two."},
    )
    edited_at = Moment(
        required=True,
        allow_none=True,
        metadata=described("When it was last edited; null: stands as it came."),
    )
    edited_text = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "What it says since; `text_content` stays what it said at first."},
    )
    deleted_at = Moment(
        required=True, allow_none=True, metadata=described("When its writer deleted it for everyone.")
    )
    from_phone_app = Flag(
        required=True,
        metadata=described(
            "Of the business, written in the WhatsApp Business app on its phone instead of here.", False
        ),
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
    def _from_row(self, message: Message | dict[str, Any], **_: Any) -> dict[str, Any]:
        return show_message(message) if isinstance(message, Message) else message


def show_message(message: Message, change: MessageChange | None = None) -> dict[str, Any]:
    """The row under the API's names, with what became of it later."""
    change = change or MessageChange()
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
        "content": content_of(message.message_type, message.content),
        **marks_of(message.content, message.context_wamid),
        "edited_at": change.edited_at,
        "edited_text": change.edited_text,
        "deleted_at": change.deleted_at,
        "from_phone_app": PHONE_APP in message.content,
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
