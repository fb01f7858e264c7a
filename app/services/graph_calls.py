"""Every call to Meta is kept for a while, with secrets blanked: what was asked, what came back.

A send is written down with its outcome, in the same transaction. Every other call is written after it, in
a transaction of its own, and a call never fails because it could not be kept.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, cast

from sqlalchemy import Engine, Table, select
from sqlalchemy.exc import SQLAlchemyError

from app.extensions import db
from app.graph.errors import GraphError
from app.graph.exchanges import Exchange, Observer
from app.models import GraphCall

log = logging.getLogger(__name__)

ANSWERED = "ok"

_CALLS = cast(Table, GraphCall.__table__)
_collected: ContextVar[list[Exchange] | None] = ContextVar("graph_calls_collected", default=None)


@contextmanager
def collecting() -> Iterator[list[Exchange]]:
    """Calls made inside are put into the list instead of being written: the caller keeps them himself."""
    found: list[Exchange] = []
    token = _collected.set(found)
    try:
        yield found
    finally:
        _collected.reset(token)


def observer_for(account_id: int | None) -> Observer:
    """Keeps the calls of one account. Needs an app context when it is made, none when it is told."""
    engine = db.engine

    def observe(exchange: Exchange) -> None:
        collected = _collected.get()
        if collected is not None:
            collected.append(exchange)
        else:
            _write(engine, row_of(exchange, account_id=account_id))

    return observe


def _write(engine: Engine, row: dict[str, Any]) -> None:
    try:
        with engine.connect().execution_options(writes=True) as connection, connection.begin():
            connection.execute(_CALLS.insert(), row)
    except SQLAlchemyError as failure:
        log.warning("a call to Meta could not be kept: %s", type(failure).__name__)


def keep_sends(rows: Iterable[dict[str, Any]], *, is_retold: bool = False) -> None:
    """Write down the calls of a group of sends. The caller commits.

    `is_retold`: the same group was handed in before, and nobody knows whether that commit arrived.
    """
    fresh = list(rows)
    if is_retold:
        known = _known(fresh)
        fresh = [row for row in fresh if (row["message_id"], row["at"]) not in known]
    if fresh:
        db.session.execute(_CALLS.insert(), fresh)


def _known(rows: list[dict[str, Any]]) -> set[tuple[int, Any]]:
    ids = [row["message_id"] for row in rows]
    found = db.session.execute(select(_CALLS.c.message_id, _CALLS.c.at).where(_CALLS.c.message_id.in_(ids)))
    return {(row.message_id, row.at) for row in found}


def row_of(
    exchange: Exchange,
    *,
    account_id: int | None,
    message_id: int | None = None,
    error: Exception | None = None,
) -> dict[str, Any]:
    """The exchange as a row. `error`: how the caller saw it end, where that is more than the client knew."""
    info, failure = exchange.info, error if isinstance(error, GraphError) else exchange.error
    trace_id = (failure.fbtrace_id if failure is not None else None) or info.request_id
    return {
        "at": exchange.at,
        "account_id": account_id,
        "message_id": message_id,
        "method": info.method,
        "path": info.path,
        "http_status": info.http_status,
        "outcome": outcome_word(failure),
        "error_code": failure.code if failure is not None else None,
        "duration_ms": round(info.duration_s * 1000),
        "trace_id": trace_id or "",
        "api_version": info.api_version or "",
        "usage_percent": info.usage_percent,
        "request": exchange.request,
        "answer": exchange.answer,
    }


def outcome_word(error: GraphError | None) -> str:
    """`GraphThrottled` → `throttled`; an answer without an error is `ok`."""
    return ANSWERED if error is None else type(error).__name__.removeprefix("Graph").lower()
