"""A few threads of their own, each at one row at a time: for calls that may take long and hold up nothing."""

from __future__ import annotations

import logging
import threading
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

from flask import Flask

log = logging.getLogger(__name__)

_LOOK_S = 0.05

Claim = TypeVar("Claim")


class Hands(ABC, Generic[Claim]):
    """`step` claims as many rows as there are free threads; each thread works on one and records the outcome.

    A lane (an account, an address) never has more than `share` of the threads, so that a slow one leaves room
    for the others.
    """

    def __init__(self, app: Flask, worker: str, *, threads: int, share: int, name: str) -> None:
        self._app = app
        self._worker = worker
        self._threads = threads
        self._most_per_lane = max(1, share)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._lock = threading.Lock()
        self._in_hand: Counter[int] = Counter()
        self._stopping = threading.Event()
        self.on_room: Callable[[], None] = lambda: None
        """Called when a thread has become free."""

    @abstractmethod
    def _claim(self, room: int, in_hand: Mapping[int, int]) -> Sequence[Claim]:
        """At most `room` rows, taken for this worker. `in_hand`: how many each lane has already."""

    @abstractmethod
    def _lane_of(self, claim: Claim) -> int: ...

    @abstractmethod
    def _work_on(self, claim: Claim) -> None:
        """Make the call and record its outcome. The row of one that raises is taken again when its claim has
        run out."""

    @abstractmethod
    def _name_of(self, claim: Claim) -> str:
        """For the log: `delivery 7`."""

    def step(self) -> int:
        """Returns how many rows were claimed."""
        with self._lock:
            in_hand = Counter(self._in_hand)
        room = self._threads - in_hand.total()
        if room <= 0 or self._stopping.is_set():
            return 0
        with self._app.app_context():
            claimed = self._claim(room, in_hand)
        for claim in claimed:
            with self._lock:
                self._in_hand[self._lane_of(claim)] += 1
            self._pool.submit(self._run, claim)
        return len(claimed)

    def _run(self, claim: Claim) -> None:
        try:
            with self._app.app_context():
                self._work_on(claim)
        except Exception:
            log.exception("%s stumbled", self._name_of(claim))
        finally:
            with self._lock:
                self._in_hand[self._lane_of(claim)] -= 1
                self._in_hand += Counter()
            self.on_room()

    def stop(self) -> None:
        """Take nothing new."""
        self._stopping.set()

    def finish(self, within_s: float) -> bool:
        """Wait for what is under way. False: not all came to an end in time."""
        end = time.monotonic() + within_s
        while (is_busy := self._is_busy()) and time.monotonic() < end:
            time.sleep(_LOOK_S)
        self._pool.shutdown(wait=not is_busy, cancel_futures=True)
        return not is_busy

    def _is_busy(self) -> bool:
        with self._lock:
            return self._in_hand.total() > 0
