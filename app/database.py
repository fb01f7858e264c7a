"""How connections behave: SQLite made safe for several processes, PostgreSQL for restarts.

SQLAlchemy's SQLite driver opens no transaction at the first read, so read-then-write loses updates
without an error. Every transaction that may write therefore begins with BEGIN IMMEDIATE; page reads
(GET) begin deferred, so that a page never holds the write lock. Elsewhere the execution options `writes`
and `reads` say which it is to be.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from flask import has_request_context, request
from sqlalchemy import Connection, Engine, event

_READ_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_BUSY_TIMEOUT_MS = 10_000
_STATEMENT_TIMEOUT_MS = 30_000
_IDLE_TRANSACTION_TIMEOUT_MS = 60_000
"""A process that froze in the middle of a transaction must not hold its locks for ever."""


def engine_options(database_url: str) -> dict[str, Any]:
    """What to hand to SQLAlchemy for this database."""
    if database_url.startswith("sqlite"):
        # One connection for each of 32 web threads, and one each for the writer and the drainers.
        return {"pool_size": 24, "max_overflow": 16, "hide_parameters": True}
    return {
        # An error quotes its parameters otherwise: messages and phone numbers, in the log.
        "hide_parameters": True,
        "pool_pre_ping": True,
        "pool_size": 24,
        "max_overflow": 16,
        "connect_args": {
            "options": f"-c statement_timeout={_STATEMENT_TIMEOUT_MS} -c timezone=UTC "
            f"-c idle_in_transaction_session_timeout={_IDLE_TRANSACTION_TIMEOUT_MS}",
            "connect_timeout": 5,
        },
    }


def prepare_engine(engine: Engine) -> None:
    """Attach the SQLite rules; PostgreSQL needs none."""
    if engine.dialect.name == "sqlite" and not event.contains(engine, "connect", _on_connect):
        event.listen(engine, "connect", _on_connect)
        event.listen(engine, "begin", _on_begin)


def _on_connect(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        f"busy_timeout={_BUSY_TIMEOUT_MS}",
        "foreign_keys=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _on_begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    is_page_read = has_request_context() and request.method in _READ_METHODS and not options.get("writes")
    if is_page_read or options.get("reads"):
        connection.exec_driver_sql("BEGIN")
    else:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
