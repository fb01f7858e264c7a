"""Server time and queries of the pages people live on, with the demo's 30 days of history."""

from __future__ import annotations

import statistics
import time
from typing import Any

from flask import Flask
from sqlalchemy import event, select

from bench.report import Report
from config import load_settings
from tests.support.processes import Stack

TIMES = 20
MOST_MS = 50.0
MOST_QUERIES = 30


def run(report: Report) -> None:
    """Each page is asked for in this process, so that only the app's own time counts."""
    from bench.console import Console

    console = Console()
    stack = Stack(load_settings(None), console.folder)
    stack.start()
    try:
        stack.flask("demo")
        _print(report, console.app)
    finally:
        stack.stop()


def _print(report: Report, app: Flask) -> None:
    client = signed_in(app)
    report.heading(f"Pages with the demo's data, median of {TIMES}")
    for path in ("/", "/console/", _a_thread(app), "/message-templates/", "/accounts/"):
        took_ms, queries = _measure(app, client, path)
        report.line(path, f"{took_ms:.1f} ms", f"{queries} queries")
        report.ratio(f"{path} time to 50 ms", took_ms / MOST_MS, "at most", 1.0)
        report.ratio(f"{path} queries to 30", queries / MOST_QUERIES, "at most", 1.0)


def _measure(app: Flask, client: Any, path: str) -> tuple[float, int]:
    from app.extensions import db

    with app.app_context():
        engine = db.engine
    count = [0]

    def counted(*_arguments: Any) -> None:
        count[0] += 1

    client.get(path)
    event.listen(engine, "before_cursor_execute", counted)
    times = []
    for _ in range(TIMES):
        started = time.perf_counter()
        answer = client.get(path)
        times.append(1000 * (time.perf_counter() - started))
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
    event.remove(engine, "before_cursor_execute", counted)
    return statistics.median(times), round(count[0] / TIMES)


def signed_in(app: Flask) -> Any:
    from app.crypto import hash_token
    from app.extensions import db
    from app.models import Role, User, UserSession

    with app.app_context():
        user = User(email="bench@example.com", role=Role.OWNER, password_hash="-")  # noqa: S106
        db.session.add(user)
        db.session.flush()
        db.session.add(UserSession(user_id=user.id, token_hash=hash_token("bench")))
        db.session.commit()
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = "bench"
        cookie["_fresh"] = True
    return client


def _a_thread(app: Flask) -> str:
    from app.extensions import db
    from app.models import Conversation

    with app.app_context():
        statement = select(Conversation.id).order_by(Conversation.last_message_at.desc())
        return f"/console/{db.session.scalar(statement)}/"
