"""A number that is used in the WhatsApp Business app too: what was written there, now and before.

Source: Meta docs, "Onboarding WhatsApp Business app users" and the pages of the webhooks `smb_message_echoes`
and `history`, read 2026-09. A history comes in chunks of threads; files stand in it as `media_placeholder`
and follow in further `history` webhooks with `messages` and `message_echoes`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from app.graph import reading
from app.graph.webhooks.account_events import read_errors
from app.graph.webhooks.elements import Place, reported_errors
from app.graph.webhooks.items import AccountEvent, BadElement, Item, PhoneMessage
from app.graph.webhooks.messages import content_of
from app.graph.webhooks.people import Person, completed, person, sender
from app.graph.webhooks.previews import preview

DECLINED = "declined"
"""The event of a history that the business did not share."""


def read_echoes(change: Place) -> Iterator[Item]:
    """`message_echoes`: what the business has just written on its phone."""
    yield from _echoes(change, is_past=False)
    yield from read_errors(change)


def read_history(change: Place) -> Iterator[Item]:
    for chunk in change.at("history").each():
        if isinstance(chunk, BadElement):
            yield chunk
        elif reported_errors(chunk.value.get("errors")):
            yield AccountEvent(**chunk.where(), event=DECLINED, value=chunk.value)
        else:
            yield from _threads(chunk)
    yield from _echoes(change, is_past=True)
    contacts = change.value.get("contacts")
    for place in change.at("messages").each():
        if isinstance(place, BadElement):
            yield place
        else:
            yield _message(place, sender(place.value, contacts), is_outbound=False, is_past=True)
    yield from read_errors(change)


def _echoes(change: Place, *, is_past: bool) -> Iterator[Item]:
    contacts = change.value.get("contacts")
    for place in change.at("message_echoes").each():
        if isinstance(place, BadElement):
            yield place
        else:
            recipient = completed(_recipient(place.value), contacts)
            yield _message(place, recipient, is_outbound=True, is_past=is_past)


def _recipient(found: dict[str, Any]) -> Person:
    return person(found.get("to"), found.get("to_user_id"), found.get("to_parent_user_id"))


def _threads(chunk: Place) -> Iterator[Item]:
    for thread in chunk.at("threads").each():
        if isinstance(thread, BadElement):
            yield thread
            continue
        context = reading.mapping(thread.value.get("context"))
        customer = person(
            context.get("wa_id") or thread.value.get("id"),
            context.get("user_id"),
            context.get("parent_user_id"),
        )
        for place in thread.at("messages").each():
            yield place if isinstance(place, BadElement) else _past(place, customer)


def _past(place: Place, customer: Person) -> Item:
    """What comes from anybody but the customer is the business's own; what names nobody is the customer's."""
    found = place.value
    writer = person(found.get("from"), found.get("from_user_id"))
    if customer.wa_id is None and customer.user_id is None:
        is_outbound = "to" in found
        return _message(place, _recipient(found) if is_outbound else writer, is_outbound=is_outbound)
    is_theirs = any(
        ours is not None and ours == theirs
        for ours, theirs in ((writer.wa_id, customer.wa_id), (writer.user_id, customer.user_id))
    )
    is_named = writer.wa_id is not None or writer.user_id is not None or "to" in found
    return _message(place, customer, is_outbound=is_named and not is_theirs)


def _message(place: Place, customer: Person, *, is_outbound: bool, is_past: bool = True) -> Item:
    found = place.value
    wamid = reading.text(found.get("id"))
    if wamid is None:
        return place.bad("the message has no id")
    kind = reading.text(found.get("type")) or "unknown"
    context = reading.mapping(found.get("context"))
    return PhoneMessage(
        **place.where(),
        wamid=wamid,
        timestamp=place.moment(),
        type=kind,
        text=preview(kind, found),
        is_outbound=is_outbound,
        is_past=is_past,
        status=(reading.text(reading.mapping(found.get("history_context")).get("status")) or "").lower(),
        wa_id=customer.wa_id,
        user_id=customer.user_id,
        parent_user_id=customer.parent_user_id,
        profile_name=customer.profile_name,
        username=customer.username,
        context_wamid=reading.text(context.get("id")),
        is_forwarded=context.get("forwarded") is True or context.get("frequently_forwarded") is True,
        content=content_of(kind, found),
    )
