"""How much an account may send by its own limits: in a minute, a day and a month, whoever sends.

Meta's limits are another matter (`pacing`, `messaging_limits`): what these refuse is never queued, and
whoever wanted to send it is told when there is room again. Days and months are those of the account's time
zone.

Never one more than the limit, over any number of processes: each message takes its place in one statement.
On PostgreSQL that is a transaction of its own, so that nobody waits for a place while he holds something
that another one, who has the place, is waiting for. A process that dies in between has used up a place for
nothing; on SQLite, where one writes at a time, place and message are one transaction.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from sqlalchemy import case, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.errors import TooMany
from app.extensions import db
from app.models import Account, AccountQuota, QuotaWindow
from app.models.time_zones import day_bounds, day_of, zone_or_utc
from app.queries.access import Actor
from app.services import audit, pacing

MOST = 100_000_000
COLUMNS = {
    QuotaWindow.MONTH: "messages_per_month",
    QuotaWindow.DAY: "messages_per_day",
    QuotaWindow.MINUTE: "messages_per_minute",
}
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Standing:
    """One limit as it stands now; `limit` None: there is none, and nothing is counted."""

    window: QuotaWindow
    limit: int | None
    used: int
    ends_at: datetime


@dataclass(frozen=True)
class Taken:
    """A place in each window that has a limit."""

    account_id: int
    windows: tuple[tuple[QuotaWindow, datetime], ...] = ()


def take(account: Account) -> Taken:
    """A place for one message. Raises TooMany, and then nothing is taken."""
    taken = Taken(account.id)
    limits = [(window, getattr(account, name)) for window, name in COLUMNS.items()]
    if all(limit is None for _, limit in limits):
        return taken
    now = pacing.database_now()
    for window, limit in limits:
        if limit is None:
            continue
        start, end = bounds(window, account, now)
        if not _take_one(account.id, window, start, limit):
            give_back(taken)
            raise TooMany(_words(account, window, limit, end), ceil((end - now).total_seconds()))
        taken = Taken(account.id, (*taken.windows, (window, start)))
    return taken


def require_room(account: Account) -> None:
    """Raises TooMany when there is no place for one more; takes none."""
    now = pacing.database_now()
    for standing in standings(account):
        if standing.limit is not None and standing.used >= standing.limit:
            words = _words(account, standing.window, standing.limit, standing.ends_at)
            raise TooMany(words, ceil((standing.ends_at - now).total_seconds()))


def give_back(taken: Taken) -> None:
    """The message did not come about. A place of a window that is over is of no use to anybody."""
    for window, start in taken.windows:
        statement = (
            update(AccountQuota)
            .where(
                AccountQuota.account_id == taken.account_id,
                AccountQuota.window == window,
                AccountQuota.starts_at == start,
                AccountQuota.used > 0,
            )
            .values(used=AccountQuota.used - 1)
            .execution_options(synchronize_session=False)
        )
        with _counting() as connection:
            connection.execute(statement)


def standings(account: Account) -> list[Standing]:
    """All limits of the account, the longest window first."""
    now = pacing.database_now()
    rows = db.session.scalars(select(AccountQuota).where(AccountQuota.account_id == account.id))
    kept = {row.window: row for row in rows}
    found = []
    for window, name in COLUMNS.items():
        start, end = bounds(window, account, now)
        row = kept.get(window)
        used = row.used if row is not None and row.starts_at >= start else 0
        found.append(Standing(window, getattr(account, name), used, end))
    return found


def set_limits(*, account: Account, limits: dict[QuotaWindow, int | None], actor: Actor) -> None:
    """Each from 1 to MOST, or None for no limit. What was used in the running window counts from the moment
    at which it first had a limit."""
    before = {name: getattr(account, name) for name in COLUMNS.values()}
    for window, limit in limits.items():
        setattr(account, COLUMNS[window], limit)
    after = {name: getattr(account, name) for name in COLUMNS.values()}
    if after != before:
        audit.record(
            actor,
            "account.limits_changed",
            account_id=account.id,
            object_type="account",
            object_id=account.id,
            details={"before": before, "after": after},
        )
    db.session.commit()


def bounds(window: QuotaWindow, account: Account, now: datetime) -> tuple[datetime, datetime]:
    """When the window that runs began, and when it ends."""
    if window is QuotaWindow.MINUTE:
        start = now.replace(second=0, microsecond=0)
        return start, start + _MINUTE
    there = zone_or_utc(account.time_zone)
    today = day_of(now, there)
    if window is QuotaWindow.DAY:
        return day_bounds(today, there)
    first = today.replace(day=1)
    next_first = (first + timedelta(days=31)).replace(day=1)
    return day_bounds(first, there)[0], day_bounds(next_first, there)[0]


def _take_one(account_id: int, window: QuotaWindow, start: datetime, limit: int) -> bool:
    dialect: Any = sqlite if db.engine.dialect.name == "sqlite" else postgresql
    fresh = dialect.insert(AccountQuota.__table__).values(
        account_id=account_id, window=window, starts_at=start, used=1
    )
    # Windows only move forward: a zone whose day began earlier opens none anew.
    is_later = fresh.excluded.starts_at > AccountQuota.starts_at
    statement = fresh.on_conflict_do_update(
        index_elements=["account_id", "window"],
        set_={
            "used": case((is_later, 1), else_=AccountQuota.used + 1),
            "starts_at": case((is_later, fresh.excluded.starts_at), else_=AccountQuota.starts_at),
        },
        where=is_later | (AccountQuota.used < limit),
    ).returning(AccountQuota.used)
    with _counting() as connection:
        return connection.execute(statement).first() is not None


@contextmanager
def _counting() -> Iterator[Any]:
    if db.engine.dialect.name == "sqlite":
        yield db.session
        return
    with db.engine.begin() as connection:
        yield connection


def _words(account: Account, window: QuotaWindow, limit: int, end: datetime) -> str:
    at = end.astimezone(zone_or_utc(account.time_zone))
    messages = "1 message" if limit == 1 else f"{limit:,} messages"
    return (
        f"This account may send at most {messages} a {window}, by its own limit, and that is used up. "
        f"Nothing was sent. There is room again from {at:%-d %b, %H:%M} ({account.time_zone}). A manager can "
        "change the limit on the account's page “Usage”."
    )
