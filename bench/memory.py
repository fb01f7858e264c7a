"""Memory of the web and the worker process over a stretch of load: does it grow?"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from bench import webhooks
from bench.console import Console, Server
from bench.load import load
from bench.report import Report
from tests.support.processes import Process

MINUTES = 2.0
_CONNECTIONS = 4
_STRETCHES = 8
MOST_GROWTH = 1.10


def run(console: Console, report: Report, minutes: float = MINUTES) -> None:
    """Status webhooks all the time, which the worker works off as they come."""
    request = webhooks.status_requests(console.make_account())
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "worker"]
    worker = Process(command, console.env, console.folder / "worker.log")
    worker.start()
    server = console.server("wsgi:app")
    try:
        with server:
            sizes = [_stretch(server, worker, request, 60 * minutes / _STRETCHES) for _ in range(_STRETCHES)]
    finally:
        worker.kill()
    report.heading(f"Memory over {minutes:.0f} minutes of status webhooks, {console.database_name}")
    # The first quarter fills caches and pools.
    begin = sizes[_STRETCHES // 4]
    for place, name in enumerate(("web", "worker")):
        first, last = begin[place], sizes[-1][place]
        report.line(f"{name}, after a quarter and at the end", f"{first:.0f} MB", f"{last:.0f} MB")
        report.ratio(f"{name}, end to quarter", last / first, "at most", MOST_GROWTH)


def _stretch(
    server: Server, worker: Process, request: webhooks.Request, seconds: float
) -> tuple[float, float]:
    load(server.port, request, connections=_CONNECTIONS, seconds=seconds)
    time.sleep(0.5)
    return _megabytes(server.pid), _megabytes(worker.pid)


def _megabytes(pid: int) -> float:
    """Resident memory of a process and its children. Linux keeps it under /proc."""
    total = 0
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            facts = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
        except OSError:
            continue
        if pid in (int(facts["Pid"]), int(facts["PPid"])):
            total += int(facts.get("VmRSS", "0 kB").split()[0])
    return total / 1024
