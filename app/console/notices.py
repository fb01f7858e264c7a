"""What WhatsApp says of itself: somebody's number changed, a message that is not handed on, an edit.

Source: Meta docs, "Webhooks: messages" pages, read 2026-09.
"""

from __future__ import annotations

from typing import Any

from app.console.body import Body, mapping, mappings, string

_SYSTEM = {
    "user_changed_number": ("device-mobile", "The customer’s number changed"),
    "customer_changed_number": ("device-mobile", "The customer’s number changed"),
    "user_changed_user_id": ("id", "The customer’s id at WhatsApp changed, as it does with a new number"),
    "customer_identity_changed": (
        "shield-check",
        (
            "The customer’s security code changed: a new phone, or WhatsApp installed anew. Before you tell "
            "them something confidential, make sure that it is still them"
        ),
    ),
}
_WITHHELD = {
    "poll_creation": "a poll",
    "poll_update": "a vote in a poll",
    "button": "a button",
    "pin": "a pinned message",
    "group_invite": "an invitation to a group",
    "gif": "a GIF",
    "keep_in_chat": "a message kept in the chat",
    "link_preview": "a link with a preview",
    "media_placeholder": "a file that is not loaded yet",
    "edit": "a changed message",
}
"""Meta's words for what it does not hand on; the list is open."""


def system(content: dict[str, Any], text: str) -> Body:
    """Meta's own sentence follows where it says more, such as the numbers."""
    icon, words = _SYSTEM.get(string(content.get("type")), ("info-circle", ""))
    said = string(content.get("body")) or ("" if words else text)
    return Body(
        text=f"{words}. {said}".removesuffix(". ") if words else said or "A notice from WhatsApp",
        is_event=True,
        icon=icon,
    )


def unsupported(content: dict[str, Any], _text: str) -> Body:
    kind = string(mapping(content.get("unsupported")).get("type")) or string(content.get("type"))
    is_known = kind not in ("", "unknown", "unsupported")
    name = _WITHHELD.get(kind) or f"something of the kind “{kind.replace('_', ' ')}”"
    what = f"{name}, which" if is_known else "something that"
    return Body(
        tag="Not handed on by WhatsApp",
        tag_icon="message-off",
        text=f"The customer sent {what} WhatsApp does not hand on to businesses. It can be seen on the "
        "customer’s phone only. Ask for it in words, or as a photo.",
        facts=reported(content),
    )


def reported(content: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """Meta's codes with their words, as they came beside a message."""
    return tuple(
        (
            f"Meta’s code {string(error.get('code'))}",
            string(error.get("details")) or string(error.get("title")) or "–",
        )
        for error in mappings(content.get("_errors"))
    )


def revoke(_content: dict[str, Any], _text: str) -> Body:
    return Body(text="The customer deleted an earlier message", is_event=True, icon="trash")


def request_welcome(_content: dict[str, Any], _text: str) -> Body:
    return Body(text="The customer opened the chat for the first time", is_event=True, icon="message")


def media_placeholder(_content: dict[str, Any], _text: str) -> Body:
    return Body(
        tag="Not loaded yet",
        tag_icon="clock",
        text="A file from before this number was connected. WhatsApp hands on those of the last 14 days.",
    )
