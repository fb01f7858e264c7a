"""`demo`: the fictional company, for a console that is to be tried or shown."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import click
import requests
from flask import Flask, current_app
from flask.cli import with_appcontext
from werkzeug.serving import WSGIRequestHandler, make_server

from app.cli.common import saying_no
from app.services.demo import HasAccounts, create_demo, require_possible

_WEB_MAY_TAKE_S = 5.0
_LOCAL = ("127.0.0.1", "localhost", "::1")


@click.command("demo")
@with_appcontext
def demo() -> None:
    """Connect a fictional insurer to the sandbox, with a month of messages. Only while no account exists."""
    begun = time.monotonic()
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    with saying_no():
        try:
            require_possible()
        except HasAccounts as refusal:
            click.echo(refusal.message)
            return
        with _answering(app):
            count = create_demo()
    click.echo(
        f"Meridian Insurance is connected to the sandbox, with {count:,} messages of the last 30 days "
        f"({time.monotonic() - begun:.1f} s)."
    )


@contextmanager
def _answering(app: Flask) -> Iterator[None]:
    """Connecting an account makes the sandbox call our webhook. With no web server up we answer ourselves."""
    url = urlsplit(app.config["SETTINGS"].public_base_url)
    if url.hostname not in _LOCAL or _web_answers(app.config["SETTINGS"].public_base_url):
        yield
        return
    server = make_server(url.hostname, url.port or 80, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _web_answers(base_url: str) -> bool:
    """True once it does; one that is only starting gets a few seconds."""
    deadline = time.monotonic() + _WEB_MAY_TAKE_S
    while True:
        try:
            requests.get(f"{base_url}/healthz", timeout=2)
        except requests.RequestException:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.2)
        else:
            return True


class _Quiet(WSGIRequestHandler):
    """Without a line for each request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        return
