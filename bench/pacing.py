"""Sending to a Graph that answers after 50 ms: one worker's rate, and two workers at one number's pace."""

from __future__ import annotations

import sys
import time
from typing import Any

import requests
from sqlalchemy import insert, update

from bench.console import Console
from bench.report import Report
from tests.support.processes import Process, free_port, wait_until

ANSWER_MS = 50
STANDARD_PER_S = 80
FAST = 2_000
STANDARD = 1_600
MOST_OFF = 0.05
_HIGH, _ONE = "HIGH", "STANDARD"


def run(report: Report) -> None:
    """A number with Meta's high limit shows the worker's own rate; a standard one the pace."""
    report.heading(f"Sending, SQLite, a Graph that answers after {ANSWER_MS} ms")
    fast = _send(FAST, _HIGH, workers=1)
    report.line("one worker, a number without a limit in reach", f"{fast['rate']:.0f}/s")
    report.ratio(
        f"one worker to 4 x {STANDARD_PER_S}/s", fast["rate"] / (4 * STANDARD_PER_S), "at least", 1.0
    )
    paced = _send(STANDARD, _ONE, workers=2)
    report.line(
        "two workers, one standard number", f"{paced['rate']:.1f}/s", f"{paced['busiest_second']:.0f} at most"
    )
    pace = _pace()
    report.ratio(f"their rate to the pace of {pace:.0f}/s", paced["rate"] / pace, "at least", 1 - MOST_OFF)
    report.ratio(f"their rate to the pace of {pace:.0f}/s", paced["rate"] / pace, "at most", 1 + MOST_OFF)


def _pace() -> float:
    """What a standard number may send: Meta's limit, less what is kept back."""
    from app.services import pacing

    return pacing.rate_of(_ONE)


def _send(messages: int, level: str, *, workers: int) -> dict[str, float]:
    console = Console()
    port = free_port()
    command = [sys.executable, "-m", "bench.slow_graph", str(port), str(ANSWER_MS)]
    graph = Process(command, console.env, console.folder / "graph.log")
    env = {**console.env, "GRAPH_API_BASE_URL": f"http://127.0.0.1:{port}"}
    run_worker = [sys.executable, "-m", "flask", "--app", "wsgi", "worker"]
    processes = [
        Process(run_worker, {**env, "LOG_LEVEL": "WARNING"}, console.folder / f"worker{number}.log")
        for number in range(workers)
    ]
    account = console.make_account()
    _queue(console, messages, level)
    graph.start()
    try:
        wait_until(
            lambda: requests.get(f"http://127.0.0.1:{port}/count", timeout=2).ok, what="the Graph listens"
        )
        for process in processes:
            process.start()
        return _figures(port, account["phone_number_id"], messages)
    finally:
        for process in (*processes, graph):
            process.kill()


def _count(port: int) -> dict[str, Any]:
    found: dict[str, Any] = requests.get(f"http://127.0.0.1:{port}/count", timeout=5).json()
    return found


def _figures(port: int, number: str, messages: int) -> dict[str, float]:
    """Counted where the messages arrive; the reserve that goes out at once is part of it."""

    def counted() -> Any:
        found = _count(port).get(number, {})
        return found if found.get("count", 0) >= messages else None

    found = wait_until(counted, what="all messages arrive", patience_s=180)
    time.sleep(0.5)
    return {**found, "rate": (found["count"] - 1) / found["seconds"]}


def _queue(console: Console, messages: int, level: str) -> None:
    """Queued message templates, each to a customer of its own."""
    from app.extensions import db
    from app.models import Contact, Conversation, Direction, Message, MessageStatus, PhoneNumber

    ids = range(1, messages + 1)
    place = {"account_id": 1, "phone_number_id": 1}
    content = {"name": "hello_world", "language": {"code": "en_US"}}
    with console.app.app_context():
        db.session.execute(update(PhoneNumber).values(throughput_level=level))
        people = [{"id": id_, "account_id": 1, "wa_id": f"4477{10_000_000 + id_}"} for id_ in ids]
        db.session.execute(insert(Contact), people)
        db.session.execute(insert(Conversation), [{"id": id_, "contact_id": id_, **place} for id_ in ids])
        queued = {
            "direction": Direction.OUTBOUND,
            "status": MessageStatus.QUEUED,
            "message_type": "template",
            "content": content,
            **place,
        }
        rows = [{"contact_id": id_, "conversation_id": id_, **queued} for id_ in ids]
        db.session.execute(insert(Message), rows)
        db.session.commit()
