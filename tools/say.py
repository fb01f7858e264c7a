"""What the tools print: one line per step with its seconds, one line per refusal."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

_OF_THE_DATABASE = re.compile(r"sqlalchemy\.exc\.\w+: \([\w.]+\) ")
"""How SQLAlchemy begins the line that names the trouble; a link to its manual comes after it."""


class Stop(Exception):
    """Set-up cannot go on. The text is one line: what is wrong, then what to do."""


def line(text: str) -> None:
    """One line to standard output, at once."""
    print(f"  {text}", flush=True)


@contextmanager
def step(text: str) -> Iterator[None]:
    """Show `text` while the block runs, then the seconds it took."""
    begun = time.monotonic()
    print(f"  {text} ...", end=" ", flush=True)
    try:
        yield
    except BaseException:
        print(flush=True)
        raise
    print(f"{time.monotonic() - begun:.1f} s", flush=True)


def refuse(reason: Stop) -> int:
    """Print why nothing more happens; the exit code to leave with."""
    print(f"waba-console: {reason}", file=sys.stderr, flush=True)
    return 1


def last_line(output: str) -> str:
    """The line of a failed command's output that says most: its last error line, else its last line."""
    lines = [text.strip() for text in output.splitlines() if text.strip()]
    errors = [text for text in lines if text.lower().startswith("error:")]
    raised = [text[match.end() :] for text in lines if (match := _OF_THE_DATABASE.match(text))]
    return (errors or raised or lines or ["no output"])[-1]
