"""Statuses from Meta: kept all, applied only forwards, matched by our own reference when the id is new."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, cast

from sqlalchemy import Table, select
from sqlalchemy.orm import joinedload

from app.extensions import db
from app.graph.webhooks import StatusUpdate
from app.models import Message, MessageStatus, MessageStatusEvent
from app.services import message_rows, usage_changes
from app.services.bulk import Insert, Row
from app.services.conversations import show_status
from app.services.message_rows import MessageRow
from app.services.outgoing import telling

_KNOWN = {
    "sent": MessageStatus.SENT,
    "delivered": MessageStatus.DELIVERED,
    "read": MessageStatus.READ,
    "played": MessageStatus.PLAYED,
    "failed": MessageStatus.FAILED,
}
_TIMES = {
    MessageStatus.SENT: "sent_at",
    MessageStatus.DELIVERED: "delivered_at",
    MessageStatus.READ: "read_at",
    MessageStatus.PLAYED: "played_at",
    MessageStatus.FAILED: "failed_at",
}

_AnyMessage = Message | MessageRow

_INSERT = Insert(
    cast(Table, MessageStatusEvent.__table__),
    "account_id",
    "message_id",
    "wamid",
    "status",
    "occurred_at",
    "details",
    returning=("account_id", "wamid", "status"),
)

Key = tuple[int, str, str]
"""Our account id, the wamid and the status: one report of Meta's, however often it comes."""


class Statuses:
    """A batch of statuses. The messages they speak of are looked up once for the batch; what is new is
    written together by `store`."""

    def __init__(self, updates: Iterable[tuple[int, StatusUpdate]]) -> None:
        """`updates`: (our account id, status)."""
        self._by_wamid: dict[tuple[int, str], MessageRow] = {}
        self._by_ref: dict[tuple[int, str], MessageRow] = {}
        self._kept: dict[Key, Row] = {}
        self._changes = message_rows.Changes()
        self._moved: dict[int, MessageRow] = {}
        wanted = list(updates)
        if wanted:
            self._load(wanted)

    def _load(self, wanted: Sequence[tuple[int, StatusUpdate]]) -> None:
        account_ids = {account_id for account_id, _ in wanted}
        wamids = {update.wamid for _, update in wanted}
        refs = {update.callback_data for _, update in wanted if update.callback_data}
        for row in message_rows.lock(account_ids, wamids, refs):
            self._by_ref[row.account_id, row.client_ref] = row
            if row.wamid:
                self._by_wamid[row.account_id, row.wamid] = row

    def apply(self, account_id: int, update: StatusUpdate) -> bool | Key:
        """Keep the status, and move its message forward if it is higher. True when it moved one; else the
        status's key, which tells whether it was new once it is stored, or False if it is there twice.

        A status whose message is not known is kept by its id and applied when the message appears.
        """
        message = self._find(account_id, update)
        key = self._keep(account_id, update, message)
        if message is None or not _speaks_of(message, update.status, update.wamid):
            return key
        self._changes.watch(message)
        self._by_wamid[account_id, update.wamid] = message
        if not _move(message, update.status, update.timestamp, _details(update), update.wamid):
            return key
        self._moved[message.id] = message
        return True

    def store(self) -> set[Key]:
        """Write the batch's statuses and their messages; which statuses were new. The caller commits."""
        # Sorted: two workers that keep the same statuses of unknown messages must not wait for each other.
        rows = [row for _, row in sorted(self._kept.items(), key=itemgetter(0))]
        new: set[Any] = set(map(tuple, _INSERT.write(rows)))
        changed = self._changes.store()
        usage_changes.note((row.phone_number_id, row.created_at) for row in changed)
        telling.tell_statuses(self._moved.keys())
        return new

    def moved(self) -> list[tuple[int, int, MessageStatus]]:
        """What conversations must show: (conversation id, message id, status)."""
        return [(row.conversation_id, row.id, row.status) for row in self._moved.values()]

    def failed_with(self, code: int) -> list[int]:
        """The messages that failed with this code of Meta's just now."""
        return [row.id for row in self._moved.values() if row.error_code == code]

    def _find(self, account_id: int, update: StatusUpdate) -> MessageRow | None:
        """By Meta's id, else by the reference we sent along (the answer to our send may be lost or late)."""
        message = self._by_wamid.get((account_id, update.wamid))
        if message is None and update.callback_data:
            message = self._by_ref.get((account_id, update.callback_data))
        return message

    def _keep(self, account_id: int, update: StatusUpdate, message: MessageRow | None) -> bool | Key:
        key = (account_id, update.wamid, update.status)
        if key in self._kept:
            return False
        message_id = message.id if message else None
        self._kept[key] = (
            account_id,
            message_id,
            update.wamid,
            update.status,
            update.timestamp,
            _details(update),
        )
        return key


def apply_kept_statuses(wamids: Mapping[int, tuple[int, str]]) -> dict[int, int | None]:
    """Statuses that arrived before their message had its id. The caller commits.

    `wamids`: by message id, (our account id, wamid) as just stored. Returns Meta's codes of the messages that
    moved, by their ids.
    """
    if not wamids:
        return {}
    by_key = {key: message_id for message_id, key in wamids.items()}
    statement = select(MessageStatusEvent).where(
        MessageStatusEvent.account_id.in_({account_id for account_id, _ in by_key}),
        MessageStatusEvent.wamid.in_({wamid for _, wamid in by_key}),
        MessageStatusEvent.message_id.is_(None),
    )
    kept = [event for event in db.session.scalars(statement) if (event.account_id, event.wamid) in by_key]
    return _apply_kept(kept, by_key) if kept else {}


def _apply_kept(
    kept: Sequence[MessageStatusEvent], by_key: Mapping[tuple[int, str], int]
) -> dict[int, int | None]:
    ids = {by_key[event.account_id, event.wamid] for event in kept}
    statement = (
        select(Message)
        .where(Message.id.in_(ids))
        .options(joinedload(Message.conversation))
        .execution_options(populate_existing=True)
    )
    messages = {message.id: message for message in db.session.scalars(statement)}
    moved: set[int] = set()
    for event in kept:
        message = messages.get(by_key[event.account_id, event.wamid])
        if message is not None:
            event.message_id = message.id
            if _speaks_of(message, event.status, event.wamid) and _move(
                message, event.status, event.occurred_at, event.details, event.wamid
            ):
                show_status(message.conversation, message)
                moved.add(message.id)
    usage_changes.note((message.phone_number_id, message.created_at) for message in messages.values())
    telling.tell_statuses(moved)
    return {id_: messages[id_].error_code for id_ in moved}


def _details(update: StatusUpdate) -> dict[str, Any]:
    details: dict[str, Any] = {}
    if update.error is not None:
        error = update.error
        details["error"] = {"code": error.code, "title": error.title, "details": error.details}
    if update.pricing_category or update.pricing_type or update.is_billable is not None:
        details["pricing"] = {
            "category": update.pricing_category,
            "type": update.pricing_type,
            "model": update.pricing_model,
            "billable": update.is_billable,
        }
    return details


def _speaks_of(message: _AnyMessage, word: str, wamid: str) -> bool:
    """Whether it is a status of this message at all, of a kind that is known here."""
    return word in _KNOWN and message.is_outbound and (message.wamid or wamid) == wamid


def _move(message: _AnyMessage, word: str, at: datetime, details: dict[str, Any], wamid: str) -> bool:
    """Forward only; True when the message has a new state. Times are set once: the first report counts."""
    status = _KNOWN[word]
    message.wamid = message.wamid or wamid
    _note_price(message, details)
    if getattr(message, _TIMES[status]) is None and not _contradicts(message, status):
        setattr(message, _TIMES[status], at)
    if status.rank <= message.status.rank:
        return False
    message.status = status
    message.next_attempt_at = message.lease_owner = message.lease_until = None
    if status is MessageStatus.FAILED:
        _note_error(message, details)
    else:
        message.sent_at = message.sent_at or at
    return True


def _contradicts(message: _AnyMessage, status: MessageStatus) -> bool:
    """`failed` after it was delivered to the customer says nothing about this message's end."""
    return status is MessageStatus.FAILED and message.status.rank > MessageStatus.FAILED.rank


def _note_price(message: _AnyMessage, details: dict[str, Any]) -> None:
    pricing = details.get("pricing") or {}
    message.pricing_category = message.pricing_category or pricing.get("category") or ""
    message.pricing_type = message.pricing_type or pricing.get("type") or ""


def _note_error(message: _AnyMessage, details: dict[str, Any]) -> None:
    error = details.get("error") or {}
    message.error_code = error.get("code")
    message.error_title = error.get("title") or ""
    message.error_details = error.get("details") or ""
