"""Composing: drafts kept per person, messages planned for later, read receipts and typing as an account sets it.

Additions; code of the version before runs on these tables.

Revision ID: 0025
Revises: 0024
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_ACCOUNTS = "whatsapp_business_accounts"
_AT = sa.DateTime(timezone=True)


def _fk(column: str, to: str, table: str, ondelete: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{to}")
    return sa.ForeignKeyConstraint(
        [column], [f"{to}.id"], name=name if len(name) <= 63 else None, ondelete=ondelete
    )


def upgrade() -> None:
    op.add_column(
        _ACCOUNTS, sa.Column("read_receipts", sa.String(length=32), server_default="never", nullable=False)
    )
    op.add_column(
        _ACCOUNTS, sa.Column("shows_typing", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    op.create_table(
        "conversation_drafts",
        sa.Column("id", big, nullable=False),
        sa.Column("conversation_id", big, nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("face", sa.String(), nullable=False),
        sa.Column("fields", json, nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("updated_at", _AT, nullable=False),
        _fk("conversation_id", "conversations", "conversation_drafts", "CASCADE"),
        _fk("user_id", "users", "conversation_drafts", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation_drafts")),
        sa.UniqueConstraint(
            "conversation_id", "user_id", name=op.f("uq_conversation_drafts_conversation_id_user_id")
        ),
    )
    op.create_index(op.f("ix_conversation_drafts_user_id"), "conversation_drafts", ["user_id"], unique=False)
    op.create_table(
        "planned_messages",
        sa.Column("id", big, nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", big, nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("message_type", sa.String(), nullable=False),
        sa.Column("content", json, nullable=False),
        sa.Column("text_content", sa.Text(), nullable=False),
        sa.Column("context_wamid", sa.String(), nullable=True),
        sa.Column("send_at", _AT, nullable=False),
        sa.Column("next_look_at", _AT, nullable=False),
        sa.Column("holds_if_answered", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("resends_unconfirmed", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("api_key_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(), nullable=False),
        sa.Column("client_key", sa.String(), nullable=True),
        sa.Column("client_key_digest", sa.String(), nullable=True),
        sa.Column("decided_at", _AT, nullable=False),
        sa.Column("message_id", big, nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", _AT, nullable=False),
        sa.Column("updated_at", _AT, nullable=False),
        _fk("account_id", _ACCOUNTS, "planned_messages", "CASCADE"),
        _fk("conversation_id", "conversations", "planned_messages", "CASCADE"),
        _fk("user_id", "users", "planned_messages", "SET NULL"),
        _fk("api_key_id", "api_keys", "planned_messages", "SET NULL"),
        _fk("message_id", "whatsapp_messages", "planned_messages", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planned_messages")),
        sa.UniqueConstraint(
            "account_id", "client_key", name=op.f("uq_planned_messages_account_id_client_key")
        ),
    )
    is_planned = sa.text("state = 'planned'")
    op.create_index(
        "ix_planned_messages_due",
        "planned_messages",
        ["next_look_at"],
        unique=False,
        sqlite_where=is_planned,
        postgresql_where=is_planned,
    )
    for columns in (["conversation_id", "state"], ["account_id", "send_at", "id"], ["message_id"]):
        name = op.f(f"ix_planned_messages_{'_'.join(columns)}")
        op.create_index(name, "planned_messages", columns, unique=False)
    op.create_table(
        "read_receipts",
        sa.Column("conversation_id", big, autoincrement=False, nullable=False),
        sa.Column("wamid", sa.String(), nullable=False),
        sa.Column("shows_typing", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("asked_at", _AT, nullable=False),
        sa.Column("sent_at", _AT, nullable=True),
        _fk("conversation_id", "conversations", "read_receipts", "CASCADE"),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_read_receipts")),
    )
    is_due = sa.text("sent_at IS NULL")
    op.create_index(
        "ix_read_receipts_due",
        "read_receipts",
        ["asked_at"],
        unique=False,
        sqlite_where=is_due,
        postgresql_where=is_due,
    )


def downgrade() -> None:
    op.drop_table("read_receipts")
    op.drop_table("planned_messages")
    op.drop_table("conversation_drafts")
    op.drop_column(_ACCOUNTS, "shows_typing")
    op.drop_column(_ACCOUNTS, "read_receipts")
