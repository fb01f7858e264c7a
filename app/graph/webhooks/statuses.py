"""Status updates. Source: Meta docs, "Webhooks: status messages" page, read 2026-09."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from app.graph import reading
from app.graph.webhooks.elements import Place, reported_errors
from app.graph.webhooks.items import BadElement, Item, StatusUpdate
from app.graph.webhooks.people import Person, person


def read(change: Place) -> Iterator[Item]:
    """The `statuses` of a value."""
    for place in change.at("statuses").each():
        yield place if isinstance(place, BadElement) else _status(place)


def _status(place: Place) -> Item:
    found = place.value
    wamid, status = reading.text(found.get("id")), reading.text(found.get("status"))
    if wamid is None:
        return place.bad("the status names no message")
    if status is None:
        return place.bad("the status says nothing")
    who, group_id = _recipient(found)
    pricing = reading.mapping(found.get("pricing"))
    pricing_type = reading.text(pricing.get("type"))
    return StatusUpdate(
        **place.where(),
        wamid=wamid,
        status=status,
        timestamp=place.moment(),
        recipient_wa_id=who.wa_id,
        recipient_user_id=who.user_id,
        group_id=group_id,
        callback_data=reading.text(found.get("biz_opaque_callback_data")),
        error=next(iter(reported_errors(found.get("errors"))), None),
        pricing_category=reading.text(pricing.get("category")),
        pricing_type=pricing_type,
        pricing_model=reading.text(pricing.get("pricing_model")),
        is_billable=_is_billable(pricing_type, pricing.get("billable")),
        raw=found,
    )


def _recipient(found: dict[str, Any]) -> tuple[Person, str | None]:
    """The person, and the group if it went to one; Meta spells the participant in two ways."""
    if found.get("recipient_type") != "group":
        return person(found.get("recipient_id"), found.get("recipient_user_id")), None
    number = found.get("recipient_participant_id") or found.get("participant_recipient_id")
    user_id = found.get("recipient_participant_user_id") or found.get("participant_recipient_user_id")
    return person(number, user_id), reading.text(found.get("recipient_id"))


def _is_billable(pricing_type: str | None, flag: object) -> bool | None:
    if pricing_type is not None:
        return pricing_type == "regular"
    return reading.boolean(flag)
