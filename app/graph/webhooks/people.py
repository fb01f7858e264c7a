"""Who a message is from or a status is about: phone number, user id, names.

Either id may be missing, and a user id (BSUID) may stand where a phone number is expected, so the
pattern decides. Source: Meta docs, "Business-scoped user IDs" page, read 2026-09.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.graph import reading
from app.graph.identifiers import is_user_id


@dataclass(slots=True)
class Person:
    """What one object, or several about the same person, tell."""

    wa_id: str | None = None
    user_id: str | None = None
    parent_user_id: str | None = None
    profile_name: str | None = None
    username: str | None = None


def person(number: object, user_id: object, parent_user_id: object = None) -> Person:
    """Sort the ids out: whatever looks like a user id is one."""
    found_number, found_user = reading.text(number), reading.text(user_id)
    if found_number and is_user_id(found_number):
        found_number, found_user = None, found_user or found_number
    return Person(found_number, found_user, reading.text(parent_user_id))


def sender(message: Mapping[str, Any], contacts: object) -> Person:
    """The sender of a message, with the names that `contacts` has for them."""
    bare = person(message.get("from"), message.get("from_user_id"), message.get("from_parent_user_id"))
    return completed(bare, contacts)


def completed(bare: Person, contacts: object) -> Person:
    """Whom a message names by an id, with the names and further ids that `contacts` has for them."""
    contact = _contact_of(bare, reading.mappings(contacts))
    known = person(contact.get("wa_id"), contact.get("user_id"), contact.get("parent_user_id"))
    profile = reading.mapping(contact.get("profile"))
    username = reading.text(profile.get("username"))
    return Person(
        wa_id=bare.wa_id or known.wa_id,
        user_id=bare.user_id or known.user_id,
        parent_user_id=bare.parent_user_id or known.parent_user_id,
        profile_name=reading.text(profile.get("name")),
        username=username.removeprefix("@") if username else None,
    )


def _contact_of(bare: Person, contacts: list[dict[str, Any]]) -> dict[str, Any]:
    """The contact with one of the sender's ids; the only contact if the sender has no id at all."""
    for contact in contacts:
        known = person(contact.get("wa_id"), contact.get("user_id"))
        if bare.wa_id is not None and bare.wa_id == known.wa_id:
            return contact
        if bare.user_id is not None and bare.user_id == known.user_id:
            return contact
    nameless = bare.wa_id is None and bare.user_id is None
    return contacts[0] if nameless and len(contacts) == 1 else {}
