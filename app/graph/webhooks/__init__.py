"""Meta's webhooks: what a signed body says, item by item.

Source: Meta docs, "Webhooks" pages, read 2026-09.
"""

from __future__ import annotations

from app.graph.json_limits import MalformedBody, loads
from app.graph.webhooks.items import (
    AccountEvent,
    BadElement,
    ErrorReport,
    InboundMessage,
    Item,
    MessageTemplateCategory,
    MessageTemplateQuality,
    MessageTemplateStatus,
    ParsedDelivery,
    PhoneMessage,
    ReportedError,
    Source,
    StatusUpdate,
    UnknownChange,
    UserIdChange,
    UserPreference,
)
from app.graph.webhooks.parsing import named_account_ids, parse

__all__ = [
    "AccountEvent",
    "BadElement",
    "ErrorReport",
    "InboundMessage",
    "Item",
    "MalformedBody",
    "MessageTemplateCategory",
    "MessageTemplateQuality",
    "MessageTemplateStatus",
    "ParsedDelivery",
    "PhoneMessage",
    "ReportedError",
    "Source",
    "StatusUpdate",
    "UnknownChange",
    "UserIdChange",
    "UserPreference",
    "loads",
    "named_account_ids",
    "parse",
]
