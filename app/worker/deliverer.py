"""The deliverer: posts events to customers' systems, several at a time, no address holding up the others."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from flask import Flask

from app.services.outgoing import claims, delivering
from app.services.outgoing.claims import Claim

log = logging.getLogger(__name__)

_LOOK_S = 0.05


class Deliverer:
    """`step` claims as many deliveries as there are free threads; each thread posts one and records it."""

    def __init__(self, app: Flask, worker: str) -> None:
        self._app = app
        self._worker = worker
        self._threads = app.config["SETTINGS"].outgoing_webhook_threads
        # With two addresses that never answer there are still threads left for the others.
        self._most_per_webhook = max(1, self._threads // 4)
        self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="deliver")
        self._lock = threading.Lock()
        self._in_hand: Counter[int] = Counter()
        self._stopping = threading.Event()
        self.on_room: Callable[[], None] = lambda: None
        """Called when a thread has become free."""

    def step(self) -> int:
        """Returns how many deliveries were claimed."""
        with self._lock:
            in_hand = Counter(self._in_hand)
        room = self._threads - in_hand.total()
        if room <= 0 or self._stopping.is_set():
            return 0
        with self._app.app_context():
            claimed = claims.claim(self._worker, room, in_hand, self._most_per_webhook)
        for claim in claimed:
            with self._lock:
                self._in_hand[claim.webhook_id] += 1
            self._pool.submit(self._deliver, claim)
        return len(claimed)

    def _deliver(self, claim: Claim) -> None:
        try:
            if not self._stopping.is_set():
                with self._app.app_context():
                    delivering.deliver(claim)
        except Exception:
            # The row stays claimed, and is taken again when the claim has run out.
            log.exception("delivery %d stumbled", claim.delivery_id)
        finally:
            with self._lock:
                self._in_hand[claim.webhook_id] -= 1
                self._in_hand += Counter()
            self.on_room()

    def stop(self) -> None:
        """Take nothing new; what is under way ends in its time."""
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
