"""A line of plain text for every kind of message: for lists, notifications and search."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.graph import reading

_Found = dict[str, Any]


def preview(kind: str, message: _Found) -> str:
    """The text of a message, or what stands for it; never empty for a kind that has none."""
    inner = message.get(kind)
    writer = _WRITERS.get(kind)
    written = writer(inner) if writer else None
    return written or _NAMES.get(kind) or f"Message of the kind “{kind}”"


def _body(inner: object) -> str | None:
    return reading.text(reading.mapping(inner).get("body"))


def _caption(inner: object) -> str | None:
    return reading.text(reading.mapping(inner).get("caption"))


def _document(inner: object) -> str | None:
    return _caption(inner) or reading.text(reading.mapping(inner).get("filename"))


def _audio(inner: object) -> str | None:
    return "Voice message" if reading.mapping(inner).get("voice") is True else None


def _location(inner: object) -> str | None:
    found = reading.mapping(inner)
    named = [reading.text(found.get("name")), reading.text(found.get("address"))]
    words = ", ".join(part for part in named if part)
    latitude, longitude = found.get("latitude"), found.get("longitude")
    if not words and latitude is not None and longitude is not None:
        words = f"Location {latitude}, {longitude}"
    return words or None


def _contacts(inner: object) -> str | None:
    names = [
        reading.text(reading.mapping(person.get("name")).get("formatted_name"))
        for person in reading.mappings(inner)
    ]
    return ", ".join(name for name in names if name) or None


def _button(inner: object) -> str | None:
    found = reading.mapping(inner)
    return reading.text(found.get("text")) or reading.text(found.get("payload"))


def _interactive(inner: object) -> str | None:
    found = reading.mapping(inner)
    kind = reading.text(found.get("type")) or ""
    reply = reading.mapping(found.get(kind))
    if kind == "nfm_reply":
        return _form_reply(reply)
    if kind == "call_permission_reply":
        return "Allowed calls" if reply.get("response") == "accept" else "Did not allow calls"
    return reading.text(reply.get("title")) or reading.text(reply.get("id"))


def _form_reply(reply: _Found) -> str:
    is_address = reply.get("name") == "address_message"
    return "Sent an address" if is_address else "Filled in a form"


def _order(inner: object) -> str:
    found = reading.mapping(inner)
    count = len(reading.items(found.get("product_items")))
    summary = f"Order of {count} {'product' if count == 1 else 'products'}"
    note = reading.text(found.get("text"))
    return f"{summary}: {note}" if note else summary


def _reaction(inner: object) -> str:
    emoji = reading.text(reading.mapping(inner).get("emoji"))
    return emoji or "Took a reaction back"


def _unsupported(inner: object) -> str | None:
    kind = reading.text(reading.mapping(inner).get("type"))
    return f"Message that WhatsApp does not pass on ({kind})" if kind else None


def _edit(inner: object) -> str | None:
    changed = reading.mapping(reading.mapping(inner).get("message"))
    kind = reading.text(changed.get("type"))
    return f"Edited: {preview(kind, changed)}" if kind and kind != "edit" else None


_WRITERS: dict[str, Callable[[object], str | None]] = {
    "text": _body,
    "image": _caption,
    "video": _caption,
    "audio": _audio,
    "document": _document,
    "location": _location,
    "contacts": _contacts,
    "button": _button,
    "interactive": _interactive,
    "order": _order,
    "reaction": _reaction,
    "system": _body,
    "unsupported": _unsupported,
    "edit": _edit,
}
_NAMES = {
    "text": "Empty message",
    "image": "Photo",
    "video": "Video",
    "audio": "Audio",
    "document": "Document",
    "sticker": "Sticker",
    "location": "Location",
    "contacts": "Contact card",
    "button": "Button pressed",
    "interactive": "Answer",
    "system": "Notice from WhatsApp",
    "unsupported": "Message that WhatsApp does not pass on",
    "unknown": "Message that WhatsApp does not pass on",
    "edit": "Edited a message",
    "revoke": "Deleted a message",
    "request_welcome": "Opened the chat",
    "media_placeholder": "File that is not loaded yet",
}
