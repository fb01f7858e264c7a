"""Rings from web processes reach the workers as small queue tasks, at most a few a second."""

from __future__ import annotations

import threading
import time

from flask import Flask
from huey import Huey

from app.services import bell
from app.worker.queue import queue_for
from app.worker.tasks import tasks_for

_AT_MOST_EVERY_S = 0.1


class QueueBell:
    """Turns rings into queue tasks. Several rings within a tenth of a second are one task, and the
    last of them is never dropped: it is sent when the tenth is over."""

    def __init__(self, queue: Huey) -> None:
        self._tasks = tasks_for(queue)
        self._lock = threading.Lock()
        self._last: dict[str, float] = {}
        self._waiting: set[str] = set()

    def __call__(self, what: str) -> None:
        now = time.monotonic()
        with self._lock:
            wait_s = self._last.get(what, float("-inf")) + _AT_MOST_EVERY_S - now
            if what in self._waiting:
                return
            if wait_s > 0:
                self._waiting.add(what)
                timer = threading.Timer(wait_s, self._late, args=(what,))
                timer.daemon = True
                timer.start()
                return
            self._last[what] = now
        self._tasks.look(what)

    def _late(self, what: str) -> None:
        with self._lock:
            self._waiting.discard(what)
            self._last[what] = time.monotonic()
        self._tasks.look(what)


def connect_bell(app: Flask) -> None:
    """From now on a ring in this process reaches the workers."""
    ringer = QueueBell(queue_for(app.config["SETTINGS"]))
    app.extensions["waba_bell"] = ringer  # the signal holds it weakly
    bell.rang.connect(ringer)
