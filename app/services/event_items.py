"""One item of a post, and what it does here."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import select

from app.extensions import db
from app.graph.webhooks import (
    AccountEvent,
    ErrorReport,
    InboundMessage,
    Item,
    MessageTemplateCategory,
    MessageTemplateQuality,
    MessageTemplateStatus,
    StatusUpdate,
    UserIdChange,
)
from app.models import Account, Contact, Message, PhoneNumber
from app.services import inbound, message_templates
from app.services.statuses import Statuses

_QUALITY_FIELD = "phone_number_quality_update"
_NAME_FIELD = "phone_number_name_update"


@dataclass
class Effects:
    """What must follow: the bot's replies before the commit, the ring for what may be sent after it."""

    new_inbound: list[Message] = field(default_factory=list)
    sendable: bool = False

    def extend(self, other: Effects) -> None:
        self.sendable = self.sendable or other.sendable


def apply_item(account: Account, item: Item, batch: Statuses, effects: Effects) -> bool | None:
    """True: something new. False: known already. None: nothing here acts on this kind.

    Raises inbound.Unroutable for what cannot be put anywhere.
    """
    if isinstance(item, InboundMessage):
        return _inbound(account, item, effects)
    if isinstance(item, StatusUpdate):
        effects.sendable = True
        return batch.apply(account.id, item)
    if isinstance(item, MessageTemplateStatus):
        return message_templates.apply_status(account, item)
    if isinstance(item, MessageTemplateQuality):
        return message_templates.apply_quality(account, item)
    if isinstance(item, MessageTemplateCategory):
        return message_templates.apply_category(account, item)
    if isinstance(item, UserIdChange):
        return _user_id_changed(account, item)
    if isinstance(item, ErrorReport):
        return _error_report(account, item)
    if isinstance(item, AccountEvent):
        return _account_event(account, item)
    return None


def _inbound(account: Account, item: InboundMessage, effects: Effects) -> bool:
    message = inbound.receive(account, item)
    if message is None:
        return False
    effects.new_inbound.append(message)
    return True


def _user_id_changed(account: Account, item: UserIdChange) -> bool:
    """The customer stays the same; only the id we know them by is new."""
    contact = db.session.scalar(
        select(Contact).where(Contact.account_id == account.id, Contact.user_id == item.previous_user_id)
    )
    taken = db.session.scalar(
        select(Contact.id).where(Contact.account_id == account.id, Contact.user_id == item.current_user_id)
    )
    if contact is None or taken is not None or not item.current_user_id:
        return False
    contact.user_id = item.current_user_id
    return True


def _error_report(account: Account, item: ErrorReport) -> bool:
    error = item.errors[0] if item.errors else None
    if error is None:
        return False
    account.attention_reason = f"Meta reports: {error.title or 'an error'}. {error.details}".strip()
    return True


def _account_event(account: Account, item: AccountEvent) -> bool | None:
    if item.field not in {_QUALITY_FIELD, _NAME_FIELD}:
        return None
    number = _number_by_display(account, str(item.value.get("display_phone_number", "")))
    if number is None:
        return None
    if item.field == _NAME_FIELD:
        number.name_status = item.event
    else:
        limit = item.value.get("max_daily_conversations_per_business") or item.value.get("current_limit")
        number.messaging_limit = str(limit or number.messaging_limit)
        if item.event == "THROUGHPUT_UPGRADE":
            number.throughput_level = "HIGH"
    return True


def _number_by_display(account: Account, display: str) -> PhoneNumber | None:
    digits = "".join(filter(str.isdigit, display))
    for number in account.phone_numbers:
        if "".join(filter(str.isdigit, number.phone_number)) == digits:
            return number
    return None
