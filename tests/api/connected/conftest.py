"""The API against the real sandbox, which calls our webhook back over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.open_door import app, meta, open_door, settings

__all__ = ["app", "meta", "open_door", "settings"]


@pytest.fixture
def setup_values(meta: dict[str, str]) -> dict[str, Any]:
    """The flat object of `accounts/setup/`, with a fresh sandbox account's values."""
    return {**meta, "webhook_verify_token": "CANARY-verify-me-please"}


@pytest.fixture
def connected(program: Any, setup_values: dict[str, Any]) -> dict[str, Any]:
    """An account set up over the API, as the API shows it."""
    account: dict[str, Any] = program().call("POST", "accounts/setup/", json=setup_values, status=201)
    return account
