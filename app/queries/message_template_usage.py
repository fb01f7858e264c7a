"""How often each message template was sent of late, and read: sums of days that were counted ahead.

Finished days only. Nothing is counted from the messages here, so it takes as long at a million of them as
at a hundred.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from app.extensions import db
from app.models import AccountUsageLog, utcnow
from app.queries.message_template_families import Key
from app.queries.usage_details import NAMED

DAYS = 30


@dataclass(frozen=True)
class NameUsage:
    """`delivered` counts read ones, too."""

    sent: int = 0
    delivered: int = 0
    read: int = 0

    @property
    def read_rate(self) -> float | None:
        """Read per delivered, 0 to 1; None while nothing was delivered."""
        return self.read / self.delivered if self.delivered else None


def sum_names(account_ids: Iterable[int]) -> dict[Key, NameUsage]:
    """By account and name, over the last 30 finished days; what was not sent is missing."""
    statement = select(AccountUsageLog.account_id, AccountUsageLog.kinds).where(
        AccountUsageLog.account_id.in_(set(account_ids)),
        AccountUsageLog.day >= (utcnow() - timedelta(days=DAYS)).date(),
    )
    found: dict[Key, NameUsage] = {}
    for row in db.session.execute(statement):
        for kind, parts in row.kinds.items():
            if kind.startswith(NAMED):
                key = (row.account_id, kind.removeprefix(NAMED))
                before = found.get(key, NameUsage())
                found[key] = NameUsage(
                    before.sent + parts.get("sent", 0),
                    before.delivered + parts.get("delivered", 0),
                    before.read + parts.get("read", 0),
                )
    return found
