"""The customers and conversations of a batch of inbound messages: found or made with a few statements."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Table

from app.graph.webhooks import InboundMessage, PhoneMessage
from app.models import AddressKind, AddressSource, Contact, Conversation, utcnow
from app.models.phone_twins import is_mobile_twin, twin_of
from app.services import contact_addresses as addresses
from app.services.bulk import Find, Insert, Row, Update
from app.services.contact_addresses import Origin

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
_BY_ID = Find(_CONTACTS.c.id, *(_CONTACTS.c[column] for column in _PERSON), by=(_CONTACTS.c.id,))
# WhatsApp writes Argentina's landlines as typed mobile numbers are: who has written from one is not taken for
# the mobile number with the same digits.
_HAVE_WRITTEN = Find(
    _CONVERSATIONS.c.contact_id, _CONVERSATIONS.c.last_inbound_at, by=(_CONVERSATIONS.c.contact_id,)
)
_LEDGER = {
    "wa_id": AddressKind.NUMBER,
    "user_id": AddressKind.USER_ID,
    "username": AddressKind.USERNAME,
    "parent_user_id": AddressKind.PARENT_USER_ID,
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


_Message = InboundMessage | PhoneMessage


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


@dataclass(frozen=True, slots=True)
class Claim:
    """A known customer writes from a number that is not the one we have of them."""

    person: Person
    wa_id: str
    origin: Origin


class People:
    """Who wrote the batch's messages. Known by user id first: it stays when a number passes to somebody."""

    def __init__(self, items: Iterable[tuple[int, _Message]]) -> None:
        """`items`: (our account id, message)."""
        self._by_key: dict[tuple[int, str, str], Person] = {}
        self._new: list[Person] = []
        self._addresses: list[tuple[Person, str, str, Origin]] = []
        self.claims: list[Claim] = []
        """To be settled when all is stored, one by one: there are few."""
        self._load(list(items))

    def _load(self, items: list[tuple[int, _Message]]) -> None:
        accounts = {account_id for account_id, _ in items}
        for name, find in _PEOPLE.items():
            keys = {value for _, item in items if (value := getattr(item, name))}
            for row in find.rows(accounts, keys):
                person = Person(*row)
                if self._find(person.account_id, person.wa_id, person.user_id) is None:
                    self._index(person)
        self._load_by_earlier_ids(accounts, items)
        self._load_twins(accounts, items)

    def _load_by_earlier_ids(self, accounts: set[int], items: list[tuple[int, _Message]]) -> None:
        """An old message may come late, when its sender has another id by now."""
        unknown = {
            item.user_id
            for account_id, item in items
            if item.user_id and (account_id, "user_id", item.user_id) not in self._by_key
        }
        owners = addresses.owners_by_user_id(accounts, unknown)
        for row in _BY_ID.rows(set(owners.values())):
            person = self._known_already(Person(*row))
            for user_id, contact_id in owners.items():
                if contact_id == person.id:
                    self._by_key.setdefault((person.account_id, "user_id", user_id), person)

    def _load_twins(self, accounts: set[int], items: list[tuple[int, _Message]]) -> None:
        """Those whom we know under the other spelling of their number."""
        wanted: dict[str, str] = {}
        for account_id, item in items:
            twin = twin_of(item.wa_id) if item.wa_id else None
            # Meta's own word without Argentina's 9 is a landline.
            is_usable = twin is not None and (twin.is_certain or is_mobile_twin(item.wa_id or ""))
            if twin and is_usable and (account_id, "wa_id", item.wa_id) not in self._by_key:
                wanted[twin.wa_id] = item.wa_id or ""
        if not wanted:
            return
        rows = [Person(*row) for row in _PEOPLE["wa_id"].rows(accounts, wanted)]
        refused = addresses.refusals(accounts, set(wanted.values()))
        doubtful = {person.id for person in rows if is_mobile_twin(wanted[person.wa_id or ""])}
        written = {contact_id for contact_id, at in _HAVE_WRITTEN.rows(doubtful) if at is not None}
        for person in rows:
            spelling = wanted[person.wa_id or ""]
            if (person.id, spelling) not in refused and person.id not in written:
                known = self._known_already(person)
                self._by_key.setdefault((person.account_id, "wa_id", spelling), known)

    def _known_already(self, person: Person) -> Person:
        """One object for one customer, however they were found."""
        for name in ("user_id", "wa_id"):
            found = self._by_key.get((person.account_id, name, getattr(person, name) or ""))
            if found is not None and found.id == person.id:
                return found
        self._index(person)
        return person

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

    def of(self, account_id: int, item: _Message, event_id: int | None = None) -> Person:
        """The sender, with what this message, out of that event, tells of him."""
        origin = Origin(AddressSource.MESSAGE, min(item.timestamp, utcnow()), event_id)
        person = self._find(account_id, item.wa_id, item.user_id)
        if person is not None and self._is_somebody_else(person, item):
            person = None
        if person is None:
            person = self._make(account_id, item)
        self._learn(person, item, origin)
        return person

    def _is_somebody_else(self, person: Person, item: _Message) -> bool:
        """Found by the number alone, under another user id: the number has passed on."""
        is_by_id = (person.account_id, "user_id", item.user_id or "") in self._by_key
        return bool(item.user_id and person.user_id) and not is_by_id

    def _make(self, account_id: int, item: _Message) -> Person:
        """With the number, unless somebody with another user id has it: it is claimed from them then."""
        is_free = (account_id, "wa_id", item.wa_id or "") not in self._by_key
        person = Person(0, account_id, item.wa_id if is_free else None, item.user_id)
        self._new.append(person)
        self._index(person)
        return person

    def _learn(self, person: Person, item: _Message, origin: Origin) -> None:
        """Names as they are now; an id we did not know, unless another customer already has it."""
        for name in ("wa_id", "user_id"):
            value = getattr(item, name)
            is_free = (person.account_id, name, value) not in self._by_key
            if value and getattr(person, name) is None and is_free:
                setattr(person, name, value)
                person.is_changed = True
                self._note(person, name, value, origin)
        self._index(person)
        if item.wa_id and item.wa_id != person.wa_id:
            self.claims.append(Claim(person, item.wa_id, origin))
        for name in ("profile_name", "username"):
            value = getattr(item, name)
            if value and getattr(person, name) != value:
                setattr(person, name, value)
                person.is_changed = True
                self._note(person, name, value, origin)
        if not person.id:
            self._note_first(person, item, origin)
        if item.parent_user_id:
            self._note(person, "parent_user_id", item.parent_user_id, origin)

    def _note_first(self, person: Person, item: _Message, origin: Origin) -> None:
        for name in ("wa_id", "user_id"):
            if (value := getattr(person, name)) and value == getattr(item, name):
                self._note(person, name, value, origin)

    def _note(self, person: Person, name: str, value: str, origin: Origin) -> None:
        if name in _LEDGER:
            self._addresses.append((person, name, value, origin))

    def _store_addresses(self) -> None:
        """Each once: of a batch's messages the first that told it."""
        found: dict[tuple[Any, ...], Row] = {}
        for person, name, value, origin in self._addresses:
            key = (person.id, _LEDGER[name], value)
            row = (person.account_id, *key, origin.source, origin.event_id, origin.at)
            found.setdefault(key, row)
        # Sorted: two workers that met the same customers must not wait for each other.
        addresses.write_new([found[key] for key in sorted(found)])

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
        self._store_addresses()


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
