"""A last word before a request's bytes leave the process.

Whoever sends something that must never go out twice can note, at the latest possible moment, that
it is about to leave. What was not noted did not leave.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_hook: ContextVar[Callable[[], None] | None] = ContextVar("graph_departure", default=None)


@contextmanager
def on_departure(note: Callable[[], None]) -> Iterator[None]:
    """Call `note` right before each request made inside this block is handed to the network."""
    token = _hook.set(note)
    try:
        yield
    finally:
        _hook.reset(token)


def departing() -> None:
    """For the transport alone."""
    note = _hook.get()
    if note is not None:
        note()
