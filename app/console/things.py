"""What is neither text nor file: places, contact cards, orders, and the advertisement that brought somebody.

Source: Meta docs, "Webhooks: messages" pages and "Send messages" pages, read 2026-09.
"""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from app.console.body import (
    Attachment,
    Body,
    Order,
    OrderLine,
    PersonCard,
    Place,
    Referral,
    mapping,
    mappings,
    money,
    number,
    string,
    web_address,
)
from app.models.number_masks import mask_numbers_in

_MOST_LINES = 30
_NOT_NUMBERS = frozenset({"Address", "Birthday"})
_MOST_CARDS = 20
_PHONE = re.compile(r"\+?[0-9][0-9 ().-]{5,24}", re.ASCII)
_KINDS = {
    "CELL": "Mobile",
    "MOBILE": "Mobile",
    "IPHONE": "Mobile",
    "MAIN": "Main",
    "HOME": "Home",
    "WORK": "Work",
}


def place(content: dict[str, Any], _text: str) -> Body:
    """A location. The map is a link: nothing is fetched to draw one."""
    latitude, longitude = string(content.get("latitude")), string(content.get("longitude"))
    is_place = _is_place(latitude, longitude)
    return Body(
        place=Place(
            name=string(content.get("name")) or "Location",
            address=string(content.get("address")),
            coordinates=f"{latitude}, {longitude}" if latitude and longitude else "",
            map_url=_map_url(latitude, longitude) if is_place else "",
            url=web_address(content.get("url")),
        )
    )


def _map_url(latitude: str, longitude: str) -> str:
    return f"https://www.openstreetmap.org/?mlat={latitude}&mlon={longitude}#map=16/{latitude}/{longitude}"


def _is_place(latitude: str, longitude: str) -> bool:
    found = number(latitude), number(longitude)
    return found[0] is not None and found[1] is not None and abs(found[0]) <= 90 and abs(found[1]) <= 180


def contact_cards(content: dict[str, Any], _text: str) -> Body:
    cards = mappings(content.get("contacts"))
    if not cards:
        return Body(attachments=(Attachment("id", "Contact card", "It is empty."),))
    # By the person's own answer to a request for it, it is no stranger's card.
    is_own = any(card.get("origin") == "contact_request" for card in cards)
    return Body(
        tag="Shared their contact details" if is_own else "",
        tag_icon="user-check" if is_own else "",
        people=tuple(_card(card) for card in cards[:_MOST_CARDS]),
        footer=f"And {len(cards) - _MOST_CARDS} more" if len(cards) > _MOST_CARDS else "",
    )


def without_numbers(body: Body) -> Body:
    """For whoever may not see customers' numbers: cards name people without a way to dial them."""
    return replace(
        body,
        people=tuple(_masked(card) for card in body.people),
        facts=tuple((name, mask_numbers_in(value)) for name, value in body.facts),
    )


def _masked(card: PersonCard) -> PersonCard:
    return replace(
        card,
        name=mask_numbers_in(card.name),
        detail=mask_numbers_in(card.detail),
        lines=tuple(_masked_line(*line) for line in card.lines),
        number="",
    )


def _masked_line(label: str, value: str, link: str) -> tuple[str, str, str]:
    """A link may have the number in it, as those that open a chat do."""
    if label in _NOT_NUMBERS:
        return label, value, link
    shown = mask_numbers_in(value)
    return label, shown, link if shown == value and not link.startswith("tel:") else ""


def _card(card: dict[str, Any]) -> PersonCard:
    name = mapping(card.get("name"))
    org = mapping(card.get("org"))
    phones = mappings(card.get("phones"))
    lines = [
        *(_phone(phone) for phone in phones),
        *(_line("Email", item, "email", "mailto:") for item in mappings(card.get("emails"))),
        *(
            ("Web", string(item.get("url")), web_address(item.get("url")))
            for item in mappings(card.get("urls"))
        ),
        *(_address(item) for item in mappings(card.get("addresses"))),
        ("Birthday", string(card.get("birthday")), ""),
    ]
    parts = (string(org.get(key)) for key in ("title", "department", "company"))
    return PersonCard(
        name=string(name.get("formatted_name")) or string(name.get("first_name")) or "Contact",
        detail=", ".join(part for part in parts if part),
        lines=tuple(line for line in lines if line[1])[:_MOST_LINES],
        number=_writable(phones),
    )


def _phone(phone: dict[str, Any]) -> tuple[str, str, str]:
    shown = string(phone.get("phone")) or string(phone.get("wa_id"))
    kind = _KINDS.get(string(phone.get("type")).upper(), "")
    is_on_whatsapp = ", on WhatsApp" if string(phone.get("wa_id")) else ""
    link = "tel:" + re.sub(r"[^0-9+]", "", shown) if _PHONE.fullmatch(shown) else ""
    return f"{kind or 'Phone'}{is_on_whatsapp}", shown, link


def _line(label: str, item: dict[str, Any], key: str, scheme: str) -> tuple[str, str, str]:
    found = string(item.get(key))
    is_plain = re.fullmatch(r"[^\s?&<>\"]+@[^\s?&<>\"]+", found) is not None
    return label, found, scheme + found if is_plain else ""


def _address(item: dict[str, Any]) -> tuple[str, str, str]:
    parts = (string(item.get(key)) for key in ("street", "city", "state", "zip", "country"))
    return "Address", ", ".join(part for part in parts if part), ""


def _writable(phones: list[dict[str, Any]]) -> str:
    """The number WhatsApp knows; failing that the first one with its country."""
    for phone in phones:
        digits = string(phone.get("wa_id"))
        if digits.isascii() and digits.isdigit() and 7 <= len(digits) <= 15:
            return f"+{digits}"
    shown = (string(phone.get("phone")) for phone in phones)
    return next((text for text in shown if text.startswith("+") and _PHONE.fullmatch(text)), "")


def order(content: dict[str, Any], text: str) -> Body:
    """What was put into the cart. Meta's prices are those the customer saw, as numbers."""
    items = mappings(content.get("product_items"))
    count = f"{len(items)} product{'' if len(items) == 1 else 's'}"
    return Body(
        attachments=(Attachment("shopping-bag", "Order", count),),
        order=Order(
            lines=tuple(_order_line(item) for item in items[:_MOST_LINES]),
            total=_total(items),
            catalogue=string(content.get("catalog_id")),
        )
        if items
        else None,
        text=string(content.get("text")) or ("" if items else text),
        footer=f"And {len(items) - _MOST_LINES} more products" if len(items) > _MOST_LINES else "",
    )


def _order_line(item: dict[str, Any]) -> OrderLine:
    price, quantity = number(item.get("item_price")), number(item.get("quantity"))
    currency = string(item.get("currency"))
    return OrderLine(
        name=string(item.get("product_retailer_id")) or "Product",
        quantity=string(item.get("quantity")),
        price=money(price, currency) if price is not None else "",
        sum=money(price * quantity, currency) if price is not None and quantity is not None else "",
    )


def _total(items: list[dict[str, Any]]) -> str:
    """ "" as soon as one price is missing: a sum of the rest would be taken for the whole."""
    sums: dict[str, Decimal] = {}
    for item in items:
        price, quantity = number(item.get("item_price")), number(item.get("quantity"))
        if price is None or quantity is None:
            return ""
        currency = string(item.get("currency"))
        sums[currency] = sums.get(currency, Decimal(0)) + price * quantity
    return " + ".join(money(total, currency) for currency, total in sums.items())


def referral(found: dict[str, Any]) -> Referral:
    """What Meta tells of the advertisement or post that was clicked. Its picture stays a link."""
    url = web_address(found.get("source_url"))
    kind = string(found.get("media_type"))
    address = web_address(found.get("video_url" if kind == "video" else "image_url"))
    return Referral(
        kind="a post" if string(found.get("source_type")) == "post" else "an ad",
        headline=string(found.get("headline")),
        text=string(found.get("body")),
        url=url,
        host=_host(url),
        media=("Its video" if kind == "video" else "Its picture", address) if address else None,
        click_id=string(found.get("ctwa_clid")),
        source_id=string(found.get("source_id")),
        welcome=string(mapping(found.get("welcome_message")).get("text")),
    )


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
