"""Writing down what customers' systems are to be told, in the transaction of the change that it is about.

By whoever makes the change; the caller commits. Where nobody listens it costs one look into a table of a few
rows, however many changes there are.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any, cast

from sqlalchemy import Table, bindparam, select
from sqlalchemy.engine import Row

from app.extensions import db
from app.models import (
    Account,
    Contact,
    Message,
    MessageStatus,
    MessageTemplate,
    OutgoingDelivery,
    OutgoingEvent,
    OutgoingWebhook,
    OutgoingWebhookAccount,
    PhoneNumber,
    utcnow,
)
from app.services.bulk import Insert
from app.services.outgoing import payloads

TOLD_STATUSES = frozenset(
    {
        MessageStatus.SENT,
        MessageStatus.DELIVERED,
        MessageStatus.READ,
        MessageStatus.PLAYED,
        MessageStatus.FAILED,
    }
)
"""The others are our own affair: waiting, on the way, not known yet."""

_AT_A_TIME = 500
_WEBHOOKS = cast(Table, OutgoingWebhook.__table__)
_LINKS = cast(Table, OutgoingWebhookAccount.__table__)
_ON = select(_WEBHOOKS.c.id, _WEBHOOKS.c.events, _WEBHOOKS.c.is_for_all).where(_WEBHOOKS.c.is_on)
_ACCOUNTS_OF = select(_LINKS.c.webhook_id, _LINKS.c.account_id).where(
    _LINKS.c.webhook_id.in_(bindparam("ids", expanding=True))
)
_INSERT = Insert(
    cast(Table, OutgoingDelivery.__table__), "webhook_id", "account_id", "event_id", "event", "body"
)
_MESSAGES = (
    select(
        Message.id,
        Message.account_id,
        Message.phone_number_id,
        Message.wamid,
        Message.context_wamid,
        Message.direction,
        Message.status,
        Message.message_type,
        Message.text_content,
        Message.content,
        Message.error_code,
        Message.error_title,
        Message.error_details,
        Message.created_at,
        Message.sent_at,
        Message.delivered_at,
        Message.read_at,
        Message.failed_at,
        Contact.wa_id,
        Contact.user_id,
        PhoneNumber.phone_number.label("our_number"),
    )
    .join(Contact, Contact.id == Message.contact_id)
    .join(PhoneNumber, PhoneNumber.id == Message.phone_number_id)
    .where(Message.id.in_(bindparam("ids", expanding=True)))
    .order_by(Message.id)
)

_Fact = tuple[int, dict[str, Any]]
"""(our account id, the event's data)"""


def tell_received(message_ids: Collection[int]) -> None:
    """Messages of customers that have just been stored."""
    _tell(
        OutgoingEvent.MESSAGE_RECEIVED,
        message_ids,
        lambda: ((row.account_id, payloads.received_message(row)) for row in _load(message_ids)),
    )


def tell_statuses(message_ids: Collection[int]) -> None:
    """Outbound messages whose status has just moved. Each is told as it stands: moves that were stored
    together are one event."""
    _tell(
        OutgoingEvent.MESSAGE_STATUS,
        message_ids,
        lambda: (
            (row.account_id, payloads.message_status(row))
            for row in _load(message_ids)
            if row.status in TOLD_STATUSES
        ),
    )


def tell_message_template(row: MessageTemplate) -> None:
    """Its status has just changed."""
    _tell(
        OutgoingEvent.MESSAGE_TEMPLATE_STATUS,
        (row,),
        lambda: [(row.account_id, payloads.message_template_status(row))],
    )


def tell_health(account: Account) -> None:
    """It has just come to need attention, for a reason that is new, or is well again."""
    _tell(OutgoingEvent.ACCOUNT_HEALTH, (account,), lambda: [(account.id, payloads.account_health(account))])


def _tell(event: OutgoingEvent, things: Collection[object], facts: Callable[[], Iterable[_Fact]]) -> None:
    listeners = _listeners(event) if things else []
    if not listeners:
        return
    now = utcnow()
    rows = []
    for account_id, data in facts():
        event_id = payloads.new_event_id()
        body = payloads.body_of(event_id, event, now, data)
        rows += [
            (webhook_id, account_id, event_id, event, body)
            for webhook_id, accounts in listeners
            if accounts is None or account_id in accounts
        ]
    _INSERT.write(rows)


def _listeners(event: OutgoingEvent) -> list[tuple[int, set[int] | None]]:
    """(webhook id, its accounts or None for all) of those that are to be told of this kind."""
    connection = db.session.connection()
    wanting = [row for row in connection.execute(_ON) if event in row.events]
    narrow = [row.id for row in wanting if not row.is_for_all]
    accounts: dict[int, set[int]] = {id_: set() for id_ in narrow}
    if narrow:
        for webhook_id, account_id in connection.execute(_ACCOUNTS_OF, {"ids": narrow}):
            accounts[webhook_id].add(account_id)
    return [(row.id, accounts.get(row.id)) for row in wanting]


def _load(message_ids: Iterable[int]) -> Iterable[Row[Any]]:
    for ids in _batches(sorted(set(message_ids))):
        yield from db.session.execute(_MESSAGES, {"ids": ids})


def _batches(ids: list[int]) -> Iterable[list[int]]:
    return (ids[start : start + _AT_A_TIME] for start in range(0, len(ids), _AT_A_TIME))
