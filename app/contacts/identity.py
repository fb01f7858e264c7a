"""Who a contact is, as its page shows it: addresses, joined contacts, suggestions, blocks."""

from __future__ import annotations

from dataclasses import dataclass

from app.models import (
    AddressKind,
    AddressSource,
    Contact,
    ContactAddress,
    ContactBlock,
    ContactJoin,
    Conversation,
    JoinState,
)
from app.models.number_masks import are_hidden, mask_number
from app.models.phone_spelling import spell_phone
from app.queries import contact_identity as queries
from app.queries.contact_lists import list_conversations_of
from app.web.identity import current_actor

KINDS = {
    AddressKind.NUMBER: "Number",
    AddressKind.USER_ID: "WhatsApp user id",
    AddressKind.PARENT_USER_ID: "Parent user id",
    AddressKind.USERNAME: "User name",
}
SOURCES = {
    AddressSource.EARLIER: "known from before",
    AddressSource.MESSAGE: "from a message",
    AddressSource.ANSWER: "from WhatsApp’s answer to a message",
    AddressSource.CHANGE: "WhatsApp told of a change",
    AddressSource.CARD: "shared by the customer",
    AddressSource.HAND: "typed here",
    AddressSource.API: "given by a program",
    AddressSource.FILE: "from an imported file",
}


@dataclass(frozen=True)
class Address:
    """A line of the ledger. `text`: as people write it. `event_id`: of the webhook event, while it is kept
    and may be seen. `can_refuse`: a person may say that it is not theirs."""

    row: ContactAddress
    text: str
    kind: str
    source: str
    is_current: bool
    can_refuse: bool
    event_id: int | None = None


@dataclass(frozen=True)
class Blockable:
    """A conversation whose number has blocked the customer, or may block them now."""

    conversation: Conversation
    block: ContactBlock | None


@dataclass(frozen=True)
class Identity:
    """`people`: the contacts that are the same person, by their joins, as far as whoever looks may see
    them."""

    people: list[Contact]
    addresses: list[Address]
    joins: list[ContactJoin]
    suggestions: list[ContactJoin]
    conversations: list[Conversation]
    blocks: list[Blockable]

    @property
    def head(self) -> Contact:
        return self.people[0]


def identity_of(contact: Contact) -> Identity:
    """Read together for all contacts of the person."""
    scope = current_actor().scope("console.use")
    people = queries.list_person(contact, scope)
    ids = [one.id for one in people]
    conversations = list_conversations_of(ids, scope)
    return Identity(
        people=people,
        addresses=_addresses(people),
        joins=queries.list_joins(ids, JoinState.JOINED, scope),
        suggestions=queries.list_joins(ids, JoinState.SUGGESTED, scope),
        conversations=conversations,
        blocks=_blocks(ids, conversations),
    )


def _addresses(people: list[Contact]) -> list[Address]:
    rows = queries.list_addresses([one.id for one in people])
    by_id = {one.id: one for one in people}
    may_see = current_actor().may("webhook_events.view", people[0].account_id)
    events = queries.list_known_events(row.event_id for row in rows) if may_see else set()
    shown = [_address(row, by_id[row.contact_id], events) for row in rows]
    return sorted(shown, key=lambda one: not one.is_current)


def _address(row: ContactAddress, contact: Contact, events: set[int]) -> Address:
    current = {
        AddressKind.NUMBER: contact.wa_id,
        AddressKind.USER_ID: contact.user_id,
        AddressKind.USERNAME: contact.username,
        AddressKind.PARENT_USER_ID: row.value,
    }[row.kind]
    is_number = row.kind is AddressKind.NUMBER
    return Address(
        row=row,
        text=_text(row, contact),
        kind=KINDS[row.kind],
        source=SOURCES[row.source],
        is_current=row.value == current,
        can_refuse=is_number and row.value != contact.wa_id and row.ended_at is None,
        event_id=row.event_id if row.event_id in events else None,
    )


def _text(row: ContactAddress, contact: Contact) -> str:
    if row.kind is AddressKind.NUMBER:
        number = f"+{row.value}"
        return mask_number(number) if are_hidden(contact.account_id) else spell_phone(number)
    return f"@{row.value}" if row.kind is AddressKind.USERNAME else row.value


def _blocks(contact_ids: list[int], conversations: list[Conversation]) -> list[Blockable]:
    rows = {(row.phone_number_id, row.contact_id): row for row in queries.list_blocks(contact_ids)}
    lately = {one.id for one in queries.list_blockable(conversations)}
    found = [Blockable(one, rows.get((one.phone_number_id, one.contact_id))) for one in conversations]
    return [one for one in found if one.block is not None or one.conversation.id in lately]
