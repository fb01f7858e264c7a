"""Reads about imports of contacts."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.errors import NotFound
from app.extensions import db
from app.models import ContactImport, ContactImportRow, ContactRowState
from app.queries.access import AccountScope
from app.queries.slices import Slice, Turn, fetch_slice

_AT_A_TIME = 1_000


def slice_imports(
    scope: AccountScope, account_id: int | None, turn: Turn | None, limit: int
) -> Slice[ContactImport]:
    """Newest first."""
    statement = (
        select(ContactImport)
        .where(scope.covers(ContactImport.account_id))
        .options(joinedload(ContactImport.account))
    )
    if account_id is not None:
        statement = statement.where(ContactImport.account_id == account_id)
    return fetch_slice(statement, ContactImport, turn=turn, limit=limit)


def get_import(contact_import_id: int, scope: AccountScope) -> ContactImport:
    """Raises NotFound outside the scope."""
    found: ContactImport | None = db.session.scalar(
        select(ContactImport).where(
            ContactImport.id == contact_import_id, scope.covers(ContactImport.account_id)
        )
    )
    if found is None:
        raise NotFound("There is no such import.")
    return found


def list_failed(contact_import_id: int, limit: int, after: int = 0) -> list[ContactImportRow]:
    """Lines that were not taken, in order."""
    statement = (
        select(ContactImportRow)
        .where(
            ContactImportRow.import_id == contact_import_id,
            ContactImportRow.state == ContactRowState.FAILED,
            ContactImportRow.position > after,
        )
        .order_by(ContactImportRow.position)
        .limit(limit)
    )
    return list(db.session.scalars(statement))


def walk_failed(contact_import_id: int) -> Iterator[ContactImportRow]:
    """All of them, some at a time."""
    place = 0
    while rows := list_failed(contact_import_id, _AT_A_TIME, place):
        yield from rows
        place = rows[-1].position
