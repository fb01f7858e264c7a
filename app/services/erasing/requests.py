"""Asking for a person to be erased, and the proof of it, which tells nothing of whom."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import replace
from typing import Any

from flask import current_app
from sqlalchemy import select

from app.errors import DomainError, FieldProblem, InvalidFields
from app.extensions import db
from app.models import Contact, Erasure, ErasureState
from app.queries.access import Actor
from app.queries.contact_identity import list_person
from app.services import audit, bell, password_tries
from app.services import contact_addresses as addresses
from app.services.erasing.subject import subject_of

ERASE = "contacts.erase"


class ErasedAlready(DomainError):
    """The contact is what an erasing left until the figures of its last days are settled."""

    code = "erased_already"


def words_of(contact: Contact) -> str:
    """What has to be typed once more: the number, else the user id, else the name."""
    return contact.phone_number or contact.user_id or contact.display_name


def request_erasure(
    *, contact: Contact, typed: str, password: str | None, actor: Actor, with_joined: bool = False
) -> Erasure:
    """Note the request; a worker does the rest, within a minute as a rule. It cannot be taken back.

    `typed`: see words_of; `password`: the person's own (None for an API key). `with_joined`: also all
    contacts that are the same person; each goes by an erasing of its own, and the one that is answered with
    counts them all. Asked for twice, it is the same request. Raises InvalidFields on `typed` or `password`,
    TooManyTries, ErasedAlready.
    """
    if not _is_same(typed, words_of(contact)):
        text = f"This is not what stands above. Type {words_of(contact)} to say whom you mean."
        raise InvalidFields([FieldProblem("typed", text)])
    contact_id = contact.id
    # Last, since it commits: a mistyped number costs no try.
    if actor.user is not None and not password_tries.is_own_password(actor.user, password or "", actor):
        raise InvalidFields([FieldProblem("password", "This is not your current password.")])
    people = _hold(contact_id, actor, with_joined=with_joined)
    if contact_id not in people:
        raise ErasedAlready("This person is erased already.")
    open_one = _find_open(contact_id)
    if open_one is not None:
        db.session.rollback()
        return open_one
    # The others first: a worker takes the oldest.
    others = [_find_open(id_) or _note(one, actor) for id_, one in people.items() if id_ != contact_id]
    row = _note(people[contact_id], actor, others=tuple(one.id for one in others))
    db.session.commit()
    bell.ring(bell.CONTACTS)
    return row


def _hold(contact_id: int, actor: Actor, *, with_joined: bool) -> dict[int, Contact]:
    """Those who are to be erased, held; whoever is gone meanwhile is missing."""
    contact = db.session.get(Contact, contact_id, populate_existing=True)
    if contact is None:
        return {}
    people = list_person(contact, actor.scope(ERASE)) if with_joined else [contact]
    return addresses.hold([one.id for one in people])


def _find_open(contact_id: int) -> Erasure | None:
    return db.session.scalar(
        select(Erasure).where(Erasure.shell_id == contact_id).order_by(Erasure.id.desc()).limit(1)
    )


def _note(contact: Contact, actor: Actor, others: tuple[int, ...] = ()) -> Erasure:
    row = Erasure(
        account_id=contact.account_id,
        user_id=actor.user.id if actor.user else None,
        actor_name=actor.name,
        subject=replace(subject_of(contact), others=others).keep(),
        shell_id=contact.id,
    )
    db.session.add(row)
    db.session.flush()
    # By the request's own number: the log must not lead back to the person.
    audit.record(actor, "contact.erased", account_id=row.account_id, object_type="erasure", object_id=row.id)
    return row


def _is_same(typed: str, wanted: str) -> bool:
    """However it is spaced."""
    folded = ["".join(text.split()).casefold().removeprefix("+") for text in (typed, wanted)]
    return bool(folded[0]) and folded[0] == folded[1]


def proof_of(row: Erasure) -> dict[str, Any]:
    """What was done, when and on whose word, as it can be shown to anybody; signed with this installation's
    key.
    """
    return {
        "erasure_id": row.id,
        "waba_account_id": row.account_id,
        "requested_at": row.created_at.isoformat(timespec="seconds"),
        "requested_by": row.actor_name,
        "finished_at": row.finished_at.isoformat(timespec="seconds") if row.finished_at else None,
        "rows": dict(sorted(row.counts.items())),
    }


def sign(row: Erasure) -> str:
    """`sha256=…` over proof_of, keyed with SECRET_KEY: nobody outside can make one,
    nor change what it says.
    """
    key = current_app.config["SETTINGS"].secret_key.encode()
    said = json.dumps(proof_of(row), sort_keys=True, separators=(",", ":")).encode()
    return "sha256=" + hmac.new(key, b"erasure:" + said, hashlib.sha256).hexdigest()


def is_genuine(row: Erasure) -> bool:
    """Whether nobody has changed what the proof says since it was signed."""
    return row.state is ErasureState.DONE and hmac.compare_digest(row.signature, sign(row))
