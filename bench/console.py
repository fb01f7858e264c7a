"""A console on a database of its own, and servers for it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import func, select

from tests.support.processes import ROOT, TEST_KEY, free_port, wait_until


class Server:
    """gunicorn with the product's own configuration, for as long as the `with` lasts."""

    def __init__(self, target: str, env: dict[str, str]) -> None:
        self._target = target
        self._env = env
        self.port = free_port()

    def __enter__(self) -> Server:
        command = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py"]
        command += ["-b", f"127.0.0.1:{self.port}", self._target]
        self._process = subprocess.Popen(command, cwd=ROOT, env=self._env, start_new_session=True)
        wait_until(self._is_listening, what="the server listens")
        return self

    @property
    def pid(self) -> int:
        return self._process.pid

    def _is_listening(self) -> bool:
        import socket

        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True
        return False

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        os.killpg(self._process.pid, signal.SIGTERM)
        self._process.wait(timeout=40)


class Console:
    """A migrated, empty console in a temporary folder."""

    def __init__(self, database_url: str = "") -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="waba-bench-"))
        self.env = {
            **os.environ,
            "DATABASE_URL": database_url or f"sqlite:///{self.folder / 'bench.sqlite'}",
            "REDIS_URL": "",
            "SECRET_KEY": "b" * 48,
            "WHATSAPP_ENCRYPTION_KEY": TEST_KEY,
            "GRAPH_API_BASE_URL": "http://127.0.0.1:9",
            "PUBLIC_BASE_URL": "http://127.0.0.1:5000",
            "WABA_INSTANCE_PATH": str(self.folder),
            "LOG_LEVEL": "WARNING",
        }
        self.database_name = "PostgreSQL" if database_url else "SQLite"
        self.app = self._make_app()

    def _make_app(self) -> Flask:
        os.environ.update(self.env)
        from app import create_app

        app = create_app()
        with app.app_context():
            upgrade()
        return app

    def server(self, target: str, **extra: str) -> Server:
        return Server(target, {**self.env, **extra})

    def make_account(self, **values: Any) -> dict[str, Any]:
        """A live account's row; its ids and secret under the names of the set-up call."""
        from app.crypto import Secret
        from app.extensions import db
        from app.models import Account, AccountStatus, PhoneNumber

        facts = {
            "waba_id": "104857392000001",
            "app_secret": "0123456789abcdef0123456789abcdef",
            "access_token": "EAAbench",
            "phone_number_id": "108293047500001",
            "phone_number": "+442079460101",
            **values,
        }
        with self.app.app_context():
            account = Account(
                name="Bench",
                meta_id=facts["waba_id"],
                app_secret=Secret(facts["app_secret"]),
                access_token=Secret(facts["access_token"]),
                status=AccountStatus.LIVE,
                is_sandbox=True,
            )
            account.phone_numbers = [
                PhoneNumber(
                    meta_id=facts["phone_number_id"],
                    phone_number=facts["phone_number"],
                    throughput_level="HIGH",
                )
            ]
            db.session.add(account)
            db.session.commit()
            return {**facts, "id": account.id}

    def count_events(self) -> int:
        from app.extensions import db
        from app.models import WebhookEvent

        with self.app.app_context():
            return db.session.scalar(select(func.count(WebhookEvent.id))) or 0
