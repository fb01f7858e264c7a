"""Stacks for the chaos: on SQLite, or on a PostgreSQL and a Redis that are ours to stop."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from config import Settings
from tests.chaos.stack import ChaosStack
from tests.support.databases import PostgresqlServer, postgresql_database
from tests.support.redis import RedisServer


@pytest.fixture(scope="module")
def own_postgresql() -> Iterator[PostgresqlServer]:
    server = PostgresqlServer()
    yield server
    server.close()


@pytest.fixture
def chaos_stack(
    database_kind: str, base_settings: Settings, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Callable[..., ChaosStack]]:
    """`chaos_stack(**environment)`: a stack that is started, on servers of its own."""
    made: list[Any] = []
    parts: dict[str, Any] = {}
    if database_kind == "sqlite":
        url = request.getfixturevalue("database_url")
        databases: Iterator[str] = iter(())
    else:
        parts = {"database": request.getfixturevalue("own_postgresql"), "redis": RedisServer()}
        parts["redis"].start()
        databases = postgresql_database(parts["database"].url)
        url = next(databases)

    def make(**extra: str) -> ChaosStack:
        settings = replace(base_settings, database_url=url, instance_path=tmp_path)
        stack = ChaosStack(settings, tmp_path, **parts, **extra)
        made.append(stack)
        stack.start()
        return stack

    yield make
    for stack in made:
        stack.stop()
    if parts:
        parts["redis"].kill()
    list(databases)
