"""Outgoing webhooks: addresses of customers' systems, what they are to be told, and each try.

All additions; code of the version before runs on these tables.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "outgoing_webhooks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("events", _JSON, nullable=False),
        sa.Column("is_for_all", sa.Boolean(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("off_reason", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=True),
        sa.Column("previous_secret", sa.Text(), nullable=True),
        sa.Column("previous_secret_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_success_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_answer", sa.Text(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["users.id"],
            name=op.f("fk_outgoing_webhooks_created_by_id_users"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing_webhooks")),
    )
    op.create_table(
        "outgoing_deliveries",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("webhook_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("event", sa.String(length=32), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_owner", sa.String(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_answer", sa.Text(), nullable=False),
        sa.Column("replay_of_id", _BIG, nullable=True),
        sa.Column("is_replay", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["whatsapp_business_accounts.id"],
            name=op.f("fk_outgoing_deliveries_account_id_whatsapp_business_accounts"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["replay_of_id"],
            ["outgoing_deliveries.id"],
            name=op.f("fk_outgoing_deliveries_replay_of_id_outgoing_deliveries"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["webhook_id"],
            ["outgoing_webhooks.id"],
            name=op.f("fk_outgoing_deliveries_webhook_id_outgoing_webhooks"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing_deliveries")),
    )
    with op.batch_alter_table("outgoing_deliveries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outgoing_deliveries_account_id"), ["account_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_outgoing_deliveries_created_at_id"), ["created_at", "id"], unique=False
        )
        batch_op.create_index(
            "ix_outgoing_deliveries_failed",
            ["created_at", "id"],
            unique=False,
            sqlite_where=sa.text("state = 'failed'"),
            postgresql_where=sa.text("state = 'failed'"),
        )
        batch_op.create_index(
            "ix_outgoing_deliveries_open",
            ["webhook_id", "next_attempt_at", "id"],
            unique=False,
            sqlite_where=sa.text("state IN ('waiting', 'sending')"),
            postgresql_where=sa.text("state IN ('waiting', 'sending')"),
        )
        batch_op.create_index(
            batch_op.f("ix_outgoing_deliveries_replay_of_id"), ["replay_of_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_outgoing_deliveries_webhook_id_created_at_id"),
            ["webhook_id", "created_at", "id"],
            unique=False,
        )

    op.create_table(
        "outgoing_webhook_accounts",
        sa.Column("webhook_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["whatsapp_business_accounts.id"],
            name=op.f("fk_outgoing_webhook_accounts_account_id_whatsapp_business_accounts"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["webhook_id"],
            ["outgoing_webhooks.id"],
            name=op.f("fk_outgoing_webhook_accounts_webhook_id_outgoing_webhooks"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("webhook_id", "account_id", name=op.f("pk_outgoing_webhook_accounts")),
    )
    with op.batch_alter_table("outgoing_webhook_accounts", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_outgoing_webhook_accounts_account_id"), ["account_id"], unique=False
        )

    op.create_table(
        "outgoing_attempts",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("delivery_id", _BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("request_headers", _JSON, nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"],
            ["outgoing_deliveries.id"],
            name=op.f("fk_outgoing_attempts_delivery_id_outgoing_deliveries"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing_attempts")),
    )
    with op.batch_alter_table("outgoing_attempts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outgoing_attempts_delivery_id"), ["delivery_id"], unique=False)


def downgrade() -> None:
    op.drop_table("outgoing_attempts")
    op.drop_table("outgoing_webhook_accounts")
    op.drop_table("outgoing_deliveries")
    op.drop_table("outgoing_webhooks")
