"""Who wants no advertising: by a word in a message, in WhatsApp itself, by a person's hand or a program.

`contacts.opted_out_at` is what holds; each change of it writes a row of history. Said twice is said once.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import Table, delete, select, update

from app.errors import DomainError, FieldProblem, InvalidFields
from app.extensions import db
from app.graph.webhooks import UserPreference
from app.log_fields import about
from app.models import (
    Account,
    AddressSource,
    ConsentKind,
    ConsentSource,
    Contact,
    ContactConsent,
    Conversation,
    Message,
    MessagePriority,
    utcnow,
)
from app.queries.access import SYSTEM, Actor
from app.services import audit
from app.services.bulk import Insert
from app.services.consent_words import confirmation, meaning_of
from app.services.contact_addresses import Origin
from app.services.conversations import ensure_contact
from app.services.messages import queue_message

log = logging.getLogger(__name__)

LONGEST_NOTE = 500
_INSERT = Insert(
    cast(Table, ContactConsent.__table__),
    "contact_id",
    "kind",
    "source",
    "at",
    "note",
    "actor_name",
    returning=("id", "contact_id"),
)
_META_WORDS = {
    "stop": ConsentKind.OPTED_OUT,
    "resume": ConsentKind.OPTED_IN,
    "signup": ConsentKind.OPTED_IN,
}
"""Source: Meta docs, "Webhooks: user_preferences" page, read 2026-09."""
_META_CATEGORY = "marketing_messages"
STOPPED_MARKETING = 131050
"""Source: Meta docs, "Error codes" page, read 2026-09."""


def hear(message_ids: Sequence[int]) -> Collection[int]:
    """Do what these new messages ask for, and confirm it. Answers which of them were about that: the bot has
    nothing to say to them. Part of the transaction that stores them; the caller commits.
    """
    if not message_ids:
        return ()
    rows = db.session.scalars(select(Message).where(Message.id.in_(message_ids)))
    messages = sorted(rows, key=lambda message: (message.contact_id, message.occurred_at, message.id))
    return {message.id for message in messages if _hear_one(message)}


def _hear_one(message: Message) -> bool:
    meaning = meaning_of(message.text_content)
    if meaning is None:
        return False
    kind, language = meaning
    contact = _hold(message.contact)
    is_changed = _change(
        contact,
        kind,
        ConsentSource.WORD,
        at=message.occurred_at,
        message_id=message.id,
        note=message.text_content.strip(),
    )
    if is_changed:
        _confirm(message, confirmation(kind, language, preferred=contact.language))
    # "Start" is a word like any other to somebody who never stopped anything.
    return is_changed or kind is ConsentKind.OPTED_OUT


def _confirm(message: Message, text: str) -> None:
    """Once for each turn. Where it may not be sent, the customer's wish holds all the same."""
    try:
        with db.session.begin_nested():
            queue_message(
                conversation=message.conversation,
                message_type="text",
                content={"body": text, "preview_url": False},
                actor=SYSTEM,
                client_key=f"consent-{message.id}",
                priority=MessagePriority.BOT,
                commits=False,
            )
    except DomainError as error:
        log.info("an opt-out or opt-in was not confirmed: %s", error.code, extra=about(message_id=message.id))


def apply_preference(account: Account, item: UserPreference, event_id: int | None = None) -> bool | None:
    """The customer chose it in WhatsApp. None: it is about something else. The caller commits."""
    kind = _META_WORDS.get(item.value)
    if kind is None or item.category not in {"", _META_CATEGORY}:
        return None
    at = min(item.timestamp, utcnow())
    origin = Origin(AddressSource.MESSAGE, at, event_id)
    contact = _hold(ensure_contact(account.id, item.wa_id, item.user_id, origin))
    return _change(contact, kind, ConsentSource.META, at=at)


def hear_refusals(message_ids: Collection[int], *, commits: bool = True) -> None:
    """Meta would not deliver these: their customers stopped this business's advertising in WhatsApp.

    In a transaction of its own after a send is recorded; without `commits` part of the caller's.
    """
    if not message_ids:
        return
    rows = db.session.scalars(select(Message).where(Message.id.in_(message_ids)))
    for message in sorted(rows, key=lambda message: (message.contact_id, message.id)):
        contact = _hold(message.contact)
        at = min(message.failed_at or utcnow(), utcnow())
        note = f"Meta refused a message to them with {STOPPED_MARKETING}."
        _change(contact, ConsentKind.OPTED_OUT, ConsentSource.META, at=at, message_id=message.id, note=note)
    if commits:
        db.session.commit()


def opt_out(*, contact: Contact, actor: Actor, note: str = "") -> bool:
    """Taken off marketing by a person or a program; False when it was so already. Raises InvalidFields."""
    return _set(contact, ConsentKind.OPTED_OUT, actor, note)


def opt_in(*, contact: Contact, actor: Actor, note: str = "") -> bool:
    """Back on marketing; False when it was so already. Raises InvalidFields."""
    return _set(contact, ConsentKind.OPTED_IN, actor, note)


def _set(contact: Contact, kind: ConsentKind, actor: Actor, note: str) -> bool:
    note = note.replace("\x00", "").strip()
    if len(note) > LONGEST_NOTE:
        raise InvalidFields([FieldProblem("note", f"At most {LONGEST_NOTE} characters.")])
    source = ConsentSource.API if actor.api_key else ConsentSource.HAND
    is_changed = _change(_hold(contact), kind, source, at=utcnow(), actor=actor, note=note)
    if is_changed:
        audit.record(
            actor,
            f"contact.{kind.value}",
            account_id=contact.account_id,
            object_type="contact",
            object_id=contact.id,
            details={"note": note},
        )
    db.session.commit()
    return is_changed


@dataclass(frozen=True)
class FileSays:
    """What a line of a file says of one contact."""

    contact_id: int
    kind: ConsentKind
    at: datetime
    note: str


@dataclass
class History:
    """What is known of a contact's mind: the newest row of it, and whether they ever agreed."""

    newest_id: int | None = None
    newest_at: datetime | None = None
    has_agreed: bool = False


def histories(contact_ids: Collection[int]) -> dict[int, History]:
    """By contact; an empty one for whom has none."""
    found = {contact_id: History() for contact_id in contact_ids}
    rows = db.session.execute(
        select(ContactConsent.contact_id, ContactConsent.id, ContactConsent.at, ContactConsent.kind)
        .where(ContactConsent.contact_id.in_(contact_ids))
        .order_by(ContactConsent.id)
    )
    for contact_id, id_, at, kind in rows:
        one = found[contact_id]
        one.newest_id, one.newest_at = id_, at
        one.has_agreed = one.has_agreed or kind is ConsentKind.OPTED_IN
    return found


def write_of_new_people(said: Sequence[FileSays], actor_name: str) -> dict[int, int]:
    """The history's first rows, with one statement; their ids by contact. The caller
    has set `opted_out_at`.
    """
    rows = [(one.contact_id, one.kind, ConsentSource.IMPORT, one.at, one.note, actor_name) for one in said]
    return {contact_id: id_ for id_, contact_id in _INSERT.write(rows)}


def take_from_file(
    contact: Contact, said: FileSays, history: History, actor_name: str
) -> tuple[str | None, int] | None:
    """(`opted_out_at` before, id of the row of history), or None: nothing new, or an older wish.

    That somebody agreed is kept also where nothing changes by it: it is the proof. The caller holds the
    contact, and commits.
    """
    is_late = history.newest_at is not None and said.at < history.newest_at.replace(microsecond=0)
    is_same = (contact.opted_out_at is not None) is (said.kind is ConsentKind.OPTED_OUT)
    if is_late or (is_same and (said.kind is ConsentKind.OPTED_OUT or history.has_agreed)):
        return None
    before = contact.opted_out_at.isoformat() if contact.opted_out_at else None
    if not _change(
        contact, said.kind, ConsentSource.IMPORT, at=said.at, note=said.note, actor_name=actor_name
    ):
        _add(contact, said.kind, ConsentSource.IMPORT, at=said.at, note=said.note, actor_name=actor_name)
    newest = select(ContactConsent.id).where(ContactConsent.contact_id == contact.id)
    return before, db.session.scalars(newest.order_by(ContactConsent.id.desc()).limit(1)).one()


def take_back_file(contact: Contact, consent_id: int, before: str | None) -> None:
    """Undo that, where it is the newest still. The caller holds the contact, and commits."""
    db.session.execute(delete(ContactConsent).where(ContactConsent.id == consent_id))
    contact.opted_out_at = datetime.fromisoformat(before) if before else None


def _hold(contact: Contact) -> Contact:
    """As it is now, and nobody else's until the commit. Its conversations first: locks have an order."""
    db.session.flush()
    held = (
        select(Conversation.id)
        .where(Conversation.contact_id == contact.id)
        .order_by(Conversation.id)
        .with_for_update(key_share=True)
    )
    db.session.execute(held)
    db.session.refresh(contact, with_for_update={"of": Contact, "key_share": True})
    return contact


def _change(
    contact: Contact,
    kind: ConsentKind,
    source: ConsentSource,
    *,
    at: datetime,
    message_id: int | None = None,
    actor: Actor = SYSTEM,
    note: str = "",
    actor_name: str = "",
) -> bool:
    """False when it holds already, or was said before what holds now."""
    if (contact.opted_out_at is not None) is (kind is ConsentKind.OPTED_OUT) or _is_late(contact, at):
        return False
    contact.opted_out_at = at if kind is ConsentKind.OPTED_OUT else None
    _add(contact, kind, source, at=at, message_id=message_id, actor=actor, note=note, actor_name=actor_name)
    # The threads show it.
    db.session.execute(
        update(Conversation)
        .where(Conversation.contact_id == contact.id)
        .values(version=Conversation.version + 1),
        execution_options={"synchronize_session": "fetch"},
    )
    db.session.flush()
    return True


def _add(
    contact: Contact,
    kind: ConsentKind,
    source: ConsentSource,
    *,
    at: datetime,
    message_id: int | None = None,
    actor: Actor = SYSTEM,
    note: str = "",
    actor_name: str = "",
) -> None:
    """A row of history. `actor_name`: of whom is not at hand any more."""
    db.session.add(
        ContactConsent(
            contact_id=contact.id,
            kind=kind,
            source=source,
            message_id=message_id,
            user_id=actor.user.id if actor.user else None,
            actor_name=actor_name or (actor.name if actor is not SYSTEM else ""),
            at=at,
            note=note,
        )
    )
    db.session.flush()


def _is_late(contact: Contact, at: datetime) -> bool:
    """Meta's events come in any order: an old wish does not undo a newer one."""
    newest = (
        select(ContactConsent.at)
        .where(ContactConsent.contact_id == contact.id)
        .order_by(ContactConsent.id.desc())
        .limit(1)
    )
    last = db.session.scalar(newest)
    # Meta tells whole seconds.
    return last is not None and at < last.replace(microsecond=0)
