"""Usage: days in the time zone of the account, and what each day is made of.

Days that were counted before get their details by being counted once more (a worker does that).
An addition; code of the version before runs on these tables.

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql


revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
_COUNTS = ("bot_replies", "unique_people", "api_calls")
_DETAILS = ("kinds", "pricing")


def upgrade() -> None:
    op.add_column(
        "whatsapp_business_accounts",
        sa.Column("time_zone", sa.String(), server_default="UTC", nullable=False),
    )
    for name in _DETAILS:
        op.add_column(
            "whatsapp_account_usage_logs",
            sa.Column(name, _JSON, server_default=sa.text("'{}'"), nullable=False),
        )
    for name in _COUNTS:
        op.add_column(
            "whatsapp_account_usage_logs",
            sa.Column(name, sa.Integer(), server_default="0", nullable=False),
        )
    op.execute(
        "INSERT INTO usage_dirty_days (phone_number_id, day) "
        "SELECT phone_number_id, day FROM whatsapp_account_usage_logs WHERE true "
        "ON CONFLICT DO NOTHING"
    )


def downgrade() -> None:
    for name in reversed(_DETAILS + _COUNTS):
        op.drop_column("whatsapp_account_usage_logs", name)
    op.drop_column("whatsapp_business_accounts", "time_zone")
