"""The one place that asks for the time."""

import time
from datetime import UTC, datetime


def now() -> float:
    """UNIX seconds."""
    return time.time()


def graph_date(at: float) -> str:
    """`2026-01-31T08:00:00+0000`: Graph writes no colon in the zone."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


def day_in_words(at: float) -> str:
    """`April 17, 2026`."""
    return datetime.fromtimestamp(at, UTC).strftime("%B %-d, %Y")
