"""Reads for the accounts pages: the last check of an account, and one line per account for the list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from app.extensions import db
from app.models import (
    Account,
    AccountHealthLog,
    AccountStatus,
    AccountUsageLog,
    AuditEntry,
    CheckState,
    utcnow,
)

USAGE_DAYS = 30


def find_latest_log(account_id: int) -> AccountHealthLog | None:
    statement = (
        select(AccountHealthLog)
        .where(AccountHealthLog.account_id == account_id)
        .order_by(AccountHealthLog.checked_at.desc(), AccountHealthLog.id.desc())
        .limit(1)
    )
    return db.session.scalar(statement)


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
