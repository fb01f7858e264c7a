"""What a message says, in one line of plain text: for lists, search and the thread."""

from __future__ import annotations

from typing import Any

PREVIEW_LENGTH = 200

_KIND_WORDS = {
    "image": "Photo",
    "video": "Video",
    "audio": "Audio",
    "document": "Document",
    "sticker": "Sticker",
    "location": "Location",
    "contacts": "Contact",
    "order": "Order",
    "system": "System message",
    "unsupported": "Message of a kind WhatsApp does not hand on",
}

_SPEAK_FOR_THEMSELVES = (
    *_KIND_WORDS.values(),
    "Voice message",
    "Notice from WhatsApp",
    "Message that WhatsApp does not pass on",
)
"""What `graph.webhooks` writes for a kind without words of its own needs no kind in front."""


def outbound_text(message_type: str, content: dict[str, Any], components: list[Any] | None = None) -> str:
    """The words the customer reads. `components` are those of the message template that is sent."""
    if message_type == "text":
        return str(content.get("body", ""))
    if message_type == "interactive":
        return str(_mapping(content.get("body")).get("text", "")) or _product_text(content)
    if message_type == "template":
        return message_template_text(content, components)
    if message_type == "reaction":
        return str(content.get("emoji", ""))
    if message_type == "location":
        return str(content.get("name") or content.get("address") or "")
    if message_type == "contacts":
        cards = content.get("contacts")
        names = (_mapping(_mapping(card).get("name")) for card in (cards if isinstance(cards, list) else []))
        return ", ".join(filter(None, (str(name.get("formatted_name") or "") for name in names)))
    return str(content.get("caption") or content.get("filename") or "")


def _product_text(content: dict[str, Any]) -> str:
    """One product is shown without words of ours."""
    name = _mapping(content.get("action")).get("product_retailer_id")
    return f"Product {name}" if name else ""


def message_template_text(content: dict[str, Any], components: list[Any] | None) -> str:
    """The body with the values that are sent filled in; the name when the text is not known here."""
    body = next((c for c in components or [] if str(c.get("type", "")).upper() == "BODY"), None)
    if body is None or not body.get("text"):
        return str(content.get("name", ""))
    components_sent: list[dict[str, Any]] = content.get("components") or []
    sent = next((c for c in components_sent if str(c.get("type", "")).lower() == "body"), {})
    return fill(str(body["text"]), sent.get("parameters") or [])


def fill(text: str, parameters: list[Any]) -> str:
    """Replace `{{1}}` and `{{name}}` by the values sent. One pass: a value is never expanded again."""
    values: dict[str, str] = {}
    for index, parameter in enumerate(parameters, start=1):
        name = str(parameter.get("parameter_name") or index)
        values[name] = parameter_text(parameter)
    parts = text.split("{{")
    filled = [parts[0]]
    for part in parts[1:]:
        name, closing, rest = part.partition("}}")
        known = closing and name.strip() in values
        filled.append(values[name.strip()] + rest if known else "{{" + part)
    return "".join(filled)


def parameter_text(parameter: dict[str, Any]) -> str:
    """A parameter as the customer reads it."""
    kind = str(parameter.get("type", "text"))
    if kind in {"currency", "date_time"}:
        return str(_mapping(parameter.get(kind)).get("fallback_value", ""))
    return str(parameter.get("text", ""))


def preview(message_type: str, text: str, length: int | None = PREVIEW_LENGTH) -> str:
    """A conversation row's line: the words, or the kind of thing that was sent; `length` None: all of it."""
    word = _KIND_WORDS.get(message_type, "")
    line = " ".join(text.split())
    if word and line and not line.startswith(_SPEAK_FOR_THEMSELVES):
        line = f"{word}: {line}"
    return (line or word or message_type.replace("_", " ").capitalize())[:length]


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
