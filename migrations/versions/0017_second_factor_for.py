"""Rules of the console itself: from which role on a second factor is required. Finished days of which
messages were let go of are marked: nobody counts them again.

Additions; code of the version before runs on these tables.

Revision ID: 0017
Revises: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "console_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("second_factor_for", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_console_rules")),
    )
    op.add_column(
        "whatsapp_account_usage_logs",
        sa.Column("messages_purged_at", sa.DateTime(timezone=True), nullable=True),
    )


def downgrade() -> None:
    op.drop_column("whatsapp_account_usage_logs", "messages_purged_at")
    op.drop_table("console_rules")
