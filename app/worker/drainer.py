"""A thread that looks into one table whenever it is rung, and every so often without a ring."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)

_TROUBLE_PAUSE_S = 1.0


class Drainer:
    """Calls `work` until it finds nothing, then waits for a ring or `poll_s`.

    `work` returns how many rows it dealt with. An error is logged and the next look comes a second
    later: a database that restarts must not end the worker.
    """

    def __init__(self, name: str, work: Callable[[], int], *, poll_s: float) -> None:
        self._work = work
        self._poll_s = poll_s
        self._bell = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def ring(self) -> None:
        self._bell.set()

    def stop(self) -> None:
        """Take nothing new; the batch under way is finished."""
        self._stopping.set()
        self._bell.set()

    def join(self, timeout_s: float) -> bool:
        """True when the thread ended in time."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    @property
    def is_stopping(self) -> bool:
        return self._stopping.is_set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._bell.wait(self._poll_s)
            self._bell.clear()
            try:
                while not self._stopping.is_set() and self._work():
                    continue
            except Exception:
                log.exception("%s stumbled and looks again in a moment", self._thread.name)
                self._stopping.wait(_TROUBLE_PAUSE_S)
