"""How often one API key may call in a minute, over all web processes.

On SQLite there is one web process (gunicorn.conf.py says why), so its memory is the count. On PostgreSQL it
is a row per key, in a transaction of its own that need not reach the disk before it answers: after a crash
of the database a minute's count may be short.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from flask import current_app
from sqlalchemy import text

from app.errors import TooMany
from app.extensions import db

_MINUTE_S = 60

_SOON = text("SELECT set_config('synchronous_commit', 'off', true)")
_COUNT = text(
    "INSERT INTO api_key_calls (api_key_id, minute_at, calls) "
    "VALUES (:api_key_id, date_trunc('minute', now()), 1) "
    "ON CONFLICT (api_key_id) DO UPDATE SET minute_at = excluded.minute_at, "
    "calls = CASE WHEN api_key_calls.minute_at = excluded.minute_at THEN api_key_calls.calls + 1 ELSE 1 END "
    "RETURNING calls, extract(second FROM now()) AS second"
)


@dataclass(frozen=True)
class Standing:
    """A key's calls of the minute that runs, this one included."""

    limit: int
    used: int
    resets_in_s: int

    @property
    def remaining(self) -> int:
        return max(0, self.limit - self.used)


@dataclass
class _Memory:
    """Calls of the minute that runs, by key."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    minute: int = 0
    calls: dict[int, int] = field(default_factory=dict)


def count_call(api_key_id: int) -> Standing | None:
    """Count one call. None: there is no limit. Leaves the session alone."""
    limit: int = current_app.config["SETTINGS"].api_calls_per_minute
    if not limit:
        return None
    if db.engine.dialect.name == "sqlite":
        used, second = _count_in_memory(api_key_id)
    else:
        used, second = _count_in_database(api_key_id)
    return Standing(limit, used, max(1, _MINUTE_S - second))


def refuse_too_many(standing: Standing | None) -> None:
    """Raises TooMany when this call was one too many."""
    if standing is not None and standing.used > standing.limit:
        raise TooMany(
            f"This API key may call {standing.limit:,} times a minute, and that is used up. Nothing was "
            f"done. Call again in {standing.resets_in_s} s.",
            standing.resets_in_s,
        )


def _count_in_memory(api_key_id: int) -> tuple[int, int]:
    memory: _Memory = current_app.extensions.setdefault("waba_call_counts", _Memory())
    minute, second = divmod(int(time.time()), _MINUTE_S)
    with memory.lock:
        if memory.minute != minute:
            memory.minute, memory.calls = minute, {}
        used = memory.calls[api_key_id] = memory.calls.get(api_key_id, 0) + 1
    return used, second


def _count_in_database(api_key_id: int) -> tuple[int, int]:
    with db.engine.begin() as connection:
        connection.execute(_SOON)
        row = connection.execute(_COUNT, {"api_key_id": api_key_id}).one()
    return int(row.calls), int(row.second)
