"""Alerts: a change for the worse is told once, by banner, mail and webhook, and once more when all is well.

A row is open from the check that finds a trouble until it has been well for a while: a minute, and twice as
long each time the trouble comes back within a day, up to an hour. A trouble that comes and goes is one
alert, told at its begin and at its end. Callers hold the account's turn (see app.services.health), so that
of several workers one opens the row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.models import (
    Account,
    AccountStatus,
    CheckState,
    HealthAlert,
    HealthAlertDismissal,
    HealthWatch,
    utcnow,
)
from app.queries import health_alerts as queries
from app.queries.access import Actor
from app.services.conversations import insert_ignoring_conflict
from app.services.health_account import MESSAGE_TEMPLATE
from app.services.health_lines import UNANSWERED
from app.services.mail import health_mails
from app.services.outgoing import attention, telling

WELL_FOR = timedelta(minutes=1)
LONGEST_WELL_FOR = timedelta(hours=1)
_A_DAY = timedelta(days=1)
_MOST_RETURNS = 10
_LEVELS = {CheckState.WARNING: 10, CheckState.FAILED: 20}
SAID_OF_THE_ACCOUNT = ("restriction", "ban")
# Which question of a check tells of a kind of trouble; what is not named comes from our own records.
_ASKED = {
    "token": "token",
    "permissions": "permissions",
    "account": "account",
    "subscription": "subscription",
    **dict.fromkeys(("number", "quality", "name", "limit", "throughput"), "number"),
}


def conclude(account: Account, checks: list[dict[str, Any]]) -> bool:
    """Open, renew and settle the alerts of a live account, and tell. Answers whether it may send again.
    The caller commits."""
    if not account.is_live:
        return False
    by_key = {check["key"]: check for check in checks}
    was_held = account.status is AccountStatus.NEEDS_ATTENTION
    alerts = queries.open_alerts_by_key(account.id)
    had_none = not alerts
    worse = _follow(account, by_key, alerts)
    is_failing = any(check["state"] == CheckState.FAILED for check in checks)
    is_recovered = was_held and not is_failing and _is_proven(by_key)
    if is_failing:
        account.status = AccountStatus.NEEDS_ATTENTION
    if is_failing or is_recovered or not was_held:
        account.attention_reason = reason_of(alerts.values())
    if is_recovered:
        account.status = AccountStatus.LIVE
    if worse:
        health_mails.queue_worse(account, worse)
        if _concerns_account(worse) and not (is_failing and was_held and had_none):
            # Else whoever was refused has told it already.
            telling.tell_health(account)
    elif is_recovered and had_none:
        attention.all_clear(account)
    return is_recovered


def _is_proven(by_key: Mapping[str, Mapping[str, Any]]) -> bool:
    """Meta has said with its own words that sending works."""
    sure = all(by_key[key]["state"] == CheckState.PASSED for key in ("token", "permissions"))
    number = by_key["number"]
    return sure and number["state"] != CheckState.FAILED and number.get("cause") != UNANSWERED


def _follow(
    account: Account, by_key: Mapping[str, Mapping[str, Any]], alerts: dict[str, HealthAlert]
) -> list[HealthAlert]:
    """Bring `alerts` (the open ones, by key) up to date; answers those that are worse than before."""
    now = utcnow()
    troubles = {key: check for key, check in by_key.items() if _is_trouble(check, by_key)}
    worse = []
    for key, check in troubles.items():
        alert = alerts.get(key)
        if alert is None:
            alert = alerts[key] = _open(account, check, now)
            worse.append(alert)
        elif _renew(alert, check, now):
            worse.append(alert)
    for key, alert in alerts.items():
        if key not in troubles and alert.well_since is None and _is_known(key, by_key):
            alert.well_since = now
    return worse


def _is_trouble(check: Mapping[str, Any], by_key: Mapping[str, Mapping[str, Any]]) -> bool:
    is_bad = CheckState(check["state"]) in _LEVELS and check.get("cause") != UNANSWERED
    if check["key"] == "account" and any(key in by_key for key in SAID_OF_THE_ACCOUNT):
        # Meta's webhook has told the same with more words.
        return False
    return is_bad and (check["key"] == "token" or _is_known(check["key"], by_key))


def _is_known(key: str, by_key: Mapping[str, Mapping[str, Any]]) -> bool:
    """Has Meta said anything about it? With a token that does not work, only about the token."""
    question = _ASKED.get(key.partition(":")[0])
    if question is None:
        return True
    answer = by_key.get(question)
    if answer is None or answer.get("cause") == UNANSWERED or answer["state"] == CheckState.WAITING:
        return False
    return question == "token" or by_key["token"]["state"] != CheckState.FAILED


def _open(account: Account, check: Mapping[str, Any], now: datetime) -> HealthAlert:
    earlier = db.session.scalar(
        select(HealthAlert)
        .where(
            HealthAlert.account_id == account.id,
            HealthAlert.key == check["key"],
            HealthAlert.closed_at > now - _A_DAY,
        )
        .order_by(HealthAlert.opened_at.desc())
        .limit(1)
    )
    alert = HealthAlert(
        account_id=account.id,
        key=check["key"],
        level=_level(check),
        opened_at=now,
        changed_at=now,
        returns=min(earlier.returns + 1, _MOST_RETURNS) if earlier else 0,
    )
    _copy(alert, check)
    db.session.add(alert)
    return alert


def _renew(alert: HealthAlert, check: Mapping[str, Any], now: datetime) -> bool:
    """True when it is worse than it ever was while open."""
    if alert.well_since is not None:
        alert.well_since = None
        alert.returns = min(alert.returns + 1, _MOST_RETURNS)
    _copy(alert, check)
    is_worse = _level(check) > alert.level
    if is_worse:
        alert.level, alert.changed_at = _level(check), now
    return is_worse


def _copy(alert: HealthAlert, check: Mapping[str, Any]) -> None:
    alert.state = CheckState(check["state"])
    alert.title, alert.evidence = check["title"], check["evidence"]
    alert.why, alert.what_to_do = check.get("why", ""), check["what_to_do"]


def _level(check: Mapping[str, Any]) -> int:
    return _LEVELS[CheckState(check["state"])] + int(check.get("weight", 0))


def reason_of(alerts: Iterable[HealthAlert]) -> str:
    """The worst that stands, in the words of the account's `attention_reason`; empty when nothing does."""
    standing = sorted(
        (alert for alert in alerts if alert.well_since is None and _concerns_account([alert])),
        key=lambda alert: (-alert.level, alert.opened_at, alert.key),
    )
    if not standing:
        return ""
    worst, more = standing[0], len(standing) - 1
    text = " ".join(filter(None, (f"{worst.title}.", worst.evidence, worst.what_to_do)))
    return f"{text} And {more} more: see Health." if more else text


def _concerns_account(alerts: Iterable[HealthAlert]) -> bool:
    """A single message template is told of by an event of its own, and is no trouble of the account's."""
    return any(not alert.key.startswith(f"{MESSAGE_TEMPLATE}:") for alert in alerts)


def close_settled() -> int:
    """Close what has been well for long enough, and tell it. Returns how many. Commits."""
    now = utcnow()
    due = {alert.account_id for alert in queries.list_settling_alerts() if _is_settled(alert, now)}
    db.session.rollback()
    return sum(_close_of(account_id, now) for account_id in sorted(due))


def well_after(alert: HealthAlert) -> timedelta:
    """For how long it has to be well before that is told."""
    return min(WELL_FOR * (1 << alert.returns), LONGEST_WELL_FOR)


def _is_settled(alert: HealthAlert, now: datetime) -> bool:
    return alert.well_since is not None and alert.well_since + well_after(alert) <= now


def _close_of(account_id: int, now: datetime) -> int:
    db.session.execute(
        select(HealthWatch.account_id).where(HealthWatch.account_id == account_id).with_for_update()
    )
    alerts = queries.open_alerts_by_key(account_id)
    closed = [alert for alert in alerts.values() if _is_settled(alert, now)]
    for alert in closed:
        alert.closed_at = now
    account = db.session.get(Account, account_id)
    if closed and account is not None and account.is_live:
        rest = [alert for alert in alerts.values() if alert.closed_at is None and alert.well_since is None]
        health_mails.queue_well(account, closed, rest)
        if _concerns_account(closed):
            telling.tell_health(account)
    db.session.commit()
    return len(closed)


def dismiss(alert: HealthAlert, actor: Actor) -> None:
    """This person has seen it: no banner until it gets worse."""
    if actor.user is None:
        return
    known = db.session.get(HealthAlertDismissal, (alert.id, actor.user.id))
    if known is None:
        row = {"alert_id": alert.id, "user_id": actor.user.id, "at": utcnow()}
        insert_ignoring_conflict(HealthAlertDismissal, [row])
    else:
        known.at = utcnow()
    db.session.commit()
