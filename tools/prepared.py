"""Whether the databases are as the last start left them, so that this one need not prepare them.

Preparing means loading the app: two seconds of the few that a second start may take. Only SQLite in the
instance folder is looked at; a database elsewhere is prepared at every start.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tools import stamps
from tools.envfile import Environment
from tools.run_settings import RunSettings

_APP, _SANDBOX = "waba-console.sqlite", "sandbox.sqlite"
_MIGRATIONS = "migrations/versions"


@dataclass(frozen=True)
class Preparation:
    """What preparing depends on: the migrations, the wish for a demo, and which database files there are."""

    root: Path
    instance: Path
    settings: RunSettings
    is_elsewhere: bool

    @classmethod
    def of(cls, root: Path, instance: Path, settings: RunSettings, environment: Environment) -> Preparation:
        return cls(root, instance, settings, environment.has("DATABASE_URL"))

    def is_done(self) -> bool:
        """True when the last start came to its end and nothing has changed since."""
        return not self.is_elsewhere and stamps.is_current(self._stamp, self._state())

    def note_done(self) -> None:
        """Remember the state as it is now."""
        stamps.leave(self._stamp, self._state())

    @property
    def _stamp(self) -> Path:
        return self.instance / ".prepared"

    @property
    def _has_demo(self) -> bool:
        return self.settings.wants_demo and self.settings.has_sandbox

    @property
    def _databases(self) -> tuple[str, ...]:
        return (_APP, _SANDBOX) if self._has_demo else (_APP,)

    def _state(self) -> str:
        migrations = sorted((self.root / _MIGRATIONS).glob("*.py"))
        state = {
            "migrations": stamps.fingerprint(*migrations),
            "demo": self.settings.sandbox_url if self._has_demo else "",
            "databases": [_identity(self.instance / name) for name in self._databases],
        }
        return hashlib.sha256(json.dumps(state).encode()).hexdigest()


def _identity(file: Path) -> tuple[int, int] | None:
    """Its number on the disk and SQLite's count of schema changes, which a restored copy does not share."""
    if not file.exists():
        return None
    with closing(sqlite3.connect(file, timeout=10)) as connection:
        row = connection.execute("PRAGMA schema_version").fetchone()
    return file.stat().st_ino, int(row[0])
