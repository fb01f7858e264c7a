"""Numbers that are used in the WhatsApp Business app too: what the business writes there, and its old chats.

An echo is a message of ours like any other: it answers, and is told to customers' systems. What comes as
history is kept for reading alone: it is unread nowhere, opens no window, is told to nobody, and no figures
count it. Both are known by their ids, so each is there once, however often it comes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, select

from app.extensions import db
from app.graph.webhooks import PhoneMessage
from app.models import (
    HISTORY_KEYS,
    MEDIA_KINDS,
    Account,
    Direction,
    Message,
    MessageStatus,
    PhoneNumber,
    utcnow,
)
from app.services import cases, identity_changes, media_rows, statuses, usage_changes
from app.services.bot import hand_over
from app.services.bulk import Find, Insert, Row, Update
from app.services.conversation_changes import Written
from app.services.customers import People, Person, find_or_make_conversations
from app.services.inbound import Key, Unroutable, number_of
from app.services.message_marks import PHONE_APP
from app.services.message_text import preview
from app.services.outgoing import telling

_PLACEHOLDER = "media_placeholder"
_NO_ANSWER = frozenset({"reaction", "edit", "revoke"})
_STATUSES = {
    "delivered": MessageStatus.DELIVERED,
    "read": MessageStatus.READ,
    "played": MessageStatus.PLAYED,
    "error": MessageStatus.FAILED,
}
_FAILED = "It failed on the phone, before this number was connected here."

_MESSAGES = cast(Table, Message.__table__)
_KNOWN = Find(
    _MESSAGES.c.account_id,
    _MESSAGES.c.wamid,
    _MESSAGES.c.id,
    _MESSAGES.c.message_type,
    by=(_MESSAGES.c.account_id, _MESSAGES.c.wamid),
)
_INSERT = Insert(
    _MESSAGES,
    "account_id",
    "phone_number_id",
    "contact_id",
    "conversation_id",
    "direction",
    "status",
    "message_type",
    "text_content",
    "content",
    "wamid",
    "context_wamid",
    "client_key",
    "occurred_at",
    "created_at",
    "sent_at",
    "failed_at",
    "error_title",
    returning=("id", "account_id", "wamid"),
    constants={"next_attempt_at": None},
)
_FILL = Update(
    _MESSAGES,
    {name: _MESSAGES.c[name] for name in ("id", "message_type", "text_content", "content")},
    {name: f"new.{name}" for name in ("message_type", "text_content", "content")},
)


@dataclass(frozen=True)
class _New:
    account: Account
    number: PhoneNumber
    item: PhoneMessage
    event_id: int | None

    @property
    def key(self) -> Key:
        return self.account.id, self.item.wamid


class PhoneBox:
    """A batch of them. Which are known is looked up once; the new ones are written by `store`."""

    def __init__(self, items: Iterable[tuple[int, PhoneMessage]]) -> None:
        """`items`: (our account id, message)."""
        wanted = list(items)
        rows = _KNOWN.rows({account_id for account_id, _ in wanted}, {item.wamid for _, item in wanted})
        self._known: dict[Key, tuple[int, str]] = {
            (account_id, wamid): (id_, kind) for account_id, wamid, id_, kind in rows
        }
        self._new: list[_New] = []
        self._files: list[tuple[int, _New]] = []
        self._people: People | None = None
        self._echoes: dict[int, Key] = {}
        self.has_files = False

    def receive(self, account: Account, item: PhoneMessage, event_id: int | None = None) -> Key | bool:
        """Take one in: its key if it is new, True if it brings the file of a known one, else False. Raises
        Unroutable."""
        one = _New(account, number_of(account, item), item, event_id)
        if one.key in self._known:
            return self._brings_file(one)
        if item.wa_id is None and item.user_id is None:
            raise Unroutable("The message names no customer.")
        self._known[one.key] = (0, item.type)
        self._new.append(one)
        return one.key

    def _brings_file(self, one: _New) -> bool:
        id_, kind = self._known[one.key]
        if not id_ or kind != _PLACEHOLDER or one.item.type not in MEDIA_KINDS:
            return False
        self._known[one.key] = (id_, one.item.type)
        self._files.append((id_, one))
        return True

    def store(self) -> tuple[set[Key], list[Written]]:
        """Write them: which were new, and what conversations must show. The caller commits."""
        rows = self._rows()
        made = {(account_id, wamid): id_ for id_, account_id, wamid in _INSERT.write(rows)}
        _FILL.write([(id_, one.item.type, one.item.text, _content(one.item)) for id_, one in self._files])
        with_file = [*self._files, *((made[one.key], one) for one in self._new if one.key in made)]
        self.has_files = self._keep_files(with_file) > 0
        written = [
            _written(row, one, made[one.key])
            for row, one in zip(rows, self._new, strict=True)
            if one.key in made
        ]
        echoes = [one for one in self._new if one.key in made and not one.item.is_past]
        self._echoes = {made[one.key]: one.key for one in echoes}
        return set(made), written

    def _rows(self) -> list[Row]:
        if not self._new:
            return []
        self._people = people = People((one.account.id, one.item) for one in self._new)
        customers = [people.of(one.account.id, one.item, one.event_id) for one in self._new]
        people.store_new()
        places = find_or_make_conversations(
            (one.account.id, one.number.id, customer.id)
            for one, customer in zip(self._new, customers, strict=True)
        )
        now = utcnow()
        usage_changes.note((one.number.id, now) for one in self._new if not one.item.is_past)
        return [
            _row(one, customer, places[one.number.id, customer.id], now)
            for one, customer in zip(self._new, customers, strict=True)
        ]

    def _keep_files(self, found: Iterable[tuple[int, _New]]) -> int:
        return media_rows.write_new(
            (one.account.id, id_, one.item.content) for id_, one in found if one.item.type in MEDIA_KINDS
        )

    def settle(self) -> None:
        """What follows once conversations show them: who has been answered, what was learnt of customers, who
        is told. After the conversations: locks have an order."""
        moved = statuses.apply_kept_statuses(self._echoes)
        telling.tell_statuses(self._echoes.keys() - moved.keys())
        for message in _load(self._echoes):
            if message.message_type not in _NO_ANSWER:
                hand_over.person_wrote(message)
                cases.person_answered(message)
        if self._people is not None:
            self._people.store_changes()
            identity_changes.settle(self._people.claims, ())


def _load(ids: Collection[int]) -> Iterable[Message]:
    return db.session.scalars(select(Message).where(Message.id.in_(ids))) if ids else ()


def _row(one: _New, customer: Person, conversation_id: int, now: datetime) -> Row:
    """As _INSERT takes it."""
    item, at = one.item, min(one.item.timestamp, now)
    status = _STATUSES.get(item.status, MessageStatus.SENT) if item.is_outbound else MessageStatus.RECEIVED
    has_failed = status is MessageStatus.FAILED
    return (
        one.account.id,
        one.number.id,
        customer.id,
        conversation_id,
        Direction.OUTBOUND if item.is_outbound else Direction.INBOUND,
        status,
        item.type,
        item.text,
        _content(item),
        item.wamid,
        item.context_wamid,
        f"{HISTORY_KEYS}{item.wamid}" if item.is_past else None,
        at,
        at if item.is_past else now,
        at if item.is_outbound and not has_failed else None,
        at if has_failed else None,
        _FAILED if has_failed else "",
    )


def _content(item: PhoneMessage) -> dict[str, Any]:
    """Meta's object of the kind, and our notes beside it."""
    notes = {PHONE_APP: item.is_outbound, "_forwarded": item.is_forwarded}
    return {**item.content, **{name: True for name, holds in notes.items() if holds}}


def _written(row: Row, one: _New, message_id: int) -> Written:
    item, at = one.item, row[12]
    return Written(
        conversation_id=row[3],
        message_id=message_id,
        at=at,
        answered_at=None if item.is_past or item.type in _NO_ANSWER else at,
        direction=row[4],
        status=row[5],
        preview=preview(item.type, item.text),
    )
