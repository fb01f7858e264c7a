"""The sandbox as its own process: one gunicorn worker with threads, HTTP/1.1 with keep-alive.

One worker on purpose: the rates, the clock and the webhook lanes live in the process that answers.
"""

import resource
from pathlib import Path
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

# A `slow` or `timeout` fault and a client that dawdles hold a thread each; they are made as they are needed.
THREADS = 500
CONNECTIONS = 2000
# A connection is a file, and so is each of SQLite's.
FILES = 8192
KEEP_ALIVE_S = 75
# Sends that a fault slows down may take this long to finish when the server is told to stop.
GRACE_S = 10


class Server(BaseApplication):  # type: ignore[misc]
    """Builds the app inside the worker, after the fork, so that its threads live there."""

    def __init__(
        self, database_path: str | Path, public_base_url: str | None, options: dict[str, Any]
    ) -> None:
        self._database_path = database_path
        self._public_base_url = public_base_url
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        from . import create_sandbox_app

        return create_sandbox_app(self._database_path, public_base_url=self._public_base_url)


def serve(host: str, port: int, database_path: str | Path, *, public_base_url: str | None = None) -> None:
    """Run until SIGTERM or SIGINT; requests under way are answered first.

    database_path: its own SQLite file. Webhooks still to be delivered are rows and go on at the next start.
    """
    _raise_file_limit()
    options = {
        "bind": f"{host}:{port}",
        "workers": 1,
        "worker_class": "gthread",
        "threads": THREADS,
        "worker_connections": CONNECTIONS,
        "keepalive": KEEP_ALIVE_S,
        "graceful_timeout": GRACE_S,
        "timeout": 0,
        # The resumable upload has a header called file_offset; there is no proxy here to be fooled by it.
        "header_map": "dangerous",
        "worker_exit": _stop_sandbox,
        "loglevel": "warning",
        "proc_name": "waba-console-sandbox",
    }
    Server(database_path, public_base_url, options).run()


def _raise_file_limit() -> None:
    """Often it is 1,024, too few for so many connections; it may be raised up to the hard limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _stop_sandbox(_server: Any, worker: Any) -> None:
    app = getattr(worker, "wsgi", None)
    if isinstance(app, Flask):
        app.extensions["sandbox"].stop()
