"""Secrets show nowhere: logs, pages, JSON, metrics, the database's files (reliability D1, D3, D4)."""

from __future__ import annotations

import base64
import io
import json
import logging
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote

import pytest
from flask import Flask

from app import create_app
from app.extensions import db
from app.services.passwords import hash_password
from app.web.logs import JsonFormatter
from config import Settings
from tests.rules.walking import Walker, build_world, steps
from tests.support.factories import ACCESS_TOKEN, APP_SECRET, Factory
from tests.support.pages import IsolatedClient, PageClient

SECRET_KEY = "CANARY-secret-key-of-the-installation-0123456789"
ENCRYPTION_KEY = base64.urlsafe_b64encode(b"CANARY-encryption-key-32-bytes-x")
PASSWORD = "CANARY password of amara"
SECRETS = (APP_SECRET, ACCESS_TOKEN, SECRET_KEY, ENCRYPTION_KEY.decode(), PASSWORD)


class Echo(BaseHTTPRequestHandler):
    """A Graph that refuses everything and repeats what it was sent: token, proof, body."""

    asked: ClassVar[list[str]] = []

    def _refuse(self) -> None:
        self.asked.append(self.path)
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode(errors="replace")
        said = f"refused {self.path} {dict(self.headers)} {sent}"
        body = json.dumps(
            {"error": {"message": said, "code": 100, "type": "OAuthException", "error_data": said}}
        )
        self.send_response(400)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    do_GET = do_POST = do_DELETE = _refuse  # noqa: N815 - the base class calls them so

    def log_message(self, *args: object) -> None:
        """Keeps its own log to itself."""


@pytest.fixture(scope="module")
def echo() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def settings(settings: Settings, echo: str) -> Settings:
    return replace(
        settings,
        graph_api_base_url=echo,
        secret_key=SECRET_KEY,
        encryption_keys=(ENCRYPTION_KEY,),
        log_level="DEBUG",
    )


@pytest.fixture
def log(settings: Settings) -> Iterator[io.StringIO]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter((SECRET_KEY, ENCRYPTION_KEY.decode())))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


def forms_of(secret: str) -> set[bytes]:
    """As it is, and as it would look encoded."""
    raw = secret.encode()
    return {raw, quote(secret, safe="").encode(), raw.hex().encode(), base64.b64encode(raw).rstrip(b"=")[:-2]}


def leaks(text: bytes, secrets: tuple[str, ...] = SECRETS) -> list[str]:
    return [secret[:14] for secret in secrets for form in forms_of(secret) if form in text]


def test_a_walk_through_everything_with_a_graph_that_repeats_it_all_leaks_nothing(
    app: Flask, make: Factory, settings: Settings, log: io.StringIO
) -> None:
    world = build_world(make, "A")
    user = make.user(role="owner", email="amara@example.com", password_hash=hash_password(PASSWORD))
    key = make.api_key(role="owner")
    page = PageClient(app)
    page.post("auth.sign_in", data={"email": user.email, "password": PASSWORD}, status=303)
    page.post("auth.sign_in", data={"email": user.email, "password": PASSWORD + " wrong"})
    owner = Walker(app, user=user, key=key)
    token = owner.session_token
    shown = {}
    last = ("/logout", "/archive", "/delete", "/discard", "sign-out", "switch-off")
    walk = [step for step in steps(app) if step.method in {"GET", "POST"}]
    for step in sorted(walk, key=lambda step: any(word in step.name for word in last)):
        answer = owner.take(step, world.values_for(step))
        found = leaks(answer.get_data() + str(answer.headers).encode(), (*SECRETS, key))
        if found:
            shown[step.name] = found
    assert shown == {}
    written = log.getvalue().encode()
    assert leaks(written, (*SECRETS, key)) == []
    assert token.encode() not in written
    assert len(Echo.asked) > 5, "the walk has to reach Graph to prove anything"


def test_the_databases_files_hold_no_secret_in_the_clear(
    app: Flask, make: Factory, settings: Settings
) -> None:
    build_world(make, "A")
    user = make.user(role="owner", email="amara@example.com", password_hash=hash_password(PASSWORD))
    key = make.api_key(role="owner")
    page = PageClient(app)
    page.post("auth.sign_in", data={"email": user.email, "password": PASSWORD}, status=303)
    db.session.rollback()
    path = Path(settings.database_url.removeprefix("sqlite:///"))
    files = [file for file in path.parent.iterdir() if file.is_file()]
    assert any(file.name.endswith("-wal") for file in files)
    found = {file.name: leaks(file.read_bytes(), (*SECRETS, key)) for file in files}
    assert {name: names for name, names in found.items() if names} == {}


def test_settings_print_no_secret(settings: Settings) -> None:
    assert leaks(repr(settings).encode()) == []


def test_an_app_with_another_key_shows_no_secret_and_no_error(
    settings: Settings, app: Flask, make: Factory
) -> None:
    """A secret that no key opens reads as missing: the pages ask for it again."""
    world = build_world(make, "A")
    user = make.user(role="owner")
    key = make.api_key(role="owner")
    other = create_app(replace(settings, encryption_keys=(base64.urlsafe_b64encode(b"x" * 32),)))
    other.test_client_class = IsolatedClient
    owner = Walker(other, user=user, key=key)
    broken = {
        step.name: answer.status_code
        for step in steps(other)
        if step.method == "GET" and (answer := owner.take(step, world.values_for(step))).status_code >= 500
    }
    assert broken == {}
    with other.app_context():
        db.engine.dispose()
