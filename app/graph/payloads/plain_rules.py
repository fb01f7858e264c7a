"""Limits of everything but interactive messages and message templates.

Source: Meta docs, "Text/Media/Location/Contacts/Reaction messages" pages, read 2026-09.
"""

from __future__ import annotations

import re
from datetime import date

from app.graph.checking import Spot

TEXT_CHARACTERS = 4096
CAPTION_CHARACTERS = 1024
MEDIA_KINDS = ("image", "audio", "video", "document", "sticker")
_MORE_KEYS = {"document": ("filename",), "audio": ("voice",)}
_WITHOUT_CAPTION = ("audio", "sticker")
# Meta's pages disagree (257 or 5); the smaller number always works.
MOST_CONTACTS = 5
_NAME_PARTS = ("first_name", "last_name", "middle_name", "prefix", "suffix")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MEDIA_ID = re.compile(r"[A-Za-z0-9:_=-]{1,512}", re.ASCII)
_REACTION_CHARACTERS = 32  # one emoji, with all its joiners and skin tones


def check_text(spot: Spot) -> None:
    if spot.object("The text"):
        spot["body"].text("The text", TEXT_CHARACTERS)
        spot["preview_url"].flag("The link preview")
        spot.only(("body", "preview_url"), "A text message")


def check_media(kind: str, spot: Spot) -> None:
    if not spot.object(f"The {kind}"):
        return
    check_file(spot, f"The {kind}")
    if kind in _WITHOUT_CAPTION:
        spot["caption"].absent(f"WhatsApp shows no caption with {kind} messages.")
    else:
        spot["caption"].text("The caption", CAPTION_CHARACTERS, required=False)
    if kind == "document":
        spot["filename"].text("The file name", 240, required=False)
    if kind == "audio":
        spot["voice"].flag("The voice mark")
    spot.only(("id", "link", "caption", *_MORE_KEYS.get(kind, ())), f"A message with {kind}")


def check_file(spot: Spot, name: str) -> None:
    """Exactly one of an uploaded file's `id` and a public `link`."""
    media_id, link = spot["id"], spot["link"]
    if media_id.is_missing == link.is_missing:
        spot.note(f"{name} needs either an uploaded file or a link, not both.", "missing")
    elif link.is_missing:
        given = media_id.text(f"{name}'s id")
        if given and not _MEDIA_ID.fullmatch(given):
            media_id.note(f"{name}'s id is not one of Meta's.", "bad_id")
    else:
        link.link(f"{name}'s link", https_only=True)


def check_location(spot: Spot) -> None:
    if not spot.object("The location"):
        return
    spot["latitude"].number("The latitude", -90, 90)
    spot["longitude"].number("The longitude", -180, 180)
    spot["name"].text("The name", 1000, required=False)
    spot["address"].text("The address", 1000, required=False)
    spot.only(("latitude", "longitude", "name", "address"), "A location")


def check_reaction(spot: Spot) -> None:
    if not spot.object("The reaction"):
        return
    spot["message_id"].text("The message to react to")
    emoji = spot["emoji"]
    if emoji.is_missing:
        emoji.note("The emoji is missing; an empty one takes the reaction back.", "missing")
    emoji.text("The emoji", _REACTION_CHARACTERS, required=False)
    spot.only(("message_id", "emoji"), "A reaction")


def check_pin(spot: Spot) -> None:
    if not spot.object("The pin"):
        return
    kind = spot["type"].choice("The pin's type", ("pin", "unpin"))
    spot["message_id"].text("The message to pin")
    if kind == "pin":
        spot["expiration_days"].whole("The number of days", 1, 30)


def check_contacts(spot: Spot) -> None:
    for person in spot.list("The contacts", 1, MOST_CONTACTS):
        if person.object("The contact"):
            _check_person(person)


def _check_person(person: Spot) -> None:
    name = person["name"]
    if name.object("The contact's name"):
        name["formatted_name"].text("The full name", 512)
        if not any(isinstance(name[part].value, str) and name[part].value for part in _NAME_PARTS):
            name.note("Beside the full name, a first or last name is needed.", "missing")
    for phone in _objects(person["phones"], "The phone numbers"):
        phone["phone"].text("The phone number", 64, required=phone["wa_id"].is_missing)
    for email in _objects(person["emails"], "The e-mail addresses"):
        email["email"].text("The e-mail address", 320)
    for url in _objects(person["urls"], "The web addresses"):
        url["url"].text("The web address", 2000)
    _objects(person["addresses"], "The addresses")
    person["org"].object("The company", required=False)
    _check_birthday(person["birthday"])


def _objects(spot: Spot, name: str) -> list[Spot]:
    """The entries of a list that are objects; faults of the others are noted."""
    return [entry for entry in spot.list(name) if entry.object(f"An entry of {name.lower()}")]


def _check_birthday(spot: Spot) -> None:
    given = spot.text("The birthday", required=False)
    if not given:
        return
    if not _is_date(given):
        spot.note("The birthday must be written as YYYY-MM-DD.", "bad_date")


def _is_date(text: str) -> bool:
    try:
        return _DATE.fullmatch(text) is not None and bool(date.fromisoformat(text))
    except ValueError:
        return False
