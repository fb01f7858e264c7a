"""What would be sent, or planned."""

from __future__ import annotations

from typing import Any

from apiflask import Schema
from marshmallow import fields, pre_dump

from app.api.schemas.fields import Moment, described
from app.api.schemas.messages import show_message
from app.api.schemas.planned_messages import show_planned
from app.models import Message, PlannedMessage


class DryRunOut(Schema):
    """What would be sent. Nothing was, and nothing was kept."""

    dry_run = fields.Boolean(required=True, metadata=described("Always true.", True))
    waba_account_id = fields.Integer(required=True, metadata=described("The account, by our id.", 1))
    phone_number_id = fields.Integer(
        required=True, metadata=described("The number it would come from, by our id.", 1)
    )
    message_type = fields.String(required=True, metadata=described("Meta's word for the kind.", "text"))
    to_phone_number = fields.String(required=True, allow_none=True, metadata=described("", "+447700900123"))
    to_user_id = fields.String(required=True, allow_none=True)
    text_content = fields.String(
        required=True, metadata=described("The words the customer would read.", "Your order is on its way.")
    )
    content = fields.Raw(
        required=True,
        metadata={**described("Meta's object of that kind."), "type": ["object", "array"]},
    )

    send_at = Moment(allow_none=True, metadata=described("With send_at: when it would leave."))

    @pre_dump
    def _from_row(self, message: Message | PlannedMessage, **_: Any) -> dict[str, Any]:
        shown = show_message(message) if isinstance(message, Message) else show_planned(message)
        return {**shown, "dry_run": True}
