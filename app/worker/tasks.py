"""What travels through the queue: a ring per table, and the periodic jobs."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from huey import Huey, crontab

from app.worker.queue import RING_EXPIRES_S

log = logging.getLogger(__name__)

Handler = Callable[[], None]
_registered: dict[int, Tasks] = {}


class Tasks:
    """One queue's tasks. A web process only sends them; a worker sets the handlers behind them."""

    def __init__(self, queue: Huey) -> None:
        self._queue = queue
        self._handlers: dict[str, Handler] = {}
        self._look: Any = queue.task(name="look", expires=RING_EXPIRES_S)(self._looked)

    def look(self, what: str) -> None:
        """Ask a worker to look into a table (one of `bell`'s)."""
        self._look(what)

    def on_look(self, what: str, handler: Handler) -> None:
        self._handlers[what] = handler

    def every(self, minutes: str, name: str, job: Handler) -> None:
        """Run `job` at these minutes (crontab's words) for as long as a worker lives."""
        decorate: Any = self._queue.periodic_task(crontab(minute=minutes), name=name)
        decorate(job)

    def _looked(self, what: str) -> None:
        handler = self._handlers.get(what)
        if handler is not None:
            handler()


def tasks_for(queue: Huey) -> Tasks:
    """The same object for the same queue: a task must not be registered twice."""
    if id(queue) not in _registered:
        _registered[id(queue)] = Tasks(queue)
    return _registered[id(queue)]
