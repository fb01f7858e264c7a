"""The sandbox's own SQLite file: pooled readers, one writer at a time, JSON columns as text."""

import json
import queue
import secrets
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

Row = dict[str, Any]
# More statements than that are not put off.
MOST_LATER = 200
SCHEMA = Path(__file__).with_name("schema.sql")


def to_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def from_json(text: str | None) -> Any:
    return None if text is None else json.loads(text)


class Database:
    """One SQLite file shared by all threads of the process.

    Writers queue on a lock of our own: SQLite's busy handler has no queue, so under many concurrent
    sends some would starve. Inside `write()` the same thread's reads see its uncommitted rows, and a
    nested `write()` joins the outer transaction.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._pool: queue.LifoQueue[sqlite3.Connection] = queue.LifoQueue()
        self._write_lock = threading.RLock()
        self._local = threading.local()
        self._born, self._changes = secrets.token_hex(4), 0
        self._later: list[tuple[str, tuple[Any, ...]]] = []
        # What is read at every turn and changes seldom; see `remembered`.
        self._memory: dict[str, Any] = {}
        self._memory_version = 0
        with self._borrowed() as connection:
            _bring_up_to_date(connection, SCHEMA.read_text(encoding="utf-8"))

    def rows(self, sql: str, *args: Any) -> list[Row]:
        with self._reader() as connection:
            return [dict(row) for row in connection.execute(sql, args)]

    def row(self, sql: str, *args: Any) -> Row | None:
        with self._reader() as connection:
            found = connection.execute(sql, args).fetchone()
        return None if found is None else dict(found)

    def one(self, sql: str, *args: Any) -> Row:
        """A row that must be there. Raises LookupError."""
        found = self.row(sql, *args)
        if found is None:
            raise LookupError(sql)
        return found

    def value(self, sql: str, *args: Any) -> Any:
        with self._reader() as connection:
            found = connection.execute(sql, args).fetchone()
        return None if found is None else found[0]

    def execute(self, sql: str, *args: Any) -> int:
        """Run one writing statement; answers how many rows it changed."""
        with self.write() as connection:
            return connection.execute(sql, args).rowcount

    def insert(self, table: str, **columns: Any) -> int:
        """Insert one row; answers its row id."""
        names = ", ".join(columns)
        marks = ", ".join("?" * len(columns))
        with self.write() as connection:
            cursor = connection.execute(
                f"INSERT INTO {table} ({names}) VALUES ({marks})",  # noqa: S608 (names are literals)
                tuple(columns.values()),
            )
        return int(cursor.lastrowid or 0)

    def execute_many(self, sql: str, rows: Iterable[tuple[Any, ...]]) -> None:
        with self.write() as connection:
            connection.executemany(sql, rows)

    def execute_later(self, sql: str, *args: Any) -> None:
        """A writing statement that nobody's answer depends on; a killed process forgets it.

        `flush` runs all that wait in one transaction.
        """
        self._later.append((sql, args))
        if len(self._later) >= MOST_LATER:
            self.flush()

    def has_later(self) -> bool:
        return bool(self._later)

    def flush(self) -> None:
        """Afterwards everything that was put off before this call can be read."""
        with self._write_lock:  # another thread may be writing it down just now
            if not self._later:
                return
            with self.write() as connection:
                waiting, self._later = self._later, []
                for sql, args in waiting:
                    connection.execute(sql, args)

    def remembered(self, name: str, read: Callable[[], Any]) -> Any:
        """What `read` answered, until `forget(name)`. Who changes it calls that in the transaction."""
        version = self._memory_version
        if name in self._memory:
            return self._memory[name]
        value = read()
        # Inside a transaction one reads what may be rolled back.
        if version == self._memory_version and not self.is_writing():
            self._memory[name] = value
        return value

    def forget(self, name: str) -> None:
        """Once the change can be seen by others: what was read before must not be remembered after."""
        self.after_commit(partial(self._forget_now, name))

    def _forget_now(self, name: str) -> None:
        self._memory_version += 1
        self._memory.pop(name, None)

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction; commits at the end, rolls back when the block raises."""
        current = getattr(self._local, "connection", None)
        if current is not None:
            yield current
            return
        with self._write_lock, self._borrowed() as connection:
            self._local.connection, self._local.callbacks = connection, []
            try:
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
                self._changes += 1
            finally:
                self._local.connection = None
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
        for callback in dict.fromkeys(self._local.callbacks):
            callback()

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Call it once the current transaction is visible to others, or now when there is none."""
        if not self.is_writing():
            callback()
        else:
            self._local.callbacks.append(callback)

    def is_writing(self) -> bool:
        """Is this thread inside a transaction?"""
        return getattr(self._local, "connection", None) is not None

    @property
    def stamp(self) -> str:
        """Another one after each change, and in each process: who saw it needs no second look."""
        return f"{self._born}-{self._changes}"

    def close(self) -> None:
        if self._later:
            self.flush()
        while not self._pool.empty():
            self._pool.get_nowait().close()

    @contextmanager
    def _reader(self) -> Iterator[sqlite3.Connection]:
        current = getattr(self._local, "connection", None)
        if current is not None:
            yield current
            return
        with self._borrowed() as connection:
            yield connection

    @contextmanager
    def _borrowed(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = self._pool.get_nowait()
        except queue.Empty:
            connection = self._open()
        try:
            yield connection
        finally:
            self._pool.put(connection)

    def _open(self) -> sqlite3.Connection:
        # Autocommit mode: transactions are opened by hand, so a forgotten one cannot linger.
        connection = sqlite3.connect(self.path, timeout=10, isolation_level=None, check_same_thread=False)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode=WAL")
        # A power cut may lose the last moments of a pretend Meta; a send must not wait for the disk.
        connection.execute("PRAGMA synchronous=NORMAL")
        return connection


def _bring_up_to_date(connection: sqlite3.Connection, schema: str) -> None:
    """Make missing tables; a file of an earlier version gets the columns that came later."""
    connection.executescript(schema)
    fresh = sqlite3.connect(":memory:")
    fresh.executescript(schema)
    for (table,) in fresh.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        known = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
        for _, name, kind, is_required, default, _ in fresh.execute(f"PRAGMA table_info({table})"):
            if name not in known:
                rest = " NOT NULL" * is_required + (f" DEFAULT {default}" if default is not None else "")
                connection.execute(f"ALTER TABLE {table} ADD COLUMN {name} {kind}{rest}")
    fresh.close()
