"""Reads about people who were erased."""

from __future__ import annotations

from sqlalchemy import select

from app.errors import NotFound
from app.extensions import db
from app.models import Account, Contact, Erasure
from app.queries.access import AccountScope
from app.queries.slices import Slice, Turn, fetch_slice


def slice_erasures(scope: AccountScope, turn: Turn | None, limit: int) -> Slice[Erasure]:
    """Newest first."""
    statement = select(Erasure).where(scope.covers(Erasure.account_id))
    return fetch_slice(statement, Erasure, turn=turn, limit=limit)


def get_erasure(erasure_id: int, scope: AccountScope) -> Erasure:
    """Raises NotFound outside the scope."""
    found: Erasure | None = db.session.scalar(
        select(Erasure).where(Erasure.id == erasure_id, scope.covers(Erasure.account_id))
    )
    if found is None:
        raise NotFound("There is no such erasing.")
    return found


def find_of_contact(contact_id: int) -> Erasure | None:
    """The one that the contact is waiting for, or was emptied by."""
    return db.session.scalar(select(Erasure).where(Erasure.shell_id == contact_id).limit(1))


def list_elsewhere(contact: Contact, scope: AccountScope) -> list[tuple[int, str]]:
    """(contact id, account's name): where the same person is a contact, too."""
    ids = {Contact.wa_id: contact.wa_id, Contact.user_id: contact.user_id}
    found: dict[int, str] = {}
    for column, value in ids.items():
        if value:
            rows = db.session.execute(
                select(Contact.id, Account.name)
                .join(Account, Account.id == Contact.account_id)
                .where(
                    column == value,
                    Contact.id != contact.id,
                    Contact.account_id.in_(select(Account.id)),
                    scope.covers(Contact.account_id),
                )
            )
            found |= {row.id: row.name for row in rows}
    return sorted(found.items())
