"""Taking a batch of lines over: who is known, who is new, what is changed, and what is noted of each line.

New people are written with a statement for each table. Known ones are few in most files, and looked at one by
one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import Table, select
from sqlalchemy.orm import selectinload

from app.extensions import db
from app.models import (
    AddressKind,
    AddressSource,
    Contact,
    ContactImport,
    ContactImportRow,
    ContactRowState,
    ContactTag,
    ContactValue,
    Conversation,
)
from app.queries.contact_fields import list_fields
from app.services import consents, contact_addresses, contacts
from app.services.bulk import Insert
from app.services.consents import FileSays
from app.services.contact_fields import fold
from app.services.contact_files.lines import Draft, Judged, LineReader, Wrong
from app.services.contact_files.spellings import as_known

_PLAIN = ("own_name", "language", "note", "time_zone")
_PEOPLE = Insert(
    cast(Table, Contact.__table__), "account_id", "wa_id", *_PLAIN, "opted_out_at", returning=("id", "wa_id")
)
_TAGS = Insert(cast(Table, ContactTag.__table__), "contact_id", "tag")
_VALUES = Insert(cast(Table, ContactValue.__table__), "contact_id", "field_id", "value", "folded")
_ROWS = Insert(
    cast(Table, ContactImportRow.__table__),
    "import_id",
    "position",
    "state",
    "contact_id",
    "error",
    "before",
    "after",
    "cells",
)


@dataclass
class _Noted:
    """What became of a line, as the row of it will say."""

    state: ContactRowState = ContactRowState.FAILED
    contact_id: int | None = None
    error: str = ""
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    cells: list[str] = field(default_factory=list)


def judge(line: int, cells: list[str], reader: LineReader) -> Judged:
    try:
        return Judged(line, cells, reader.read(cells))
    except Wrong as error:
        return Judged(line, cells, None, str(error))


def take(row: ContactImport, batch: Sequence[Judged]) -> None:
    """Write a batch down. The caller commits."""
    batch = as_known(row.account_id, batch)
    firsts = _first_lines(batch)
    known = _known(row.account_id, firsts)
    new = {wa_id: judged for wa_id, judged in firsts.items() if wa_id not in known}
    made = _make(row, new)
    taken = _taken_before(row.id, [contact.id for contact in known.values()])
    histories = consents.histories([contact.id for contact in known.values()])
    noted: dict[int, _Noted] = {}
    for judged in batch:
        if judged.draft is None:
            noted[judged.line] = _Noted(error=judged.problem, cells=judged.cells)
            continue
        wa_id, first = judged.draft.wa_id, firsts[judged.draft.wa_id].line
        contact = known.get(wa_id)
        line = taken.get(contact.id) if contact else None
        if line is not None or first != judged.line:
            text = f"The same number stands in line {line if line is not None else first} already."
            noted[judged.line] = _Noted(error=text, cells=judged.cells)
        elif contact is not None:
            noted[judged.line] = _change(row, contact, judged.draft, histories[contact.id])
        else:
            noted[judged.line] = made.get(wa_id) or _Noted(
                error="Somebody else made this contact at the same moment. Import the line again.",
                cells=judged.cells,
            )
    _note(row, noted)


def _first_lines(batch: Sequence[Judged]) -> dict[str, Judged]:
    firsts: dict[str, Judged] = {}
    for judged in batch:
        if judged.draft is not None:
            firsts.setdefault(judged.draft.wa_id, judged)
    return firsts


def _note(row: ContactImport, noted: dict[int, _Noted]) -> None:
    db.session.flush()
    for one in noted.values():
        setattr(row, one.state.value, getattr(row, one.state.value) + 1)
    _ROWS.write([(row.id, line, *vars(one).values()) for line, one in noted.items()])


def _known(account_id: int, wa_ids: Collection[str]) -> dict[str, Contact]:
    """Locked: conversations before contacts, as everybody does."""
    ids = select(Contact.id).where(Contact.account_id == account_id, Contact.wa_id.in_(wa_ids))
    held = select(Conversation.id).where(Conversation.contact_id.in_(ids)).order_by(Conversation.id)
    db.session.execute(held.with_for_update(key_share=True))
    statement = (
        select(Contact)
        .where(Contact.account_id == account_id, Contact.wa_id.in_(wa_ids))
        .options(selectinload(Contact.tag_rows), selectinload(Contact.value_rows))
        .order_by(Contact.id)
        .with_for_update(of=Contact, key_share=True)
        .execution_options(populate_existing=True)
    )
    return {contact.wa_id or "": contact for contact in db.session.scalars(statement)}


def _make(row: ContactImport, new: dict[str, Judged]) -> dict[str, _Noted]:
    """New people by number; without those whom somebody else made at this moment (an inbound message may)."""
    drafts = {wa_id: judged.draft for wa_id, judged in sorted(new.items()) if judged.draft is not None}
    ids = {wa_id: id_ for id_, wa_id in _PEOPLE.write([_person(row, draft) for draft in drafts.values()])}
    fields = {each.key: each.id for each in list_fields(row.account_id)}
    made = {wa_id: (id_, drafts[wa_id]) for wa_id, id_ in ids.items()}
    contact_addresses.write_new(
        [
            (row.account_id, id_, AddressKind.NUMBER, wa_id, AddressSource.FILE, None, row.created_at)
            for wa_id, id_ in ids.items()
        ]
    )
    _TAGS.write([(id_, tag) for id_, draft in made.values() for tag in draft.values.get("tags", ())])
    _VALUES.write(
        [
            (id_, fields[key], value, fold(value))
            for id_, draft in made.values()
            for key, value in draft.values.get("fields", {}).items()
        ]
    )
    consent_ids = consents.write_of_new_people(
        [
            FileSays(id_, draft.consent.kind, draft.consent.at, draft.consent.note)
            for id_, draft in made.values()
            if draft.consent is not None
        ],
        row.actor_name,
    )
    return {wa_id: _made_note(id_, draft, consent_ids.get(id_)) for wa_id, (id_, draft) in made.items()}


def _person(row: ContactImport, draft: Draft) -> tuple[Any, ...]:
    consent = draft.consent
    out_at = consent.at if consent is not None and consent.is_out else None
    return (row.account_id, draft.wa_id, *(draft.values.get(name, "") for name in _PLAIN), out_at)


def _made_note(contact_id: int, draft: Draft, consent_id: int | None) -> _Noted:
    after = dict(draft.values)
    if consent_id is not None:
        after["consent_id"] = consent_id
    return _Noted(ContactRowState.CREATED, contact_id, after=after)


def _taken_before(import_id: int, contact_ids: Sequence[int]) -> dict[int, int]:
    """The line of this file that a contact stands in already, from a batch before."""
    rows = db.session.execute(
        select(ContactImportRow.contact_id, ContactImportRow.position).where(
            ContactImportRow.import_id == import_id, ContactImportRow.contact_id.in_(contact_ids)
        )
    )
    return {contact_id: position for contact_id, position in rows if contact_id is not None}


def _change(row: ContactImport, contact: Contact, draft: Draft, history: consents.History) -> _Noted:
    noted = _Noted(ContactRowState.UNCHANGED, contact.id)
    if row.options.get("mode") == "new":
        return noted
    before = contacts.values_of(contact)
    wanted = _wanted(before, draft.values, wins=str(row.options.get("wins")))
    changed = {name: value for name, value in wanted.items() if value != before[name]}
    if changed:
        contacts.write(contact, changed)
    noted.before, noted.after = {name: before[name] for name in changed}, dict(changed)
    if draft.consent is not None:
        said = FileSays(contact.id, draft.consent.kind, draft.consent.at, draft.consent.note)
        taken = consents.take_from_file(contact, said, history, row.actor_name)
        if taken is not None:
            noted.before["opted_out_at"], noted.after["consent_id"] = taken
    if noted.after:
        noted.state = ContactRowState.UPDATED
    return noted


def _wanted(before: dict[str, Any], values: dict[str, Any], *, wins: str) -> dict[str, Any]:
    """What the contact is to have. Tags are added, never taken away; what the file leaves empty stays."""
    wanted: dict[str, Any] = {}
    for name, value in values.items():
        if name == "tags":
            wanted[name] = sorted({*before["tags"], *value})[: contacts.MOST_TAGS]
        elif name == "fields":
            here = before["fields"]
            wanted[name] = {**value, **here} if wins == "here" else {**here, **value}
        elif wins != "here" or not before[name]:
            wanted[name] = value
    return wanted
