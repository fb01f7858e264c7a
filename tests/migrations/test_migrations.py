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
from sqlalchemy import Connection, inspect, text

from app.extensions import db
from app.models import Account, Base, Contact

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
        names = set(inspect(connection).get_table_names()) - {"alembic_version"}
        # FTS5 keeps its index in tables of its own; they come and go with it.
        return {name for name in names if "_fts_" not in name}


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


def test_contacts_under_both_spellings_of_a_number_are_joined_or_suggested(context: Flask) -> None:
    """And what was known of them stands in the ledger."""
    account = Account(name="Shop", meta_id="1")
    people = (
        ("5511987654321", None),
        ("551187654321", "BR.1"),
        ("5215512345678", "MX.1"),
        ("525512345678", "MX.2"),
    )
    account_contacts = [Contact(account=account, wa_id=wa_id, user_id=id_) for wa_id, id_ in people]
    db.session.add_all([*account_contacts, Contact(account=account, wa_id="551134567890")])
    db.session.commit()
    db.session.remove()
    downgrade(revision="0022")
    upgrade()
    with db.engine.connect() as connection:
        joins = connection.execute(
            text("SELECT contact_id, into_id, state FROM contact_joins ORDER BY id")
        ).all()
        pointing = connection.execute(text("SELECT id FROM contacts WHERE joined_to_id IS NOT NULL")).all()
        kinds = connection.execute(text("SELECT kind, count(*) FROM contact_addresses GROUP BY kind")).all()
    first = joins[0].into_id
    assert list(map(tuple, joins)) == [(first + 1, first, "joined"), (first + 3, first + 2, "suggested")]
    assert list(map(tuple, pointing)) == [(first + 1,)]
    assert dict(map(tuple, kinds)) == {"number": 5, "user_id": 3}
