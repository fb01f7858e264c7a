"""The customers and conversations of a batch of inbound messages: found or made with a few statements."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Table, bindparam, func, select

from app.graph.webhooks import InboundMessage
from app.models import Contact, Conversation
from app.services.bulk import rows_for, stretches, write_rows
from app.services.conversations import insert_ignoring_conflict

_CONTACTS = cast(Table, Contact.__table__)
_CONVERSATIONS = cast(Table, Conversation.__table__)
_INSERTED_AT_ONCE = 1_000


def _people_by(column: Any) -> Any:
    return select(
        _CONTACTS.c.id,
        _CONTACTS.c.account_id,
        _CONTACTS.c.wa_id,
        _CONTACTS.c.user_id,
        _CONTACTS.c.profile_name,
        _CONTACTS.c.username,
    ).where(
        _CONTACTS.c.account_id.in_(bindparam("accounts", expanding=True)),
        column.in_(bindparam("keys", expanding=True)),
    )


_PEOPLE = {name: _people_by(_CONTACTS.c[name]) for name in ("user_id", "wa_id")}
_LEARN = (
    _CONTACTS.update()
    .where(_CONTACTS.c.id == bindparam("contact"))
    .values(
        wa_id=func.coalesce(_CONTACTS.c.wa_id, bindparam("new_wa_id", type_=_CONTACTS.c.wa_id.type)),
        user_id=func.coalesce(_CONTACTS.c.user_id, bindparam("new_user_id", type_=_CONTACTS.c.user_id.type)),
        profile_name=bindparam("new_profile_name"),
        username=bindparam("new_username"),
    )
)
_FOUND = select(_CONVERSATIONS.c.id, _CONVERSATIONS.c.phone_number_id, _CONVERSATIONS.c.contact_id).where(
    _CONVERSATIONS.c.phone_number_id.in_(bindparam("numbers", expanding=True)),
    _CONVERSATIONS.c.contact_id.in_(bindparam("contacts", expanding=True)),
)


@dataclass(slots=True)
class Person:
    """A customer of one account; `id` is 0 until it is stored."""

    account_id: int
    wa_id: str | None
    user_id: str | None
    id: int = 0
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
        accounts = list({account_id for account_id, _ in items})
        for name, statement in _PEOPLE.items():
            keys = {value for _, item in items if (value := getattr(item, name))}
            for row in rows_for(statement, "keys", keys, accounts=accounts):
                if self._find(row.account_id, row.wa_id, row.user_id) is None:
                    person = Person(row.account_id, row.wa_id, row.user_id, row.id)
                    person.profile_name, person.username = row.profile_name, row.username
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
            person = Person(account_id, item.wa_id, item.user_id)
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
        for stretch in stretches(new, _INSERTED_AT_ONCE):
            insert_ignoring_conflict(Contact, [_inserted(person) for person in stretch])
        for name in ("wa_id", "user_id"):
            self._learn_row_ids(name, [person for person in new if not person.id])
        if any(not person.id for person in new):
            raise LookupError("a contact vanished while it was being stored")

    def _learn_row_ids(self, name: str, people: list[Person]) -> None:
        keys = {value for person in people if (value := getattr(person, name))}
        accounts = list({person.account_id for person in people})
        rows = rows_for(_PEOPLE[name], "keys", keys, accounts=accounts)
        found = {(row.account_id, getattr(row, name)): row.id for row in rows}
        for person in people:
            person.id = found.get((person.account_id, getattr(person, name)), 0)

    def store_changes(self) -> None:
        """Names and ids that were learnt of customers who were known."""
        new = set(map(id, self._new))
        changed = {
            person.id: person
            for person in self._by_key.values()
            if person.is_changed and id(person) not in new
        }
        write_rows(
            _LEARN,
            (
                {
                    "contact": person.id,
                    "new_wa_id": person.wa_id,
                    "new_user_id": person.user_id,
                    "new_profile_name": person.profile_name,
                    "new_username": person.username,
                }
                for _, person in sorted(changed.items())
            ),
        )


def _inserted(person: Person) -> dict[str, Any]:
    return {
        "account_id": person.account_id,
        "wa_id": person.wa_id,
        "user_id": person.user_id,
        "profile_name": person.profile_name,
        "username": person.username,
    }


def find_or_make_conversations(wanted: Iterable[tuple[int, int, int]]) -> dict[tuple[int, int], int]:
    """`wanted`: (account id, number id, contact id). The conversations' ids by (number id, contact id)."""
    pairs = {(number_id, contact_id): account_id for account_id, number_id, contact_id in wanted}
    found = _conversation_ids(pairs)
    missing = [
        {"account_id": account_id, "phone_number_id": number_id, "contact_id": contact_id}
        for (number_id, contact_id), account_id in sorted(pairs.items())
        if (number_id, contact_id) not in found
    ]
    for stretch in stretches(missing, _INSERTED_AT_ONCE):
        insert_ignoring_conflict(Conversation, stretch)
    return {**found, **_conversation_ids(pairs)} if missing else found


def _conversation_ids(pairs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], int]:
    numbers = list({number_id for number_id, _ in pairs})
    contacts = {contact_id for _, contact_id in pairs}
    rows = rows_for(_FOUND, "contacts", contacts, numbers=numbers)
    return {(row.phone_number_id, row.contact_id): row.id for row in rows}
