"""Repeatable requests: what programs asked for under an Idempotency-Key, and what they were told.

An addition; code of the version before runs on these tables.

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "repeatable_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("api_key_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["api_key_id"],
            ["api_keys.id"],
            name=op.f("fk_repeatable_requests_api_key_id_api_keys"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repeatable_requests")),
        sa.UniqueConstraint("api_key_id", "key", name=op.f("uq_repeatable_requests_api_key_id_key")),
    )
    with op.batch_alter_table("repeatable_requests", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_repeatable_requests_started_at"), ["started_at"], unique=False
        )


def downgrade() -> None:
    op.drop_table("repeatable_requests")
