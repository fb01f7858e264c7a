"""The fetcher: a few threads of their own bring files from Meta, so that none holds up sending or events."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from flask import Flask

from app.services import media_claims, media_fetching
from app.services.media_claims import Claim

log = logging.getLogger(__name__)

_LOOK_S = 0.05


class Fetcher:
    """`step` claims as many files as there are threads free. No account has more than half of them, so that
    one whose files come slowly leaves room for the others."""

    def __init__(self, app: Flask, worker: str) -> None:
        settings = app.config["SETTINGS"]
        self._app = app
        self._worker = worker
        self._store = settings.media_store
        self._threads = settings.media_threads
        self._most_per_account = max(1, self._threads // 2)
        self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="fetch")
        self._lock = threading.Lock()
        self._in_hand: Counter[int] = Counter()
        self._stopping = threading.Event()
        self.on_room: Callable[[], None] = lambda: None
        """Called when a thread has become free."""

    def step(self) -> int:
        """Returns how many files were claimed."""
        with self._lock:
            in_hand = Counter(self._in_hand)
        room = self._threads - in_hand.total()
        if room <= 0 or self._stopping.is_set():
            return 0
        with self._app.app_context():
            claims = media_claims.claim(self._worker, self._store, room, in_hand, self._most_per_account)
        for claim in claims:
            with self._lock:
                self._in_hand[claim.account_id] += 1
            self._pool.submit(self._fetch, claim)
        return len(claims)

    def _fetch(self, claim: Claim) -> None:
        try:
            with self._app.app_context():
                media_fetching.fetch(claim, self._stopping)
        except Exception:
            # The row stays claimed, and is taken again when the claim has run out.
            log.exception("fetching file %d stumbled", claim.file_id)
        finally:
            with self._lock:
                self._in_hand[claim.account_id] -= 1
                self._in_hand += Counter()
            self.on_room()

    def stop(self) -> None:
        """Take nothing new, and leave what is under way at its next piece."""
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
