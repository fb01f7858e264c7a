"""Migrations lead to exactly the tables of the models, and back, on both databases (reliability G1)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import Connection, inspect

from app.extensions import db
from app.models import Base

FOLDER = Path(__file__).resolve().parents[2] / "migrations"


@pytest.fixture
def context(app: Flask) -> Iterator[Flask]:
    with app.app_context():
        yield app


def differences(connection: Connection) -> list[object]:
    options = {"compare_type": True, "include_object": _is_ours}
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata))


def _is_ours(_object: object, name: str | None, kind: str, _reflected: bool, _other: object) -> bool:
    return not (kind in {"table", "index"} and ((name or "").startswith("sqlite_") or "_fts" in (name or "")))


def tables() -> set[str]:
    with db.engine.connect() as connection:
        return set(inspect(connection).get_table_names()) - {"alembic_version"}


def test_there_is_one_head() -> None:
    assert len(ScriptDirectory(str(FOLDER)).get_heads()) == 1


def test_the_files_are_numbered_in_order() -> None:
    names = sorted(path.name for path in (FOLDER / "versions").glob("*.py"))
    assert [name[:4] for name in names] == [f"{number:04d}" for number in range(1, len(names) + 1)]


def test_the_tables_are_those_of_the_models(context: Flask) -> None:
    with db.engine.connect() as connection:
        assert differences(connection) == []


def test_all_the_way_down_and_up_again(context: Flask) -> None:
    before = tables()
    downgrade(revision="base")
    assert tables() == set()
    upgrade()
    assert tables() == before
    with db.engine.connect() as connection:
        assert differences(connection) == []


def test_every_constraint_has_a_name(context: Flask) -> None:
    """A nameless one cannot be changed by a later migration."""
    with db.engine.connect() as connection:
        inspector = inspect(connection)
        nameless = [
            table
            for table in tables()
            for constraint in (*inspector.get_unique_constraints(table), *inspector.get_foreign_keys(table))
            if not constraint["name"]
        ]
    assert nameless == []


FIXED = {
    "whatsapp_business_accounts",
    "whatsapp_phone_numbers",
    "whatsapp_message_templates",
    "whatsapp_messages",
    "whatsapp_webhook_events",
    "whatsapp_flows",
    "whatsapp_account_health_logs",
    "whatsapp_account_usage_logs",
}


def test_the_eight_fixed_tables_are_there(context: Flask) -> None:
    assert tables() >= FIXED
