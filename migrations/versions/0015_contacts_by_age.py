"""Contacts: an index for their list, newest first.

An addition; code of the version before runs on these tables.

Revision ID: 0015
Revises: 0014
"""

from __future__ import annotations

from alembic import op


revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_contacts_created_at_id"), "contacts", ["created_at", "id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_contacts_created_at_id"), table_name="contacts")
