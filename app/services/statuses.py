"""Statuses from Meta: kept all, applied only forwards, matched by our own reference when the id is new."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from app.extensions import db
from app.graph.webhooks import StatusUpdate
from app.models import Account, Message, MessageStatus, MessageStatusEvent, UsageDirtyDay, utcnow
from app.services.conversations import insert_ignoring_conflict, show_status

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


class Statuses:
    """A batch of statuses: the messages they speak of, and which of them are known already.

    Both are looked up once for the batch; new ones are written together by `store`.
    """

    def __init__(self, updates: Iterable[tuple[int, StatusUpdate]]) -> None:
        """`updates`: (our account id, status)."""
        self._by_wamid: dict[tuple[int, str], Message] = {}
        self._by_ref: dict[tuple[int, str], Message] = {}
        self._known: set[tuple[int, str, str]] = set()
        self._new: list[dict[str, Any]] = []
        wanted = list(updates)
        if wanted:
            self._load_messages(wanted)
            self._load_known(wanted)

    def _load_messages(self, wanted: Sequence[tuple[int, StatusUpdate]]) -> None:
        wamids = {update.wamid for _, update in wanted}
        refs = {update.callback_data for _, update in wanted if update.callback_data}
        statement = (
            select(Message)
            .where(
                Message.account_id.in_({account_id for account_id, _ in wanted}),
                or_(Message.wamid.in_(wamids), Message.client_ref.in_(refs)),
            )
            .order_by(Message.id)
            .options(
                joinedload(Message.conversation), joinedload(Message.account).lazyload(Account.phone_numbers)
            )
            .with_for_update(of=Message)
        )
        for message in db.session.scalars(statement):
            self._by_ref[message.account_id, message.client_ref] = message
            if message.wamid:
                self._by_wamid[message.account_id, message.wamid] = message

    def _load_known(self, wanted: Sequence[tuple[int, StatusUpdate]]) -> None:
        rows = db.session.execute(
            select(MessageStatusEvent.account_id, MessageStatusEvent.wamid, MessageStatusEvent.status).where(
                MessageStatusEvent.account_id.in_({account_id for account_id, _ in wanted}),
                MessageStatusEvent.wamid.in_({update.wamid for _, update in wanted}),
            )
        )
        self._known = {(account_id, wamid, status) for account_id, wamid, status in rows}

    def apply(self, account_id: int, update: StatusUpdate) -> bool:
        """Keep the status, and move its message forward if it is higher. True when anything was new.

        A status whose message is not known is kept by its id and applied when the message appears.
        """
        message = self._find(account_id, update)
        is_new = self._keep(account_id, update, message)
        if message is None:
            return is_new
        return _move(message, update.status, update.timestamp, _details(update), update.wamid) or is_new

    def store(self) -> None:
        """Write the batch's new statuses. The caller commits."""
        if self._new:
            insert_ignoring_conflict(MessageStatusEvent, self._new)
            self._new = []

    def _find(self, account_id: int, update: StatusUpdate) -> Message | None:
        """By Meta's id, else by the reference we sent along (the answer to our send may be lost or late)."""
        message = self._by_wamid.get((account_id, update.wamid))
        if message is None and update.callback_data:
            message = self._by_ref.get((account_id, update.callback_data))
        return message

    def _keep(self, account_id: int, update: StatusUpdate, message: Message | None) -> bool:
        key = (account_id, update.wamid, update.status)
        if key in self._known:
            return False
        self._known.add(key)
        self._new.append(
            {
                "account_id": account_id,
                "message_id": message.id if message else None,
                "wamid": update.wamid,
                "status": update.status,
                "occurred_at": update.timestamp,
                "received_at": utcnow(),
                "details": _details(update),
            }
        )
        return True


def apply_kept_statuses(wamids: Mapping[int, tuple[int, str]]) -> None:
    """Statuses that arrived before their message had its id. The caller commits.

    `wamids`: by message id, (our account id, wamid) as just stored.
    """
    if not wamids:
        return
    by_key = {key: message_id for message_id, key in wamids.items()}
    statement = select(MessageStatusEvent).where(
        MessageStatusEvent.account_id.in_({account_id for account_id, _ in by_key}),
        MessageStatusEvent.wamid.in_({wamid for _, wamid in by_key}),
        MessageStatusEvent.message_id.is_(None),
    )
    kept = [event for event in db.session.scalars(statement) if (event.account_id, event.wamid) in by_key]
    if kept:
        _apply_kept(kept, by_key)


def _apply_kept(kept: Sequence[MessageStatusEvent], by_key: Mapping[tuple[int, str], int]) -> None:
    ids = {by_key[event.account_id, event.wamid] for event in kept}
    statement = (
        select(Message)
        .where(Message.id.in_(ids))
        .options(joinedload(Message.conversation))
        .execution_options(populate_existing=True)
    )
    messages = {message.id: message for message in db.session.scalars(statement)}
    for event in kept:
        message = messages.get(by_key[event.account_id, event.wamid])
        if message is not None:
            event.message_id = message.id
            _move(message, event.status, event.occurred_at, event.details, event.wamid)


def _details(update: StatusUpdate) -> dict[str, Any]:
    details: dict[str, Any] = {}
    if update.error is not None:
        error = update.error
        details["error"] = {"code": error.code, "title": error.title, "details": error.details}
    if update.pricing_category or update.pricing_type:
        details["pricing"] = {"category": update.pricing_category, "type": update.pricing_type}
    return details


def _move(message: Message, word: str, at: datetime, details: dict[str, Any], wamid: str) -> bool:
    """Forward only. Times are set once: the first report of each status counts."""
    status = _KNOWN.get(word)
    if status is None or not message.is_outbound:
        return False
    message.wamid = message.wamid or wamid
    if message.wamid != wamid:
        return False
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
    show_status(message.conversation, message)
    _mark_day(message)
    return True


def _contradicts(message: Message, status: MessageStatus) -> bool:
    """`failed` after it was delivered to the customer says nothing about this message's end."""
    return status is MessageStatus.FAILED and message.status.rank > MessageStatus.FAILED.rank


def _note_price(message: Message, details: dict[str, Any]) -> None:
    pricing = details.get("pricing") or {}
    message.pricing_category = message.pricing_category or pricing.get("category") or ""
    message.pricing_type = message.pricing_type or pricing.get("type") or ""


def _note_error(message: Message, details: dict[str, Any]) -> None:
    error = details.get("error") or {}
    message.error_code = error.get("code")
    message.error_title = error.get("title") or ""
    message.error_details = error.get("details") or ""


def _mark_day(message: Message) -> None:
    """A finished day's figures changed: it is counted again."""
    day: date = message.created_at.date()
    if day < utcnow().date():
        insert_ignoring_conflict(UsageDirtyDay, [{"phone_number_id": message.phone_number_id, "day": day}])
