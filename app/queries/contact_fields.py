"""Reads about fields of one's own."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, and_, select

from app.errors import NotFound
from app.extensions import db
from app.models import Contact, ContactField, ContactValue
from app.queries.access import AccountScope
from app.queries.slices import Slice, Turn, fetch_slice

HOW = {"filled": "is filled in", "empty": "is empty", "is": "is", "contains": "contains"}
"""How a field is looked at in the list of contacts."""


def list_fields(account_id: int, *, with_retired: bool = False) -> list[ContactField]:
    """In their order."""
    statement = select(ContactField).where(ContactField.account_id == account_id)
    if not with_retired:
        statement = statement.where(ContactField.retired_at.is_(None))
    return list(db.session.scalars(statement.order_by(ContactField.position, ContactField.id)))


def list_filled(contact: Contact) -> list[tuple[ContactField, str]]:
    """The account's fields in their order, with what this customer has in them; retired ones left out."""
    statement = (
        select(ContactField, ContactValue.value)
        .outerjoin(
            ContactValue,
            and_(ContactValue.field_id == ContactField.id, ContactValue.contact_id == contact.id),
        )
        .where(ContactField.account_id == contact.account_id, ContactField.retired_at.is_(None))
        .order_by(ContactField.position, ContactField.id)
    )
    return [(field, value or "") for field, value in db.session.execute(statement)]


def list_seen(scope: AccountScope) -> list[ContactField]:
    """Of all these accounts, each key once, by name; retired ones left out."""
    statement = select(ContactField).where(
        scope.covers(ContactField.account_id), ContactField.retired_at.is_(None)
    )
    rows = db.session.scalars(statement.order_by(ContactField.name, ContactField.id))
    return list({row.key: row for row in rows}.values())


def slice_fields(
    scope: AccountScope, account_id: int | None, turn: Turn | None, limit: int
) -> Slice[ContactField]:
    """Newest first, retired ones too."""
    statement = select(ContactField).where(scope.covers(ContactField.account_id))
    if account_id is not None:
        statement = statement.where(ContactField.account_id == account_id)
    return fetch_slice(statement, ContactField, turn=turn, limit=limit)


def get_field(field_id: int, scope: AccountScope) -> ContactField:
    """Raises NotFound outside the scope."""
    found: ContactField | None = db.session.scalar(
        select(ContactField).where(ContactField.id == field_id, scope.covers(ContactField.account_id))
    )
    if found is None:
        raise NotFound("There is no such field.")
    return found


def field_conditions(key: str, how: str, value: str) -> Iterable[ColumnElement[bool]]:
    """Contacts by what stands in the field of this key, in whichever account."""
    if not key or how not in HOW:
        return
    filled = (
        select(ContactValue.contact_id)
        .join(ContactField, ContactField.id == ContactValue.field_id)
        .where(ContactField.key == key)
    )
    folded = value.casefold()
    if how == "is":
        filled = filled.where(ContactValue.folded == folded)
    elif how == "contains":
        filled = filled.where(ContactValue.folded.contains(folded, autoescape=True))
    is_in = Contact.id.in_(filled)
    yield ~is_in if how == "empty" else is_in
