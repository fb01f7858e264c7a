"""Working off with real worker processes: one, and two at the same posts."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable
from typing import Any

from bench import processing
from bench.console import Console
from bench.filling import fill
from bench.report import Report
from tests.support.processes import Process, wait_until

ROUNDS = 3
_WORKER = [sys.executable, "-m", "flask", "--app", "wsgi", "worker"]


def run(make_console: Callable[[], Console], report: Report) -> None:
    """Statuses of the same messages come close together, so the workers often want the same rows."""
    rates: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(ROUNDS):
        for workers, measured in rates.items():
            measured.append(_rate(make_console(), workers))
    alone, together = (statistics.median(measured) for measured in rates.values())
    report.heading("Working off, PostgreSQL, worker processes side by side, statuses, medians of 3")
    report.line("one worker", f"{alone:.0f}/s")
    report.line("two workers", f"{together:.0f}/s")
    report.line("two workers to one", f"{together / alone:.2f}")


def _rate(console: Console, workers: int) -> float:
    account = fill(console, processing.MESSAGES, is_finished=False)[0]
    processes = [
        Process(_WORKER, console.env, console.folder / f"worker{number}.log") for number in range(workers)
    ]
    for process in processes:
        process.start()
    try:
        with console.app.app_context():
            wait_until(lambda: _count_workers() == workers, what="the workers are there")
            processing.store_statuses(account)
            times = wait_until(_times, what="all posts are worked off", patience_s=300)
    finally:
        for process in processes:
            process.kill()
    # From the first batch's end on: when its work began is not written down.
    later = [time for time in times if time > times[0]]
    return len(later) / (times[-1] - times[0]).total_seconds()


def _count_workers() -> int:
    from sqlalchemy import func, select

    from app.extensions import db
    from app.models import WorkerHeartbeat

    count = db.session.scalar(select(func.count()).select_from(WorkerHeartbeat))
    db.session.rollback()
    return count or 0


def _times() -> list[Any]:
    """When each post was worked off, in order; none while some wait."""
    from sqlalchemy import select

    from app.extensions import db
    from app.models import WebhookEvent

    times = list(db.session.scalars(select(WebhookEvent.processed_at)))
    db.session.rollback()
    return [] if None in times else sorted(times, key=lambda time: time.timestamp() if time else 0)
