"""Messages planned for later."""

from __future__ import annotations

from typing import Any

from apiflask import Schema
from marshmallow import fields, pre_dump

from app.api.blueprint import LARGEST_ID
from app.api.schemas.fields import Choice, ListQuery, Moment, QueryInteger, described, list_of
from app.models import PlannedMessage, PlannedState


class PlannedOut(Schema):
    """A message that is to leave at a certain time."""

    id = fields.Integer(required=True, metadata=described("Our id of the plan.", 12))
    waba_account_id = fields.Integer(required=True, metadata=described("The account, by our id.", 1))
    phone_number_id = fields.Integer(
        required=True, metadata=described("The number it is to come from, by our id.", 1)
    )
    status = Choice(
        *PlannedState,
        required=True,
        metadata=described(
            "planned; held: it was due, and a person has to decide, `reason` says why; sent: `message_id` is "
            "the message; cancelled.",
            "planned",
        ),
    )
    message_type = fields.String(required=True, metadata=described("Meta's word for the kind.", "text"))
    to_phone_number = fields.String(required=True, allow_none=True, metadata=described("", "+447700900123"))
    to_user_id = fields.String(required=True, allow_none=True)
    text_content = fields.String(
        required=True, metadata=described("The words the customer would read.", "See you tomorrow.")
    )
    content = fields.Raw(
        required=True,
        metadata={**described("Meta's object of that kind."), "type": ["object", "array"]},
    )
    send_at = Moment(required=True, metadata=described("When it leaves.", "2027-01-15T09:00:00Z"))
    hold_if_answered = fields.Boolean(required=True)
    reason = fields.String(required=True, allow_none=True, metadata=described("Why it is held."))
    message_id = fields.Integer(
        required=True, allow_none=True, metadata=described("The message it became, by our id.")
    )
    created_at = Moment(required=True)

    @pre_dump
    def _from_row(self, planned: PlannedMessage, **_: Any) -> dict[str, Any]:
        return show_planned(planned)


def show_planned(planned: PlannedMessage) -> dict[str, Any]:
    """The row under the API's names."""
    conversation = planned.conversation
    is_cards = planned.message_type == "contacts"
    return {
        "id": planned.id,
        "waba_account_id": planned.account_id,
        "phone_number_id": conversation.phone_number_id,
        "status": planned.state,
        "message_type": planned.message_type,
        "to_phone_number": conversation.contact.phone_number or None,
        "to_user_id": conversation.contact.user_id,
        "text_content": planned.text_content,
        "content": planned.content.get("contacts", []) if is_cards else planned.content,
        "send_at": planned.send_at,
        "hold_if_answered": planned.holds_if_answered,
        "reason": planned.reason or None,
        "message_id": planned.message_id,
        "created_at": planned.created_at,
    }


PlannedList = list_of(PlannedOut, "PlannedList")


class PlannedQuery(ListQuery):
    """Filters of the list; they hold all at once."""

    account = QueryInteger(1, LARGEST_ID, metadata=described("Our account id.", 1))
    status = Choice(*PlannedState, metadata=described("", "planned"))
