"""The company over the real sandbox, which calls our own webhook back over HTTP."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from app.models import Account
from app.queries.access import EVERYTHING
from app.queries.accounts import list_accounts
from app.services.demo import create_demo
from tests.support.open_door import app, open_door, settings
from tests.support.sandbox import RunningSandbox

__all__ = ["app", "open_door", "settings"]


@pytest.fixture(autouse=True)
def all_webhooks_arrive(app: Flask, sandbox: RunningSandbox) -> Iterator[None]:
    """No webhook meets an app whose database is being taken away."""
    yield
    until = time.monotonic() + 15
    while time.monotonic() < until and sandbox.control("GET", "deliveries")["waiting"]:
        time.sleep(0.05)


@pytest.fixture
def company(make: Any) -> Account:
    """Meridian Insurance with its past, and one owner who wrote what agents said."""
    make.user(role="owner", name="Amara Okafor")
    create_demo()
    return list_accounts(EVERYTHING)[0]
