"""The real sandbox over real HTTP, on a free port, in a thread of the test process."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import requests
from werkzeug.serving import make_server

from app.sandbox import create_sandbox_app

_TIMEOUT_S = 30


class RunningSandbox:
    """`.url` for the Graph client, `.control(...)` for what a test wants to happen."""

    def __init__(self, database_path: Path) -> None:
        self._app = create_sandbox_app(database_path)
        self._server = make_server("127.0.0.1", 0, self._app, threaded=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def control(self, method: str, path: str, json: Any = None) -> Any:
        """One control call, such as `control("POST", "faults", {...})`; the answer's JSON."""
        answer = requests.request(method, f"{self.url}/_sandbox/{path}", json=json, timeout=_TIMEOUT_S)
        assert answer.ok, f"{path}: {answer.status_code} {answer.text[:500]}"
        return answer.json() if answer.content else None

    def new_account(self, **values: Any) -> dict[str, str]:
        """A fresh WABA with number, app, secret and token, under the names of the set-up call."""
        account: dict[str, str] = self.control("POST", "accounts", values)
        return account

    def messages(self, **filters: str) -> list[dict[str, Any]]:
        """What the sandbox took and delivered, newest first or last as it lists them."""
        answer = requests.get(f"{self.url}/_sandbox/messages", params=filters, timeout=_TIMEOUT_S).json()
        listed: list[dict[str, Any]] = answer["data"] if isinstance(answer, dict) else answer
        return listed

    def reset(self) -> None:
        self.control("POST", "reset", {})

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join(timeout=5)
        self._server.server_close()
        self._app.extensions["sandbox"].stop()
