"""Reads of alerts and changes: what stands, for whom, and what happened before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select

from app.errors import NotFound
from app.extensions import db
from app.models import (
    Account,
    AccountHealthLog,
    AccountStatus,
    CheckState,
    HealthAlert,
    HealthAlertDismissal,
    HealthChange,
    Membership,
    Role,
    User,
)
from app.queries.access import AccountScope
from app.queries.cursors import Cursor

LIST_LENGTH = 20
MOST_BANNERS = 3
_LIVE = (AccountStatus.LIVE, AccountStatus.NEEDS_ATTENTION)


def open_alerts_by_key(account_id: int) -> dict[str, HealthAlert]:
    """Also those that are well and not told as such yet."""
    statement = select(HealthAlert).where(
        HealthAlert.account_id == account_id, HealthAlert.closed_at.is_(None)
    )
    return {alert.key: alert for alert in db.session.scalars(statement.order_by(HealthAlert.id))}


def list_settling_alerts() -> list[HealthAlert]:
    """Those that are well and wait to be told as such."""
    statement = select(HealthAlert).where(
        HealthAlert.closed_at.is_(None), HealthAlert.well_since.is_not(None)
    )
    return list(db.session.scalars(statement))


def list_banners(scope: AccountScope, user_id: int) -> list[HealthAlert]:
    """What stands and this person has not put away since it last got worse: the worst and
    newest first, so many."""
    put_away = and_(HealthAlertDismissal.alert_id == HealthAlert.id, HealthAlertDismissal.user_id == user_id)
    statement = (
        select(HealthAlert)
        .join(Account, Account.id == HealthAlert.account_id)
        .outerjoin(HealthAlertDismissal, put_away)
        .where(
            scope.covers(HealthAlert.account_id),
            Account.status.in_(_LIVE),
            HealthAlert.closed_at.is_(None),
            HealthAlert.well_since.is_(None),
            or_(HealthAlertDismissal.at.is_(None), HealthAlertDismissal.at < HealthAlert.changed_at),
        )
        .order_by(HealthAlert.level.desc(), HealthAlert.changed_at.desc(), HealthAlert.id.desc())
        .limit(MOST_BANNERS)
    )
    return list(db.session.scalars(statement))


def get_open_alert(account_id: int, alert_id: int) -> HealthAlert:
    """Raises NotFound; the caller has found the account within a scope."""
    alert = db.session.get(HealthAlert, alert_id)
    if alert is None or alert.account_id != account_id or alert.closed_at is not None:
        raise NotFound("There is no such alert any more.")
    return alert


@dataclass(frozen=True)
class ChangePage:
    changes: list[HealthChange]
    next_cursor: Cursor | None


def list_changes(account_id: int, cursor: Cursor | None = None) -> ChangePage:
    """Newest first, a page at a time."""
    statement = select(HealthChange).where(HealthChange.account_id == account_id)
    if cursor is not None:
        statement = statement.where(cursor.is_after(HealthChange.at, HealthChange.id))
    statement = statement.order_by(HealthChange.at.desc(), HealthChange.id.desc()).limit(LIST_LENGTH + 1)
    found = list(db.session.scalars(statement))
    goes_on, changes = len(found) > LIST_LENGTH, found[:LIST_LENGTH]
    return ChangePage(changes, Cursor(changes[-1].at, changes[-1].id) if goes_on else None)


def list_states(account_id: int, since: datetime) -> list[tuple[datetime, CheckState]]:
    """When each check was made and what it came to, oldest first, with the one before `since`."""
    states = select(AccountHealthLog.checked_at, AccountHealthLog.state).where(
        AccountHealthLog.account_id == account_id
    )
    order = (AccountHealthLog.checked_at, AccountHealthLog.id)
    earlier = states.where(AccountHealthLog.checked_at < since)
    before = db.session.execute(earlier.order_by(*(column.desc() for column in order)).limit(1))
    later = db.session.execute(states.where(AccountHealthLog.checked_at >= since).order_by(*order))
    return [(at, state) for at, state in (*before, *later)]


def list_addressees(account_id: int) -> list[str]:
    """The e-mail addresses of those who can act: owners, and managers of this account."""
    manages = select(Membership.user_id).where(
        Membership.account_id == account_id, Membership.role.in_((Role.MANAGER, Role.OWNER))
    )
    statement = select(User.email).where(
        User.is_active.is_(True), or_(User.role == Role.OWNER, User.id.in_(manages))
    )
    return list(db.session.scalars(statement.order_by(User.id)))
