"""Media: files that come with messages, the pieces of those kept in the database, what is left to delete.

All additions; code of the version before runs on these tables.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "media_files",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "direction",
            sa.Enum("inbound", "outbound", name="direction", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("meta_id", sa.String(), nullable=False),
        sa.Column("mime_type", sa.String(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=True),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "fetching",
                "stored",
                "failed",
                "gone",
                name="mediastate",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_owner", sa.String(), nullable=True),
        sa.Column("store", sa.String(), nullable=True),
        sa.Column("store_key", sa.String(), nullable=True),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["whatsapp_business_accounts.id"],
            name=op.f("fk_media_files_account_id_whatsapp_business_accounts"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["whatsapp_messages.id"],
            name=op.f("fk_media_files_message_id_whatsapp_messages"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media_files")),
        sa.UniqueConstraint("message_id", name=op.f("uq_media_files_message_id")),
    )
    with op.batch_alter_table("media_files", schema=None) as batch_op:
        batch_op.create_index(
            "ix_media_files_open",
            ["account_id", "next_attempt_at", "id"],
            unique=False,
            sqlite_where=sa.text("state IN ('waiting', 'fetching')"),
            postgresql_where=sa.text("state IN ('waiting', 'fetching')"),
        )
        batch_op.create_index(
            "ix_media_files_stored_at",
            ["stored_at"],
            unique=False,
            sqlite_where=sa.text("state = 'stored'"),
            postgresql_where=sa.text("state = 'stored'"),
        )
        batch_op.create_index(batch_op.f("ix_media_files_store_key"), ["store_key"], unique=False)

    op.create_table(
        "media_deletions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("store", sa.String(), nullable=False),
        sa.Column("store_key", sa.String(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media_deletions")),
    )
    with op.batch_alter_table("media_deletions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_media_deletions_due_at"), ["due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_media_deletions_store_key"), ["store_key"], unique=False)

    op.create_table(
        "media_chunks",
        sa.Column("store_key", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_last", sa.Boolean(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("store_key", "position", name=op.f("pk_media_chunks")),
    )
    if op.get_bind().dialect.name == "postgresql":
        # Photos and films are packed already: trying to pack each piece again costs time and gains nothing.
        op.execute("ALTER TABLE media_chunks ALTER COLUMN data SET STORAGE EXTERNAL")


def downgrade() -> None:
    op.drop_table("media_chunks")
    with op.batch_alter_table("media_deletions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_media_deletions_store_key"))
        batch_op.drop_index(batch_op.f("ix_media_deletions_due_at"))

    op.drop_table("media_deletions")
    with op.batch_alter_table("media_files", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_media_files_store_key"))
        batch_op.drop_index(
            "ix_media_files_stored_at",
            sqlite_where=sa.text("state = 'stored'"),
            postgresql_where=sa.text("state = 'stored'"),
        )
        batch_op.drop_index(
            "ix_media_files_open",
            sqlite_where=sa.text("state IN ('waiting', 'fetching')"),
            postgresql_where=sa.text("state IN ('waiting', 'fetching')"),
        )

    op.drop_table("media_files")
