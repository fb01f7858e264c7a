"""All other documented fields, and errors about an account as a whole.

Source: Meta docs, "Webhooks: fields" pages, read 2026-09.
"""

from __future__ import annotations

from collections.abc import Iterator

from app.graph import reading
from app.graph.webhooks.elements import Place, reported_errors
from app.graph.webhooks.items import AccountEvent, ErrorReport, Item

FIELDS = (
    "message_template_components_update",
    "phone_number_quality_update",
    "phone_number_name_update",
    "account_update",
    "account_alerts",
    "account_review_update",
    "business_capability_update",
    "security",
    "business_username_update",
    "business_username_updates",
    "flows",
    "calls",
    "smb_app_state_sync",
    "group_lifecycle_update",
    "group_participants_update",
    "group_participant_update",
    "group_settings_update",
    "group_status_update",
    "automatic_events",
    "partner_solutions",
    "payment_configuration_update",
)
_KEY_WORDS = ("event", "decision", "status")


def read(change: Place) -> Iterator[Item]:
    """One event for the whole value, with the word that says what happened."""
    words = (reading.text(change.value.get(key)) for key in _KEY_WORDS)
    event = next((word for word in words if word), change.source.field)
    yield AccountEvent(**change.where(), event=event, value=change.value)


def read_errors(change: Place) -> Iterator[Item]:
    """`value.errors`, if there are any."""
    errors = reported_errors(change.value.get("errors"))
    if errors:
        yield ErrorReport(**change.where(), errors=errors)
