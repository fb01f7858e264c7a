"""A small real HTTP server that plays a customer's system: well, badly, slowly or not at all."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Post:
    """What came in."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def is_signed_with(self, secret: str) -> bool:
        """As the documentation tells integrators to look."""
        signed = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}.".encode() + self.body
        key = base64.b64decode(secret.removeprefix("whsec_"))
        expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        return f"v1,{expected}" in self.headers["webhook-signature"].split(" ")


class Receiver:
    """`answers` are the next answers, one after the other: (status, headers, body); then always 204.
    `hold`: it answers when the test lets it."""

    def __init__(self) -> None:
        self.posts: list[Post] = []
        self.answers: list[tuple[int, dict[str, str], bytes]] = []
        self.is_holding = False
        self.is_dripping = False
        self.go_on = threading.Event()
        self.busiest = 0
        self._busy = 0
        self._lock = threading.Lock()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.take(self, Post(self.path, headers, body))

            def log_message(self, *_args: Any) -> None:
                """Nothing on the test's output."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}/hooks"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def take(self, request: BaseHTTPRequestHandler, post: Post) -> None:
        with self._lock:
            self.posts.append(post)
            self._busy += 1
            self.busiest = max(self.busiest, self._busy)
            status, headers, body = self.answers.pop(0) if self.answers else (204, {}, b"")
        try:
            self._play(request, status, headers, body)
        except OSError:
            return
        finally:
            with self._lock:
                self._busy -= 1

    def _play(
        self, request: BaseHTTPRequestHandler, status: int, headers: dict[str, str], body: bytes
    ) -> None:
        if self.is_holding:
            self.go_on.wait(30)
        if self.is_dripping:
            self._drip(request)
            return
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    def _drip(self, request: BaseHTTPRequestHandler) -> None:
        """A byte now and then, for ever: no time-out of a single read ends it."""
        request.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for _ in range(80):
            request.wfile.write(b"X-Drip: 1\r\n")
            request.wfile.flush()
            time.sleep(0.1)

    def close(self) -> None:
        self.go_on.set()
        self._server.shutdown()
        self._server.server_close()
