"""From the body of a webhook to its items. Nothing in a body makes this raise."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from app.graph import reading
from app.graph.webhooks import (
    account_events,
    coexistence,
    message_template_events,
    messages,
    statuses,
    users,
)
from app.graph.webhooks.elements import Place
from app.graph.webhooks.items import BadElement, Item, ParsedDelivery, Source, UnknownChange

OBJECT = "whatsapp_business_account"

_Reader = Callable[[Place], Iterator[Item]]


def _read_messages(change: Place) -> Iterator[Item]:
    """`messages` carries inbound messages, statuses and errors, in any mix."""
    yield from messages.read(change)
    yield from statuses.read(change)
    yield from account_events.read_errors(change)


_READERS: dict[str, _Reader] = {
    "messages": _read_messages,
    "message_template_status_update": message_template_events.read_status,
    "message_template_quality_update": message_template_events.read_quality,
    "template_category_update": message_template_events.read_category,
    "smb_message_echoes": coexistence.read_echoes,
    "history": coexistence.read_history,
    "user_preferences": users.read_preferences,
    "user_id_update": users.read_id_changes,
    **dict.fromkeys(account_events.FIELDS, account_events.read),
}


def parse(body: object, *, received_at: datetime | None = None) -> ParsedDelivery:
    """All items of a body loaded by `json_limits.loads`, in order; never raises.

    What cannot be understood becomes a BadElement (a broken part) or an UnknownChange (a field
    newer than this code). `received_at` (default: now) stands in for unreadable timestamps.
    """
    arrived = received_at or datetime.now(UTC)
    root = Place(body, "", Source(), arrived)
    if not isinstance(body, dict):
        return ParsedDelivery((root.bad("the body is not a JSON object"),))
    if body.get("object") != OBJECT:
        return ParsedDelivery((root.at("object").bad("this is not about WhatsApp accounts"),))
    return ParsedDelivery(tuple(_items(root)))


def _items(root: Place) -> Iterator[Item]:
    for entry in root.at("entry").each():
        if isinstance(entry, BadElement):
            yield entry
            continue
        about = Source(
            waba_id=reading.text(entry.value.get("id")),
            entry_time=reading.moment(entry.value.get("time")),
        )
        for change in entry.about(about).at("changes").each():
            yield from [change] if isinstance(change, BadElement) else _changed(change)


def _changed(change: Place) -> Iterator[Item]:
    field = reading.text(change.value.get("field")) or ""
    value = change.at("value")
    metadata = reading.mapping(reading.mapping(value.value).get("metadata"))
    about = Source(
        waba_id=change.source.waba_id,
        entry_time=change.source.entry_time,
        field=field,
        phone_number_id=reading.text(metadata.get("phone_number_id")),
        display_phone_number=reading.text(metadata.get("display_phone_number")),
    )
    placed = value.about(about)
    reader = _READERS.get(field)
    if reader is None:
        yield UnknownChange(**placed.where(), value=value.value)
    elif not isinstance(value.value, dict):
        yield placed.bad("the value is not a JSON object")
    else:
        yield from reader(placed)


def named_account_ids(body: object) -> set[str]:
    """The ids of all accounts that a body names, for finding the app secrets to check it with.

    Meant for bodies whose signature is not checked yet: looks only at known places. Holds each
    entry's id and, for PARTNER_* events, the account inside, since the entry then has a
    portfolio's.
    """
    entries = reading.mappings(reading.mapping(body).get("entry"))
    named: list[Any] = [entry.get("id") for entry in entries]
    for entry in entries:
        for change in reading.mappings(entry.get("changes")):
            value = reading.mapping(change.get("value"))
            named.append(reading.mapping(value.get("waba_info")).get("waba_id"))
    return {found for found in map(reading.text, named) if found}
