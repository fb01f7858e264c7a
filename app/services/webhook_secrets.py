"""Which secret a webhook must be signed with, and which verify tokens are ours; kept in memory.

The database is asked again when a signature does not fit (a secret may have just been changed), but
never more often than every `RELOAD_AFTER_S`, so that forged posts do not become a load on it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.models import Account, AccountStatus

RELOAD_AFTER_S = 0.2
FRESH_FOR_S = 30.0


@dataclass(frozen=True)
class AccountSecrets:
    """One account's Meta id and the app secrets that may sign for it: the current and the one before."""

    account_id: int
    meta_id: str
    secrets: tuple[str, ...] = field(repr=False)


class SecretRing:
    """The secrets of all accounts by Meta id. One per process."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._lock = threading.Lock()
        self._by_meta_id: dict[str, AccountSecrets] = {}
        self._loaded_at = float("-inf")

    def accounts(self, *, at_least: float = FRESH_FOR_S) -> dict[str, AccountSecrets]:
        """All accounts with a secret, read at most `at_least` seconds ago."""
        with self._lock:
            if time.monotonic() - self._loaded_at > max(at_least, RELOAD_AFTER_S):
                with self._app.app_context():
                    self._by_meta_id = {item.meta_id: item for item in _load()}
                self._loaded_at = time.monotonic()
            return self._by_meta_id


def _load() -> Iterable[AccountSecrets]:
    statement = select(Account.id, Account.meta_id, Account.app_secret, Account.previous_app_secret).where(
        Account.meta_id.is_not(None), Account.status != AccountStatus.ARCHIVED
    )
    # Reads only: all posts wait for it, and must not wait for somebody who holds the write lock.
    with db.engine.connect().execution_options(reads=True) as connection:
        rows = connection.execute(statement).all()
    for account_id, meta_id, current, previous in rows:
        secrets = tuple(secret.reveal() for secret in (current, previous) if secret)
        yield AccountSecrets(account_id, meta_id or "", secrets)
