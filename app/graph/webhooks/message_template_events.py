"""Message-template fields. Source: Meta docs, "Webhooks: message templates" pages, read 2026-09."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from app.graph import reading
from app.graph.webhooks.elements import Place
from app.graph.webhooks.items import (
    Item,
    MessageTemplateCategory,
    MessageTemplateQuality,
    MessageTemplateStatus,
)


def read_status(change: Place) -> Iterator[Item]:
    """A new state. Meta's own sample of a quality update comes under this field too."""
    found = change.value
    if "new_quality_score" in found:
        yield from read_quality(change)
        return
    event = reading.text(found.get("event"))
    about = _about(found)
    if event is None or about is None:
        yield change.bad("the message template or its new state is not named")
        return
    reason = reading.text(found.get("reason"))
    other, rejection = (
        reading.mapping(found.get("other_info")),
        reading.mapping(found.get("rejection_info")),
    )
    disabled = reading.mapping(found.get("disable_info"))
    yield MessageTemplateStatus(
        **change.where(),
        **about,
        event=event,
        category=reading.text(found.get("message_template_category")),
        reason=None if reason == "NONE" else reason,
        detail_title=reading.text(other.get("title")),
        detail=reading.text(rejection.get("reason")) or reading.text(other.get("description")),
        recommendation=reading.text(rejection.get("recommendation")),
        disable_date=reading.text(disabled.get("disable_date")),
    )


def read_quality(change: Place) -> Iterator[Item]:
    """A new quality score."""
    about = _about(change.value)
    if about is None:
        yield change.bad("the message template is not named")
        return
    yield MessageTemplateQuality(
        **change.where(),
        **about,
        previous_score=reading.text(change.value.get("previous_quality_score")),
        new_score=reading.text(change.value.get("new_quality_score")),
    )


def read_category(change: Place) -> Iterator[Item]:
    """A category that changed or will change.

    In an announcement `new_category` is the one that still holds, `correct_category` the coming one.
    """
    found = change.value
    about = _about(found)
    if about is None:
        yield change.bad("the message template is not named")
        return
    yield MessageTemplateCategory(
        **change.where(),
        **about,
        current_category=reading.text(found.get("new_category")),
        previous_category=reading.text(found.get("previous_category")),
        upcoming_category=reading.text(found.get("correct_category")),
        takes_effect_at=reading.moment(found.get("category_update_timestamp")),
    )


def _about(found: dict[str, Any]) -> dict[str, Any] | None:
    """Id (a number here, text in the API), name, and the language in one spelling."""
    message_template_id = reading.text(found.get("message_template_id"))
    if message_template_id is None:
        return None
    language = reading.text(found.get("message_template_language")) or ""
    return {
        "message_template_id": message_template_id,
        "name": reading.text(found.get("message_template_name")) or "",
        "language": language.replace("-", "_"),
    }
