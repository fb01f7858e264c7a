"""A runner that stands outside of the test's own context, as a command line does."""

from __future__ import annotations

import contextvars
from collections.abc import Callable

import pytest
from click.testing import Result
from flask import Flask, has_app_context

from app.extensions import db

Run = Callable[..., Result]


@pytest.fixture
def run(app: Flask) -> Run:
    """`run("users", "create", …, stdin="…")`."""

    def _run(*args: object, stdin: str | None = None) -> Result:
        if has_app_context():
            db.session.rollback()
        runner = app.test_cli_runner()
        return contextvars.Context().run(lambda: runner.invoke(args=[str(arg) for arg in args], input=stdin))

    return _run
