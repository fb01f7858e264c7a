"""A small real HTTP server that plays a language model: well, badly, slowly or not at all."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


def completion(text: str) -> bytes:
    return json.dumps({"choices": [{"message": {"role": "assistant", "content": text}}]}).encode()


class ModelServer:
    """`behaviour` is what the next questions get; `asked` what came in, with its headers."""

    def __init__(self) -> None:
        self.behaviour = "answer"
        self.text = "We are open from 8 to 18 o'clock."
        self.asked: list[dict[str, Any]] = []
        self.go_on = threading.Event()
        model = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                body = json.loads(self.rfile.read(length))
                model.asked.append({"path": self.path, "headers": dict(self.headers), "body": body})
                model.play(self)

            def log_message(self, *_args: Any) -> None:
                """Nothing on the test's output."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_port}/v1"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def play(self, request: BaseHTTPRequestHandler) -> None:
        try:
            getattr(self, f"_{self.behaviour}")(request)
        except OSError:
            return

    def _send(self, request: BaseHTTPRequestHandler, status: int, body: bytes, **headers: str) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        self._send(request, 200, completion(self.text))

    def _hold(self, request: BaseHTTPRequestHandler) -> None:
        """Answers when the test lets it."""
        self.go_on.wait(30)
        self._answer(request)

    def _stall(self, _request: BaseHTTPRequestHandler) -> None:
        time.sleep(8)

    def _drip(self, request: BaseHTTPRequestHandler) -> None:
        """A byte now and then, for ever: no time-out of a single read ends it."""
        request.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for _ in range(80):
            request.wfile.write(b"X-Drip: 1\r\n")
            request.wfile.flush()
            time.sleep(0.1)

    def _error(self, request: BaseHTTPRequestHandler) -> None:
        self._send(request, 500, b'{"error": "overloaded"}')

    def _huge(self, request: BaseHTTPRequestHandler) -> None:
        self._send(request, 200, b"x" * 10_000_000)

    def _html(self, request: BaseHTTPRequestHandler) -> None:
        self._send(request, 200, b"<html>Sign in</html>")

    def _odd(self, request: BaseHTTPRequestHandler) -> None:
        self._send(request, 200, b'{"choices": [{"message": {"content": {"deep": [1]}}}]}')

    def _nested(self, request: BaseHTTPRequestHandler) -> None:
        self._send(request, 200, b"[" * 100_000)

    def _redirect(self, request: BaseHTTPRequestHandler) -> None:
        self._send(request, 302, b"", Location=f"{self.address}/elsewhere")

    def _hang_up(self, request: BaseHTTPRequestHandler) -> None:
        request.connection.close()

    def close(self) -> None:
        self.go_on.set()
        self._server.shutdown()
        self._server.server_close()
