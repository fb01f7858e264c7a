"""Telling the apps what became of a message template: its status, quality, category.

Source: Meta docs, "Webhooks" pages about message templates, read 2026-03.
"""

from typing import Any

from ..context import Sandbox
from ..database import Row
from ..store import message_templates
from . import outbox, payloads


def announce(
    sandbox: Sandbox, template_id: str, event: str, reason: str, more: dict[str, Any] | None = None
) -> None:
    """`message_template_status_update`. more: `other_info`, `disable_info` of that event."""
    template = message_templates.find(sandbox.db, template_id)
    if template is None:
        return
    value = payloads.message_template_status(template, event, reason) | (more or {})
    tell(sandbox, template, "message_template_status_update", value, event)


def tell_quality(sandbox: Sandbox, template: Row, old: str, new: str) -> None:
    value = {"previous_quality_score": old, "new_quality_score": new, **named(template)}
    tell(sandbox, template, "message_template_quality_update", value, f"quality {new}")


def tell(sandbox: Sandbox, template: Row, field: str, value: dict[str, Any], what: str) -> None:
    event = outbox.Event(
        waba_id=template["waba_id"],
        field=field,
        value=value,
        summary=f"message template {template['name']} {what}",
        key=template["id"],
        has_time=True,
    )
    outbox.send(sandbox, event)


def named(template: Row) -> dict[str, Any]:
    return {
        "message_template_id": int(template["id"]),
        "message_template_name": template["name"],
        "message_template_language": template["language"],
    }
