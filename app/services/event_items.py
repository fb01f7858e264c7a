"""One item of a post, and what it does here."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from app.extensions import db
from app.graph.webhooks import (
    AccountEvent,
    ErrorReport,
    InboundMessage,
    Item,
    MessageTemplateCategory,
    MessageTemplateQuality,
    MessageTemplateStatus,
    PhoneMessage,
    StatusUpdate,
    UserIdChange,
    UserPreference,
)
from app.models import Account
from app.services import (
    consents,
    conversation_changes,
    flow_events,
    health_events,
    identity_changes,
    inbound,
    message_templates,
    statuses,
)
from app.services.inbound import Inbox
from app.services.outgoing import attention, telling
from app.services.phone_messages import PhoneBox
from app.services.statuses import Statuses


@dataclass
class Effects:
    """What must follow: before the commit the bot's replies to messages it may want to answer, after it the
    rings for what may be sent and what may be fetched."""

    new_inbound_ids: list[int] = field(default_factory=list)
    consent_ids: list[int] = field(default_factory=list)
    """New messages that ask to stop or to start advertising."""
    refused_ids: list[int] = field(default_factory=list)
    """Messages that Meta did not deliver since their customers want no advertising."""
    sendable: bool = False
    fetchable: bool = False
    seen: list[tuple[int, datetime]] = field(default_factory=list)
    """(account id, arrival) of what was believed."""

    def extend(self, other: Effects) -> None:
        self.sendable = self.sendable or other.sendable
        self.fetchable = self.fetchable or other.fetchable


Claim = statuses.Key | inbound.Key
"""What an item brought, if nobody else stores it at the same moment: known when the batch is stored."""


@dataclass
class Batch:
    """What many events bring in common: looked up once before them, written once after them."""

    statuses: Statuses
    inbox: Inbox
    phone: PhoneBox
    new: set[Claim] = field(default_factory=set)
    """The claims that came true."""

    def store(self, auto_replying: set[int], effects: Effects) -> None:
        """Write it: messages, then conversations, then customers. The caller commits.

        `auto_replying`: our ids of the accounts whose bot may want to answer.
        """
        # What the items changed as objects goes first: what is written here looks into the tables.
        db.session.flush()
        self.new.update(self.statuses.store())
        stored = self.inbox.store()
        self.new.update(stored.keys())
        stored.keep_answers()
        phone_keys, written = self.phone.store()
        self.new.update(phone_keys)
        conversation_changes.store(self.statuses.moved(), stored.arrived(), written)
        stored.learn()
        self.phone.settle()
        telling.tell_received(stored.message_ids())
        effects.refused_ids.extend(self.statuses.failed_with(consents.STOPPED_MARKETING))
        effects.fetchable = effects.fetchable or stored.has_files or self.phone.has_files
        effects.consent_ids.extend(stored.consent_ids())
        effects.new_inbound_ids.extend(stored.ids(auto_replying))


def apply_item(
    account: Account, item: Item, batch: Batch, effects: Effects, event_id: int | None = None
) -> bool | Claim | None:
    """True: something new. False: known already. A claim: new if `batch` says so when it is stored. None:
    nothing here acts on this kind.

    Raises inbound.Unroutable for what cannot be put anywhere.
    """
    if isinstance(item, InboundMessage):
        return batch.inbox.receive(account, item, event_id) or False
    if isinstance(item, PhoneMessage):
        return batch.phone.receive(account, item, event_id)
    if isinstance(item, StatusUpdate):
        effects.sendable = True
        return batch.statuses.apply(account.id, item)
    if isinstance(item, MessageTemplateStatus | MessageTemplateQuality | MessageTemplateCategory):
        return _message_template(account, item)
    if isinstance(item, UserPreference):
        return consents.apply_preference(account, item, event_id)
    if isinstance(item, UserIdChange):
        return identity_changes.apply_id_change(account, item, event_id)
    if isinstance(item, ErrorReport):
        return _error_report(account, item)
    if isinstance(item, AccountEvent):
        return _account_event(account, item)
    return None


def _message_template(
    account: Account, item: MessageTemplateStatus | MessageTemplateQuality | MessageTemplateCategory
) -> bool:
    if isinstance(item, MessageTemplateStatus):
        return message_templates.apply_status(account, item)
    if isinstance(item, MessageTemplateQuality):
        return message_templates.apply_quality(account, item)
    return message_templates.apply_category(account, item)


def _error_report(account: Account, item: ErrorReport) -> bool:
    error = item.errors[0] if item.errors else None
    if error is None:
        return False
    attention.remark(account, f"Meta reports: {error.title or 'an error'}. {error.details}".strip())
    return True


def _account_event(account: Account, item: AccountEvent) -> bool | None:
    if item.field == flow_events.FIELD:
        return flow_events.apply(account, item)
    return health_events.apply(account, item)
