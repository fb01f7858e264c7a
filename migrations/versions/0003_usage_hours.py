"""Hours counted ahead, and what has to be counted again; an index for the count of open windows.

All additions; code of the version before runs on these tables.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql


revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "usage_hours",
        sa.Column("phone_number_id", sa.Integer(), nullable=False),
        sa.Column("hour_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("delivered", sa.Integer(), nullable=False),
        sa.Column("read", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column(
            "failures",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["whatsapp_business_accounts.id"],
            name=op.f("fk_usage_hours_account_id_whatsapp_business_accounts"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["phone_number_id"],
            ["whatsapp_phone_numbers.id"],
            name=op.f("fk_usage_hours_phone_number_id_whatsapp_phone_numbers"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("phone_number_id", "hour_at", name=op.f("pk_usage_hours")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "usage_changes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("phone_number_id", sa.Integer(), nullable=False),
        sa.Column("hour_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["phone_number_id"],
            ["whatsapp_phone_numbers.id"],
            name=op.f("fk_usage_changes_phone_number_id_whatsapp_phone_numbers"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_usage_changes")),
    )
    with op.batch_alter_table("usage_changes", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_usage_changes_hour_at_phone_number_id"), ["hour_at", "phone_number_id"], unique=False
        )

    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_conversations_last_inbound_at_account_id_phone_number_id"),
            ["last_inbound_at", "account_id", "phone_number_id"],
            unique=False,
        )


def downgrade() -> None:
    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_conversations_last_inbound_at_account_id_phone_number_id"))

    with op.batch_alter_table("usage_changes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_usage_changes_hour_at_phone_number_id"))

    op.drop_table("usage_changes")
    op.drop_table("usage_hours")
