"""The planned history, written as rows: contacts, conversations and messages, each in one go."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update

from app.extensions import db
from app.models import (
    Account,
    AddressKind,
    AddressSource,
    Contact,
    Conversation,
    Direction,
    Message,
    MessagePriority,
)
from app.services import contact_addresses as addresses
from app.services import usage_changes
from app.services.demo.crowd import Customer
from app.services.demo.drafts import Draft
from app.services.demo.history import Plan
from app.services.demo.script import By
from app.services.message_text import preview

_ARRIVES_AFTER = timedelta(seconds=1.4)
_PRIORITIES = {By.SYSTEM: MessagePriority.BULK, By.BOT: MessagePriority.BOT}
_UNSET: dict[str, Any] = {
    "sent_at": None,
    "delivered_at": None,
    "read_at": None,
    "played_at": None,
    "failed_at": None,
    "error_code": None,
    "error_title": "",
    "error_details": "",
    "pricing_category": "",
    "pricing_type": "",
}
"""Rows of one insert need the same columns."""


def write(plan: Plan, account: Account, user_ids: Mapping[str, str], sender_id: int | None) -> int:
    """Write all of it; answers the number of messages. `user_ids` by wa_id. The caller commits."""
    threads: dict[tuple[str, str], list[Draft]] = defaultdict(list)
    for draft in plan.drafts:
        threads[draft.place].append(draft)
    contacts = _write_contacts(account, plan.drafts, user_ids)
    numbers = {number.meta_id: number.id for number in account.phone_numbers}
    conversations = _write_conversations(account, threads, contacts, numbers)
    rows = [_message_row(draft, conversations[draft.place], sender_id) for draft in plan.drafts]
    db.session.execute(insert(Message), rows)
    usage_changes.note((row["phone_number_id"], row["created_at"]) for row in rows)
    _show_last_messages(threads, conversations, plan)
    return len(rows)


_ADDRESSES = (
    (AddressKind.NUMBER, "wa_id"),
    (AddressKind.USER_ID, "user_id"),
    (AddressKind.USERNAME, "username"),
)


def _write_contacts(account: Account, drafts: Iterable[Draft], user_ids: Mapping[str, str]) -> dict[str, int]:
    """Contact ids by wa_id. A customer is as old as the first message."""
    first: dict[str, tuple[Customer, datetime]] = {}
    for draft in drafts:
        first.setdefault(draft.customer.wa_id, (draft.customer, draft.at))
    rows = [
        {
            "account_id": account.id,
            "wa_id": wa_id,
            "user_id": user_ids.get(wa_id),
            "profile_name": customer.name,
            "username": customer.username,
            "created_at": at,
            "updated_at": at,
        }
        for wa_id, (customer, at) in first.items()
    ]
    db.session.execute(insert(Contact), rows)
    known = select(Contact.wa_id, Contact.id).where(Contact.account_id == account.id)
    ids = {wa_id: contact_id for wa_id, contact_id in db.session.execute(known) if wa_id}
    addresses.write_new(
        [
            (
                account.id,
                ids[str(row["wa_id"])],
                kind,
                row[name],
                AddressSource.MESSAGE,
                None,
                row["created_at"],
            )
            for row in rows
            for kind, name in _ADDRESSES
            if row[name]
        ]
    )
    return ids


def _write_conversations(
    account: Account,
    threads: Mapping[tuple[str, str], list[Draft]],
    contacts: Mapping[str, int],
    numbers: Mapping[str, int],
) -> dict[tuple[str, str], dict[str, int]]:
    """The ids that each message of a thread carries, by the thread's place."""
    rows: list[dict[str, Any]] = []
    for drafts in threads.values():
        first = drafts[0]
        inbound = [draft.at for draft in drafts if draft.line.is_inbound]
        rows.append(
            {
                "account_id": account.id,
                "phone_number_id": numbers[first.number.meta_id],
                "contact_id": contacts[first.customer.wa_id],
                "last_inbound_at": inbound[-1] if inbound else None,
                "version": len(drafts),
                "created_at": first.at,
                "updated_at": drafts[-1].at,
            }
        )
    db.session.execute(insert(Conversation), rows)
    found = db.session.execute(
        select(Conversation.phone_number_id, Conversation.contact_id, Conversation.id).where(
            Conversation.account_id == account.id
        )
    )
    ids = {(number_id, contact_id): conversation_id for number_id, contact_id, conversation_id in found}
    return {
        place: {
            "account_id": row["account_id"],
            "phone_number_id": row["phone_number_id"],
            "contact_id": row["contact_id"],
            "conversation_id": ids[row["phone_number_id"], row["contact_id"]],
        }
        for place, row in zip(threads, rows, strict=True)
    }


def _message_row(draft: Draft, ids: Mapping[str, int], sender_id: int | None) -> dict[str, Any]:
    is_inbound = draft.line.is_inbound
    created_at = draft.at + _ARRIVES_AFTER if is_inbound else draft.at
    return {
        **_UNSET,
        **ids,
        "direction": Direction.INBOUND if is_inbound else Direction.OUTBOUND,
        "message_type": draft.line.type,
        "text_content": draft.text,
        "content": draft.content,
        "wamid": draft.wamid,
        "context_wamid": draft.context_wamid,
        "client_ref": draft.client_ref,
        "occurred_at": draft.at,
        "created_at": created_at,
        "updated_at": created_at,
        "sender_id": sender_id if draft.line.by is By.AGENT else None,
        "priority": _PRIORITIES.get(draft.line.by, MessagePriority.PERSON),
        "attempts": 0 if is_inbound else 1,
        "next_attempt_at": None,
        **draft.fate,
    }


def _show_last_messages(
    threads: Mapping[tuple[str, str], list[Draft]],
    conversations: Mapping[tuple[str, str], Mapping[str, int]],
    plan: Plan,
) -> None:
    last = {place: drafts[-1] for place, drafts in threads.items()}
    refs = [draft.client_ref for draft in last.values()]
    found = db.session.execute(select(Message.client_ref, Message.id).where(Message.client_ref.in_(refs)))
    ids = {row.client_ref: row.id for row in found}
    db.session.execute(
        update(Conversation),
        [
            {
                "id": conversations[place]["conversation_id"],
                "last_message_id": ids[draft.client_ref],
                "last_message_at": draft.at,
                "last_message_preview": preview(draft.line.type, draft.text),
                "last_message_direction": (
                    Direction.INBOUND if draft.line.is_inbound else Direction.OUTBOUND
                ),
                "last_message_status": draft.fate["status"],
                "unread_count": plan.unread.get(place, 0),
                "updated_at": draft.at,
            }
            for place, draft in last.items()
        ],
    )
