"""The row of an import as the worker holds it: claimed by a lease, checked before each batch, ended."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import or_, select

from app.extensions import db
from app.models import ContactImport, ContactImportState, utcnow

MOST_TRIES = 5
_OPEN = (ContactImportState.WAITING, ContactImportState.WORKING, ContactImportState.UNDOING)


class Lost(Exception):
    """Another worker has it now, or it is gone with its account."""


def claim(worker: str, lease: timedelta) -> tuple[int, ContactImportState] | None:
    """(id, state) of the import that waits longest, now this worker's."""
    now = utcnow()
    row = db.session.scalars(
        select(ContactImport)
        .where(
            ContactImport.state.in_(_OPEN),
            or_(ContactImport.lease_until.is_(None), ContactImport.lease_until < now),
        )
        .order_by(ContactImport.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
    if row is None:
        db.session.rollback()
        return None
    if row.state is not ContactImportState.UNDOING:
        if row.tries >= MOST_TRIES:
            end(
                row,
                ContactImportState.FAILED,
                "Reading it has stopped the worker several times. Split the file.",
            )
            db.session.commit()
            return None
        row.state, row.tries = ContactImportState.WORKING, row.tries + 1
    row.lease_owner, row.lease_until = worker, now + lease
    found = row.id, row.state
    db.session.commit()
    return found


def held(import_id: int, worker: str, *options: Any) -> ContactImport:
    """The row, locked, while it is still this worker's. Raises Lost."""
    statement = select(ContactImport).where(ContactImport.id == import_id).options(*options).with_for_update()
    row = db.session.scalars(statement.execution_options(populate_existing=True)).first()
    if row is None or row.lease_owner != worker or row.state not in _OPEN:
        raise Lost
    return row


def finish(import_id: int, worker: str, state: ContactImportState, error: str = "") -> None:
    try:
        row = held(import_id, worker)
    except Lost:
        db.session.rollback()
        return
    end(row, state, error)
    db.session.commit()


def end(row: ContactImport, state: ContactImportState, error: str = "") -> None:
    """The file itself is let go of."""
    row.state, row.error, row.content = state, error, None
    row.finished_at = row.finished_at or utcnow()
    if state is ContactImportState.UNDONE:
        row.undone_at = utcnow()
    row.lease_owner = row.lease_until = None
