"""Send rates: messages per second of a number, and Meta's pair limit. In memory: a restart forgives."""

import threading
from collections import deque

# One message per 6 s to the same person, up to 45 borrowed from the future.
# Source: Meta docs, "Throughput" page, read 2026-09.
PAIR_INTERVAL_S = 6.0
PAIR_BURST = 45
# With more of them the ones that owe nothing are forgotten.
MOST_PAIRS = 10_000


class Limiter:
    """Thread-safe; `at` is UNIX seconds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sends: dict[str, deque[float]] = {}
        self._pairs: dict[tuple[str, str], float] = {}
        self._counts: dict[tuple[str, ...], deque[float]] = {}

    def allow_send(self, phone_number_id: str, at: float, per_second: int) -> bool:
        """Counts the send if it is allowed."""
        with self._lock:
            recent = self._sends.setdefault(phone_number_id, deque())
            while recent and recent[0] <= at - 1.0:
                recent.popleft()
            if len(recent) >= per_second:
                return False
            recent.append(at)
            return True

    def note_received(self, phone_number_id: str, at: float) -> None:
        """A message from a customer takes room as well, and is never refused."""
        with self._lock:
            self._sends.setdefault(phone_number_id, deque()).append(at)

    def allow_pair(self, phone_number_id: str, wa_id: str, at: float) -> bool:
        """Counts the send if it is allowed."""
        with self._lock:
            key = (phone_number_id, wa_id)
            if len(self._pairs) > MOST_PAIRS:
                self._pairs = {pair: until for pair, until in self._pairs.items() if until > at}
            paid_until = max(at, self._pairs.get(key, at))
            if paid_until - at > PAIR_INTERVAL_S * (PAIR_BURST - 1):
                return False
            self._pairs[key] = paid_until + PAIR_INTERVAL_S
            return True

    def count(self, key: tuple[str, ...], at: float, window_s: float) -> int:
        """Notes one more of this kind; answers how many there were within the window, this one included."""
        with self._lock:
            recent = self._counts.setdefault(key, deque())
            while recent and recent[0] <= at - window_s:
                recent.popleft()
            recent.append(at)
            return len(recent)

    def reset(self) -> None:
        with self._lock:
            self._sends.clear()
            self._pairs.clear()
            self._counts.clear()
