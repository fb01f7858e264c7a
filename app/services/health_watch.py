"""The worker’s eye on live accounts: news of Meta’s leads to a check within a second, and every 45 seconds
one question about the numbers finds what Meta sends no webhook about (a quality that falls, say).

That is 80 questions an hour of the 5,000 that Meta allows an account with a registered number.
Source: Meta docs, "Rate limits", read 2026-09. An answer without news is not kept among the calls.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Table, exists, or_, select, update

from app.errors import DomainError
from app.extensions import db
from app.graph.errors import GraphAuthError, GraphError
from app.log_fields import about
from app.models import Account, AccountHealthLog, AccountStatus, CheckState, HealthSignal, HealthWatch
from app.queries import accounts as account_queries
from app.queries import health as health_queries
from app.queries.access import EVERYTHING
from app.services import health, health_alerts, health_signals, pacing
from app.services.connections import client_with, require_same_world
from app.services.conversations import insert_ignoring_conflict
from app.services.health_numbers import facts_of
from app.services.setup_checks import Connection

log = logging.getLogger(__name__)

EVERY = timedelta(seconds=45)
LEASE = timedelta(minutes=3)
"""Longer than all questions of a check may take together."""
REST = timedelta(seconds=3)
"""Between two checks of one account, however much news there is."""
_WATCHES = cast(Table, HealthWatch.__table__)
_LIVE = (AccountStatus.LIVE, AccountStatus.NEEDS_ATTENTION)


def work_off() -> int:
    """Look at one account that is due, and close what has been well for long enough. Returns how many."""
    done = health_alerts.close_settled()
    account_id = _claim()
    if account_id is None:
        return done
    try:
        _look_at(account_id)
    except Exception:
        db.session.rollback()
        log.exception("account %d could not be looked at", account_id, extra=about(account_id=account_id))
    finally:
        _release(account_id)
    return done + 1


def _claim() -> int | None:
    """Accounts with news first. Commits."""
    now = pacing.database_now()
    _add_missing(now)
    has_news = exists().where(
        HealthSignal.account_id == HealthWatch.account_id, HealthSignal.handled_at.is_(None)
    )
    is_free = or_(HealthWatch.lease_until.is_(None), HealthWatch.lease_until <= now)
    row = db.session.scalar(
        select(HealthWatch)
        .join(Account, Account.id == HealthWatch.account_id)
        .where(Account.status.in_(_LIVE), is_free, or_(has_news, HealthWatch.next_at <= now))
        .order_by(has_news.desc(), HealthWatch.next_at, HealthWatch.account_id)
        .limit(1)
        .with_for_update(skip_locked=True, of=HealthWatch)
    )
    if row is None:
        db.session.rollback()
        return None
    account_id = row.account_id
    row.lease_until = now + LEASE
    db.session.commit()
    return account_id


def _add_missing(now: datetime) -> None:
    """An account that is watched for the first time was checked a moment ago."""
    is_there = exists().where(HealthWatch.account_id == Account.id)
    missing = list(db.session.scalars(select(Account.id).where(Account.status.in_(_LIVE), ~is_there)))
    if missing:
        rows = [{"account_id": id_, "next_at": now + EVERY} for id_ in missing]
        insert_ignoring_conflict(HealthWatch, rows)
        db.session.commit()


def _release(account_id: int) -> None:
    now = pacing.database_now()
    db.session.execute(
        update(_WATCHES)
        .where(_WATCHES.c.account_id == account_id)
        .values(lease_until=now + REST, next_at=now + EVERY)
    )
    db.session.commit()


def _look_at(account_id: int) -> None:
    news = db.session.execute(
        select(HealthSignal.id, HealthSignal.source)
        .where(HealthSignal.account_id == account_id, HealthSignal.handled_at.is_(None))
        .order_by(HealthSignal.id)
    ).all()
    account = account_queries.get_account(account_id, EVERYTHING)
    source = news[0].source if news else health_signals.WATCH
    try:
        if news or _has_changed(account):
            health.run_health_check(account_queries.get_account(account_id, EVERYTHING), source=source)
    except DomainError as error:
        db.session.rollback()
        log.info("account %d is not checked: %s", account_id, error, extra=about(account_id=account_id))
    if news:
        _mark_handled(account_id, news[-1].id)


def _mark_handled(account_id: int, last_id: int) -> None:
    db.session.execute(
        update(cast(Any, HealthSignal.__table__))
        .where(
            HealthSignal.account_id == account_id,
            HealthSignal.handled_at.is_(None),
            HealthSignal.id <= last_id,
        )
        .values(handled_at=pacing.database_now())
    )
    db.session.commit()


def _has_changed(account: Account) -> bool:
    """Does Meta say of the numbers what the last check heard? Its silence is no news; a token that it does
    not accept any more is, once."""
    require_same_world(account)
    connection, latest = Connection.of(account), health_queries.find_latest_log(account.id)
    facts, known = (latest.numbers if latest else {}), {row.meta_id for row in account.phone_numbers}
    is_held = account.status is AccountStatus.NEEDS_ATTENTION
    is_locked_out = is_held and _is_locked_out(latest)
    db.session.commit()
    client = client_with(connection.access_token, connection.app_secret)
    try:
        found = client.accounts.list_phone_numbers(connection.waba_id)
    except GraphAuthError:
        return not is_held
    except GraphError:
        return False
    return is_locked_out or {id_: fact for id_, fact in facts_of(found).items() if id_ in known} != facts


def _is_locked_out(latest: AccountHealthLog | None) -> bool:
    """Did Meta not accept the token when it was last checked? Then any answer of its is news."""
    lines = {check["key"]: check["state"] for check in latest.checks} if latest else {}
    return lines.get("token") != CheckState.PASSED or lines.get("permissions") != CheckState.PASSED
