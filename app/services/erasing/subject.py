"""Whom an erasing looks for: the ids and names of one contact, and where a text or a JSON value speaks of
them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, or_

from app.crypto import Secret
from app.models import AddressKind, Contact
from app.queries.contact_identity import list_lasting_addresses

_SHORTEST_NAME = 3
"""A shorter one stands in too many words that have nothing to do with the person."""


@dataclass(frozen=True)
class Subject:
    """`numbers`: digits with the country code; `user_ids`: Meta's; `names`: all that they are called.

    `others`: the erasings of the person's other contacts that are asked for with this one.
    """

    numbers: tuple[str, ...] = ()
    user_ids: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    others: tuple[int, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """What nobody else has."""
        return (*self.numbers, *self.user_ids)

    def keep(self) -> Secret:
        return Secret(json.dumps([self.numbers, self.user_ids, self.names, self.others]))

    def is_id(self, text: str) -> bool:
        """Whether this is one of their ids, and nothing else."""
        return text.removeprefix("+") in self.ids

    def is_named_in(self, value: object) -> bool:
        """Whether a JSON value has one of their ids for a value or a key, at any depth."""
        return any(map(self.is_id, _texts(value)))

    def stands_in(self, text: str) -> bool:
        """Whether one of their ids stands anywhere in a text."""
        return any(id_ in text for id_ in self.ids)

    def condition(self, *columns: Any, with_names: bool = False) -> ColumnElement[bool]:
        """Whether one of the columns (text or JSON) has an id of theirs in it, or a name."""
        needles = (*self.ids, *(self.names if with_names else ()))
        # JSON columns keep letters beyond ASCII escaped on SQLite.
        spelt = sorted({form for needle in needles for form in (needle, json.dumps(needle)[1:-1])})
        return or_(
            False,
            *(cast(column, Text).contains(needle, autoescape=True) for column in columns for needle in spelt),
        )


def subject_of(contact: Contact) -> Subject:
    """With what they were known by earlier, as far as it cannot be somebody else's by now."""
    earlier = list_lasting_addresses(contact.id)
    numbers = {value for kind, value in earlier if kind is AddressKind.NUMBER}
    user_names = {value for kind, value in earlier if kind is AddressKind.USERNAME}
    user_ids = {value for kind, value in earlier} - numbers - user_names
    names = {contact.own_name, contact.profile_name, contact.username, *user_names}
    return Subject(
        numbers=tuple(sorted({*_known(contact.wa_id), *numbers})),
        user_ids=tuple(sorted({*_known(contact.user_id), *user_ids})),
        names=tuple(sorted({name for name in names if len(name) >= _SHORTEST_NAME})),
    )


def read_subject(kept: Secret | None) -> Subject:
    """Nobody, when the key that it was encrypted with is gone: what hangs on the contact is found without."""
    if kept is None:
        return Subject()
    return Subject(*map(tuple, json.loads(kept.reveal())))


def _known(value: str | None) -> tuple[str, ...]:
    return (value,) if value else ()


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from _all(value.keys())
        yield from _all(value.values())
    elif isinstance(value, list):
        yield from _all(value)


def _all(values: Iterable[object]) -> Iterator[str]:
    for value in values:
        yield from _texts(value)
