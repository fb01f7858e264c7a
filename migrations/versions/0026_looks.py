"""How far each person has seen a conversation: the line "New" in a thread.

An addition; code of the version before runs on these tables.

Revision ID: 0026
Revises: 0025
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "conversation_looks",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", big, nullable=False),
        sa.Column("message_id", big, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_conversation_looks_user_id_users"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_conversation_looks_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_id", "conversation_id", name=op.f("pk_conversation_looks")),
    )
    op.create_index(
        op.f("ix_conversation_looks_conversation_id"), "conversation_looks", ["conversation_id"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_conversation_looks_conversation_id"), table_name="conversation_looks")
    op.drop_table("conversation_looks")
