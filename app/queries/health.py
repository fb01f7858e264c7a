"""Reads for the accounts pages: the last check of an account, and one line per account for the list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, literal, select

from app.extensions import db
from app.models import (
    Account,
    AccountHealthLog,
    AccountStatus,
    AccountUsageLog,
    AuditEntry,
    CheckState,
    EventState,
    Message,
    MessageStatus,
    MessageTemplate,
    MessageTemplateStatus,
    WebhookEvent,
    utcnow,
)
from app.queries.slices import Slice, Turn, fetch_slice

USAGE_DAYS = 30


def find_latest_log(account_id: int) -> AccountHealthLog | None:
    statement = (
        select(AccountHealthLog)
        .where(AccountHealthLog.account_id == account_id)
        .order_by(AccountHealthLog.checked_at.desc(), AccountHealthLog.id.desc())
        .limit(1)
    )
    return db.session.scalar(statement)


def slice_logs(account_id: int, turn: Turn | None, limit: int) -> Slice[AccountHealthLog]:
    """Of an account that the caller found within a scope."""
    statement = select(AccountHealthLog).where(AccountHealthLog.account_id == account_id)
    return fetch_slice(statement, AccountHealthLog, turn=turn, limit=limit, by="checked_at")


def list_accounts_checked_too_early() -> list[int]:
    """Accounts in trouble whose last check found none: what their pages show of it is old news."""
    latest = (
        select(AccountHealthLog.state)
        .where(AccountHealthLog.account_id == Account.id)
        .order_by(AccountHealthLog.checked_at.desc(), AccountHealthLog.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    statement = select(Account.id).where(
        Account.status == AccountStatus.NEEDS_ATTENTION, latest != CheckState.FAILED
    )
    return list(db.session.scalars(statement.order_by(Account.id)))


MOST_MESSAGE_TEMPLATES = 20
_TROUBLED = (MessageTemplateStatus.PAUSED, MessageTemplateStatus.DISABLED, MessageTemplateStatus.REJECTED)


def list_troubled_message_templates(account_id: int) -> list[MessageTemplate]:
    """Paused, disabled and rejected ones, the latest first, so many."""
    statement = (
        select(MessageTemplate)
        .where(MessageTemplate.account_id == account_id, MessageTemplate.status.in_(_TROUBLED))
        .order_by(MessageTemplate.status_changed_at.desc(), MessageTemplate.id.desc())
        .limit(MOST_MESSAGE_TEMPLATES)
    )
    return list(db.session.scalars(statement))


def list_moving_message_templates(account_id: int) -> list[MessageTemplate]:
    """Those for which Meta has announced another category, so many."""
    statement = (
        select(MessageTemplate)
        .where(MessageTemplate.account_id == account_id, MessageTemplate.correct_category != "")
        .order_by(MessageTemplate.name, MessageTemplate.language)
        .limit(MOST_MESSAGE_TEMPLATES)
    )
    return list(db.session.scalars(statement))


@dataclass(frozen=True)
class OldestWaiting:
    """None where nothing has waited for so long."""

    message_due_at: datetime | None
    event_received_at: datetime | None


def find_oldest_waiting(account_id: int, since: datetime) -> OldestWaiting:
    """The account's oldest message that was due by then, and the oldest event that came by then. An account
    that is held waits for its operator, not for a worker."""
    queued = literal(MessageStatus.QUEUED, Message.status.type, literal_execute=True)
    pending = literal(EventState.PENDING, WebhookEvent.state.type, literal_execute=True)
    due = (
        select(Message.next_attempt_at)
        .join(Account, Account.id == Message.account_id)
        .where(
            Message.account_id == account_id,
            Message.status == queued,
            Message.next_attempt_at <= since,
            Account.status == AccountStatus.LIVE,
        )
        .order_by(Message.next_attempt_at)
        .limit(1)
    )
    event = (
        select(WebhookEvent.received_at)
        .where(WebhookEvent.state == pending, WebhookEvent.received_at <= since)
        .order_by(WebhookEvent.received_at)
        .limit(1)
    )
    return OldestWaiting(db.session.scalar(due), db.session.scalar(event))


@dataclass(frozen=True)
class Usage:
    """Messages of the last 30 finished days."""

    sent: int = 0
    received: int = 0


def usage_by_account(account_ids: Iterable[int]) -> dict[int, Usage]:
    """Keyed by account id; accounts without any are missing."""
    since = utcnow().date() - timedelta(days=USAGE_DAYS)
    statement = (
        select(AccountUsageLog.account_id, func.sum(AccountUsageLog.sent), func.sum(AccountUsageLog.received))
        .where(AccountUsageLog.account_id.in_(list(account_ids)), AccountUsageLog.day >= since)
        .group_by(AccountUsageLog.account_id)
    )
    return {row[0]: Usage(int(row[1]), int(row[2])) for row in db.session.execute(statement)}


def list_recent_entries(account: Account, limit: int = 6) -> list[AuditEntry]:
    """What people did to this account lately, newest first."""
    statement = (
        select(AuditEntry)
        .where(AuditEntry.account_id == account.id)
        .order_by(AuditEntry.id.desc())
        .limit(limit)
    )
    return list(db.session.scalars(statement))
