"""`python -m bench`: all figures, or those named. docs/performance.md says how to read them."""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bench import answers, memory, pacing, pages, processing, reading, screen, sending, side_by_side, webhooks
from bench.console import Console
from bench.postgresql import another_database, postgresql
from bench.report import Report

PARTS = ("webhooks", "processing", "sending", "pacing", "pages", "reading", "screen", "answers", "memory")


def main() -> None:
    chosen = _arguments()
    parts = chosen.parts or PARTS
    report = Report()
    print(f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} processors")
    print(f"Load {os.getloadavg()[0]:.1f}: ratios are of this run alone; on a busy machine rates say little.")
    with _databases(chosen.no_postgresql) as consoles:
        for make_console in consoles:
            _durable(parts, make_console, report)
        for part, measure in _others(consoles, chosen, report).items():
            if part in parts:
                measure()


def _others(
    consoles: list[Callable[[], Console]], chosen: argparse.Namespace, report: Report
) -> dict[str, Callable[[], None]]:
    """What is measured besides, in this order."""
    # The default is SQLite's alone, whose file is filled in a minute.
    reading_on = consoles if chosen.reading_on_both else consoles[:1]
    return {
        "sending": lambda: sending.run(report),
        "pacing": lambda: pacing.run(report),
        "pages": lambda: pages.run(report),
        "reading": lambda: _each(reading_on, lambda make: reading.run(make, report, chosen.messages)),
        "screen": lambda: screen.run(consoles[0](), report),
        "answers": lambda: _each(consoles, lambda make: answers.run(make(), report)),
        "memory": lambda: memory.run(Console(), report, chosen.minutes),
    }


def _each(consoles: list[Callable[[], Console]], measure: Callable[[Callable[[], Console]], None]) -> None:
    for make_console in consoles:
        measure(make_console)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="what to measure (all)")
    parser.add_argument("--no-postgresql", action="store_true", help="SQLite only")
    parser.add_argument("--messages", type=int, default=reading.MANY, help="what reading compares 10000 with")
    parser.add_argument("--reading-on-both", action="store_true", help="reading on PostgreSQL too")
    parser.add_argument("--minutes", type=float, default=memory.MINUTES, help="of load, for memory")
    return parser.parse_args()


@contextmanager
def _databases(sqlite_only: bool) -> Iterator[list[Callable[[], Console]]]:
    """For each database what makes an empty console on it."""
    if sqlite_only:
        yield [Console]
        return
    with postgresql() as address:
        yield [Console, lambda: Console(another_database(address))]


def _durable(parts: tuple[str, ...] | list[str], make_console: Callable[[], Console], report: Report) -> None:
    """Intake and working off: the second is compared with the first."""
    intake = webhooks.run(make_console(), report) if "webhooks" in parts else None
    if "processing" in parts:
        if intake is None:
            intake = webhooks.intake_rate(make_console())
        console = make_console()
        processing.run(console, report, intake)
        # On SQLite all workers write one file, one after the other.
        if console.database_name == "PostgreSQL":
            side_by_side.run(make_console, report)


if __name__ == "__main__":
    main()
