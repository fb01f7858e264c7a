"""The conversation list: who waits for an answer, saved views, changes to many at once with their undo.

Additions; code of the version before runs on these tables. Of conversations that end with the customer's
message those of the last 30 days count as waiting; older ones are not taken up again.

Revision ID: 0022
Revises: 0021
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_TAKEN_UP = timedelta(days=30)
_UNANSWERED = "waiting_since IS NOT NULL"
_INDEXES = (
    ("number_latest", "closed_at IS NULL", ("phone_number_id", "last_message_at", "id")),
    ("open_window", "closed_at IS NULL", ("last_inbound_at", "id")),
    ("unanswered", _UNANSWERED, ("waiting_since", "id", "account_id")),
    ("unanswered_latest", _UNANSWERED, ("last_message_at", "id")),
    ("failed_latest", "last_message_status IN ('failed', 'unconfirmed')", ("last_message_at", "id")),
)


def upgrade() -> None:
    op.add_column("conversations", sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=True))
    _take_up()
    for name, where, columns in _INDEXES:
        op.create_index(
            f"ix_conversations_{name}",
            "conversations",
            list(columns),
            unique=False,
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )
    _create_views()
    _create_changes()


def _take_up() -> None:
    conversations = sa.table(
        "conversations",
        sa.column("waiting_since", sa.DateTime(timezone=True)),
        sa.column("last_message_at", sa.DateTime(timezone=True)),
        sa.column("last_message_direction", sa.String()),
        sa.column("closed_at", sa.DateTime(timezone=True)),
    ).c
    table = conversations.waiting_since.table
    op.execute(
        sa.update(table)
        .where(
            conversations.last_message_direction == "inbound",
            conversations.closed_at.is_(None),
            conversations.last_message_at > datetime.now(UTC) - _TAKEN_UP,
        )
        .values(waiting_since=conversations.last_message_at)
    )


def _create_views() -> None:
    json = sa.JSON().with_variant(JSONB(), "postgresql")
    op.create_table(
        "conversation_views",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("query", json, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_conversation_views_user_id_users"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["whatsapp_business_accounts.id"],
            name=op.f("fk_conversation_views_account_id_whatsapp_business_accounts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation_views")),
    )
    for column in ("user_id", "account_id"):
        op.create_index(op.f(f"ix_conversation_views_{column}"), "conversation_views", [column])
    op.create_table(
        "conversation_starts",
        sa.Column("user_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("view_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_conversation_starts_user_id_users"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["view_id"],
            ["conversation_views.id"],
            name=op.f("fk_conversation_starts_view_id_conversation_views"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_conversation_starts")),
    )
    op.create_index(op.f("ix_conversation_starts_view_id"), "conversation_starts", ["view_id"])


def _create_changes() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    json = sa.JSON().with_variant(JSONB(), "postgresql")
    op.create_table(
        "list_changes",
        sa.Column("id", big, nullable=False),
        sa.Column("client_key", sa.String(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("details", json, nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("skipped", json, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("restored", sa.Integer(), nullable=False),
        sa.Column("kept", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_list_changes_user_id_users"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_changes")),
        sa.UniqueConstraint("client_key", name=op.f("uq_list_changes_client_key")),
    )
    op.create_index(op.f("ix_list_changes_created_at"), "list_changes", ["created_at"])
    op.create_table(
        "list_change_items",
        sa.Column("change_id", big, autoincrement=False, nullable=False),
        sa.Column("conversation_id", big, autoincrement=False, nullable=False),
        sa.Column("before", json, nullable=False),
        sa.Column("after", json, nullable=False),
        sa.ForeignKeyConstraint(
            ["change_id"],
            ["list_changes.id"],
            name=op.f("fk_list_change_items_change_id_list_changes"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_list_change_items_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("change_id", "conversation_id", name=op.f("pk_list_change_items")),
    )
    op.create_index(op.f("ix_list_change_items_conversation_id"), "list_change_items", ["conversation_id"])


def downgrade() -> None:
    op.drop_table("list_change_items")
    op.drop_table("list_changes")
    op.drop_table("conversation_starts")
    op.drop_table("conversation_views")
    for name, _where, _columns in _INDEXES:
        op.drop_index(f"ix_conversations_{name}", table_name="conversations")
    op.drop_column("conversations", "waiting_since")
