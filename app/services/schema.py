"""Which version the database's tables have, and which one this code was written for."""

from __future__ import annotations

from functools import cache

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from config import ROOT


def schema_revisions(connection: Connection) -> frozenset[str]:
    """Empty for a database without tables."""
    return frozenset(MigrationContext.configure(connection).get_current_heads())


@cache
def expected_revisions() -> frozenset[str]:
    return frozenset(_scripts().get_heads())


def knows_revision(revision: str) -> bool:
    """False for one of a newer version's."""
    return any(script.revision == revision for script in _scripts().walk_revisions())


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(ROOT / "migrations"))
