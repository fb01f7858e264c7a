"""News about an account that a check is to look at at once: from webhooks, and from sends that were refused.

A row is added, nothing is waited for; the caller commits. The worker looks within a second.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Table, insert, select

from app.extensions import db
from app.models import Account, CheckState, HealthSignal, utcnow
from app.services.health_lines import CheckLine

PERSON, API, SCHEDULE, WATCH = "person", "api", "schedule", "watch"
WEBHOOK, SENDING, SETUP = "webhook", "sending", "setup"
SOURCE_WORDS = {
    PERSON: "by a check",
    API: "by a check over the API",
    SCHEDULE: "by the hourly check",
    WATCH: "by a look at the numbers",
    WEBHOOK: "by Meta’s webhook",
    SENDING: "when a message was refused",
    SETUP: "by the set-up",
}
_SIGNALS = cast(Table, HealthSignal.__table__)
_OLDEST = timedelta(days=90)
_SAME_WITHIN = timedelta(minutes=5)


def ask_for_check(account_id: int, source: str) -> None:
    """Something about this account may be different now."""
    _add(account_id, source)


def report(
    account: Account,
    line: CheckLine,
    *,
    until: datetime | None = None,
    source: str = WEBHOOK,
    needs_check: bool = True,
) -> None:
    """A finding that only this piece of news tells of. PASSED ends an earlier one of the same key. The same
    once more within minutes is left out: a thousand refused messages are one piece of news. `needs_check`:
    False for what a check itself has found."""
    if _is_repeated(account, line):
        return
    _add(
        account.id,
        source,
        key=line.key,
        state=line.state,
        title=line.title,
        evidence=line.evidence,
        why=line.why,
        what_to_do=line.what_to_do,
        until=until,
        handled_at=None if needs_check else utcnow(),
    )


def _is_repeated(account: Account, line: CheckLine) -> bool:
    same = select(HealthSignal.id).where(
        HealthSignal.account_id == account.id,
        HealthSignal.at > utcnow() - _SAME_WITHIN,
        HealthSignal.key == line.key,
        HealthSignal.state == line.state,
        HealthSignal.evidence == line.evidence,
    )
    return line.state is not CheckState.PASSED and db.session.scalar(same.limit(1)) is not None


def _add(account_id: int, source: str, **values: object) -> None:
    row = {
        "account_id": account_id,
        "at": utcnow(),
        "source": source,
        "key": "",
        "state": CheckState.WARNING,
        "title": "",
        "evidence": "",
        "why": "",
        "what_to_do": "",
        "until": None,
        "handled_at": None,
    }
    db.session.execute(insert(_SIGNALS), [row | values])


def signal_lines(account: Account) -> list[CheckLine]:
    """What such news still says about the account."""
    now = utcnow()
    rows = db.session.scalars(
        select(HealthSignal)
        .where(HealthSignal.account_id == account.id, HealthSignal.key != "", HealthSignal.at > now - _OLDEST)
        .order_by(HealthSignal.id)
    )
    latest = {row.key: row for row in rows}
    standing = (row for row in latest.values() if row.until is None or row.until > now)
    return [_line(row) for row in standing if row.state is not CheckState.PASSED]


def _line(row: HealthSignal) -> CheckLine:
    return CheckLine(row.key, row.title, row.state, row.evidence, row.what_to_do, action="", why=row.why)
