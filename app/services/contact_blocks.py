"""Blocking people at Meta, and letting them write again: the row is written first, then Meta is asked.

Asking twice does no harm at Meta, so what was never answered may be asked again; until then nothing is sent.
Source: Meta docs, "Block users" page, read 2026-09.
"""

from __future__ import annotations

from datetime import datetime
from typing import cast

from sqlalchemy import Table, delete, select

from app.errors import Blocked, DomainError, FieldProblem, InvalidFields, NotReady
from app.extensions import db
from app.graph import error_table
from app.graph.block_list import BlockedUser, BlockResult
from app.graph.client import GraphClient
from app.graph.errors import GraphError, GraphUnconfirmed
from app.models import BlockState, Contact, ContactBlock, Conversation, PhoneNumber, utcnow
from app.models.conversations import WINDOW
from app.queries.access import Actor
from app.queries.contact_identity import find_block
from app.services import audit
from app.services import contact_addresses as addresses
from app.services.bulk import Find, Insert
from app.services.connections import client_for
from app.services.conversations import insert_ignoring_conflict
from app.services.meta_refusals import RefusedByMeta, refused

LONGEST_REASON = 500
_CHANGED_WHILE_READ = 139102
_TRIES = 3
_PARTLY_REFUSED = 139100
_CONTACTS = cast(Table, Contact.__table__)
_BY_ADDRESS = {
    name: Find(_CONTACTS.c.id, _CONTACTS.c[name], by=(_CONTACTS.c.account_id, _CONTACTS.c[name]))
    for name in ("wa_id", "user_id")
}
_BLOCKS = cast(Table, ContactBlock.__table__)
_INSERT = Insert(_BLOCKS, "account_id", "phone_number_id", "contact_id", "wa_id", "user_id", "state", "at")


def require_unblocked(conversation: Conversation) -> None:
    """Raises Blocked: Meta would refuse what is sent (130403), or may."""
    row = find_block(conversation.phone_number_id, conversation.contact_id)
    if row is None or not row.holds:
        return
    name = conversation.contact.display_name
    if row.state is BlockState.BLOCKED:
        raise Blocked(f"{name} is blocked on this number, so nothing can be sent. Unblock them first.")
    raise Blocked(
        f"It is not known yet whether {name} is blocked on this number, so nothing was sent. Open the "
        "contact and try the block again, or fetch the list of the blocked from Meta."
    )


def block(*, contact: Contact, number: PhoneNumber, actor: Actor, reason: str = "") -> ContactBlock:
    """Their messages to this number do not arrive any more, and none goes to them.

    Raises InvalidFields, NotReady (did not write in the last 24 hours, no connection), RefusedByMeta.
    """
    reason = " ".join(reason.replace("\x00", "").split())
    if len(reason) > LONGEST_REASON:
        raise InvalidFields([FieldProblem("reason", f"At most {LONGEST_REASON} characters.")])
    _check_recent(contact, number)
    return _ask(contact, number, BlockState.BLOCKING, actor, reason)


def unblock(*, contact: Contact, number: PhoneNumber, actor: Actor) -> ContactBlock:
    """They can write again, and be written to. Raises NotReady, RefusedByMeta."""
    return _ask(contact, number, BlockState.UNBLOCKING, actor, "")


def _check_recent(contact: Contact, number: PhoneNumber) -> None:
    written = db.session.scalar(
        select(Conversation.last_inbound_at).where(
            Conversation.phone_number_id == number.id, Conversation.contact_id == contact.id
        )
    )
    if written is None or written < utcnow() - WINDOW:
        raise NotReady(
            "WhatsApp lets a number block only people who wrote to it in the last 24 hours. "
            f"{contact.display_name} did not, so nothing was changed. Block them when they write again."
        )


def _ask(contact: Contact, number: PhoneNumber, wish: BlockState, actor: Actor, reason: str) -> ContactBlock:
    if number.account_id != contact.account_id or not number.account.is_live:
        raise NotReady("This number is not connected. Nothing was changed.")
    client, meta_id, address = client_for(number.account), number.meta_id, _address(contact)
    row_id, before = _write_wish(contact, number, wish, actor, reason)
    try:
        change = client.block_list.block if wish is BlockState.BLOCKING else client.block_list.unblock
        problem = _problem(change(meta_id, [address]))
    except GraphUnconfirmed as error:
        raise refused(error) from error
    except GraphError as error:
        _settle(row_id, wish, before)
        raise refused(error) from error
    if problem is not None:
        _settle(row_id, wish, before)
        raise problem
    done = BlockState.BLOCKED if wish is BlockState.BLOCKING else BlockState.UNBLOCKED
    return _settle(row_id, wish, done)


def _address(contact: Contact) -> str:
    """The user id first: a number may be somebody else's by now. Parent ids Meta does not take."""
    user_id = contact.user_id or ""
    return user_id if user_id and ".ENT." not in user_id else contact.phone_number or user_id


def _write_wish(
    contact: Contact, number: PhoneNumber, wish: BlockState, actor: Actor, reason: str
) -> tuple[int, BlockState]:
    """(the row, how it stood before), committed: whatever happens now, it can be seen that Meta was asked."""
    insert_ignoring_conflict(
        ContactBlock,
        [
            {
                "account_id": contact.account_id,
                "phone_number_id": number.id,
                "contact_id": contact.id,
                "wa_id": contact.wa_id,
                "user_id": contact.user_id,
                "state": BlockState.UNBLOCKED,
                "reason": "",
                "actor_name": "",
                "at": utcnow(),
            }
        ],
    )
    row = find_block(number.id, contact.id)
    if row is None:
        raise LookupError("a block vanished while it was being stored")
    db.session.refresh(row, with_for_update={"of": ContactBlock})
    before = BlockState.BLOCKED if row.holds else BlockState.UNBLOCKED
    row.state, row.at, row.actor_name = wish, utcnow(), actor.name
    row.wa_id, row.user_id = contact.wa_id, contact.user_id
    if wish is BlockState.BLOCKING:
        row.reason = reason
    audit.record(
        actor,
        "contact.blocked" if wish is BlockState.BLOCKING else "contact.unblocked",
        account_id=contact.account_id,
        object_type="contact",
        object_id=contact.id,
        details={"phone_number_id": number.id, "reason": reason},
    )
    addresses.show_again((contact.id,))
    id_ = row.id
    db.session.commit()
    return id_, before


def _settle(row_id: int, wish: BlockState, state: BlockState) -> ContactBlock:
    """Write down how it ended, unless somebody has asked for something else meanwhile."""
    row = db.session.get(ContactBlock, row_id, with_for_update={"of": ContactBlock})
    if row is None:
        raise NotReady("The contact was erased meanwhile.")
    if row.state is wish:
        row.state, row.at = state, utcnow()
        if row.contact_id is not None:
            addresses.show_again((row.contact_id,))
    db.session.commit()
    return row


def _problem(result: BlockResult) -> DomainError | None:
    """Of the one person that was named. Told with 139100 in Meta's words, or as that person's own code."""
    if not result.refused:
        return None
    first = result.refused[0]
    found = error_table.explain(_PARTLY_REFUSED if first.code is None else first.code, details=first.reason)
    return RefusedByMeta(found.title, first.reason or found.explanation, "Nothing was changed.", first.code)


def sync(*, number: PhoneNumber, actor: Actor) -> int:
    """Take over Meta's list of the blocked of this number; how many there are. Raises NotReady,
    RefusedByMeta."""
    audit.record(
        actor,
        "contacts.blocked_fetched",
        account_id=number.account_id,
        object_type="phone_number",
        object_id=number.id,
    )
    return take_over_list(number=number)


def take_over_list(*, number: PhoneNumber) -> int:
    """The same on nobody's behalf. Raises NotReady, RefusedByMeta."""
    client, number_id, meta_id = client_for(number.account), number.id, number.meta_id
    account_id, began = number.account_id, utcnow()
    db.session.commit()
    try:
        listed = _listed(client, meta_id)
    except GraphError as error:
        raise refused(error) from error
    _take_over(account_id, number_id, listed, began)
    db.session.commit()
    return len(listed)


def _listed(client: GraphClient, meta_id: str) -> list[BlockedUser]:
    """From the beginning again when it changed meanwhile."""
    for left in range(_TRIES - 1, -1, -1):
        try:
            return client.block_list.list(meta_id)
        except GraphError as error:
            if error.code != _CHANGED_WHILE_READ or not left:
                raise
    return []


def _take_over(account_id: int, number_id: int, listed: list[BlockedUser], began: datetime) -> None:
    """What somebody asked for since the list was read stays as it is."""
    contact_ids = _contact_ids(account_id, listed)
    known = [
        (contact_ids.get(user.wa_id or "") or contact_ids.get(user.user_id or ""), user) for user in listed
    ]
    blocked = {contact_id for contact_id, _ in known if contact_id}
    ours = list(
        db.session.scalars(
            select(ContactBlock)
            .where(ContactBlock.phone_number_id == number_id, ContactBlock.contact_id.is_not(None))
            .order_by(ContactBlock.id)
            .with_for_update(of=ContactBlock)
        )
    )
    changed: set[int] = set()
    for row in ours:
        state = BlockState.BLOCKED if row.contact_id in blocked else BlockState.UNBLOCKED
        if row.state is not state and row.at <= began:
            row.state, row.at = state, utcnow()
            changed |= {row.contact_id} if row.contact_id else set()
    db.session.flush()
    strangers = ContactBlock.contact_id.is_(None)
    db.session.execute(
        delete(ContactBlock).where(ContactBlock.phone_number_id == number_id, strangers),
        execution_options={"synchronize_session": "fetch"},
    )
    have = {row.contact_id for row in ours}
    now = utcnow()
    _INSERT.write(
        [
            (account_id, number_id, contact_id, user.wa_id, user.user_id, BlockState.BLOCKED, now)
            for contact_id, user in known
            if contact_id is None or contact_id not in have
        ]
    )
    addresses.show_again(changed | {id_ for id_ in blocked if id_ not in have})


def _contact_ids(account_id: int, listed: list[BlockedUser]) -> dict[str, int]:
    """Of those whom we know, by number and by user id."""
    found: dict[str, int] = {}
    for name, find in _BY_ADDRESS.items():
        values = {value for user in listed if (value := getattr(user, name))}
        found |= {value: id_ for id_, value in find.rows({account_id}, values)}
    return found
