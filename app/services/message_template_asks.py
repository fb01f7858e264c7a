"""Accounts whose message templates are to be read from Meta soon, by the worker of this process.

Kept in memory: what a killed worker was asked for, the hourly look brings.
"""

from __future__ import annotations

import threading
import time

REST_S = 60.0
"""Between two looks at one account, however much news there is about ones that are unknown here."""

_lock = threading.Lock()
_asked: dict[int, None] = {}
_taken_at: dict[int, float] = {}


def ask(account_id: int) -> None:
    with _lock:
        _asked[account_id] = None


def take() -> int | None:
    """The next account that has rested, in the order in which they were asked for."""
    with _lock:
        now = time.monotonic()
        ready = (one for one in _asked if now - _taken_at.get(one, -REST_S) >= REST_S)
        account_id = next(ready, None)
        if account_id is not None:
            del _asked[account_id]
            _taken_at[account_id] = now
        return account_id


def forget_all() -> None:
    with _lock:
        _asked.clear()
        _taken_at.clear()
