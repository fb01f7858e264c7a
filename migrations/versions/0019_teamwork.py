"""Teamwork: whose a conversation is, whether it is closed, what happened to it, notes of colleagues, canned replies.

Additions; code of the version before runs on these tables.

Revision ID: 0019
Revises: 0018
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_UNASSIGNED = "assigned_to_id IS NULL AND closed_at IS NULL"
_ASSIGNED = "assigned_to_id IS NOT NULL AND closed_at IS NULL"
_ASSIGNED_CLOSED = "assigned_to_id IS NOT NULL AND closed_at IS NOT NULL"
_INDEXES = (
    ("open_latest", "closed_at IS NULL", ("last_message_at", "id")),
    ("closed_latest", "closed_at IS NOT NULL", ("last_message_at", "id")),
    ("unassigned", _UNASSIGNED, ("account_id", "assigned_to_id", "closed_at")),
    ("unassigned_latest", _UNASSIGNED, ("last_message_at", "id")),
    ("assigned_latest", _ASSIGNED, ("assigned_to_id", "last_message_at", "id")),
    ("assigned_closed", _ASSIGNED_CLOSED, ("assigned_to_id", "last_message_at", "id")),
)


def upgrade() -> None:
    op.add_column("conversations", sa.Column("assigned_to_id", sa.Integer(), nullable=True))
    op.add_column("conversations", sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))
    for name, where, columns in _INDEXES:
        op.create_index(
            f"ix_conversations_{name}",
            "conversations",
            list(columns),
            unique=False,
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "conversation_events",
        sa.Column("id", big, nullable=False),
        sa.Column("conversation_id", big, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(), nullable=False),
        sa.Column("assignee_id", sa.Integer(), nullable=True),
        sa.Column("assignee_name", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_conversation_events_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["actor_id"],
            ["users.id"],
            name=op.f("fk_conversation_events_actor_id_users"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["assignee_id"],
            ["users.id"],
            name=op.f("fk_conversation_events_assignee_id_users"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation_events")),
    )
    op.create_index(
        op.f("ix_conversation_events_conversation_id_at_id"),
        "conversation_events",
        ["conversation_id", "at", "id"],
        unique=False,
    )
    op.create_table(
        "conversation_notes",
        sa.Column("id", big, nullable=False),
        sa.Column("conversation_id", big, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_key", sa.String(), nullable=True),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("author_name", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_conversation_notes_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["author_id"],
            ["users.id"],
            name=op.f("fk_conversation_notes_author_id_users"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation_notes")),
        sa.UniqueConstraint("client_key", name=op.f("uq_conversation_notes_client_key")),
    )
    op.create_index(
        op.f("ix_conversation_notes_conversation_id_at_id"),
        "conversation_notes",
        ["conversation_id", "at", "id"],
        unique=False,
    )
    op.create_table(
        "canned_replies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["whatsapp_business_accounts.id"],
            name=op.f("fk_canned_replies_account_id_whatsapp_business_accounts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_canned_replies")),
    )
    op.create_index(
        op.f("ix_canned_replies_account_id_name"), "canned_replies", ["account_id", "name"], unique=False
    )


def downgrade() -> None:
    op.drop_table("canned_replies")
    op.drop_table("conversation_notes")
    op.drop_table("conversation_events")
    for name, _where, _columns in _INDEXES:
        op.drop_index(f"ix_conversations_{name}", table_name="conversations")
    op.drop_column("conversations", "closed_at")
    op.drop_column("conversations", "assigned_to_id")
