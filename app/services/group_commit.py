"""Group commit: many requests' rows in one durable transaction.

A commit per request makes SQLite's writers fight for the lock: some wait close to a second. Here
each request hands its row to the process's one writer thread and waits; the writer takes all that
is there, commits once, and releases them together. Durability costs one fsync for the group.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from sqlalchemy import Engine, Table, insert

from app.errors import Unavailable

log = logging.getLogger(__name__)

MAX_GROUP = 256
MAX_WAITING = 2048
WAIT_S = 10.0

Row = dict[str, Any]


class GroupWriter:
    """Inserts rows into one table from one thread. Started on first use, so it survives a fork."""

    def __init__(self, engine: Engine, table: Table, *, after_commit: Callable[[], None]) -> None:
        self._engine = engine
        self._statement = insert(table)
        self._after_commit = after_commit
        self._waiting: queue.Queue[tuple[Row, Future[None]]] = queue.Queue(maxsize=MAX_WAITING)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def write(self, row: Row) -> None:
        """Returns once the row is committed. Raises Unavailable when it is not; then nothing was stored
        or, after a time-out, it may have been: the sender comes again and the worker sees the twin."""
        self._ensure_thread()
        done: Future[None] = Future()
        try:
            self._waiting.put_nowait((row, done))
        except queue.Full:
            raise Unavailable("Too many events are waiting to be stored. Send it again later.") from None
        try:
            done.result(timeout=WAIT_S)
        except TimeoutError:
            raise Unavailable("The event could not be stored in time. Send it again later.") from None

    def _ensure_thread(self) -> None:
        if self._thread is not None and self._thread.is_alive():
            return
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="group-writer", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            group = [self._waiting.get()]
            while len(group) < MAX_GROUP:
                try:
                    group.append(self._waiting.get_nowait())
                except queue.Empty:
                    break
            self._commit(group)

    def _commit(self, group: list[tuple[Row, Future[None]]]) -> None:
        try:
            with self._engine.begin() as connection:
                connection.execute(self._statement, [row for row, _ in group])
        except Exception:
            log.exception("a group of %d events could not be stored", len(group))
            for _, done in group:
                done.set_exception(Unavailable("The event could not be stored. Send it again later."))
            return
        for _, done in group:
            done.set_result(None)
        self._after_commit()
