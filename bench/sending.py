"""Send rate: the worker against the sandbox, beside the same number of threads that only post."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests

from app.graph.transport import build_session
from bench.report import Report
from config import load_settings
from tests.support.processes import Stack, wait_until

MESSAGES = 600
THREADS = 16


def run(report: Report) -> None:
    """Both post the same number of messages to the same sandbox process."""
    from bench.console import Console

    console = Console()
    stack = Stack(load_settings(None), console.folder)
    stack.sandbox.start()
    try:
        wait_until(
            lambda: requests.get(f"{stack.sandbox_url}/_sandbox/health", timeout=2).ok,
            what="the sandbox answers",
        )
        # Meta's own limit is not what is measured here.
        settings = {"throughput_per_second": 100_000}
        requests.post(f"{stack.sandbox_url}/_sandbox/settings", json=settings, timeout=10).raise_for_status()
        facts = requests.post(f"{stack.sandbox_url}/_sandbox/accounts", json={}, timeout=30).json()
        console.make_account(**facts)
        plain = _plain_rate(stack.sandbox_url, facts)
        ours = _worker_rate(console, stack)
    finally:
        stack.stop()
    report.heading(f"Sending, SQLite, {MESSAGES} messages, {THREADS} threads, sandbox on the same machine")
    report.line("threads that only post", f"{plain:.0f}/s")
    report.line("the worker, claim to recorded outcome", f"{ours:.0f}/s")
    report.line("worker to plain posting", f"{ours / plain:.2f}")
    report.line("worker to a number's default 80/s", f"{ours / 80:.1f}")


def _plain_rate(sandbox_url: str, facts: dict[str, Any]) -> float:
    session = build_session(THREADS)
    session.headers["Authorization"] = f"Bearer {facts['access_token']}"
    url = f"{sandbox_url}/v25.0/{facts['phone_number_id']}/messages"

    def post(number: int) -> None:
        session.post(url, json=_payload(number), timeout=30).raise_for_status()

    started = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(post, range(MESSAGES)))
    return MESSAGES / (time.perf_counter() - started)


def _payload(number: int) -> dict[str, Any]:
    return {
        "messaging_product": "whatsapp",
        "to": f"+4477009{number:05d}",
        "type": "template",
        "template": {"name": "hello_world", "language": {"code": "en_US"}},
    }


def _worker_rate(console: Any, stack: Stack) -> float:
    """From the first claim to the last recorded outcome, by the rows' own times."""
    _queue(console)
    stack.worker.start()
    wait_until(lambda: _left(console) == 0, what="all messages are sent", patience_s=120)
    return _rate(console)


def _queue(console: Any) -> None:
    from app.extensions import db
    from app.models import Account
    from app.queries.access import SYSTEM
    from app.services import messages

    with console.app.app_context():
        account = db.session.query(Account).one()
        for number in range(MESSAGES):
            conversation = messages.open_conversation(
                account=account, phone_number=account.phone_numbers[0], to=f"+4478009{number:05d}"
            )
            content = {"name": "hello_world", "language": {"code": "en_US"}}
            messages.queue_message(
                conversation=conversation, message_type="template", content=content, actor=SYSTEM
            )


def _left(console: Any) -> int:
    from app.extensions import db
    from app.models import Message, MessageStatus

    with console.app.app_context():
        waiting = (MessageStatus.QUEUED, MessageStatus.SENDING)
        return db.session.query(Message).filter(Message.status.in_(waiting)).count()


def _rate(console: Any) -> float:
    from sqlalchemy import func, select

    from app.extensions import db
    from app.models import MessageAttempt

    with console.app.app_context():
        first, last, count = db.session.execute(
            select(
                func.min(MessageAttempt.started_at),
                func.max(MessageAttempt.finished_at),
                func.count(MessageAttempt.id),
            )
        ).one()
    return float(count / (last - first).total_seconds())
