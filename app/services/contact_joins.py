"""Two contacts that are one person: joined by a rule or by hand, suggested where it is not sure, and undone.

Nothing is moved: `contacts.joined_to_id` says whose page a contact belongs to, and follows from the joins
that hold. So a join that is undone leaves every message, note and consent where it was written. See decision
28.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import delete, or_, select

from app.errors import NotReady
from app.extensions import db
from app.models import AddressKind, Contact, ContactAddress, ContactJoin, JoinState, utcnow
from app.queries.access import Actor
from app.services import audit
from app.services import contact_addresses as addresses


def join_by_rule(contact: Contact, other: Contact, reason: str, event_id: int | None) -> bool:
    """Unless a person has undone it before. False: nothing changed. The caller holds both, and commits."""
    known = _find(contact.id, other.id)
    if known is not None and known.state in {JoinState.JOINED, JoinState.UNDONE, JoinState.DISMISSED}:
        return False
    if person_id(contact) == person_id(other):
        return False
    row = known or _make(contact, other, reason, event_id)
    row.state, row.reason, row.event_id, row.at = JoinState.JOINED, reason, event_id, utcnow()
    _follow((contact.id, other.id))
    return True


def suggest(contact: Contact, other: Contact, reason: str, event_id: int | None) -> None:
    """A person decides. Once for each pair. The caller holds both, and commits."""
    if _find(contact.id, other.id) is None:
        _make(contact, other, reason, event_id)


def join(*, contact: Contact, into: Contact, actor: Actor) -> ContactJoin:
    """By hand. `into`: whose page is the person's. Raises NotReady for the same person or another
    account's."""
    if contact.id == into.id or contact.account_id != into.account_id:
        raise NotReady("Choose another contact of the same account. Nothing was joined.")
    members = _members((contact.id, into.id))
    addresses.hold(members)
    if person_id(contact) == person_id(into):
        raise NotReady("These two are joined already.")
    row = _find(contact.id, into.id) or _make(contact, into, "", None)
    row.contact_id, row.into_id = contact.id, into.id
    row.state, row.at, row.actor_name = JoinState.JOINED, utcnow(), actor.name
    db.session.flush()
    _follow((contact.id, into.id), head_id=person_id(into))
    _record(actor, "contact.joined", row)
    db.session.commit()
    return row


def undo(*, row: ContactJoin, actor: Actor) -> None:
    """Two people again; no rule joins them any more. Raises NotReady when it does not hold."""
    addresses.hold(_members((row.contact_id, row.into_id)))
    db.session.refresh(row)
    if row.state is not JoinState.JOINED:
        raise NotReady("This join has been undone already.")
    row.state, row.at, row.actor_name = JoinState.UNDONE, utcnow(), actor.name
    db.session.flush()
    _follow((row.contact_id, row.into_id))
    _record(actor, "contact.join_undone", row)
    db.session.commit()


def forget(contact_id: int) -> None:
    """Of somebody who is erased; the others of the person stay one. The caller commits."""
    others = _members((contact_id,)) - {contact_id}
    is_part = or_(ContactJoin.contact_id == contact_id, ContactJoin.into_id == contact_id)
    db.session.execute(delete(ContactJoin).where(is_part), execution_options={"synchronize_session": "fetch"})
    _follow((contact_id, *others))


def dismiss(*, row: ContactJoin, actor: Actor) -> None:
    """They are two people; it is not suggested again. Raises NotReady when it is no suggestion any more."""
    db.session.refresh(row, with_for_update={"of": ContactJoin})
    if row.state is not JoinState.SUGGESTED:
        raise NotReady("Somebody has decided about this meanwhile.")
    row.state, row.at, row.actor_name = JoinState.DISMISSED, utcnow(), actor.name
    _record(actor, "contact.join_dismissed", row)
    db.session.commit()


def refuse_address(*, row: ContactAddress, actor: Actor) -> None:
    """A spelling or an earlier number that is somebody else's: no rule recognises this contact by it any
    more.

    Raises NotReady for what the contact is reached by now.
    """
    contact = addresses.hold((row.contact_id,))[row.contact_id]
    db.session.refresh(row)
    if row.kind is not AddressKind.NUMBER or row.value == contact.wa_id:
        raise NotReady("This is the number that the customer writes from now. Nothing was changed.")
    row.is_refused, row.ended_at = True, row.ended_at or utcnow()
    audit.record(
        actor,
        "contact.address_refused",
        account_id=contact.account_id,
        object_type="contact",
        object_id=contact.id,
    )
    db.session.commit()


def person_id(contact: Contact) -> int:
    """The contact whose page is this person's."""
    return contact.joined_to_id or contact.id


def _find(one_id: int, other_id: int) -> ContactJoin | None:
    """Whichever way round it was made."""
    pairs = ((one_id, other_id), (other_id, one_id))
    either = ((ContactJoin.contact_id == first) & (ContactJoin.into_id == second) for first, second in pairs)
    return db.session.scalar(select(ContactJoin).where(or_(*either)).limit(1))


def _make(contact: Contact, other: Contact, reason: str, event_id: int | None) -> ContactJoin:
    """Whom we have known longer stays the one whose page it is."""
    into, joined = sorted((contact, other), key=lambda one: one.id)
    row = ContactJoin(
        account_id=into.account_id,
        contact_id=joined.id,
        into_id=into.id,
        state=JoinState.SUGGESTED,
        reason=reason,
        event_id=event_id,
    )
    db.session.add(row)
    db.session.flush()
    return row


def _members(contact_ids: Iterable[int]) -> set[int]:
    """All that hang together with these by joins that hold, themselves included."""
    found = set(contact_ids)
    seen: set[int] = set()
    while new := found - seen:
        seen |= new
        found |= {id_ for row in _joins_of(new) for id_ in (row.contact_id, row.into_id)}
    return found


def _joins_of(contact_ids: Collection[int]) -> list[ContactJoin]:
    statement = select(ContactJoin).where(
        ContactJoin.state == JoinState.JOINED,
        or_(ContactJoin.contact_id.in_(contact_ids), ContactJoin.into_id.in_(contact_ids)),
    )
    return list(db.session.scalars(statement.order_by(ContactJoin.id)))


def _follow(contact_ids: Iterable[int], head_id: int | None = None) -> None:
    """Let each contact point to its person's page, as the joins that hold say. `head_id`: which it shall
    be."""
    db.session.flush()
    given = set(contact_ids)
    changed: set[int] = set()
    while given:
        members = _members({given.pop()})
        given -= members
        contacts = list(db.session.scalars(select(Contact).where(Contact.id.in_(members))))
        head = head_id if head_id in members else _head_of(members)
        for contact in contacts:
            contact.joined_to_id = None if contact.id == head else head
        changed |= members
    db.session.flush()
    addresses.show_again(changed)


def _head_of(members: Collection[int]) -> int:
    """Who was the person's page before; else the one that others were joined into first."""
    rows = _joins_of(members)
    pointed = {row.contact_id for row in rows}
    return next((row.into_id for row in rows if row.into_id not in pointed), min(members))


def _record(actor: Actor, action: str, row: ContactJoin) -> None:
    audit.record(
        actor,
        action,
        account_id=row.account_id,
        object_type="contact",
        object_id=row.into_id,
        details={"with": row.contact_id},
    )
