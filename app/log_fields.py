"""What a log line is about, as fields of its own: ids, never text or phone numbers.

with log_fields(event_id=event.id):
    …                                  every line in here has it
log.info("refused", extra=about(message_id=7, code=131026))
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

_ATTRIBUTE = "waba_fields"
_process: dict[str, object] = {}
_bound: ContextVar[Mapping[str, object] | None] = ContextVar("log_fields", default=None)


def set_process_fields(**values: object) -> None:
    """For every line of this process, in all its threads: which worker it is."""
    _process.update(values)


@contextmanager
def log_fields(**values: object) -> Iterator[None]:
    """For every line logged inside, in this thread."""
    token = _bound.set({**(_bound.get() or {}), **values})
    try:
        yield
    finally:
        _bound.reset(token)


def about(**values: object) -> dict[str, object]:
    """`extra` for one line; what is None is left out."""
    return {_ATTRIBUTE: {name: value for name, value in values.items() if value is not None}}


def fields_of(record: logging.LogRecord) -> dict[str, object]:
    """All fields of a line; the nearest wins."""
    return {**_process, **(_bound.get() or {}), **getattr(record, _ATTRIBUTE, {})}
