"""Reads about who is who: a person's contacts and addresses, joins and suggestions, the blocked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import joinedload

from app.errors import NotFound
from app.extensions import db
from app.models import (
    AddressKind,
    BlockState,
    Contact,
    ContactAddress,
    ContactBlock,
    ContactJoin,
    Conversation,
    JoinState,
    WebhookEvent,
    utcnow,
)
from app.models.conversations import WINDOW
from app.queries.access import AccountScope
from app.queries.slices import Slice, Turn, fetch_slice

_MOST = 50
_HOLDING = (BlockState.BLOCKING, BlockState.BLOCKED, BlockState.UNBLOCKING)


def list_person(contact: Contact, scope: AccountScope) -> list[Contact]:
    """All contacts in the scope that are the same person, the one whose page it is first. Mostly one."""
    head_id = contact.joined_to_id or contact.id
    rows = db.session.scalars(
        select(Contact)
        .where(or_(Contact.id == head_id, Contact.joined_to_id == head_id), scope.covers(Contact.account_id))
        .order_by(Contact.id)
        .limit(_MOST)
    )
    return sorted(rows, key=lambda one: one.id != head_id)


def list_heads(contacts: Iterable[Contact], scope: AccountScope) -> dict[int, Contact]:
    """Those in the scope whose page is the page of one of these, by id."""
    ids = {contact.joined_to_id for contact in contacts if contact.joined_to_id}
    statement = select(Contact).where(Contact.id.in_(ids), scope.covers(Contact.account_id))
    return {row.id: row for row in db.session.scalars(statement)} if ids else {}


def has_opted_out(contact: Contact) -> bool:
    """Of marketing, from whichever of their addresses."""
    if contact.opted_out_at is not None:
        return True
    head_id = contact.joined_to_id or contact.id
    found = select(Contact.id).where(
        or_(Contact.id == head_id, Contact.joined_to_id == head_id), Contact.opted_out_at.is_not(None)
    )
    return db.session.scalar(found.limit(1)) is not None


def list_lasting_addresses(contact_id: int) -> list[tuple[AddressKind, str]]:
    """What is this contact's alone: ids, which never pass to others, and numbers and names not given up."""
    row = ContactAddress
    is_id = row.kind.in_((AddressKind.USER_ID, AddressKind.PARENT_USER_ID))
    is_theirs = or_(is_id, row.ended_at.is_(None))
    statement = select(row.kind, row.value).where(
        row.contact_id == contact_id, is_theirs, row.is_refused.is_(False)
    )
    return [(kind, value) for kind, value in db.session.execute(statement)]


def slice_addresses(contact: Contact, turn: Turn | None, limit: int) -> Slice[ContactAddress]:
    """Of this contact alone, newest first."""
    statement = select(ContactAddress).where(ContactAddress.contact_id == contact.id)
    return fetch_slice(statement, ContactAddress, turn=turn, limit=limit, by="at")


def list_addresses(contact_ids: Collection[int]) -> list[ContactAddress]:
    """Oldest first."""
    statement = (
        select(ContactAddress)
        .where(ContactAddress.contact_id.in_(contact_ids))
        .order_by(ContactAddress.at, ContactAddress.id)
    )
    return list(db.session.scalars(statement.limit(_MOST * 4)))


def get_address(address_id: int, scope: AccountScope) -> ContactAddress:
    """Raises NotFound when it does not exist or lies outside the scope."""
    row = db.session.scalar(
        select(ContactAddress).where(ContactAddress.id == address_id, scope.covers(ContactAddress.account_id))
    )
    if row is None:
        raise NotFound("There is no such address.")
    return row


def list_joins(contact_ids: Collection[int], state: JoinState, scope: AccountScope) -> list[ContactJoin]:
    """Those in the scope in which one of these has a part; newest first."""
    statement = (
        select(ContactJoin)
        .where(_is_part(contact_ids), ContactJoin.state == state, scope.covers(ContactJoin.account_id))
        .options(joinedload(ContactJoin.contact), joinedload(ContactJoin.into))
        .order_by(ContactJoin.id.desc())
    )
    return list(db.session.scalars(statement.limit(_MOST)))


def get_join(join_id: int, scope: AccountScope) -> ContactJoin:
    """Raises NotFound when it does not exist or lies outside the scope."""
    row = db.session.scalar(
        select(ContactJoin)
        .where(ContactJoin.id == join_id, scope.covers(ContactJoin.account_id))
        .options(joinedload(ContactJoin.contact), joinedload(ContactJoin.into))
    )
    if row is None:
        raise NotFound("There is no such join.")
    return row


def slice_joins(
    scope: AccountScope, state: JoinState | None, contact_id: int | None, turn: Turn | None, limit: int
) -> Slice[ContactJoin]:
    """Newest first."""
    statement = select(ContactJoin).where(scope.covers(ContactJoin.account_id))
    if state is not None:
        statement = statement.where(ContactJoin.state == state)
    if contact_id is not None:
        statement = statement.where(_is_part((contact_id,)))
    return fetch_slice(statement, ContactJoin, turn=turn, limit=limit, by="at")


def _is_part(contact_ids: Collection[int]) -> ColumnElement[bool]:
    return or_(ContactJoin.contact_id.in_(contact_ids), ContactJoin.into_id.in_(contact_ids))


def list_known_events(event_ids: Iterable[int | None]) -> set[int]:
    """Which of these webhook events are still kept."""
    ids = {id_ for id_ in event_ids if id_}
    return set(db.session.scalars(select(WebhookEvent.id).where(WebhookEvent.id.in_(ids)))) if ids else set()


def is_elsewhere(other: Any, conversation: Conversation) -> ColumnElement[bool]:
    """The condition: `other` (conversations, or an alias of them) is another one with the same person."""
    head_id = conversation.contact.joined_to_id or conversation.contact_id
    person = select(Contact.id).where(or_(Contact.id == head_id, Contact.joined_to_id == head_id))
    return and_(other.contact_id.in_(person), other.id != conversation.id)


def list_elsewhere(conversation: Conversation) -> list[Conversation]:
    """The other conversations with the same person, from whichever of their addresses; the latest first."""
    statement = (
        select(Conversation)
        .where(is_elsewhere(Conversation, conversation))
        .options(joinedload(Conversation.phone_number), joinedload(Conversation.contact))
        .order_by(Conversation.last_message_at.desc())
    )
    return list(db.session.scalars(statement.limit(_MOST)))


def find_block(phone_number_id: int, contact_id: int) -> ContactBlock | None:
    return db.session.scalar(
        select(ContactBlock).where(
            ContactBlock.phone_number_id == phone_number_id, ContactBlock.contact_id == contact_id
        )
    )


def list_blocks(contact_ids: Collection[int]) -> list[ContactBlock]:
    """Those of these people that hold, or may."""
    statement = select(ContactBlock).where(
        ContactBlock.contact_id.in_(contact_ids), ContactBlock.state.in_(_HOLDING)
    )
    return list(db.session.scalars(statement))


def slice_blocks(
    scope: AccountScope, phone_number_id: int | None, turn: Turn | None, limit: int
) -> Slice[ContactBlock]:
    """Who is blocked, newest first."""
    statement = (
        select(ContactBlock)
        .where(scope.covers(ContactBlock.account_id), ContactBlock.state.in_(_HOLDING))
        .options(joinedload(ContactBlock.contact))
    )
    if phone_number_id is not None:
        statement = statement.where(ContactBlock.phone_number_id == phone_number_id)
    return fetch_slice(statement, ContactBlock, turn=turn, limit=limit, by="at")


def list_blockable(conversations: Sequence[Conversation]) -> list[Conversation]:
    """Those whose customer wrote lately enough for WhatsApp to let the number block them."""
    since = utcnow() - WINDOW
    return [one for one in conversations if one.last_inbound_at and one.last_inbound_at >= since]
