"""What a message says, read from Meta's object of its kind: one reader per kind, and one for the rest.

The objects come from outside and may lack anything, so every reader takes what is there and none fails.
Source: Meta docs, "Webhooks: messages" and "Send messages" pages, read 2026-09.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.console import notices, things
from app.console.body import Attachment, Body, facts, mapping, string
from app.console.interactive import interactive


def read_body(message_type: str, content: dict[str, Any], text: str) -> Body:
    """`text` is the plain text kept with the message; it speaks where the object does not."""
    reader = _READERS.get(message_type)
    if reader is None:
        return _unknown(message_type, content, text)
    return reader(content, text)


def _text(content: dict[str, Any], text: str) -> Body:
    return Body(text=text or string(content.get("body")))


def _media(icon: str, name: str) -> Callable[[dict[str, Any], str], Body]:
    def read(content: dict[str, Any], _text: str) -> Body:
        kind = string(content.get("mime_type")).partition(";")[0]
        title = string(content.get("filename")) or name
        attachment = Attachment(icon, title, kind or string(content.get("link")))
        return Body(attachments=(attachment,), text=string(content.get("caption")))

    return read


def _audio(content: dict[str, Any], text: str) -> Body:
    is_voice = content.get("voice") is True
    return _media("microphone" if is_voice else "volume", "Voice message" if is_voice else "Audio")(
        content, text
    )


def _sticker(content: dict[str, Any], text: str) -> Body:
    return _media("sticker", "Animated sticker" if content.get("animated") is True else "Sticker")(
        content, text
    )


def _button(content: dict[str, Any], text: str) -> Body:
    """A tap on a quick reply of a message template."""
    return Body(tag="Tapped a button", tag_icon="arrow-back-up", text=string(content.get("text")) or text)


def _reaction(content: dict[str, Any], text: str) -> Body:
    emoji = string(content.get("emoji")) or text
    return Body(
        text=f"Reacted with {emoji}" if emoji else "Took a reaction back", is_event=True, icon="mood-smile"
    )


def edited_body(content: dict[str, Any], text: str) -> Body:
    """What the message that was edited says from then on."""
    new = mapping(content.get("message"))
    kind = string(new.get("type"))
    if not kind or kind in ("edit", "revoke"):
        return Body(text=text)
    return read_body(kind, mapping(new.get(kind)), "")


def _edit(content: dict[str, Any], text: str) -> Body:
    return Body(
        tag="Edited an earlier message", tag_icon="pencil", text=edited_body(content, text).text or text
    )


def _unknown(kind: str, content: dict[str, Any], text: str) -> Body:
    """A kind newer than this code: its name and what can be read of it."""
    name = kind.replace("_", " ") or "unknown"
    return Body(tag=f"Message of the kind “{name}”", tag_icon="help-circle", text=text, facts=facts(content))


_READERS: dict[str, Callable[[dict[str, Any], str], Body]] = {
    "text": _text,
    "image": _media("photo", "Photo"),
    "video": _media("video", "Video"),
    "audio": _audio,
    "document": _media("file-text", "Document"),
    "sticker": _sticker,
    "location": things.place,
    "contacts": things.contact_cards,
    "button": _button,
    "interactive": interactive,
    "order": things.order,
    "reaction": _reaction,
    "system": notices.system,
    "unsupported": notices.unsupported,
    "unknown": notices.unsupported,
    "edit": _edit,
    "revoke": notices.revoke,
    "request_welcome": notices.request_welcome,
    "media_placeholder": notices.media_placeholder,
}
