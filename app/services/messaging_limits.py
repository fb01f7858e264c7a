"""How many different people a business may write to first within 24 hours.

The limit belongs to the business portfolio: all its accounts and numbers share it. What is over it is
not refused here but waits: Meta would refuse it, and the day after it is allowed.
Source: Meta docs, "Messaging limits", read 2026-09.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Table, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Row

from app.extensions import db
from app.models import Account, InitiatedContact

DAY = timedelta(hours=24)
LOOK_AGAIN = timedelta(minutes=15)
"""A limit may rise at any time, so what waits for it is looked at again before its day is over."""
_MOST = {
    "TIER_50": 50,
    "TIER_250": 250,
    "TIER_1K": 1_000,
    "TIER_2K": 2_000,
    "TIER_10K": 10_000,
    "TIER_100K": 100_000,
}

_INITIATED = cast(Table, InitiatedContact.__table__)


class MessagingLimits:
    """The limits of the numbers of one claim; the database is asked only when one is needed."""

    def __init__(self, numbers: Iterable[Row[Any]], now: datetime) -> None:
        """`numbers`: rows with id, account_id and messaging_limit (Meta's TIER_*; unknown: no limit)."""
        self._now = now
        self._most = {row.id: _MOST.get(row.messaging_limit) for row in numbers}
        self._account = {row.id: row.account_id for row in numbers}
        self._left: dict[int, int] = {}
        self._new: dict[int, int] = {}
        self._portfolios: dict[int, tuple[int, ...]] | None = None

    def take(self, phone_number_id: int, contact_id: int) -> tuple[datetime, str] | None:
        """Count this person. None: may be written to now; else until when to wait, and why."""
        most = self._most[phone_number_id]
        account_id = self._account[phone_number_id]
        if most is None or self._is_counted(contact_id):
            self._new.setdefault(contact_id, account_id)
            return None
        portfolio = self._portfolio(account_id)
        if portfolio[0] not in self._left:
            self._left[portfolio[0]] = most - self._used(portfolio)
        if self._left[portfolio[0]] <= 0:
            return self._wait(portfolio, most)
        self._left[portfolio[0]] -= 1
        self._new[contact_id] = account_id
        return None

    def keep(self) -> None:
        """Write down who was written to. The caller commits."""
        if not self._new:
            return
        dialect: Any = sqlite if db.session.get_bind().dialect.name == "sqlite" else postgresql
        rows = [
            {"contact_id": contact_id, "account_id": account_id, "at": self._now}
            for contact_id, account_id in sorted(self._new.items())
        ]
        insert = dialect.insert(_INITIATED)
        statement = insert.on_conflict_do_update(
            index_elements=["contact_id"],
            set_={"at": insert.excluded.at},
            where=_INITIATED.c.at <= self._now - DAY,
        )
        db.session.execute(statement, rows)

    def _is_counted(self, contact_id: int) -> bool:
        if contact_id in self._new:
            return True
        statement = select(_INITIATED.c.at).where(
            _INITIATED.c.contact_id == contact_id, _INITIATED.c.at > self._now - DAY
        )
        return db.session.scalar(statement) is not None

    def _portfolio(self, account_id: int) -> tuple[int, ...]:
        if self._portfolios is None:
            self._portfolios = _portfolios()
        return self._portfolios.get(account_id, (account_id,))

    def _used(self, portfolio: tuple[int, ...]) -> int:
        statement = select(func.count()).where(*self._within(portfolio))
        return db.session.scalar(statement.select_from(_INITIATED)) or 0

    def _wait(self, portfolio: tuple[int, ...], most: int) -> tuple[datetime, str]:
        oldest = db.session.scalar(select(func.min(_INITIATED.c.at)).where(*self._within(portfolio)))
        free_at = (oldest or self._now) + DAY
        words = (
            f"The business may write first to {most:,} different people in 24 hours, and has. "
            "This message goes out as soon as the limit allows."
        )
        return min(free_at, self._now + LOOK_AGAIN), words

    def _within(self, portfolio: tuple[int, ...]) -> tuple[Any, ...]:
        return _INITIATED.c.account_id.in_(portfolio), _INITIATED.c.at > self._now - DAY


def _portfolios() -> dict[int, tuple[int, ...]]:
    """By account id: all accounts of its portfolio."""
    business_of: dict[int, str] = {
        account_id: business or f"account {account_id}"
        for account_id, business in db.session.execute(select(Account.id, Account.meta_business_account_id))
    }
    members: dict[str, list[int]] = {}
    for account_id, business in sorted(business_of.items()):
        members.setdefault(business, []).append(account_id)
    return {account_id: tuple(members[business]) for account_id, business in business_of.items()}
