"""Read receipts and "typing…" to the customer, as the account sets it: asked for by a row, sent later.

Nothing depends on them: one that Meta does not take is logged and forgotten, and one whose worker died is not
sent again. Source: Meta docs, "Mark messages as read" and "Typing indicators" pages, read 2026-09: the mark
counts for all earlier messages too, ids may be 30 days old, and typing, which lasts up to 25 seconds, always
marks as read.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.dialects import postgresql, sqlite

from app.errors import DomainError
from app.extensions import db
from app.graph.errors import GraphError
from app.log_fields import about
from app.models import (
    Account,
    Conversation,
    Direction,
    Message,
    PhoneNumber,
    ReadReceipt,
    ReadReceipts,
    utcnow,
)
from app.queries.access import Actor
from app.services import audit
from app.services.connections import client_for
from app.services.quoting import KEPT_AT_META

log = logging.getLogger(__name__)

TYPING_LASTS = timedelta(seconds=20)
"""Not asked for again before: Meta shows it for up to 25 seconds."""
_OF_NO_MORE_USE = timedelta(minutes=10)
_AT_A_TIME = 20


def opened(conversation: Conversation) -> None:
    """Somebody has the conversation before their eyes. Commits."""
    if conversation.account.read_receipts is ReadReceipts.OPENED:
        _ask(conversation, shows_typing=False)


def answered(conversation: Conversation) -> None:
    """Somebody has answered. Commits."""
    if conversation.account.read_receipts is ReadReceipts.ANSWERED:
        _ask(conversation, shows_typing=False)


def typing(conversation: Conversation) -> None:
    """Somebody is writing a message to the customer. Commits."""
    if conversation.account.shows_typing and conversation.window_is_open():
        _ask(conversation, shows_typing=True)


def _ask(conversation: Conversation, *, shows_typing: bool) -> None:
    """One row per conversation; what was told already is not told again."""
    if not conversation.account.is_live:
        return
    wamid = _newest_of_customer(conversation.id)
    if wamid is None:
        return
    now = utcnow()
    dialect: Any = sqlite if db.session.get_bind().dialect.name == "sqlite" else postgresql
    fresh = dialect.insert(ReadReceipt.__table__).values(
        conversation_id=conversation.id, wamid=wamid, shows_typing=shows_typing, asked_at=now
    )
    is_news = ReadReceipt.wamid != fresh.excluded.wamid
    is_due_again = ReadReceipt.sent_at < now - TYPING_LASTS if shows_typing else is_news
    statement = fresh.on_conflict_do_update(
        index_elements=["conversation_id"],
        set_={
            "wamid": fresh.excluded.wamid,
            "shows_typing": or_(
                fresh.excluded.shows_typing, ReadReceipt.shows_typing & ReadReceipt.sent_at.is_(None)
            ),
            "asked_at": fresh.excluded.asked_at,
            "sent_at": None,
        },
        where=is_news | is_due_again,
    )
    db.session.execute(statement)
    db.session.commit()


def _newest_of_customer(conversation_id: int) -> str | None:
    statement = (
        select(Message.wamid)
        .where(
            Message.conversation_id == conversation_id,
            Message.direction == Direction.INBOUND,
            Message.wamid.is_not(None),
            Message.occurred_at > utcnow() - KEPT_AT_META,
        )
        .order_by(Message.occurred_at.desc(), Message.id.desc())
        .limit(1)
    )
    return db.session.scalar(statement)


def work_off() -> int:
    """Send what is due, each with no transaction open. Returns how many there were."""
    now = utcnow()
    due = (
        select(ReadReceipt)
        .where(ReadReceipt.sent_at.is_(None))
        .order_by(ReadReceipt.asked_at)
        .limit(_AT_A_TIME)
        .with_for_update(skip_locked=True)
    )
    found = list(db.session.scalars(due))
    fresh = [
        (row.conversation_id, row.wamid, _shows_typing(row, now))
        for row in found
        if now - row.asked_at < _OF_NO_MORE_USE
    ]
    for row in found:
        row.sent_at = now
    db.session.commit()
    for conversation_id, wamid, shows_typing in fresh:
        _send(conversation_id, wamid, shows_typing=shows_typing)
    return len(found)


def _shows_typing(row: ReadReceipt, now: datetime) -> bool:
    return row.shows_typing and now - row.asked_at < TYPING_LASTS


def _send(conversation_id: int, wamid: str, *, shows_typing: bool) -> None:
    statement = (
        select(Account, PhoneNumber.meta_id)
        .join(Conversation, Conversation.account_id == Account.id)
        .join(PhoneNumber, PhoneNumber.id == Conversation.phone_number_id)
        .where(Conversation.id == conversation_id)
    )
    found = db.session.execute(statement).one_or_none()
    if found is None:
        return
    account, number_id = found
    account_id = account.id
    try:
        client = client_for(account)
        db.session.rollback()
        client.messages.mark_read(number_id, wamid, typing=shows_typing)
    except (GraphError, DomainError) as error:
        db.session.rollback()
        code = error.code if isinstance(error, GraphError) else None
        fields = about(account_id=account_id, code=code)
        log.info("a read receipt was not taken: %s", type(error).__name__, extra=fields)


def set_rules(*, account: Account, read_receipts: ReadReceipts, shows_typing: bool, actor: Actor) -> None:
    """From the next conversation on that is opened or answered."""
    before = {"read_receipts": account.read_receipts.value, "shows_typing": account.shows_typing}
    after = {"read_receipts": read_receipts.value, "shows_typing": shows_typing}
    if after != before:
        account.read_receipts, account.shows_typing = read_receipts, shows_typing
        audit.record(
            actor,
            "account.receipts_changed",
            account_id=account.id,
            object_type="account",
            object_id=account.id,
            details={"before": before, "after": after},
        )
    db.session.commit()
