"""The pieces a message is shown in, and how Meta's objects are read into them without ever failing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
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
    heading: str = ""
    """Of a section that begins here."""


@dataclass(frozen=True)
class Place:
    """A location. `map_url`: empty when the coordinates are none; `url`: the place's own page."""

    name: str
    address: str = ""
    coordinates: str = ""
    map_url: str = ""
    url: str = ""


@dataclass(frozen=True)
class PersonCard:
    """A contact card. `lines`: (what it is, value, link or ""); `number`: to write to, with +, or ""."""

    name: str
    detail: str = ""
    lines: tuple[tuple[str, str, str], ...] = ()
    number: str = ""


@dataclass(frozen=True)
class OrderLine:
    """`price` and `sum` are written with their currency; empty where none is known."""

    name: str
    quantity: str
    price: str = ""
    sum: str = ""


@dataclass(frozen=True)
class Order:
    """What a customer put into the cart; `total` per currency, empty when a price is missing."""

    lines: tuple[OrderLine, ...]
    total: str = ""
    catalogue: str = ""


@dataclass(frozen=True)
class Referral:
    """The advertisement or post that brought the customer. `media`: (what it is, its address)."""

    kind: str
    headline: str = ""
    text: str = ""
    url: str = ""
    host: str = ""
    media: tuple[str, str] | None = None
    click_id: str = ""
    source_id: str = ""
    welcome: str = ""


@dataclass(frozen=True)
class Card:
    """One of several that stand side by side."""

    text: str
    icon: str = ""
    detail: str = ""
    buttons: tuple[Choice, ...] = ()


@dataclass(frozen=True)
class Body:
    """A message in pieces that a bubble shows from top to bottom; empty ones are left out."""

    tag: str = ""
    tag_icon: str = ""
    referral: Referral | None = None
    header: str = ""
    attachments: tuple[Attachment, ...] = ()
    place: Place | None = None
    people: tuple[PersonCard, ...] = ()
    order: Order | None = None
    text: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    footer: str = ""
    rows: tuple[Choice, ...] = ()
    buttons: tuple[Choice, ...] = ()
    cards: tuple[Card, ...] = ()
    is_event: bool = False
    icon: str = ""
    """Of an event."""
    table: tuple[tuple[str, str], ...] = ()
    flow: tuple[int, str] | None = None
    """(our id, name) of the Flow whose answers the table holds."""


def string(value: object) -> str:
    """A text, or a number as text; "" for anything else."""
    if isinstance(value, str):
        return value
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number else ""


def mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def mappings(value: object) -> list[dict[str, Any]]:
    """The objects of a list; whatever else stands in it is left out."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def web_address(value: object) -> str:
    """An address a page may link to; "" for every other scheme."""
    found = string(value).strip()
    return found if found.lower().startswith(("https://", "http://")) else ""


def number(value: object) -> Decimal | None:
    """An amount, however Meta wrote it."""
    try:
        found = Decimal(string(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found) < Decimal("1e15") else None


def money(value: Decimal, currency: str) -> str:
    """`1,234.50 USD`."""
    return f"{value:,.2f} {currency}".strip()


def facts(values: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """(name, value) of whatever an object holds; what begins with an underscore was put there by us."""
    shown = [(key, value) for key, value in values.items() if not str(key).startswith("_")]
    return tuple(
        (str(key).replace("_", " "), _in_words(value)[:_LONGEST_VALUE]) for key, value in shown[:_MOST_FACTS]
    )


def _in_words(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
