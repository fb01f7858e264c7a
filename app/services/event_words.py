"""Events in words for people: what kind it is, whom it speaks of, how long it waited."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from app.models import EventState, WebhookEvent, utcnow
from app.models.phone_spelling import spell_phone

_NO_GROUPS = "there are no groups in the console"
_NO_NUMBER = "it is not about one of the account’s numbers here"
_NO_USERNAME = "the business’s own user name is shown nowhere here"
_UNUSED = {
    "account_update": "this kind of change needs no answer here",
    "automatic_events": "conversions are for Meta’s ads, and no figure here shows them",
    "business_username_update": _NO_USERNAME,
    "business_username_updates": _NO_USERNAME,
    "calls": "calls are not taken in the console",
    "group_lifecycle_update": _NO_GROUPS,
    "group_participant_update": _NO_GROUPS,
    "group_participants_update": _NO_GROUPS,
    "group_settings_update": _NO_GROUPS,
    "group_status_update": _NO_GROUPS,
    "flows": "the Flow is not kept here",
    "history": "the business did not share the chats of its phone",
    "message_template_components_update": "the next look at Meta brings the new text",
    "messaging_handovers": "conversations are not passed to other apps",
    "partner_solutions": "it is about the agreement between partners at Meta",
    "payment_configuration_update": "payments are not taken in the console",
    "phone_number_name_update": _NO_NUMBER,
    "phone_number_quality_update": _NO_NUMBER,
    "smb_app_state_sync": "the address book of the business’s phone stays there",
    "standby": "conversations are not passed to other apps",
    "tracking_events": "clicks are for Meta’s ads, and no figure here shows them",
}
"""Why news of a kind stays without effect."""
_FIELDS = {
    "account_alerts": "Account alert",
    "account_review_update": "Account review",
    "account_update": "Account changed",
    "automatic_events": "Conversion of an ad",
    "business_capability_update": "Limits changed",
    "business_username_update": "User name of the business",
    "calls": "Call",
    "flows": "Flow",
    "group_lifecycle_update": "Group made or deleted",
    "group_participants_update": "Group’s members",
    "group_settings_update": "Group’s settings",
    "group_status_update": "Group suspended",
    "history": "Chats of before",
    "message_template_components_update": "Template’s text",
    "message_template_quality_update": "Template quality",
    "message_template_status_update": "Template status",
    "messages": "Error report",
    "partner_solutions": "Partners’ solution",
    "payment_configuration_update": "Payment settings",
    "phone_number_name_update": "Number’s name",
    "phone_number_quality_update": "Number’s quality",
    "security": "Security",
    "smb_app_state_sync": "Phone’s address book",
    "smb_message_echoes": "Sent from the phone",
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


def why_unused(fields: Iterable[str]) -> str:
    """Why nothing came of these: a sentence for each; Meta's names of fields once."""
    sentences = []
    for name in dict.fromkeys(fields):
        why = _UNUSED.get(name, "it is newer than the console, or asks nothing of it")
        sentences.append(f"{describe_kind(name)} ({name}): not used by the console, because {why}.")
    return " ".join(sentences)


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
