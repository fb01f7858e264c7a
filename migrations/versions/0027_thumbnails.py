"""Small pictures beside large ones: whether a picture has one, where it lies, and which are still to be made.

An addition; code of the version before runs on these tables. Pictures that are here already get theirs from a
worker, after the update.

Revision ID: 0027
Revises: 0026
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_TABLE = "media_files"
_WAITS = (
    "state = 'stored' AND thumbnail_state IS NULL "
    "AND mime_type IN ('image/jpeg', 'image/png', 'image/webp')"
)


def upgrade() -> None:
    state = sa.Enum("made", "none", name="thumbnailstate", native_enum=False, length=32)
    for column in (
        sa.Column("thumbnail_state", state, nullable=True),
        sa.Column("thumbnail_key", sa.String(), nullable=True),
        sa.Column("thumbnail_size_bytes", sa.Integer(), nullable=True),
        sa.Column("thumbnail_width", sa.Integer(), nullable=True),
        sa.Column("thumbnail_height", sa.Integer(), nullable=True),
        sa.Column("thumbnail_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("thumbnail_attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("thumbnail_due_at", sa.DateTime(timezone=True), nullable=True),
    ):
        op.add_column(_TABLE, column)
    op.create_index(
        "ix_media_files_thumbnail_key",
        _TABLE,
        ["thumbnail_key"],
        sqlite_where=sa.text("thumbnail_key IS NOT NULL"),
        postgresql_where=sa.text("thumbnail_key IS NOT NULL"),
    )
    op.create_index(
        "ix_media_files_no_thumbnail",
        _TABLE,
        ["thumbnail_due_at", "id"],
        sqlite_where=sa.text(_WAITS),
        postgresql_where=sa.text(_WAITS),
    )


def downgrade() -> None:
    op.drop_index("ix_media_files_no_thumbnail", table_name=_TABLE)
    op.drop_index("ix_media_files_thumbnail_key", table_name=_TABLE)
    for name in ("due_at", "attempts", "reason", "height", "width", "size_bytes", "key", "state"):
        op.drop_column(_TABLE, f"thumbnail_{name}")
