"""Importing files of contacts: brought as a draft, looked at, started, and worked off in batches by the
worker.

Each batch is one transaction: contacts, what became of each line, and the counts. A killed worker's batch
rolls back; the next one goes on after the last line that is written down.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import undefer

from app import failpoints
from app.errors import DomainError, FieldProblem, InvalidFields
from app.extensions import db
from app.log_fields import about
from app.models import (
    ContactImport,
    ContactImportRow,
    ContactImportState,
    utcnow,
)
from app.queries.access import Actor
from app.queries.contact_fields import list_fields
from app.services import audit, bell
from app.services.account_locks import hold_account
from app.services.contact_files import meaning, taking, undoing
from app.services.contact_files.lines import LineReader, Wrong
from app.services.contact_files.reading import (
    DELIMITERS,
    ENCODINGS,
    LARGEST_FILE,
    Line,
    Reading,
    Unreadable,
    count_lines,
    find_reading,
    read_columns,
    read_lines,
)
from app.services.contact_files.work import Lost, claim, finish, held

log = logging.getLogger(__name__)

MANAGE = "contacts.manage"
BATCH = 200
MODES = {"both": "Add new people and change known ones", "new": "Only add new people"}
WINS = {"file": "The file", "here": "What stands here already"}
_MOST_WAITING = 10
_LONGEST_NAME = 200
_KEPT = timedelta(days=90)
_DRAFTS_KEPT = timedelta(days=2)
_LEASE = timedelta(seconds=90)


class Busy(DomainError):
    """It is not in the state that this needs."""

    code = "import_state"


def bring(*, account_id: int, file_name: str, content: bytes, country: str, actor: Actor) -> ContactImport:
    """Keep a file as a draft, with what its columns probably mean. Raises InvalidFields on `file`."""
    file_name = " ".join(file_name.replace("\x00", "").split())[-_LONGEST_NAME:] or "contacts.csv"
    if not content:
        raise _wrong("file", "This file is empty. Look whether it is the right one, then try again.")
    if len(content) > LARGEST_FILE:
        raise _wrong(
            "file", f"This file is larger than {LARGEST_FILE // 1024 // 1024} MB. Split it, then try again."
        )
    # Reading takes a while: nothing is locked meanwhile.
    db.session.rollback()
    try:
        found = _read_as(content, None)
    except Unreadable as error:
        raise _wrong("file", str(error)) from None
    hold_account(account_id)
    if _count_waiting(account_id) >= _MOST_WAITING:
        db.session.rollback()
        raise _wrong("file", "Ten files wait already. Start or discard one of them, then try again.")
    row = ContactImport(
        account_id=account_id,
        created_by_id=actor.user.id if actor.user else None,
        actor_name=actor.name,
        file_name=file_name,
        size_bytes=len(content),
        content=content,
        options={"mode": "both", "wins": "file", "country": country, "consent_source": "", "consent_on": ""},
    )
    _note(row, found)
    db.session.add(row)
    db.session.flush()
    audit.record(
        actor,
        "contact_import.brought",
        account_id=account_id,
        object_type="contact_import",
        object_id=row.id,
        details={"file_name": file_name, "lines": row.total},
    )
    db.session.commit()
    return row


@dataclass(frozen=True)
class _Found:
    """What a file holds when it is read in this way."""

    reading: Reading
    columns: list[str]
    total: int


def _read_as(content: bytes, reading: Reading | None) -> _Found:
    """None: in the way that fits best. Raises Unreadable."""
    reading = reading or find_reading(content)
    columns = read_columns(content, reading)
    return _Found(reading, columns, count_lines(content, reading))


def _note(row: ContactImport, found: _Found) -> None:
    row.reading, row.total = found.reading.as_dict(), found.total
    if found.columns != row.columns or len(row.mapping or []) != len(found.columns):
        row.columns = found.columns
        row.mapping = meaning.guess(found.columns, list_fields(row.account_id))


def _wrong(field: str, text: str) -> InvalidFields:
    return InvalidFields([FieldProblem(field, text)])


def _count_waiting(account_id: int) -> int:
    open_states = (ContactImportState.DRAFT, ContactImportState.WAITING, ContactImportState.WORKING)
    statement = select(func.count(ContactImport.id)).where(
        ContactImport.account_id == account_id, ContactImport.state.in_(open_states)
    )
    return db.session.scalar(statement) or 0


def set_up(
    *, row: ContactImport, reading: Reading | None, mapping: Sequence[str] | None, options: dict[str, Any]
) -> None:
    """How a draft is read and taken. Raises InvalidFields (`reading`, `mapping`, `mode` …), Busy.

    When the file is read in another way its columns are other ones, and what they mean is guessed anew.
    """
    content = _draft(row)
    now = Reading(**row.reading)
    if reading is not None and reading != now:
        if reading.encoding not in ENCODINGS or reading.delimiter not in DELIMITERS:
            raise _wrong("reading", "Choose encoding and delimiter from the lists.")
        try:
            _note(row, _read_as(content, reading))
        except Unreadable as error:
            db.session.rollback()
            raise _wrong("reading", str(error)) from None
    elif mapping is not None:
        row.mapping = _checked_mapping(row, mapping)
    row.options = {**row.options, **_checked_options(options)}
    db.session.commit()


def _checked_mapping(row: ContactImport, mapping: Sequence[str]) -> list[str]:
    known = meaning.meanings_of(list_fields(row.account_id))
    given = [word for word in mapping if word]
    if len(mapping) != len(row.columns) or any(word not in known for word in given):
        raise _wrong("mapping", "Say for each column of the file what it means, or nothing.")
    twice = sorted({known[word] for word in given if given.count(word) > 1})
    if twice:
        raise _wrong("mapping", f"More than one column is said to be: {', '.join(twice)}.")
    return list(mapping)


def _checked_options(options: dict[str, Any]) -> dict[str, Any]:
    known = {"mode": MODES, "wins": WINS}
    for name, words in known.items():
        if name in options and options[name] not in words:
            raise _wrong(name, "Choose one of the list.")
    country = str(options.get("country", ""))
    if country and not (len(country) == 2 and country.isascii() and country.isupper()):
        raise _wrong("country", "Choose a country from the list.")
    names = ("mode", "wins", "country", "consent_source", "consent_on")
    return {name: str(options[name])[:500].replace("\x00", "").strip() for name in names if name in options}


def _draft(row: ContactImport) -> bytes:
    db.session.refresh(row, with_for_update=True)
    content = row.content
    if row.state is not ContactImportState.DRAFT or content is None:
        db.session.rollback()
        raise Busy("This file is being taken over already, or was. Bring it anew to change how it is read.")
    return content


def start(*, row: ContactImport, actor: Actor) -> None:
    """A worker takes it over. Raises InvalidFields on `mapping`, Busy."""
    _draft(row)
    if meaning.NUMBER not in row.mapping:
        db.session.rollback()
        raise _wrong("mapping", "Say which column holds the phone number.")
    row.state = ContactImportState.WAITING
    _record(row, actor, "contact_import.started", {"lines": row.total, "mode": row.options["mode"]})
    bell.ring(bell.CONTACTS)


def set_up_and_start(
    *, row: ContactImport, mapping: Sequence[str] | None, options: dict[str, Any], actor: Actor
) -> None:
    """Both at once, for a program; where it cannot be, the draft goes again. Raises InvalidFields."""
    try:
        set_up(row=row, reading=None, mapping=mapping, options=options)
        start(row=row, actor=actor)
    except InvalidFields:
        db.session.rollback()
        db.session.delete(row)
        db.session.commit()
        raise


def discard(*, row: ContactImport, actor: Actor) -> None:
    """A draft goes, as if it had never been brought. Raises Busy."""
    _draft(row)
    db.session.delete(row)
    _record(row, actor, "contact_import.discarded", {"file_name": row.file_name})


def undo(*, row: ContactImport, actor: Actor) -> None:
    """A worker takes back what this import made or changed, and nobody has changed since. Raises Busy."""
    db.session.refresh(row, with_for_update=True)
    if row.state is not ContactImportState.DONE:
        db.session.rollback()
        raise Busy("Only an import that is done can be undone, and only once.")
    row.state = ContactImportState.UNDOING
    _record(row, actor, "contact_import.undone", {"file_name": row.file_name})
    bell.ring(bell.CONTACTS)


def _record(row: ContactImport, actor: Actor, action: str, details: dict[str, Any]) -> None:
    audit.record(
        actor,
        action,
        account_id=row.account_id,
        object_type="contact_import",
        object_id=row.id,
        details=details,
    )
    db.session.commit()


@dataclass(frozen=True)
class Looked:
    """The first lines of a draft, as they would be taken: (line, cells, what is wrong with it)."""

    lines: list[tuple[int, list[str], str]]
    wrong: int


def look(row: ContactImport, content: bytes, most: int) -> Looked:
    """Nothing is written. Raises Unreadable."""
    reader = reader_of(row)
    lines, wrong = [], 0
    for _, (line, cells) in zip(range(most), read_lines(content, Reading(**row.reading)), strict=False):
        problem = ""
        try:
            reader.read(cells)
        except Wrong as error:
            problem, wrong = str(error), wrong + 1
        lines.append((line, cells, problem))
    return Looked(lines, wrong)


def reader_of(row: ContactImport) -> LineReader:
    return LineReader(row.mapping, list_fields(row.account_id), row.options, row.created_at)


def work_off(worker: str) -> int:
    """Take one file over, or one back. Returns how many there were."""
    claimed = claim(worker, _LEASE)
    if claimed is None:
        return 0
    import_id, state = claimed
    failpoints.reach("contact-import-claimed")
    try:
        if state is ContactImportState.UNDOING:
            undoing.take_back(import_id, worker, _LEASE)
        else:
            _take_over(import_id, worker)
    except Unreadable as error:
        db.session.rollback()
        finish(import_id, worker, ContactImportState.FAILED, str(error))
    except Lost:
        db.session.rollback()
    return 1


def _take_over(import_id: int, worker: str) -> None:
    row = held(import_id, worker, undefer(ContactImport.content))
    content, reading, reader = row.content or b"", Reading(**row.reading), reader_of(row)
    done_to = select(func.max(ContactImportRow.position)).where(ContactImportRow.import_id == import_id)
    reached = db.session.scalar(done_to) or 0
    db.session.rollback()
    batch: list[Line] = []
    for line in read_lines(content, reading):
        if line[0] > reached:
            batch.append(line)
        if len(batch) == BATCH:
            _take_batch(import_id, worker, batch, reader)
            batch = []
    if batch:
        _take_batch(import_id, worker, batch, reader)
    finish(import_id, worker, ContactImportState.DONE)
    log.info("an import of contacts has ended", extra=about(outcome="done"))


def _take_batch(import_id: int, worker: str, batch: Sequence[Line], reader: LineReader) -> None:
    # Read before the transaction begins: parsing needs no lock.
    read = [taking.judge(line, cells, reader) for line, cells in batch]
    row = held(import_id, worker)
    taking.take(row, read)
    row.lease_until = utcnow() + _LEASE
    failpoints.reach("contact-import-batch")
    db.session.commit()


def forget_old() -> None:
    """Drafts that nobody started, and what finished imports noted down. Their contacts stay."""
    now = utcnow()
    rows = db.session.scalars(
        select(ContactImport).where(
            or_(
                ContactImport.finished_at < now - _KEPT,
                (ContactImport.state == ContactImportState.DRAFT)
                & (ContactImport.created_at < now - _DRAFTS_KEPT),
            )
        )
    )
    for row in rows:
        db.session.delete(row)
    db.session.commit()
