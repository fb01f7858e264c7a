"""Contacts page by page, for programs: newest first, by cursor; and what they have to do with."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload, selectinload

from app.errors import NotFound
from app.extensions import db
from app.models import Contact, ContactConsent, ContactTag, Conversation, Message
from app.models.phone_twins import spellings_of
from app.queries.access import AccountScope
from app.queries.contact_fields import field_conditions
from app.queries.search.who import PeopleSearch, is_among
from app.queries.slices import Slice, Turn, fetch_slice

_MOST_CONSENTS = 50
_MOST_CONVERSATIONS = 20


@dataclass(frozen=True)
class ContactFilters:
    """`wa_id`: the number's digits, in either spelling; `user_id` and `tag` are looked for exactly. `search`:
    a part of a name, a user name or a number. `is_opted_out`: of marketing."""

    account_id: int | None = None
    wa_id: str | None = None
    user_id: str | None = None
    search: str = ""
    tag: str = ""
    is_opted_out: bool | None = None
    field: str = ""
    """A field of one's own, by key; `how` is one of HOW, `value` what it is or contains."""
    how: str = ""
    value: str = ""

    @property
    def is_narrowed(self) -> bool:
        return bool(self.search or self.tag or self.account_id or self.field) or self.is_opted_out is not None


def slice_contacts(
    scope: AccountScope, filters: ContactFilters, turn: Turn | None, limit: int
) -> Slice[Contact]:
    statement = (
        select(Contact)
        .where(scope.covers(Contact.account_id), *_conditions(scope, filters))
        .options(selectinload(Contact.tag_rows), selectinload(Contact.value_rows))
    )
    for column, value in (
        (Contact.account_id, filters.account_id),
        (Contact.user_id, filters.user_id),
    ):
        if value is not None:
            statement = statement.where(column == value)
    return fetch_slice(statement, Contact, turn=turn, limit=limit)


def finds_all(search: str) -> bool:
    """False while an old installation is being made searchable, when older contacts may be missing."""
    return not search or PeopleSearch(search).is_complete


def _conditions(scope: AccountScope, filters: ContactFilters) -> Iterator[ColumnElement[bool]]:
    if filters.wa_id is not None:
        yield Contact.wa_id.in_(spellings_of(filters.wa_id))
    if filters.tag:
        yield Contact.id.in_(select(ContactTag.contact_id).where(ContactTag.tag == filters.tag))
    if filters.is_opted_out is not None:
        is_out = Contact.opted_out_at.is_not(None)
        yield is_out if filters.is_opted_out else ~is_out
    yield from field_conditions(filters.field, filters.how, filters.value)
    if filters.search:
        who = PeopleSearch(filters.search)
        # Many are met with soon enough on the way through the list; the index would first gather them all.
        yield is_among(Contact.id, who.few) if who.few is not None else who.by_row(Contact.id)
        yield scope.finds_by(filters.search)


def list_consents(contact_id: int) -> list[ContactConsent]:
    """Newest first."""
    statement = select(ContactConsent).where(ContactConsent.contact_id == contact_id)
    return list(db.session.scalars(statement.order_by(ContactConsent.id.desc()).limit(_MOST_CONSENTS)))


def list_conversations_of(contact_ids: Collection[int], scope: AccountScope) -> list[Conversation]:
    """In the scope, the latest first; one for each number that each of these contacts has to do with."""
    statement = (
        select(Conversation)
        .where(Conversation.contact_id.in_(contact_ids), scope.covers(Conversation.account_id))
        .options(joinedload(Conversation.phone_number), joinedload(Conversation.contact))
        .order_by(Conversation.last_message_at.desc())
    )
    return list(db.session.scalars(statement.limit(_MOST_CONVERSATIONS)))


def list_last_messages(conversations: Sequence[Conversation], limit: int) -> list[Message]:
    """Of all of these, newest first."""
    order = (Message.occurred_at.desc(), Message.id.desc())
    found = [
        message
        for one in conversations
        for message in db.session.scalars(
            select(Message).where(Message.conversation_id == one.id).order_by(*order).limit(limit)
        )
    ]
    return sorted(found, key=lambda message: (message.occurred_at, message.id), reverse=True)[:limit]


def get_contact(contact_id: int, scope: AccountScope) -> Contact:
    """Raises NotFound when it does not exist or lies outside the scope."""
    contact = db.session.scalar(
        select(Contact).where(Contact.id == contact_id, scope.covers(Contact.account_id))
    )
    if contact is None:
        raise NotFound("There is no such contact.")
    return contact


def list_latest(account_id: int, limit: int) -> list[Contact]:
    """The account's newest contacts."""
    statement = select(Contact).where(Contact.account_id == account_id).order_by(Contact.id.desc())
    return list(db.session.scalars(statement.limit(limit)))


def find_contact(account_id: int, contact_id: int) -> Contact | None:
    return db.session.scalar(
        select(Contact).where(Contact.account_id == account_id, Contact.id == contact_id)
    )
