"""The company over the real sandbox, which calls our own webhook back over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from app.models import Account
from app.queries.access import EVERYTHING
from app.queries.accounts import list_accounts
from app.services.demo import create_demo
from tests.support.open_door import app, open_door, settings

__all__ = ["app", "open_door", "settings"]


@pytest.fixture
def company(make: Any) -> Account:
    """Meridian Insurance with its past, and one owner who wrote what agents said."""
    make.user(role="owner", name="Amara Okafor")
    create_demo()
    return list_accounts(EVERYTHING)[0]
