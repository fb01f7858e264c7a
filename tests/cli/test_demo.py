"""`demo` from the command line: one line of outcome, and an exit code."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from app.extensions import db
from app.models import Account, Message
from config import Settings
from tests.cli.conftest import Run
from tests.support.factories import Factory
from tests.support.ports import free_port
from tests.support.sandbox import RunningSandbox


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Nothing listens at the console's own address."""
    return replace(settings, public_base_url=f"http://127.0.0.1:{free_port()}")


def test_it_needs_no_web_server(
    sandbox: RunningSandbox, run: Run, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["app.cli.demo"], "_WEB_MAY_TAKE_S", 0.2)
    result = run("demo")
    assert result.exit_code == 0, result.output
    assert "Meridian Insurance is connected to the sandbox, with 3," in result.stdout
    assert db.session.query(Account).one().handshake_seen_at is not None
    assert db.session.query(Message).count() > 3_000


def test_it_says_that_something_is_here_already(sandbox: RunningSandbox, run: Run, make: Factory) -> None:
    make.account(name="Harbour Lane Bakery")
    result = run("demo")
    assert result.exit_code == 0
    assert (
        result.stdout == "There is an account here already (“Harbour Lane Bakery”), so nothing was changed.\n"
    )


def test_a_sandbox_that_is_down_is_one_line_and_exit_code_1(run: Run, make: Factory) -> None:
    result = run("demo")
    assert result.exit_code == 1
    assert result.output.strip().splitlines() == [
        "Error: The sandbox did not answer. Check that it is running (make run starts it), then try again."
    ]
