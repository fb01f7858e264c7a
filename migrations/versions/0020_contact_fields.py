"""Contacts, complete: fields of one's own and their values, the customer's time zone, imports of files with
what became of each line, and people who were erased.

Additions; code of the version before runs on these tables.

Revision ID: 0020 Revises: 0019
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_TIME = sa.DateTime(timezone=True)
_ACCOUNTS = "whatsapp_business_accounts"


def upgrade() -> None:
    op.add_column("contacts", sa.Column("time_zone", sa.String(), server_default="", nullable=False))
    _make_fields()
    _make_imports()
    _make_erasures()


def _refers(table: str, column: str, to: str, ondelete: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}_{to}"), ondelete=ondelete
    )


def _partial(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(
        name, table, columns, unique=False, sqlite_where=sa.text(where), postgresql_where=sa.text(where)
    )


def _make_fields() -> None:
    op.create_table(
        "contact_fields",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("choices", _JSON, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("retired_at", _TIME, nullable=True),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        _refers("contact_fields", "account_id", _ACCOUNTS, "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_fields")),
        sa.UniqueConstraint("account_id", "key", name=op.f("uq_contact_fields_account_id_key")),
    )
    op.create_table(
        "contact_values",
        sa.Column("contact_id", _BIG_ID, autoincrement=False, nullable=False),
        sa.Column("field_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("folded", sa.String(), nullable=False),
        _refers("contact_values", "contact_id", "contacts", "CASCADE"),
        _refers("contact_values", "field_id", "contact_fields", "CASCADE"),
        sa.PrimaryKeyConstraint("contact_id", "field_id", name=op.f("pk_contact_values")),
    )
    op.create_index(
        op.f("ix_contact_values_field_id_folded"), "contact_values", ["field_id", "folded"], unique=False
    )


def _make_imports() -> None:
    op.create_table(
        "contact_imports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        *(sa.Column(name, _JSON, nullable=False) for name in ("reading", "columns", "mapping", "options")),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("created", "updated", "unchanged", "failed", "undone", "kept", "tries")
        ),
        sa.Column("lease_owner", sa.String(), nullable=True),
        *(sa.Column(name, _TIME, nullable=True) for name in ("lease_until", "finished_at", "undone_at")),
        _refers("contact_imports", "account_id", _ACCOUNTS, "CASCADE"),
        _refers("contact_imports", "created_by_id", "users", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_imports")),
    )
    op.create_index(
        op.f("ix_contact_imports_account_id_created_at_id"),
        "contact_imports",
        ["account_id", "created_at", "id"],
        unique=False,
    )
    _partial(
        "ix_contact_imports_open",
        "contact_imports",
        ["lease_until"],
        "state IN ('waiting', 'working', 'undoing')",
    )
    op.create_table(
        "contact_import_rows",
        sa.Column("import_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("contact_id", _BIG_ID, nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        *(sa.Column(name, _JSON, nullable=False) for name in ("before", "after", "cells")),
        _refers("contact_import_rows", "import_id", "contact_imports", "CASCADE"),
        _refers("contact_import_rows", "contact_id", "contacts", "SET NULL"),
        sa.PrimaryKeyConstraint("import_id", "position", name=op.f("pk_contact_import_rows")),
    )
    op.create_index(
        op.f("ix_contact_import_rows_contact_id"), "contact_import_rows", ["contact_id"], unique=False
    )
    _partial(
        "ix_contact_import_rows_failed", "contact_import_rows", ["import_id", "position"], "state = 'failed'"
    )


def _make_erasures() -> None:
    op.create_table(
        "erasures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("place", _BIG_ID, nullable=False),
        sa.Column("counts", _JSON, nullable=False),
        sa.Column("shell_id", _BIG_ID, nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("lease_owner", sa.String(), nullable=True),
        *(sa.Column(name, _TIME, nullable=True) for name in ("lease_until", "finished_at")),
        sa.Column("signature", sa.String(), nullable=False),
        _refers("erasures", "account_id", _ACCOUNTS, "CASCADE"),
        _refers("erasures", "user_id", "users", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
    )
    op.create_index(
        op.f("ix_erasures_account_id_created_at_id"),
        "erasures",
        ["account_id", "created_at", "id"],
        unique=False,
    )
    _partial("ix_erasures_open", "erasures", ["lease_until"], "state IN ('waiting', 'working')")
    _partial("ix_erasures_shell", "erasures", ["shell_id"], "shell_id IS NOT NULL")


def downgrade() -> None:
    op.drop_table("erasures")
    op.drop_table("contact_import_rows")
    op.drop_table("contact_imports")
    op.drop_table("contact_values")
    op.drop_table("contact_fields")
    op.drop_column("contacts", "time_zone")
