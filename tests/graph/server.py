"""A little HTTP server that answers as told: Graph errors, 5xx, silence, resets, broken bodies."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Reply:
    """An answer. `declared_bytes` lies about the length, so that the body breaks off."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    declared_bytes: int | None = None

    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body or {}).encode()


class Reset:
    """Read the request, then reset the connection."""


class Silence:
    """Read the request, then say nothing until the test is over."""


class Drip:
    """Send a body byte by byte, each well before the read time-out, without end."""


@dataclass(frozen=True)
class Asked:
    """A request as it arrived; `body` is JSON where it says so, otherwise bytes."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


class FakeMeta:
    """Give it a script of answers; it keeps what it was asked."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.asked: list[Asked] = []
        self.over = threading.Event()
        self._script: list[Any] = []

    def will(self, *steps: Any) -> None:
        self._script.extend(steps)

    def next_step(self) -> Any:
        return self._script.pop(0) if self._script else Reply(404, {"unscripted": True})


def graph_error(code: int, status: int = 400, **fields: Any) -> Reply:
    error = {"message": f"(#{code}) Some title", "type": "OAuthException", "code": code, **fields}
    return Reply(status, {"error": error})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    meta: FakeMeta

    def _answer(self) -> None:
        self.meta.asked.append(self._asked())
        step = self.meta.next_step()
        if isinstance(step, Reset):
            # Lingering for no time makes the close a reset instead of a polite end.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True
        elif isinstance(step, Silence):
            self.meta.over.wait(20)
            self.close_connection = True
        elif isinstance(step, Drip):
            self._drip()
        else:
            self._reply(step)

    def _asked(self) -> Asked:
        parts = urlsplit(self.path)
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        query = dict(parse_qsl(parts.query))
        is_json = (self.headers.get("Content-Type") or "").startswith("application/json")
        body = json.loads(raw) if raw and is_json else raw or None
        return Asked(self.command, parts.path, query, dict(self.headers), body)

    def _reply(self, step: Reply) -> None:
        content = step.content()
        self.send_response(step.status)
        for name, value in step.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(step.declared_bytes or len(content)))
        self.end_headers()
        self.wfile.write(content)
        self.close_connection = step.declared_bytes is not None

    def _drip(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000000")
        self.end_headers()
        self.close_connection = True
        try:
            while not self.meta.over.wait(0.05):
                self.wfile.write(b" " * 70_000)
        except OSError:
            return

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Stay quiet."""


# The names that http.server looks for.
for _verb in ("GET", "POST", "DELETE"):
    setattr(_Handler, f"do_{_verb}", _Handler._answer)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is what these tests are about."""


@contextmanager
def fake_meta() -> Iterator[FakeMeta]:
    handler = type("Handler", (_Handler,), {})
    server = _Server(("127.0.0.1", 0), handler)
    handler.meta = meta = FakeMeta(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield meta
    finally:
        meta.over.set()
        server.shutdown()
        server.server_close()
        thread.join()
