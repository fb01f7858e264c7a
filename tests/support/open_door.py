"""Our own app at a real address, so that the sandbox can call its webhook as Meta would.

A conftest that imports `open_door`, `settings` and `app` from here gives its tests such an app.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import make_server

from config import Settings
from tests.support.sandbox import RunningSandbox


class OpenDoor:
    """Listens on a free port before the app exists: the app's settings need the address first."""

    def __init__(self) -> None:
        self.app: Flask | None = None
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def _answer(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if self.app is None:
            start_response("503 Service Unavailable", [])
            return []
        return self.app.wsgi_app(environ, start_response)

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join(timeout=5)
        self._server.server_close()


@pytest.fixture
def open_door() -> Iterator[OpenDoor]:
    door = OpenDoor()
    yield door
    door.close()


@pytest.fixture
def settings(settings: Settings, sandbox: RunningSandbox, open_door: OpenDoor) -> Settings:
    """Graph is the sandbox, and our public address is the open door."""
    return replace(settings, public_base_url=open_door.url)


@pytest.fixture
def app(app: Flask, open_door: OpenDoor) -> Flask:
    open_door.app = app
    return app


@pytest.fixture
def meta(sandbox: RunningSandbox) -> dict[str, str]:
    """A fresh account at the pretend Meta, under the names of the set-up's fields."""
    return sandbox.new_account()
