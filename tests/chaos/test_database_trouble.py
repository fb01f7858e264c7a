"""The database is locked, full or gone: never a 200 for what is not stored, told soon, and back by itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, func, select

from app import create_app
from app.extensions import db
from app.models import Account, Message
from app.services import event_work
from config import Settings
from tests.chaos.workers import at_once, close
from tests.support.databases import PostgresqlServer, postgresql_database
from tests.support.factories import Factory
from tests.support.webhooks import Meta, change, envelope, text_message

TOLD_WITHIN_S = 8.0
"""The promise is three seconds, the rest is for a busy machine; SQLite itself would wait for ten."""
BACK_WITHIN_S = 20.0


@contextmanager
def locked(app: Flask) -> Iterator[None]:
    with app.app_context():
        engine = create_engine(db.engine.url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN EXCLUSIVE")
        yield
        connection.exec_driver_sql("ROLLBACK")
    engine.dispose()


@contextmanager
def full(app: Flask) -> Iterator[None]:
    """Each connection is told that the file must not grow; so says SQLite on a full disk, too."""
    with app.app_context():
        engine = db.engine
        db.session.remove()
    # All connections of the pool, of which the group writer uses any.
    connections = [engine.raw_connection() for _ in range(engine.pool.checkedin() + 1)]  # type: ignore[attr-defined]
    pages = [
        connection.cursor().execute("PRAGMA max_page_count = 1").fetchone() for connection in connections
    ]
    assert pages
    for connection in connections:
        connection.close()
    yield
    connections = [engine.raw_connection() for _ in range(engine.pool.checkedin())]  # type: ignore[attr-defined]
    for connection in connections:
        connection.cursor().execute("PRAGMA max_page_count = 4294967294")
        connection.close()


TROUBLES = [locked, full]


def posts(account: Account, count: int) -> list[bytes]:
    # Large, so that each needs pages of its own.
    return [
        envelope(change(account, text_message(account, body=f"{index}" + "x" * 4000)))
        for index in range(count)
    ]


def timed(job: Callable[[], int]) -> tuple[int, float]:
    begun = time.monotonic()
    return job(), time.monotonic() - begun


def judge(
    app: Flask, bodies: list[bytes], trouble: Callable[[Flask], Any], tell: Callable[[bytes], int]
) -> None:
    first, rest = bodies[0], bodies[1:]
    assert tell(first) == 200
    with trouble(app):
        answers = at_once([lambda body=body: timed(lambda: tell(body)) for body in rest])
    refused = [(status, took_s) for status, took_s in answers if status != 200]
    assert refused
    assert {status for status, _ in refused} == {503}
    assert max(took_s for _, took_s in refused) < TOLD_WITHIN_S
    again = [body for body, (status, _) in zip(rest, answers, strict=True) if status != 200]
    begun = time.monotonic()
    while tell(again[0]) != 200:
        assert time.monotonic() - begun < BACK_WITHIN_S
        time.sleep(0.2)
    assert {tell(body) for body in again[1:]} <= {200}
    with app.app_context():
        while event_work.work_off():
            continue
        assert db.session.scalar(select(func.count()).select_from(Message)) == len(bodies)


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_locked_or_full_database_is_told_soon_and_loses_nothing(
    trouble: Callable[[Flask], Any], make: Factory, app: Flask, database_kind: str
) -> None:
    if database_kind != "sqlite":
        # A server has no such lock, and its disk is its own affair; that it is gone is tried below.
        return
    account = make.account()
    bodies = posts(account, 12)
    db.session.rollback()
    judge(app, bodies, trouble, lambda body: Meta(app).post(body).status_code)


def test_a_server_that_is_stopped_is_told_at_once_and_loses_nothing(
    base_settings: Settings, own_postgresql: PostgresqlServer
) -> None:
    addresses = postgresql_database(own_postgresql.url)
    app = create_app(replace(base_settings, database_url=next(addresses)))

    @contextmanager
    def stopped(_app: Flask) -> Iterator[None]:
        own_postgresql.stop()
        try:
            yield
        finally:
            own_postgresql.start()

    factory = Factory(app)
    bodies = posts(factory.account(), 12)
    factory.close()
    try:
        judge(app, bodies, stopped, lambda body: Meta(app).post(body).status_code)
    finally:
        close([app])
        list(addresses)
