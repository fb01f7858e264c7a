"""Limits: how much an account may send in a minute, a day and a month, and what it and API keys have used.

An addition; code of the version before runs on these tables, and keeps no limit.

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_LIMITS = ("messages_per_minute", "messages_per_day", "messages_per_month")


def upgrade() -> None:
    for name in _LIMITS:
        op.add_column("whatsapp_business_accounts", sa.Column(name, sa.Integer(), nullable=True))
    op.create_table(
        "account_quotas",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("window", sa.String(length=32), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["whatsapp_business_accounts.id"],
            name=op.f("fk_account_quotas_account_id_whatsapp_business_accounts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", "window", name=op.f("pk_account_quotas")),
    )
    op.create_table(
        "api_key_calls",
        sa.Column("api_key_id", sa.Integer(), nullable=False),
        sa.Column("minute_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["api_key_id"],
            ["api_keys.id"],
            name=op.f("fk_api_key_calls_api_key_id_api_keys"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("api_key_id", name=op.f("pk_api_key_calls")),
    )


def downgrade() -> None:
    op.drop_table("api_key_calls")
    op.drop_table("account_quotas")
    for name in reversed(_LIMITS):
        op.drop_column("whatsapp_business_accounts", name)
