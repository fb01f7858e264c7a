"""Events in words for people: what kind it is, whom it speaks of, how long it waited."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from app.models import EventState, WebhookEvent, utcnow
from app.models.phone_spelling import spell_phone

_FIELDS = {
    "account_alerts": "Account alert",
    "account_review_update": "Account review",
    "account_update": "Account changed",
    "business_capability_update": "Limits changed",
    "flows": "Flow",
    "message_template_quality_update": "Template quality",
    "message_template_status_update": "Template status",
    "messages": "Error report",
    "phone_number_name_update": "Number’s name",
    "phone_number_quality_update": "Number’s quality",
    "security": "Security",
    "template_category_update": "Template category",
    "unreadable": "Could not be read",
    "user_id_update": "User ID changed",
    "user_preferences": "Marketing choice",
}
_MESSAGES = (
    "text",
    "image",
    "video",
    "audio",
    "document",
    "sticker",
    "location",
    "contacts",
    "interactive",
    "button",
    "reaction",
    "order",
    "system",
    "unsupported",
)
_STATUSES = ("sent", "delivered", "read", "played", "failed")
COMMON_KINDS = (
    *(f"messages.{word}" for word in _MESSAGES),
    *(f"status.{word}" for word in _STATUSES),
    *_FIELDS,
)
"""Those a filter offers; any other can be asked for by its own name."""


def describe_kind(kind: str) -> str:
    """`messages.text` → `Message: text`; a name of Meta's that is newer than this code, readable."""
    first, _, word = kind.partition(".")
    if word and first in {"messages", "status"}:
        return f"{'Message' if first == 'messages' else 'Status'}: {word.replace('_', ' ')}"
    return _FIELDS.get(kind) or kind.replace("_", " ").capitalize()


def describe_kinds(keys: Iterable[str]) -> str:
    """`Message: text, Status: read` out of an event's keys; empty while it has none."""
    return ", ".join(describe_kind(key[2:]) for key in keys if key.startswith("k:"))


def describe_person(keys: Iterable[str]) -> str:
    """The first phone number among the keys, as people write it; empty without one."""
    return next((spell_phone(f"+{key[2:]}") for key in keys if key.startswith("p:")), "")


def waited(event: WebhookEvent) -> timedelta:
    """From its arrival, or from when its replay was asked for, until it was worked off, or until now."""
    asked, done = event.replayed_at, event.processed_at
    if event.state is EventState.PENDING or done is None:
        return utcnow() - (asked or event.received_at)
    return done - (asked if asked is not None and asked <= done else event.received_at)
