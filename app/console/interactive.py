"""Messages with something to press: what was sent with its choices, and what the customer chose.

Source: Meta docs, "Webhooks: messages" and "Send messages" pages, read 2026-09.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from app.console.body import Attachment, Body, Card, Choice, facts, mapping, mappings, money, number, string
from app.console.notices import reported
from app.web.filters import day_time

_MOST_CARDS = 10
_MOST_ROWS = 40
_LATEST = 4_102_444_800
"""The year 2100: a later end is none."""


def interactive(content: dict[str, Any], text: str) -> Body:
    """By Meta's word for what kind of choice it is."""
    kind = string(content.get("type"))
    if kind in ("button_reply", "list_reply"):
        return _reply(kind, mapping(content.get(kind)), text)
    if kind == "nfm_reply":
        return _form_reply(mapping(content.get(kind)), text)
    if kind == "call_permission_reply":
        return _call_reply(mapping(content.get(kind)), text)
    if not kind and not content.get("action"):
        # Seen together with error 131000: the choice itself is missing.
        return Body(
            tag="An answer without its content", tag_icon="help-circle", text=text, facts=reported(content)
        )
    return _interactive_sent(kind, content, text)


def _call_reply(reply: dict[str, Any], text: str) -> Body:
    word = string(reply.get("response"))
    until = number(reply.get("expiration_timestamp"))
    is_for_a_time = word == "accept" and until is not None and 0 < until < _LATEST
    ends = f"Until {day_time(datetime.fromtimestamp(int(until), UTC))}" if is_for_a_time and until else ""
    is_by_rule = string(reply.get("response_source")) == "automatic"
    return Body(
        tag="Answered about calls",
        tag_icon="phone",
        text={"accept": "You may call", "reject": "Please do not call"}.get(word, word or text),
        footer=". ".join(part for part in (ends, "Given by WhatsApp itself" if is_by_rule else "") if part),
    )


def _reply(kind: str, reply: dict[str, Any], text: str) -> Body:
    tag = "Tapped a button" if kind == "button_reply" else "Chose from the list"
    return Body(
        tag=tag,
        tag_icon="arrow-back-up",
        text=string(reply.get("title")) or text,
        footer=string(reply.get("description")),
    )


def _form_reply(reply: dict[str, Any], text: str) -> Body:
    """Answers of a form; Meta sends them as JSON inside a text, which may be anything."""
    try:
        answers = json.loads(string(reply.get("response_json")))
    except (ValueError, RecursionError):
        answers = {}
    is_address = reply.get("name") == "address_message"
    given = {key: value for key, value in mapping(answers).items() if key != "flow_token"}
    if is_address and isinstance(given.get("values"), dict):
        given = given["values"]
    said = string(reply.get("body")) or text
    return Body(
        tag="Sent an address" if is_address else "Sent a form",
        tag_icon="map-pin" if is_address else "forms",
        text="" if given else said,
        table=facts(given),
    )


def _interactive_sent(kind: str, content: dict[str, Any], text: str) -> Body:
    action, header = mapping(content.get("action")), mapping(content.get("header"))
    has_media = string(header.get("type")) in _HEADER_MEDIA
    return Body(
        header=string(header.get("text")),
        attachments=(_header_media(header),) if has_media else (),
        text=string(mapping(content.get("body")).get("text")) or text,
        footer=string(mapping(content.get("footer")).get("text")),
        facts=_payment(mapping(action.get("parameters"))) if kind in _PAYMENTS else (),
        rows=_list_rows(action) + _products(action),
        buttons=_buttons(kind, action),
        cards=tuple(_card(card) for card in mappings(action.get("cards"))[:_MOST_CARDS]),
    )


def _payment(parameters: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """Of an order to pay. Its keys are not told by the pages at hand: what is there is shown. [unverified]"""
    total = mapping(parameters.get("total_amount"))
    value, offset = number(total.get("value")), number(total.get("offset"))
    amount = money(value / offset, string(parameters.get("currency"))) if value is not None and offset else ""
    status = string(mapping(parameters.get("order")).get("status"))
    found = (("Reference", string(parameters.get("reference_id"))), ("Total", amount), ("Status", status))
    return tuple((name, text) for name, text in found if text)


def _products(action: dict[str, Any]) -> tuple[Choice, ...]:
    """Of a catalogue: Meta names them by the shop's own ids only."""
    sections = mappings(action.get("sections"))
    many = [
        (string(item.get("product_retailer_id")), "" if place else string(section.get("title")))
        for section in sections
        for place, item in enumerate(mappings(section.get("product_items")))
    ]
    shown = mapping(action.get("parameters")).get("thumbnail_product_retailer_id")
    one = string(action.get("product_retailer_id")) or string(shown)
    found = many or ([(one, "")] if one else [])
    return tuple(Choice(name, heading=heading) for name, heading in found[:_MOST_ROWS] if name)


def _card(card: dict[str, Any]) -> Card:
    header, action = mapping(card.get("header")), mapping(card.get("action"))
    kind = string(header.get("type"))
    icon, name = _HEADER_MEDIA.get(kind, ("shopping-bag", ""))
    replies = [mapping(button.get("quick_reply")) for button in mappings(action.get("buttons"))]
    choices = [Choice(string(reply.get("title")), id=string(reply.get("id"))) for reply in replies]
    return Card(
        text=string(mapping(card.get("body")).get("text")) or string(action.get("product_retailer_id")),
        icon=icon,
        detail=name,
        buttons=tuple(choice for choice in (*choices, *_buttons("", action)) if choice.text),
    )


_HEADER_MEDIA = {
    "image": ("photo", "Photo"),
    "video": ("video", "Video"),
    "document": ("file-text", "Document"),
}


def _header_media(header: dict[str, Any]) -> Attachment:
    kind = string(header.get("type"))
    icon, name = _HEADER_MEDIA[kind]
    media = mapping(header.get(kind))
    return Attachment(icon, string(media.get("filename")) or name, string(media.get("link")))


def _list_rows(action: dict[str, Any]) -> tuple[Choice, ...]:
    return tuple(
        Choice(
            string(row.get("title")),
            detail=string(row.get("description")),
            id=string(row.get("id")),
            heading="" if place else string(section.get("title")),
        )
        for section in mappings(action.get("sections"))
        for place, row in enumerate(mappings(section.get("rows")))
    )


def _buttons(kind: str, action: dict[str, Any]) -> tuple[Choice, ...]:
    replies = (mapping(button.get("reply")) for button in mappings(action.get("buttons")))
    found = [Choice(string(reply.get("title")), "", id=string(reply.get("id"))) for reply in replies]
    if label := string(action.get("button")):
        found.append(Choice(label, "list"))
    parameters = mapping(action.get("parameters"))
    if label := string(parameters.get("display_text")) or string(parameters.get("flow_cta")):
        found.append(Choice(label, _BUTTON_ICONS.get(kind, "external-link"), string(parameters.get("url"))))
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
_PAYMENTS = ("order_details", "order_status")
_FIXED_BUTTONS = {
    "location_request_message": "Send location",
    "catalog_message": "View catalogue",
    "product": "View product",
    "product_list": "View products",
    "call_permission_request": "Choose preference",
    "request_contact_info": "Share contact info",
    "address_message": "Provide address",
    "order_details": "Review and pay",
}
