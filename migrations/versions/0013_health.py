"""Health: what each number was like at a check, changes, open alerts, news to look at, and mail to send.

All additions; code of the version before runs on these tables.

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_LOGS = "whatsapp_account_health_logs"


def _account(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["account_id"],
        ["whatsapp_business_accounts.id"],
        name=op.f(f"fk_{table}_account_id_whatsapp_business_accounts"),
        ondelete="CASCADE",
    )


def _index(table: str, name: str, columns: list[str], where: str = "", *, unique: bool = False) -> None:
    clause = sa.text(where) if where else None
    op.create_index(
        op.f(name), table, columns, unique=unique, sqlite_where=clause, postgresql_where=clause
    )


def upgrade() -> None:
    op.add_column(_LOGS, sa.Column("source", sa.String(), nullable=False, server_default=""))
    op.add_column(_LOGS, sa.Column("numbers", _JSON, nullable=False, server_default="{}"))
    _add_changes()
    _add_alerts()
    _add_signals()
    _add_mails()


def _add_changes() -> None:
    table = "account_health_changes"
    op.create_table(
        table,
        sa.Column("id", _BIG, nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        _account(table),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    _index(table, f"ix_{table}_account_id_at_id", ["account_id", "at", "id"])


def _add_alerts() -> None:
    table = "account_health_alerts"
    op.create_table(
        table,
        sa.Column("id", _BIG, nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("what_to_do", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("well_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returns", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        _account(table),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    _index(table, "uq_account_health_alerts_open", ["account_id", "key"], "closed_at IS NULL", unique=True)
    _index(table, f"ix_{table}_account_id_key_opened_at", ["account_id", "key", "opened_at"])
    dismissals = "account_health_alert_dismissals"
    op.create_table(
        dismissals,
        sa.Column("alert_id", _BIG, nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"],
            [f"{table}.id"],
            name=op.f(f"fk_{dismissals}_alert_id_{table}"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f(f"fk_{dismissals}_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("alert_id", "user_id", name=op.f(f"pk_{dismissals}")),
    )


def _add_signals() -> None:
    table = "account_health_signals"
    op.create_table(
        table,
        sa.Column("id", _BIG, nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("what_to_do", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        _account(table),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    _index(table, "ix_account_health_signals_new", ["account_id"], "handled_at IS NULL")
    _index(table, f"ix_{table}_account_id_at", ["account_id", "at"])
    watches = "account_health_watches"
    op.create_table(
        watches,
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        _account(watches),
        sa.PrimaryKeyConstraint("account_id", name=op.f(f"pk_{watches}")),
    )


def _add_mails() -> None:
    op.create_table(
        "mails",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_owner", sa.String(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_answer", sa.Text(), nullable=False),
        _account("mails"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mails")),
    )
    _index("mails", "ix_mails_open", ["next_attempt_at", "id"], "state IN ('waiting', 'sending')")
    _index("mails", "ix_mails_created_at", ["created_at"])


def downgrade() -> None:
    op.drop_table("mails")
    op.drop_table("account_health_watches")
    op.drop_table("account_health_signals")
    op.drop_table("account_health_alert_dismissals")
    op.drop_table("account_health_alerts")
    op.drop_table("account_health_changes")
    with op.batch_alter_table(_LOGS) as batch_op:
        batch_op.drop_column("numbers")
        batch_op.drop_column("source")
