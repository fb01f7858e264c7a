"""What the console's tests share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from app.extensions import db


@dataclass
class Counted:
    """The statements a block sent to the database."""

    statements: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.statements)


@pytest.fixture
def count_queries(app: Flask) -> Callable[[], Any]:
    """`with count_queries() as counted:` around a page; BEGIN and COMMIT are no queries."""

    @contextmanager
    def counting() -> Iterator[Counted]:
        counted = Counted()

        def note(*args: Any) -> None:
            if not args[2].startswith("BEGIN"):
                counted.statements.append(args[2])

        with app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            yield counted
        finally:
            event.remove(engine, "before_cursor_execute", note)

    return counting
