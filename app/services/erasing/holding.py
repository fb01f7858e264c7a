"""Everything that is held about one person, for whoever asks for it: as JSON, and with their files as a ZIP.

Which tables belong to a person is said once, in the registry that erasing goes by: what would be erased is
told.
"""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from itertools import chain
from typing import IO, Any

from flask import current_app
from sqlalchemy import LargeBinary, Table, select

from app.extensions import db
from app.media_store import NotStored, StoreTrouble, open_store
from app.models import (
    Base,
    Contact,
    Conversation,
    MediaFile,
    MediaState,
    Message,
    WebhookEvent,
    WebhookEventKey,
    utcnow,
)
from app.models.base import EncryptedSecret
from app.queries.access import Actor
from app.services import audit, event_keys
from app.services.erasing.registry import TABLES, By, Emptied, Gone
from app.services.erasing.subject import subject_of

_AT_A_TIME = 500
_IN_MEMORY = 8 * 1024 * 1024
_OUR_OWN = frozenset(
    {
        "lease_owner",
        "lease_until",
        "client_key_digest",
        "store",
        "store_key",
        "thumbnail_key",
        "thumbnail_due_at",
        "thumbnail_attempts",
        "folded",
    }
)
"""Columns that say how the work goes, and nothing of the person."""


def note_access(*, contact: Contact, actor: Actor) -> None:
    """Who takes along what is held about somebody."""
    audit.record(
        actor,
        "contact.data_exported",
        account_id=contact.account_id,
        object_type="contact",
        object_id=contact.id,
    )
    db.session.commit()


def write_json(contact_id: int) -> Iterator[str]:
    """One JSON object in parts: `{"made_at", "tables": {table: [row, …], …}}`, each row as it is kept."""
    yield f'{{"made_at":{json.dumps(utcnow().isoformat(timespec="seconds"))},"tables":{{'
    for place, (name, rows) in enumerate(_tables(contact_id)):
        yield f"{',' if place else ''}{json.dumps(name)}:["
        for position, row in enumerate(rows):
            yield ("," if position else "") + json.dumps(row, ensure_ascii=False, default=_spelt)
        yield "]"
    yield "}}"


def make_zip(contact_id: int) -> IO[bytes]:
    """`person.json` and `files/…`; a file that is not here is named in the JSON
    alone. The caller closes it.
    """
    made = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - handed on
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("person.json", "w", force_zip64=True) as part:
            for text in write_json(contact_id):
                part.write(text.encode())
        for id_, file_name, store, key in _files(contact_id):
            _put_file(archive, f"files/{id_}-{_safe(file_name)}", store, key)
    made.seek(0)
    return made


def _put_file(archive: zipfile.ZipFile, name: str, store: str, key: str) -> None:
    try:
        pieces = open_store(store, current_app.config["SETTINGS"], db.engine).read(key)
        # The first piece tells whether it is there, before the archive has an entry of that name.
        first = next(pieces, b"")
        with archive.open(name, "w", force_zip64=True) as part:
            for piece in chain((first,), pieces):
                part.write(piece)
    except (NotStored, StoreTrouble):
        archive.writestr(f"{name}.missing.txt", "The media store did not give this file.")


def _files(contact_id: int) -> list[tuple[int, str, str, str]]:
    rows = db.session.execute(
        select(MediaFile.id, MediaFile.file_name, MediaFile.store, MediaFile.store_key)
        .join(Message, Message.id == MediaFile.message_id)
        .where(Message.conversation_id.in_(_conversations(contact_id)), MediaFile.state == MediaState.STORED)
        .order_by(MediaFile.id)
    ).all()
    db.session.rollback()
    return [(row.id, row.file_name, row.store, row.store_key) for row in rows if row.store and row.store_key]


def _safe(name: str) -> str:
    """No path of the sender's."""
    kept = "".join(char if char.isalnum() or char in "._- " else "_" for char in name).strip(". ")
    return kept[-80:] or "file"


def _tables(contact_id: int) -> Iterator[tuple[str, Iterator[dict[str, Any]]]]:
    yield (
        "contacts",
        _rows(Base.metadata.tables["contacts"], "id", select(Contact.id).where(Contact.id == contact_id)),
    )
    yield "conversations", _rows(Base.metadata.tables["conversations"], "id", _conversations(contact_id))
    messages = Base.metadata.tables["whatsapp_messages"]
    yield messages.name, _rows(messages, "conversation_id", _conversations(contact_id))
    keys = {
        By.CONTACT: select(Contact.id).where(Contact.id == contact_id),
        By.CONVERSATION: _conversations(contact_id),
        By.MESSAGE: select(Message.id).where(Message.conversation_id.in_(_conversations(contact_id))),
    }
    for name, treatment in TABLES.items():
        if isinstance(treatment, Gone | Emptied):
            yield name, _rows(Base.metadata.tables[name], treatment.by.value, keys[treatment.by])
    yield "graph_calls", _rows(Base.metadata.tables["graph_calls"], By.MESSAGE.value, keys[By.MESSAGE])
    yield "whatsapp_webhook_events", _events(contact_id)


def _conversations(contact_id: int) -> Any:
    return select(Conversation.id).where(Conversation.contact_id == contact_id)


def _rows(table: Table, column: str, keys: Any) -> Iterator[dict[str, Any]]:
    """All at a time that fit, by primary key, so that no list of a busy customer is ever whole in memory."""
    shown = [
        each
        for each in table.columns
        if each.name not in _OUR_OWN and not isinstance(each.type, LargeBinary | EncryptedSecret)
    ]
    order = list(table.primary_key.columns)
    place = 0
    while True:
        found = db.session.execute(
            select(*shown).where(table.c[column].in_(keys)).order_by(*order).offset(place).limit(_AT_A_TIME)
        ).mappings()
        rows = [dict(row) for row in found]
        db.session.rollback()
        yield from rows
        place += len(rows)
        if len(rows) < _AT_A_TIME:
            return


def _events(contact_id: int) -> Iterator[dict[str, Any]]:
    """Which posts of Meta's told of the person; what they said stands in the tables above, beside others'
    news in the posts themselves.
    """
    contact = db.session.get(Contact, contact_id)
    subject = subject_of(contact) if contact is not None else None
    keys = [f"{event_keys.PERSON}{each}" for each in (subject.numbers if subject else ())]
    keys += [f"{event_keys.USER}{each}" for each in (subject.user_ids if subject else ())]
    rows = db.session.execute(
        select(WebhookEvent.id, WebhookEvent.received_at, WebhookEvent.state, WebhookEvent.summary)
        .where(
            WebhookEvent.id.in_(select(WebhookEventKey.event_id).where(WebhookEventKey.key.in_(keys))),
            WebhookEvent.account_id == (contact.account_id if contact else None),
        )
        .order_by(WebhookEvent.id)
    ).mappings()
    listed = [dict(row) for row in rows]
    db.session.rollback()
    yield from listed


def _spelt(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime | date) else str(value)
