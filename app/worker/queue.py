"""Huey: carries "look into the table" and the periodic jobs, never the work itself."""

from __future__ import annotations

from typing import Any

from huey import Huey, RedisHuey, SqliteHuey
from redis import ConnectionPool

from config import Settings

RING_EXPIRES_S = 30
_CONNECT_TIMEOUT_S = 1
_ANSWER_TIMEOUT_S = 10
_queues: dict[str, Huey] = {}


def queue_for(settings: Settings) -> Huey:
    """The process's queue: Redis when there is one, else an SQLite file beside the database."""
    address = settings.redis_url or str(settings.instance_path / "queue.sqlite")
    if address not in _queues:
        _queues[address] = _make(settings)
    return _queues[address]


def _make(settings: Settings) -> Huey:
    common: dict[str, Any] = {"results": False, "store_none": False, "utc": True}
    if settings.redis_url:
        # Huey takes an address or options; only a pool of our own can have both.
        pool = ConnectionPool.from_url(
            settings.redis_url, socket_connect_timeout=_CONNECT_TIMEOUT_S, socket_timeout=_ANSWER_TIMEOUT_S
        )
        return RedisHuey("waba", connection_pool=pool, **common)
    settings.instance_path.mkdir(mode=0o700, parents=True, exist_ok=True)
    # A ring may get lost, so it need not reach the disk before it counts.
    path = settings.instance_path / "queue.sqlite"
    return SqliteHuey("waba", filename=str(path), fsync=False, journal_mode="wal", **common)
