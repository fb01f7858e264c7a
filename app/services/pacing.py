"""How fast a number may send: Meta's throughput, its limit per customer, and the pauses it asked for.

What was sent is kept in the database, so that any number of workers keep the pace together. Whoever
claims messages of a number holds its row locked; another worker passes over that number meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Table, bindparam, func, select

from app.extensions import db
from app.models import NumberPace, PhoneNumber, utcnow
from app.services.conversations import insert_ignoring_conflict

STANDARD_PER_S = 80.0
HIGH_PER_S = 1000.0
_SHARE = 0.9
"""Kept below Meta's figure, which counts received messages too.

Source: Meta docs, "Throughput", read 2026-09: 80 messages a second, sent and received together.
"""
_ROOM_S = 0.1
"""A bucket holds a tenth of a second's worth: what was not used does not add up to a burst."""

PAIR_INTERVAL = timedelta(seconds=6)
PAIR_BURST = 45
"""One message per six seconds to the same customer, up to 45 borrowed from the future.

Source: Meta docs, "Throughput, pair rate limit", read 2026-09.
"""
LONGEST_PROBE_PAUSE_S = 30.0

_PACES = cast(Table, NumberPace.__table__)


def rate_of(throughput_level: str) -> float:
    """Messages a second for Meta's word (STANDARD, HIGH); an unknown word gets the standard."""
    return _SHARE * (HIGH_PER_S if throughput_level == "HIGH" else STANDARD_PER_S)


def database_now() -> datetime:
    """The database's clock: one for all workers, whatever their machines' clocks say."""
    if db.session.get_bind().dialect.name == "sqlite":
        return utcnow()
    now: datetime = db.session.execute(select(func.clock_timestamp())).scalar_one()
    return now


@dataclass
class Allowance:
    """How many messages one number may send right now; counted down by `take`."""

    phone_number_id: int
    tokens: float
    is_paused: bool = False
    is_probe: bool = False
    taken: int = 0

    @property
    def left(self) -> int:
        if self.is_paused:
            return 0
        most = 1 if self.is_probe else int(self.tokens)
        return max(0, most - self.taken)

    def take(self) -> None:
        self.taken += 1


def open_allowances(levels: Mapping[int, str], now: datetime) -> dict[int, Allowance]:
    """Lock the given numbers (our id to Meta's throughput level) and say what each may send.

    Numbers for which another worker is claiming at this moment are left out. The caller commits.
    """
    rows = _lock(levels)
    missing = levels.keys() - rows.keys()
    if missing and (unknown := missing - _known(missing)):
        fresh = [{"phone_number_id": id_, "tokens": HIGH_PER_S, "counted_at": now} for id_ in sorted(unknown)]
        insert_ignoring_conflict(NumberPace, [{**row, "pause_reason": "", "failures": 0} for row in fresh])
        rows |= _lock(unknown)
    return {id_: _allowance(row, rate_of(levels[id_]), now) for id_, row in rows.items()}


def _lock(phone_number_ids: Iterable[int]) -> dict[int, NumberPace]:
    statement = (
        select(_PACES)
        .where(_PACES.c.phone_number_id.in_(phone_number_ids))
        .order_by(_PACES.c.phone_number_id)
        .with_for_update(skip_locked=True)
    )
    return {row.phone_number_id: cast(NumberPace, row) for row in db.session.execute(statement)}


def _known(phone_number_ids: Iterable[int]) -> set[int]:
    statement = select(_PACES.c.phone_number_id).where(_PACES.c.phone_number_id.in_(phone_number_ids))
    return set(db.session.scalars(statement))


def _allowance(row: NumberPace, rate: float, now: datetime) -> Allowance:
    passed_s = max(0.0, (now - row.counted_at).total_seconds())
    tokens = min(max(1.0, rate * _ROOM_S), row.tokens + passed_s * rate)
    is_paused = row.paused_until is not None and now < row.paused_until
    return Allowance(row.phone_number_id, tokens, is_paused=is_paused, is_probe=row.failures > 0)


def keep(allowances: Iterable[Allowance], now: datetime) -> None:
    """Write down what was taken. The caller commits."""
    rows = [
        {"number": allowance.phone_number_id, "tokens": allowance.tokens - allowance.taken, "at": now}
        for allowance in allowances
        if allowance.taken
    ]
    if rows:
        statement = (
            _PACES.update()
            .where(_PACES.c.phone_number_id == bindparam("number"))
            .values(tokens=bindparam("tokens"), counted_at=bindparam("at"))
        )
        db.session.execute(statement, rows)


@dataclass(frozen=True)
class Pause:
    """Nothing leaves these numbers for a while, and why, in words for people."""

    seconds: float
    reason: str
    is_failure: bool = False


def pause(phone_number_ids: Iterable[int], wanted: Pause) -> None:
    """Meta said "not now", or does not answer properly. A longer pause stays. The caller commits.

    A failure pauses 1, 2, 4 … up to 30 seconds, and until one message got through the number sends
    one at a time.
    """
    now = database_now()
    ids = sorted(set(phone_number_ids))
    fresh = [{"phone_number_id": id_, "tokens": HIGH_PER_S, "counted_at": now} for id_ in ids]
    insert_ignoring_conflict(NumberPace, [{**row, "pause_reason": "", "failures": 0} for row in fresh])
    for row in db.session.execute(
        select(_PACES).where(_PACES.c.phone_number_id.in_(ids)).order_by(_PACES.c.phone_number_id)
        .with_for_update()
    ):  # fmt: skip
        failures = row.failures + 1 if wanted.is_failure else row.failures
        seconds = min(2.0 ** (failures - 1), wanted.seconds) if wanted.is_failure else wanted.seconds
        until = now + timedelta(seconds=seconds)
        db.session.execute(
            _PACES.update()
            .where(_PACES.c.phone_number_id == row.phone_number_id)
            .values(
                failures=failures,
                paused_until=max(until, row.paused_until or until),
                pause_reason=wanted.reason,
            )
        )


def got_through(phone_number_ids: Iterable[int]) -> None:
    """Meta answered properly again: no more probes. The caller commits."""
    db.session.execute(
        _PACES.update()
        .where(_PACES.c.phone_number_id.in_(sorted(set(phone_number_ids))), _PACES.c.failures > 0)
        .values(failures=0, paused_until=None, pause_reason="")
    )


def numbers_of(account_ids: Iterable[int]) -> list[int]:
    """All phone numbers of these accounts, by our ids."""
    return list(db.session.scalars(select(PhoneNumber.id).where(PhoneNumber.account_id.in_(account_ids))))


def pair_wait(paid_until: datetime | None, now: datetime) -> datetime | None:
    """When the next message to this customer may leave; None: now."""
    if paid_until is None:
        return None
    free_at = paid_until - PAIR_INTERVAL * (PAIR_BURST - 1)
    return free_at if free_at > now else None


def pair_pay(paid_until: datetime | None, now: datetime) -> datetime:
    """What `pair_paid_until` becomes when one more message leaves."""
    return max(now, paid_until or now) + PAIR_INTERVAL
