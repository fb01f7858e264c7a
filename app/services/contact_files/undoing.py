"""Taking an import back: exactly what it made or changed, as far as nobody has changed it since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import selectinload

from app.extensions import db
from app.models import (
    Contact,
    ContactImport,
    ContactImportRow,
    ContactImportState,
    ContactRowState,
    Conversation,
    utcnow,
)
from app.services import consents, contacts
from app.services.contact_files.work import finish, held

_BATCH = 200
_DONE = (ContactRowState.CREATED, ContactRowState.UPDATED)


@dataclass(frozen=True)
class _Facts:
    """What is looked up for a whole batch: contacts, whom somebody wrote with, the newest wish of each."""

    contacts: dict[int, Contact]
    written: set[int]
    histories: dict[int, consents.History]


def take_back(import_id: int, worker: str, lease: timedelta) -> None:
    """Raises Lost."""
    while _take_back_batch(import_id, worker, lease):
        continue
    finish(import_id, worker, ContactImportState.UNDONE)


def _take_back_batch(import_id: int, worker: str, lease: timedelta) -> bool:
    row = held(import_id, worker)
    rows = db.session.scalars(
        select(ContactImportRow)
        .where(ContactImportRow.import_id == import_id, ContactImportRow.state.in_(_DONE))
        .order_by(ContactImportRow.position)
        .limit(_BATCH)
    ).all()
    facts = _look_up([noted.contact_id for noted in rows if noted.contact_id is not None])
    untouched: list[int] = []
    for noted in rows:
        is_undone = _undo_one(noted, facts, untouched)
        noted.state = ContactRowState.UNDONE if is_undone else ContactRowState.KEPT
        _count(row, is_undone=is_undone)
    row.lease_until = utcnow() + lease
    db.session.flush()
    _delete([facts.contacts[id_] for id_ in untouched])
    db.session.commit()
    return bool(rows)


def _count(row: ContactImport, *, is_undone: bool) -> None:
    row.undone += is_undone
    row.kept += not is_undone


def _look_up(contact_ids: Sequence[int]) -> _Facts:
    """Locked: conversations before contacts, as everybody does."""
    of_these = Conversation.contact_id.in_(contact_ids)
    held_first = select(Conversation.id, Conversation.contact_id).where(of_these).order_by(Conversation.id)
    written = {row.contact_id for row in db.session.execute(held_first.with_for_update(key_share=True))}
    statement = (
        select(Contact)
        .where(Contact.id.in_(contact_ids))
        .options(selectinload(Contact.tag_rows), selectinload(Contact.value_rows))
        .order_by(Contact.id)
        .with_for_update(of=Contact)
        .execution_options(populate_existing=True)
    )
    found = {contact.id: contact for contact in db.session.scalars(statement)}
    return _Facts(found, written, consents.histories(contact_ids))


def _undo_one(noted: ContactImportRow, facts: _Facts, untouched: list[int]) -> bool:
    """False when something stays, since somebody changed it meanwhile."""
    contact = facts.contacts.get(noted.contact_id or 0)
    if contact is None:
        # Gone: erased, say.
        return True
    now, history = contacts.values_of(contact), facts.histories[contact.id]
    after = {name: value for name, value in noted.after.items() if name in now}
    is_as_left = all(now[name] == value for name, value in after.items())
    consent_id = noted.after.get("consent_id")
    is_wish_ours = history.newest_id == consent_id
    if noted.state is ContactRowState.CREATED:
        is_ours = is_as_left and is_wish_ours and contact.id not in facts.written
        if is_ours and _is_only_from_file(contact, now, after):
            untouched.append(contact.id)
            return True
        return False
    back = {name: noted.before[name] for name, value in after.items() if now[name] == value}
    if back:
        contacts.write(contact, back)
    if consent_id is not None and is_wish_ours:
        consents.take_back_file(contact, consent_id, noted.before.get("opted_out_at"))
    return is_as_left and (consent_id is None or is_wish_ours)


def _is_only_from_file(contact: Contact, now: dict[str, Any], after: dict[str, Any]) -> bool:
    """Nothing stands there that the file did not bring, and WhatsApp has told nothing of them."""
    more = [name for name, value in now.items() if value and name not in after]
    return not more and not (contact.user_id or contact.profile_name or contact.username)


def _delete(people: Sequence[Contact]) -> None:
    """With tags, values and history, which the database takes along."""
    gone = delete(Contact).where(Contact.id.in_([contact.id for contact in people]))
    db.session.execute(gone, execution_options={"synchronize_session": False})
    for contact in people:
        db.session.expunge(contact)
