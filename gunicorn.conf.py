"""How gunicorn serves the app. Environment: HOST, PORT, WEB_THREADS, WEB_CONCURRENCY, WEB_GRACEFUL_S.

Why one process on SQLite: two that write the same file wait for each other (p99 of 266 ms against 43 ms).
"""

import contextlib
import os
import socket
import sys
import time
from pathlib import Path
from typing import Any

from dotenv import dotenv_values
from gunicorn.workers.gthread import ThreadWorker

_shared_memory = Path("/dev/shm")  # noqa: S108 - gunicorn makes its own unlinked file there
_settings = {**dotenv_values(".env"), **os.environ}
_is_sqlite = (_settings.get("DATABASE_URL") or "sqlite:").startswith("sqlite:")
_host = _settings.get("HOST") or "127.0.0.1"


def _count(name: str, otherwise: int) -> int:
    """A setting that counts something; a wrong one stops the start with one line."""
    value = _settings.get(name) or str(otherwise)
    if not value.isdecimal() or int(value) < 1:
        sys.exit(f"waba-console cannot start: {name} must be a number, 1 or more.")
    return int(value)


bind = f"{f'[{_host}]' if ':' in _host else _host}:{_settings.get('PORT') or 5000}"
threads = _count("WEB_THREADS", 32)
workers = 1 if _is_sqlite else _count("WEB_CONCURRENCY", 2)

_PATIENCE_S = 20
_PATIENCE_WHEN_FULL_S = 3


class ImpatientWorker(ThreadWorker):  # type: ignore[misc]
    """gthread, which lets a client that sends its request bit by bit hold a thread for as long as it likes.

    Here nothing more is read from it after _PATIENCE_S, and sooner while no thread is free. A request
    that has come in completely and takes long to answer loses nothing by it but its connection.
    """

    def init_process(self) -> None:
        self._begun_at: dict[Any, float] = {}
        super().init_process()

    def handle(self, conn: Any) -> Any:
        self._begun_at[conn] = time.monotonic()
        try:
            return super().handle(conn)
        finally:
            del self._begun_at[conn]

    def notify(self) -> None:
        """Called by the main loop once a second."""
        super().notify()
        begun_at = self._begun_at.copy()
        patience = _PATIENCE_WHEN_FULL_S if len(begun_at) >= threads else _PATIENCE_S
        for conn, begun in begun_at.items():
            if time.monotonic() - begun > patience:
                with contextlib.suppress(OSError):
                    conn.sock.shutdown(socket.SHUT_RD)


worker_class = ImpatientWorker

# Each process opens its own database connections and starts its own webhook writer: nothing to share.
preload_app = False

# A stop lets requests under way finish, for at most this long.
graceful_timeout = int(_settings.get("WEB_GRACEFUL_S") or 30)
timeout = 60
# Longer than the pages' slowest polling of a thread, shorter than a proxy's usual 60 s.
keepalive = 30

limit_request_line = 8190
limit_request_fields = 64
limit_request_field_size = 8190

# X-Forwarded-* is believed from a proxy on this machine only; another: FORWARDED_ALLOW_IPS.
forwarded_allow_ips = _settings.get("FORWARDED_ALLOW_IPS") or "127.0.0.1,::1"
# No client may set WSGI's SCRIPT_NAME or PATH_INFO by a header, not even through a proxy.
forwarder_headers = ""

# Requests are logged by the app, with request ids and without secrets.
accesslog = None
errorlog = "-"
loglevel = (_settings.get("LOG_LEVEL") or "INFO").lower()

# The heartbeat file on a disk can block a busy machine's workers; memory cannot.
worker_tmp_dir = str(_shared_memory) if os.access(_shared_memory, os.W_OK) else None

# gunicorn 26 and later open a management socket by default; nothing here uses it.
control_socket_disable = True
