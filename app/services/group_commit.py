"""Group commit: many requests' rows in one durable transaction.

A commit per request makes SQLite's writers fight for the lock: some wait close to a second. Here
each request hands its row to the process's one writer thread and waits; the writer takes all that
is there, commits once, and releases them together. Durability costs one fsync for the group.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, Dialect, Engine, Table

from app import failpoints
from app.errors import Unavailable

log = logging.getLogger(__name__)

MAX_GROUP = 256
MAX_WAITING = 2048
WAIT_S = 2.5
"""Meta comes again, so a locked or vanished database is told early and holds no threads of the server."""

Row = dict[str, Any]


class _Waiting:
    """One request's row and the latch it waits at: cheaper than a Future, at thousands a second."""

    __slots__ = ("_latch", "error", "is_abandoned", "parameters")

    def __init__(self, parameters: tuple[Any, ...]) -> None:
        self.parameters = parameters
        self.error: Exception | None = None
        self.is_abandoned = False
        self._latch = threading.Lock()
        self._latch.acquire()

    def release(self, error: Exception | None = None) -> None:
        self.error = error
        self._latch.release()

    def wait(self, timeout_s: float) -> bool:
        return self._latch.acquire(timeout=timeout_s)


class _Insert:
    """The INSERT as the driver takes it, made once: what the ORM adds per row costs more than the disk.

    SQLite takes many rows one by one without leaving the process. PostgreSQL gets one statement with
    an array per column, so that a group is one round trip.
    """

    def __init__(self, dialect: Dialect, table: Table, columns: Sequence[str]) -> None:
        self._is_columnar = dialect.name == "postgresql"
        types = [table.c[name].type.dialect_impl(dialect) for name in columns]
        self._processors = [
            (name, type_.bind_processor(dialect)) for name, type_ in zip(columns, types, strict=True)
        ]
        names = ", ".join(columns)
        if self._is_columnar:
            arrays = ", ".join(f"CAST(%s AS {type_.compile(dialect)}[])" for type_ in types)
            self._text = f"INSERT INTO {table.name} ({names}) SELECT * FROM unnest({arrays})"  # noqa: S608
        else:
            marks = ", ".join("?" for _ in columns)
            self._text = f"INSERT INTO {table.name} ({names}) VALUES ({marks})"  # noqa: S608

    def parameters(self, row: Row) -> tuple[Any, ...]:
        return tuple(process(row[name]) if process else row[name] for name, process in self._processors)

    def execute(self, connection: Connection, rows: list[tuple[Any, ...]]) -> None:
        given: Any = tuple(map(list, zip(*rows, strict=True))) if self._is_columnar else rows
        connection.exec_driver_sql(self._text, given)


class GroupWriter:
    """Inserts rows into one table from one thread. Started on first use, so it survives a fork."""

    def __init__(
        self, engine: Engine, table: Table, columns: Sequence[str], *, after_commit: Callable[[], None]
    ) -> None:
        self._engine = engine
        self._insert = _Insert(engine.dialect, table, columns)
        self._after_commit = after_commit
        self._queue: queue.SimpleQueue[_Waiting] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def write(self, row: Row) -> None:
        """Returns once the row is committed. Raises Unavailable when it is not; then nothing was stored
        or, after a time-out, it may have been: the sender comes again and the worker sees the twin."""
        self._ensure_thread()
        if self._queue.qsize() >= MAX_WAITING:
            raise Unavailable("Too many events are waiting to be stored. Send it again later.")
        waiting = _Waiting(self._insert.parameters(row))
        self._queue.put(waiting)
        if not waiting.wait(WAIT_S):
            waiting.is_abandoned = True
            raise Unavailable("The event could not be stored in time. Send it again later.")
        if waiting.error is not None:
            raise waiting.error

    def _ensure_thread(self) -> None:
        if self._thread is not None and self._thread.is_alive():
            return
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="group-writer", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            group = [self._queue.get()]
            while len(group) < MAX_GROUP:
                try:
                    group.append(self._queue.get_nowait())
                except queue.Empty:
                    break
            # Whoever was told "come again" does: after a long lock its row would only be a twin's.
            if group := [waiting for waiting in group if not waiting.is_abandoned]:
                self._commit(group)

    def _commit(self, group: list[_Waiting]) -> None:
        try:
            with self._engine.begin() as connection:
                self._insert.execute(connection, [waiting.parameters for waiting in group])
                failpoints.reach("intake-before-commit")
            failpoints.reach("intake-after-commit")
        except Exception:
            log.exception("a group of %d events could not be stored", len(group))
            for waiting in group:
                waiting.release(Unavailable("The event could not be stored. Send it again later."))
            return
        for waiting in group:
            waiting.release()
        self._after_commit()
