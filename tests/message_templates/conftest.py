"""An account and a manager of it."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def account(make: Any, sign_in: Any) -> Any:
    account = make.account()
    sign_in("manager", [account])
    return account
