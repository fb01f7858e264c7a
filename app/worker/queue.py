"""Huey: carries "look into the table" and the periodic jobs, never the work itself."""

from __future__ import annotations

from typing import Any

from huey import Huey, RedisHuey, SqliteHuey

from config import Settings

RING_EXPIRES_S = 30
_CONNECT_TIMEOUT_S = 1
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
        return RedisHuey(
            "waba",
            url=settings.redis_url,
            socket_connect_timeout=_CONNECT_TIMEOUT_S,
            socket_timeout=10,
            **common,
        )
    settings.instance_path.mkdir(mode=0o700, parents=True, exist_ok=True)
    # A ring may get lost, so it need not reach the disk before it counts.
    path = settings.instance_path / "queue.sqlite"
    return SqliteHuey("waba", filename=str(path), fsync=False, journal_mode="wal", **common)
