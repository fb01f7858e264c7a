"""The things a webhook can tell, as frozen dataclasses.

Enum-like fields hold Meta's words as they came, also ones newer than this code.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where an item stood: the account and number it is about, the field and the JSON path.

    `waba_id` is the entry's id; for PARTNER_* events that is a business portfolio's.
    `entry_time` comes only with account and message-template fields.
    """

    waba_id: str | None = None
    phone_number_id: str | None = None
    display_phone_number: str | None = None
    field: str = ""
    path: str = ""
    entry_time: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReportedError:
    """An error inside a webhook; feed code and details to `error_table.explain`."""

    code: int | None
    title: str = ""
    details: str = ""
    href: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundMessage(Source):
    """A message from a person. At least one of `wa_id` and `user_id` is there, mostly.

    `text` is a plain preview for every kind; `content` is Meta's object of that kind (an array
    of contacts stands under "contacts"). `timestamp` is Meta's; if it was unreadable, the time
    of arrival. `referral` tells the ad that was clicked, `product` the one of a catalogue that is asked
    about, `identity` the new security code of whom a `customer_identity_changed` is about.
    """

    wamid: str
    timestamp: datetime
    type: str
    text: str
    wa_id: str | None = None
    user_id: str | None = None
    parent_user_id: str | None = None
    profile_name: str | None = None
    username: str | None = None
    group_id: str | None = None
    context_wamid: str | None = None
    is_forwarded: bool = False
    is_often_forwarded: bool = False
    product: dict[str, Any] | None = None
    identity: dict[str, Any] | None = None
    content: dict[str, Any] = field(default_factory=dict)
    referral: dict[str, Any] | None = None
    errors: tuple[ReportedError, ...] = ()
    raw: dict[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneMessage(Source):
    """A message of a chat in the WhatsApp Business app on the business's own phone.

    Written by the business just now (an echo), or by either side before the number was connected
    (`is_past`). The ids and names are the customer's. `status`: of a past one, Meta's word in small letters
    (delivered, error, pending, played, read, sent); "" of an echo.
    """

    wamid: str
    timestamp: datetime
    type: str
    text: str
    is_outbound: bool
    is_past: bool
    status: str = ""
    wa_id: str | None = None
    user_id: str | None = None
    parent_user_id: str | None = None
    profile_name: str | None = None
    username: str | None = None
    context_wamid: str | None = None
    is_forwarded: bool = False
    content: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusUpdate(Source):
    """How far a message of ours has come: sent, delivered, read, played, failed.

    Never in order, sometimes twice, `delivered` may be skipped. In a group, `group_id` is set
    and the recipient is the participant. `is_billable` is derived from the pricing type, since
    Meta is going to drop its own flag; None if the status carries no price.
    """

    wamid: str
    status: str
    timestamp: datetime
    recipient_wa_id: str | None = None
    recipient_user_id: str | None = None
    group_id: str | None = None
    callback_data: str | None = None
    error: ReportedError | None = None
    pricing_category: str | None = None
    pricing_type: str | None = None
    pricing_model: str | None = None
    is_billable: bool | None = None
    raw: dict[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageTemplateStatus(Source):
    """APPROVED, REJECTED, PAUSED, …: `event` is the new state.

    `reason` is None unless there is one (Meta writes "NONE"); `detail` and `recommendation`
    are Meta's sentences about it.
    """

    event: str
    message_template_id: str
    name: str = ""
    language: str = ""
    category: str | None = None
    reason: str | None = None
    detail_title: str | None = None
    detail: str | None = None
    recommendation: str | None = None
    disable_date: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageTemplateQuality(Source):
    """The quality score went from one of GREEN, YELLOW, RED, UNKNOWN to another."""

    message_template_id: str
    name: str = ""
    language: str = ""
    previous_score: str | None = None
    new_score: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageTemplateCategory(Source):
    """A change of category: done, or announced.

    Announced: `upcoming_category` takes effect at `takes_effect_at`, `current_category` still
    holds. Done: `previous_category` is set and `upcoming_category` is None.
    """

    message_template_id: str
    name: str = ""
    language: str = ""
    current_category: str | None = None
    previous_category: str | None = None
    upcoming_category: str | None = None
    takes_effect_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserPreference(Source):
    """A person stopped (`stop`) or allowed again (`resume`, `signup`) marketing messages."""

    category: str
    value: str
    timestamp: datetime
    wa_id: str | None = None
    user_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserIdChange(Source):
    """A person's user id (BSUID) changed, for instance with their phone number."""

    previous_user_id: str | None
    current_user_id: str | None
    timestamp: datetime
    wa_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorReport(Source):
    """Errors about the account or number as a whole, not about one message."""

    errors: tuple[ReportedError, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountEvent(Source):
    """Any other documented field. `event` is its key word (`event`, `decision` or `status`)."""

    event: str
    value: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownChange(Source):
    """A field that this code does not know: keep it, answer 200."""

    value: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class BadElement(Source):
    """A part that could not be understood; the rest of the delivery is not affected."""

    reason: str
    raw: Any


Item = (
    InboundMessage
    | PhoneMessage
    | StatusUpdate
    | MessageTemplateStatus
    | MessageTemplateQuality
    | MessageTemplateCategory
    | UserPreference
    | UserIdChange
    | ErrorReport
    | AccountEvent
    | UnknownChange
    | BadElement
)


@dataclass(frozen=True, slots=True)
class ParsedDelivery:
    """All items of one POST, in the order in which they stood in the body."""

    items: tuple[Item, ...]

    @property
    def bad_elements(self) -> tuple[BadElement, ...]:
        return tuple(item for item in self.items if isinstance(item, BadElement))
