"""The customers and conversations of a batch of inbound messages: found or made with a few statements."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

from sqlalchemy import Table

from app.graph.webhooks import InboundMessage
from app.models import Contact, Conversation
from app.services.bulk import Find, Insert, Row, Update

_CONTACTS = cast(Table, Contact.__table__)
_CONVERSATIONS = cast(Table, Conversation.__table__)
_PERSON = ("account_id", "wa_id", "user_id", "profile_name", "username")
_PEOPLE = {
    name: Find(
        _CONTACTS.c.id,
        *(_CONTACTS.c[column] for column in _PERSON),
        by=(_CONTACTS.c.account_id, _CONTACTS.c[name]),
    )
    for name in ("user_id", "wa_id")
}
_INSERT_PEOPLE = Insert(_CONTACTS, *_PERSON, returning=("id", "account_id", "wa_id", "user_id"))
_LOCK_PEOPLE = Find(_CONTACTS.c.id, by=(_CONTACTS.c.id,), lock="FOR NO KEY UPDATE")
_LEARN = Update(
    _CONTACTS,
    {name: _CONTACTS.c[name] for name in ("id", "wa_id", "user_id", "profile_name", "username")},
    {
        "wa_id": "coalesce(contacts.wa_id, new.wa_id)",
        "user_id": "coalesce(contacts.user_id, new.user_id)",
        "profile_name": "new.profile_name",
        "username": "new.username",
    },
)
_FOUND = Find(
    _CONVERSATIONS.c.id,
    _CONVERSATIONS.c.phone_number_id,
    _CONVERSATIONS.c.contact_id,
    by=(_CONVERSATIONS.c.phone_number_id, _CONVERSATIONS.c.contact_id),
)
_INSERT_CONVERSATIONS = Insert(
    _CONVERSATIONS,
    "account_id",
    "phone_number_id",
    "contact_id",
    returning=("id", "phone_number_id", "contact_id"),
)


@dataclass(slots=True)
class Person:
    """A customer of one account; `id` is 0 until it is stored."""

    id: int
    account_id: int
    wa_id: str | None
    user_id: str | None
    profile_name: str = ""
    username: str = ""
    is_changed: bool = False


class People:
    """Who wrote the batch's messages. Known by user id first: it stays when a number passes to somebody."""

    def __init__(self, items: Iterable[tuple[int, InboundMessage]]) -> None:
        """`items`: (our account id, message)."""
        self._by_key: dict[tuple[int, str, str], Person] = {}
        self._new: list[Person] = []
        self._load(list(items))

    def _load(self, items: list[tuple[int, InboundMessage]]) -> None:
        accounts = {account_id for account_id, _ in items}
        for name, find in _PEOPLE.items():
            keys = {value for _, item in items if (value := getattr(item, name))}
            for row in find.rows(accounts, keys):
                person = Person(*row)
                if self._find(person.account_id, person.wa_id, person.user_id) is None:
                    self._index(person)

    def _find(self, account_id: int, wa_id: str | None, user_id: str | None) -> Person | None:
        for name, value in (("user_id", user_id), ("wa_id", wa_id)):
            found = self._by_key.get((account_id, name, value or ""))
            if found is not None:
                return found
        return None

    def _index(self, person: Person) -> None:
        for name in ("user_id", "wa_id"):
            if value := getattr(person, name):
                self._by_key.setdefault((person.account_id, name, value), person)

    def of(self, account_id: int, item: InboundMessage) -> Person:
        """The sender, with what this message tells of him."""
        person = self._find(account_id, item.wa_id, item.user_id)
        if person is None:
            person = Person(0, account_id, item.wa_id, item.user_id)
            self._new.append(person)
            self._index(person)
        self._learn(person, item)
        return person

    def _learn(self, person: Person, item: InboundMessage) -> None:
        """Names as they are now; an id we did not know, unless another customer already has it."""
        for name in ("wa_id", "user_id"):
            value = getattr(item, name)
            is_free = (person.account_id, name, value) not in self._by_key
            if value and getattr(person, name) is None and is_free:
                setattr(person, name, value)
                person.is_changed = True
        self._index(person)
        for name in ("profile_name", "username"):
            value = getattr(item, name)
            if value and getattr(person, name) != value:
                setattr(person, name, value)
                person.is_changed = True

    def store_new(self) -> None:
        """Give each new customer a row. If another worker met one at the same moment, it is that row."""
        # Sorted: two workers that make the same customers must not wait for each other.
        new = sorted(
            self._new, key=lambda person: (person.account_id, person.wa_id or "", person.user_id or "")
        )
        made = _INSERT_PEOPLE.write(
            [
                (person.account_id, person.wa_id, person.user_id, person.profile_name, person.username)
                for person in new
            ]
        )
        ids = {tuple(key): id_ for id_, *key in made}
        for person in new:
            person.id = ids.get((person.account_id, person.wa_id, person.user_id), 0)
        for name in ("wa_id", "user_id"):
            _learn_row_ids(name, [person for person in new if not person.id])
        if any(not person.id for person in new):
            raise LookupError("a contact vanished while it was being stored")

    def store_changes(self) -> None:
        """Names and ids that were learnt of customers who were known."""
        new = set(map(id, self._new))
        changed = {
            person.id: person
            for person in self._by_key.values()
            if person.is_changed and id(person) not in new
        }
        # In one order, so that two workers never wait for each other in a ring.
        _LOCK_PEOPLE.rows(changed)
        _LEARN.write(
            [
                (person.id, person.wa_id, person.user_id, person.profile_name, person.username)
                for person in changed.values()
            ]
        )


def _learn_row_ids(name: str, people: list[Person]) -> None:
    """Of those that another worker made first."""
    keys = {value for person in people if (value := getattr(person, name))}
    rows = [Person(*row) for row in _PEOPLE[name].rows({person.account_id for person in people}, keys)]
    found = {(row.account_id, getattr(row, name)): row.id for row in rows}
    for person in people:
        person.id = found.get((person.account_id, getattr(person, name)), 0)


def find_or_make_conversations(wanted: Iterable[tuple[int, int, int]]) -> dict[tuple[int, int], int]:
    """`wanted`: (account id, number id, contact id). The conversations' ids by (number id, contact id)."""
    pairs = {(number_id, contact_id): account_id for account_id, number_id, contact_id in wanted}
    found = _conversation_ids(pairs)
    # Sorted: two workers that make the same conversations must not wait for each other.
    missing = [
        (account_id, number_id, contact_id)
        for (number_id, contact_id), account_id in sorted(pairs.items())
        if (number_id, contact_id) not in found
    ]
    made = _by_pair(_INSERT_CONVERSATIONS.write(missing))
    # One that another worker made first is there by now.
    others = _conversation_ids(pairs) if len(made) < len(missing) else {}
    return {**found, **made, **others}


def _conversation_ids(pairs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], int]:
    numbers = {number_id for number_id, _ in pairs}
    contacts = {contact_id for _, contact_id in pairs}
    return _by_pair(_FOUND.rows(numbers, contacts))


def _by_pair(rows: Iterable[Row]) -> dict[tuple[int, int], int]:
    return {(number_id, contact_id): id_ for id_, number_id, contact_id in rows}
