"""What a message says, read from Meta's object of its kind: one reader per kind, and one for the rest.

The objects come from outside and may lack anything, so every reader takes what is there and none fails.
Source: Meta docs, "Webhooks: messages" and "Send messages" pages, read 2026-09.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_LONGEST_VALUE = 300
_MOST_FACTS = 30


@dataclass(frozen=True)
class Attachment:
    """Something that is not text: its icon, its name, and what is known about it."""

    icon: str
    title: str
    detail: str = ""
    url: str = ""


@dataclass(frozen=True)
class Choice:
    """A button or list entry of a message; `is_chosen` once the customer took it."""

    text: str
    icon: str = ""
    detail: str = ""
    id: str = ""
    is_chosen: bool = False


@dataclass(frozen=True)
class Body:
    """A message in pieces that a bubble shows from top to bottom; empty ones are left out."""

    tag: str = ""
    tag_icon: str = ""
    header: str = ""
    attachments: tuple[Attachment, ...] = ()
    text: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    footer: str = ""
    rows: tuple[Choice, ...] = ()
    buttons: tuple[Choice, ...] = ()
    is_event: bool = False
    table: tuple[tuple[str, str], ...] = ()
    flow: tuple[int, str] | None = None
    """(our id, name) of the Flow whose answers the table holds."""


def read_body(message_type: str, content: dict[str, Any], text: str) -> Body:
    """`text` is the plain text kept with the message; it speaks where the object does not."""
    reader = _READERS.get(message_type)
    return reader(content, text) if reader else _unknown(message_type, content, text)


def _text(content: dict[str, Any], text: str) -> Body:
    return Body(text=text or _string(content.get("body")))


def _media(icon: str, name: str) -> Callable[[dict[str, Any], str], Body]:
    def read(content: dict[str, Any], _text: str) -> Body:
        kind = _string(content.get("mime_type")).partition(";")[0]
        title = _string(content.get("filename")) or name
        attachment = Attachment(icon, title, kind or _string(content.get("link")))
        return Body(attachments=(attachment,), text=_string(content.get("caption")))

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


def _location(content: dict[str, Any], _text: str) -> Body:
    latitude, longitude = _string(content.get("latitude")), _string(content.get("longitude"))
    place = f"{latitude}, {longitude}" if latitude and longitude else ""
    detail = ", ".join(part for part in (_string(content.get("address")), place) if part)
    url = (
        f"https://www.openstreetmap.org/?mlat={latitude}&mlon={longitude}"
        if _is_place(latitude, longitude)
        else ""
    )
    return Body(attachments=(Attachment("map-pin", _string(content.get("name")) or "Location", detail, url),))


def _is_place(latitude: str, longitude: str) -> bool:
    try:
        return abs(float(latitude)) <= 90 and abs(float(longitude)) <= 180
    except ValueError:
        return False


def _contacts(content: dict[str, Any], _text: str) -> Body:
    return Body(attachments=tuple(_card(card) for card in _mappings(content.get("contacts"))) or (_NO_CARD,))


_NO_CARD = Attachment("id", "Contact card", "It is empty.")


def _card(card: dict[str, Any]) -> Attachment:
    name = _mapping(card.get("name"))
    title = _string(name.get("formatted_name")) or _string(name.get("first_name")) or "Contact"
    details = [
        *(
            _string(phone.get("phone")) or _string(phone.get("wa_id"))
            for phone in _mappings(card.get("phones"))
        ),
        *(_string(email.get("email")) for email in _mappings(card.get("emails"))),
        _string(_mapping(card.get("org")).get("company")),
    ]
    return Attachment("id", title, ", ".join(detail for detail in details if detail))


def _button(content: dict[str, Any], text: str) -> Body:
    """A tap on a quick reply of a message template."""
    return Body(tag="Tapped a button", tag_icon="arrow-back-up", text=_string(content.get("text")) or text)


def _order(content: dict[str, Any], _text: str) -> Body:
    items = _mappings(content.get("product_items"))
    facts = tuple(
        (_string(item.get("product_retailer_id")) or "Product", _order_line(item)) for item in items
    )
    count = f"{len(items)} product{'' if len(items) == 1 else 's'}"
    return Body(
        attachments=(Attachment("shopping-bag", "Order", count),),
        text=_string(content.get("text")),
        facts=facts[:_MOST_FACTS],
    )


def _order_line(item: dict[str, Any]) -> str:
    price = f"{_string(item.get('item_price'))} {_string(item.get('currency'))}".strip()
    return " × ".join(part for part in (_string(item.get("quantity")), price) if part)


def _reaction(content: dict[str, Any], text: str) -> Body:
    emoji = _string(content.get("emoji")) or text
    return Body(text=f"Reacted with {emoji}" if emoji else "Took a reaction back", is_event=True)


def _system(content: dict[str, Any], text: str) -> Body:
    return Body(text=_string(content.get("body")) or text or "A system message", is_event=True)


def _unsupported(content: dict[str, Any], _text: str) -> Body:
    kind = _string(_mapping(content.get("unsupported")).get("type")) or _string(content.get("type"))
    name = kind.replace("_", " ") if kind not in ("", "unknown", "unsupported") else ""
    said = (
        f"The customer sent something WhatsApp does not hand on to businesses{f' ({name})' if name else ''}."
    )
    return Body(
        tag="Not shown",
        tag_icon="message-off",
        text=f"{said} It can be seen on the customer’s phone only. Ask for it in words, or as a photo.",
    )


def _edit(content: dict[str, Any], text: str) -> Body:
    new = _mapping(content.get("message"))
    kind = _string(new.get("type"))
    inner = (
        read_body(kind, _mapping(new.get(kind)), text)
        if kind and kind not in ("edit", "revoke")
        else Body(text=text)
    )
    return Body(tag="Edited an earlier message", tag_icon="pencil", text=inner.text)


def _revoke(_content: dict[str, Any], _text: str) -> Body:
    return Body(text="The customer deleted an earlier message", is_event=True)


def _interactive(content: dict[str, Any], text: str) -> Body:
    kind = _string(content.get("type"))
    if kind in ("button_reply", "list_reply"):
        return _reply(kind, _mapping(content.get(kind)), text)
    if kind == "nfm_reply":
        return _form_reply(_mapping(content.get(kind)), text)
    if kind == "call_permission_reply":
        word = _string(_mapping(content.get(kind)).get("response"))
        return Body(
            tag="Answered about calls",
            tag_icon="phone",
            text={"accept": "You may call", "reject": "Please do not call"}.get(word, word or text),
        )
    return _interactive_sent(kind, content, text)


def _reply(kind: str, reply: dict[str, Any], text: str) -> Body:
    tag = "Tapped a button" if kind == "button_reply" else "Chose from the list"
    chosen, detail = _string(reply.get("title")) or text, _string(reply.get("description"))
    return Body(tag=tag, tag_icon="arrow-back-up", text=f"{chosen}\n{detail}" if detail else chosen)


def _form_reply(reply: dict[str, Any], text: str) -> Body:
    """Answers of a form; Meta sends them as JSON inside a text, which may be anything."""
    try:
        answers = json.loads(_string(reply.get("response_json")))
    except (ValueError, RecursionError):
        answers = {}
    facts = _facts({key: value for key, value in _mapping(answers).items() if key != "flow_token"})
    said = _string(reply.get("body")) or text
    return Body(tag="Sent a form", tag_icon="forms", text="" if facts else said, facts=facts)


def _interactive_sent(kind: str, content: dict[str, Any], text: str) -> Body:
    action, header = _mapping(content.get("action")), _mapping(content.get("header"))
    has_media = _string(header.get("type")) in _HEADER_MEDIA
    return Body(
        header=_string(header.get("text")),
        attachments=(_header_media(header),) if has_media else (),
        text=_string(_mapping(content.get("body")).get("text")) or text,
        footer=_string(_mapping(content.get("footer")).get("text")),
        rows=_list_rows(action),
        buttons=_buttons(kind, action),
    )


_HEADER_MEDIA = {
    "image": ("photo", "Photo"),
    "video": ("video", "Video"),
    "document": ("file-text", "Document"),
}


def _header_media(header: dict[str, Any]) -> Attachment:
    kind = _string(header.get("type"))
    icon, name = _HEADER_MEDIA[kind]
    media = _mapping(header.get(kind))
    return Attachment(icon, _string(media.get("filename")) or name, _string(media.get("link")))


def _list_rows(action: dict[str, Any]) -> tuple[Choice, ...]:
    rows = (row for section in _mappings(action.get("sections")) for row in _mappings(section.get("rows")))
    return tuple(
        Choice(_string(row.get("title")), detail=_string(row.get("description")), id=_string(row.get("id")))
        for row in rows
    )


def _buttons(kind: str, action: dict[str, Any]) -> tuple[Choice, ...]:
    replies = (_mapping(button.get("reply")) for button in _mappings(action.get("buttons")))
    found = [Choice(_string(reply.get("title")), "", id=_string(reply.get("id"))) for reply in replies]
    if label := _string(action.get("button")):
        found.append(Choice(label, "list"))
    parameters = _mapping(action.get("parameters"))
    if label := _string(parameters.get("display_text")) or _string(parameters.get("flow_cta")):
        found.append(Choice(label, _BUTTON_ICONS.get(kind, "external-link"), _string(parameters.get("url"))))
    if not found and (label := _FIXED_BUTTONS.get(kind, "")):
        found.append(Choice(label, _BUTTON_ICONS.get(kind, "")))
    return tuple(choice for choice in found if choice.text)


_BUTTON_ICONS = {
    "flow": "forms",
    "voice_call": "phone",
    "location_request_message": "map-pin",
    "catalog_message": "shopping-bag",
    "product": "shopping-bag",
    "product_list": "shopping-bag",
}
_FIXED_BUTTONS = {
    "location_request_message": "Send location",
    "catalog_message": "View catalogue",
    "product": "View product",
    "product_list": "View products",
    "call_permission_request": "Choose preference",
    "request_contact_info": "Share contact info",
}


def _unknown(kind: str, content: dict[str, Any], text: str) -> Body:
    """A kind newer than this code: its name and what can be read of it."""
    name = kind.replace("_", " ") or "unknown"
    return Body(tag=f"Message of the kind “{name}”", tag_icon="help-circle", text=text, facts=_facts(content))


def _facts(values: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    facts = []
    # What begins with an underscore was put there by us.
    shown_keys = [key for key in values if not str(key).startswith("_")]
    for key in shown_keys[:_MOST_FACTS]:
        value = values[key]
        shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        facts.append((str(key).replace("_", " "), shown[:_LONGEST_VALUE]))
    return tuple(facts)


def _string(value: object) -> str:
    if isinstance(value, str):
        return value
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number else ""


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _mappings(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


_READERS: dict[str, Callable[[dict[str, Any], str], Body]] = {
    "text": _text,
    "image": _media("photo", "Photo"),
    "video": _media("video", "Video"),
    "audio": _audio,
    "document": _media("file-text", "Document"),
    "sticker": _sticker,
    "location": _location,
    "contacts": _contacts,
    "button": _button,
    "interactive": _interactive,
    "order": _order,
    "reaction": _reaction,
    "system": _system,
    "unsupported": _unsupported,
    "unknown": _unsupported,
    "edit": _edit,
    "revoke": _revoke,
}
