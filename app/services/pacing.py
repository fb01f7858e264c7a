"""How fast one number may send: Meta's throughput, and the pauses that Meta asked for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

STANDARD_PER_S = 80.0
HIGH_PER_S = 1000.0
_SHARE = 0.9
"""Kept below Meta's figure, which counts received messages too.

Source: Meta docs, "Throughput", read 2026-09: 80 messages a second, sent and received together.
"""


def rate_of(throughput_level: str) -> float:
    """Messages a second for Meta's word (STANDARD, HIGH); an unknown word gets the standard."""
    return _SHARE * (HIGH_PER_S if throughput_level == "HIGH" else STANDARD_PER_S)


class Pace:
    """A token bucket per number with a tenth of a second's worth of room, and pauses."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: dict[int, tuple[float, float]] = {}
        self._paused_until: dict[int, float] = {}

    def allowance(self, number_id: int, rate: float) -> int:
        """How many may leave right now."""
        with self._lock:
            if self._clock() < self._paused_until.get(number_id, 0.0):
                return 0
            return int(self._filled(number_id, rate))

    def take(self, number_id: int, rate: float, count: int) -> None:
        with self._lock:
            self._buckets[number_id] = (self._filled(number_id, rate) - count, self._clock())

    def pause(self, number_id: int, seconds: float) -> None:
        """Meta said "not now": nothing leaves this number for a while."""
        with self._lock:
            until = self._clock() + seconds
            self._paused_until[number_id] = max(until, self._paused_until.get(number_id, 0.0))

    def _filled(self, number_id: int, rate: float) -> float:
        room = max(1.0, rate / 10)
        tokens, at = self._buckets.get(number_id, (room, self._clock()))
        return min(room, tokens + (self._clock() - at) * rate)
