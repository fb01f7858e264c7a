"""Message templates: versions, changes under way, what all languages share, tags, sample files.

Additions; code of the version before runs on these tables.

Revision ID: 0016
Revises: 0015
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_TABLE = "whatsapp_message_templates"


def upgrade() -> None:
    op.create_table(
        "message_template_families",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("fallback_language", sa.String(), nullable=False),
        sa.Column("least_role", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["whatsapp_business_accounts.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_template_families")),
        sa.UniqueConstraint("account_id", "name", name=op.f("uq_message_template_families_account_id_name")),
    )
    op.create_table(
        "message_template_files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("mime_type", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("store", sa.String(), nullable=False),
        sa.Column("store_key", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["whatsapp_business_accounts.id"],
            name=op.f("fk_message_template_files_account_id_whatsapp_business_accounts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_template_files")),
    )
    op.create_index(
        op.f("ix_message_template_files_account_id_sha256"),
        "message_template_files",
        ["account_id", "sha256"],
        unique=False,
    )
    op.create_index(
        op.f("ix_message_template_files_store_key"), "message_template_files", ["store_key"], unique=False
    )

    op.create_table(
        "message_template_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_template_id", sa.Integer(), nullable=False),
        sa.Column("body", _JSON, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("saved_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_template_id"], ["whatsapp_message_templates.id"], ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["saved_by_id"],
            ["users.id"],
            name=op.f("fk_message_template_changes_saved_by_id_users"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_template_changes")),
        sa.UniqueConstraint(
            "message_template_id", name=op.f("uq_message_template_changes_message_template_id")
        ),
    )
    op.create_table(
        "message_template_tags",
        sa.Column("family_id", sa.Integer(), nullable=False),
        sa.Column("tag", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["family_id"],
            ["message_template_families.id"],
            name=op.f("fk_message_template_tags_family_id_message_template_families"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("family_id", "tag", name=op.f("pk_message_template_tags")),
    )
    op.create_index(op.f("ix_message_template_tags_tag"), "message_template_tags", ["tag"], unique=False)

    op.create_table(
        "message_template_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_template_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("api_key_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("parameter_format", sa.String(), nullable=False),
        sa.Column("components", _JSON, nullable=False),
        sa.Column("options", _JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["api_key_id"],
            ["api_keys.id"],
            name=op.f("fk_message_template_versions_api_key_id_api_keys"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["message_template_id"], ["whatsapp_message_templates.id"], ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_message_template_versions_user_id_users"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_template_versions")),
        sa.UniqueConstraint(
            "message_template_id",
            "number",
            name=op.f("uq_message_template_versions_message_template_id_number"),
        ),
    )
    # Without a rebuild of the table, which would drop what refers to it.
    op.add_column(_TABLE, sa.Column("options", _JSON, server_default="{}", nullable=False))
    op.add_column(_TABLE, sa.Column("correct_category", sa.String(), server_default="", nullable=False))
    op.add_column(_TABLE, sa.Column("previous_category", sa.String(), server_default="", nullable=False))
    op.add_column(_TABLE, sa.Column("revision", sa.Integer(), server_default="1", nullable=False))


def downgrade() -> None:
    for name in ("revision", "previous_category", "correct_category", "options"):
        op.drop_column(_TABLE, name)

    op.drop_table("message_template_versions")
    op.drop_index(op.f("ix_message_template_tags_tag"), table_name="message_template_tags")

    op.drop_table("message_template_tags")
    op.drop_table("message_template_changes")
    op.drop_index(op.f("ix_message_template_files_store_key"), table_name="message_template_files")
    op.drop_index(op.f("ix_message_template_files_account_id_sha256"), table_name="message_template_files")

    op.drop_table("message_template_files")
    op.drop_table("message_template_families")
