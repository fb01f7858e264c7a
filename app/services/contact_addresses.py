"""The ledger of addresses: what belongs to whom, since when, and by what that became known."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import Table, select, update

from app.extensions import db
from app.models import AddressKind, AddressSource, Contact, ContactAddress, Conversation
from app.services.bulk import Find, Insert, Row

_ADDRESSES = cast(Table, ContactAddress.__table__)
_INSERT = Insert(_ADDRESSES, "account_id", "contact_id", "kind", "value", "source", "event_id", "at")
_FIND_OWNERS = Find(
    _ADDRESSES.c.contact_id,
    _ADDRESSES.c.value,
    by=(_ADDRESSES.c.account_id, _ADDRESSES.c.kind, _ADDRESSES.c.value),
)
_REFUSED = Find(
    _ADDRESSES.c.contact_id,
    _ADDRESSES.c.value,
    _ADDRESSES.c.is_refused,
    by=(_ADDRESSES.c.account_id, _ADDRESSES.c.kind, _ADDRESSES.c.value),
)


@dataclass(frozen=True, slots=True)
class Origin:
    """By what something became known, and when it held. `event_id`: the webhook event that said so."""

    source: AddressSource
    at: datetime
    event_id: int | None = None


def write_new(rows: Sequence[Row]) -> None:
    """(account id, contact id, kind, value, source, event id, at) of many; what is there stays. The caller
    commits."""
    _INSERT.write(rows)


def owners_by_user_id(account_ids: Iterable[int], user_ids: Iterable[str]) -> dict[str, int]:
    """Contact ids by user ids that they had once: such an id never becomes somebody else's."""
    rows = _FIND_OWNERS.rows(account_ids, {AddressKind.USER_ID}, user_ids)
    return {value: contact_id for contact_id, value in rows}


def refusals(account_ids: Iterable[int], wa_ids: Iterable[str]) -> Collection[tuple[int, str]]:
    """(contact id, number): what a person has said is not theirs."""
    rows = _REFUSED.rows(account_ids, {AddressKind.NUMBER}, wa_ids)
    return {(contact_id, value) for contact_id, value, is_refused in rows if is_refused}


def note(contact: Contact, kind: AddressKind, value: str, origin: Origin) -> None:
    """It is this contact's from now on. The caller commits."""
    db.session.flush()
    db.session.execute(
        update(ContactAddress)
        .where(
            ContactAddress.contact_id == contact.id,
            ContactAddress.kind == kind,
            ContactAddress.value == value,
            ContactAddress.ended_at.is_not(None),
        )
        .values(ended_at=None, is_refused=False, source=origin.source, event_id=origin.event_id, at=origin.at)
    )
    write_new([(contact.account_id, contact.id, kind, value, origin.source, origin.event_id, origin.at)])


def note_first(contact: Contact, kind: AddressKind, value: str, origin: Origin) -> None:
    """As `note`, but what is in the ledger stays as it is: somebody merely used it. The caller commits."""
    known = select(ContactAddress.id).where(
        ContactAddress.contact_id == contact.id, ContactAddress.kind == kind, ContactAddress.value == value
    )
    if db.session.scalar(known) is None:
        note(contact, kind, value, origin)


def end(contact: Contact, kind: AddressKind, value: str, origin: Origin) -> None:
    """It is not this contact's any more. The caller commits."""
    note(contact, kind, value, origin)
    db.session.execute(
        update(ContactAddress)
        .where(
            ContactAddress.contact_id == contact.id,
            ContactAddress.kind == kind,
            ContactAddress.value == value,
        )
        .values(ended_at=origin.at)
    )


def is_old_news(contact: Contact, kind: AddressKind, value: str, at: datetime) -> bool:
    """Whether it has ended since `at`: Meta's posts come in any order."""
    statement = select(ContactAddress.ended_at, ContactAddress.is_refused).where(
        ContactAddress.contact_id == contact.id,
        ContactAddress.kind == kind,
        ContactAddress.value == value,
    )
    row = db.session.execute(statement).one_or_none()
    return row is not None and (row.is_refused or (row.ended_at is not None and at <= row.ended_at))


def hold(contact_ids: Iterable[int]) -> dict[int, Contact]:
    """These contacts as they are now, and nobody else's until the commit. Their conversations first: locks
    have an order."""
    db.session.flush()
    ids = sorted(set(contact_ids))
    held = select(Conversation.id).where(Conversation.contact_id.in_(ids)).order_by(Conversation.id)
    db.session.execute(held.with_for_update(key_share=True))
    found = (
        select(Contact)
        .where(Contact.id.in_(ids))
        .order_by(Contact.id)
        .with_for_update(of=Contact, key_share=True)
        .execution_options(populate_existing=True)
    )
    return {contact.id: contact for contact in db.session.scalars(found)}


def show_again(contact_ids: Iterable[int]) -> None:
    """Pages that show these contacts' conversations have something new to show. The caller commits."""
    db.session.execute(
        update(Conversation)
        .where(Conversation.contact_id.in_(set(contact_ids)))
        .values(version=Conversation.version + 1),
        execution_options={"synchronize_session": False},
    )


def values_of(contact: Contact, kind: AddressKind) -> set[str]:
    """What is theirs now, other spellings included."""
    statement = select(ContactAddress.value).where(
        ContactAddress.contact_id == contact.id,
        ContactAddress.kind == kind,
        ContactAddress.ended_at.is_(None),
        ContactAddress.is_refused.is_(False),
    )
    return set(db.session.scalars(statement))
