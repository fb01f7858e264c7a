"""Inbound messages. Source: Meta docs, "Webhooks: messages" pages, read 2026-09."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from app.graph import reading
from app.graph.webhooks.elements import Place, reported_errors
from app.graph.webhooks.items import BadElement, InboundMessage, Item
from app.graph.webhooks.people import sender
from app.graph.webhooks.previews import preview


def read(change: Place) -> Iterator[Item]:
    """The `messages` of a value."""
    contacts = change.value.get("contacts")
    for place in change.at("messages").each():
        yield place if isinstance(place, BadElement) else _message(place, contacts)


def _message(place: Place, contacts: object) -> Item:
    found = place.value
    wamid = reading.text(found.get("id"))
    if wamid is None:
        return place.bad("the message has no id")
    kind = reading.text(found.get("type")) or "unknown"
    context = reading.mapping(found.get("context"))
    who = sender(found, contacts)
    return InboundMessage(
        **place.where(),
        wamid=wamid,
        timestamp=place.moment(),
        type=kind,
        text=preview(kind, found),
        wa_id=who.wa_id,
        user_id=who.user_id,
        parent_user_id=who.parent_user_id,
        profile_name=who.profile_name,
        username=who.username,
        group_id=reading.text(found.get("group_id")),
        context_wamid=reading.text(context.get("id")),
        is_forwarded=_is_forwarded(context),
        is_often_forwarded=context.get("frequently_forwarded") is True,
        product=reading.mapping(context.get("referred_product")) or None,
        identity=reading.mapping(found.get("identity")) or None,
        content=content_of(kind, found),
        referral=reading.mapping(found.get("referral")) or None,
        errors=reported_errors(found.get("errors")),
        raw=found,
    )


def _is_forwarded(context: dict[str, Any]) -> bool:
    return context.get("forwarded") is True or context.get("frequently_forwarded") is True


def content_of(kind: str, found: dict[str, Any]) -> dict[str, Any]:
    """Meta's object of this kind; an array (contacts) or a bare value stands under its kind."""
    inner = found.get(kind)
    if isinstance(inner, dict):
        return inner
    return {} if inner is None else {kind: inner}
