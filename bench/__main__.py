"""`python -m bench`: all figures, or those named: webhooks sending pages."""

from __future__ import annotations

import argparse
import platform

from bench import pages, sending, webhooks
from bench.console import Console
from bench.postgresql import postgresql
from bench.report import Report

PARTS = ("webhooks", "sending", "pages")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="what to measure (all)")
    parser.add_argument("--no-postgresql", action="store_true", help="SQLite only")
    chosen = parser.parse_args()
    parts = chosen.parts or PARTS
    report = Report()
    print(f"Python {platform.python_version()}, {platform.machine()}; ratios are of this run alone")
    if "webhooks" in parts:
        webhooks.run(Console(), report)
        if not chosen.no_postgresql:
            with postgresql() as address:
                webhooks.run(Console(address), report)
    if "sending" in parts:
        sending.run(report)
    if "pages" in parts:
        pages.run(report)


if __name__ == "__main__":
    main()
