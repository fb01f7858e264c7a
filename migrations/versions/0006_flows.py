"""Flows in full: both texts of a Flow and how it stands at Meta, customers' answers, news of its health.

All additions; code of the version before runs on these tables.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "flow_events",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("flow_id", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("details", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["whatsapp_business_accounts.id"],
            name=op.f("fk_flow_events_account_id_whatsapp_business_accounts"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["flow_id"],
            ["whatsapp_flows.id"],
            name=op.f("fk_flow_events_flow_id_whatsapp_flows"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flow_events")),
    )
    with op.batch_alter_table("flow_events", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_flow_events_flow_id_occurred_at_id"),
            ["flow_id", "occurred_at", "id"],
            unique=False,
        )

    op.create_table(
        "flow_answers",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("flow_id", sa.Integer(), nullable=True),
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("conversation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("contact_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("flow_token", sa.Text(), nullable=False),
        sa.Column("answers", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["whatsapp_business_accounts.id"],
            name=op.f("fk_flow_answers_account_id_whatsapp_business_accounts"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contacts.id"],
            name=op.f("fk_flow_answers_contact_id_contacts"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_flow_answers_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["flow_id"],
            ["whatsapp_flows.id"],
            name=op.f("fk_flow_answers_flow_id_whatsapp_flows"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["whatsapp_messages.id"],
            name=op.f("fk_flow_answers_message_id_whatsapp_messages"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flow_answers")),
        sa.UniqueConstraint("message_id", name=op.f("uq_flow_answers_message_id")),
    )
    with op.batch_alter_table("flow_answers", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_flow_answers_account_id_created_at_id"),
            ["account_id", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_flow_answers_contact_id"), ["contact_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_flow_answers_conversation_id"), ["conversation_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_flow_answers_flow_id_created_at_id"), ["flow_id", "created_at", "id"], unique=False
        )

    with op.batch_alter_table("whatsapp_flows", schema=None) as batch_op:
        batch_op.add_column(sa.Column("meta_json", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(
            sa.Column("has_unsent_text", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch_op.add_column(
            sa.Column(
                "validation_errors",
                sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
                server_default=sa.text("'[]'"),
                nullable=False,
            )
        )
        batch_op.add_column(sa.Column("json_version", sa.String(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("data_api_version", sa.String(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("endpoint_uri", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(
            sa.Column(
                "health",
                sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
                server_default=sa.text("'{}'"),
                nullable=False,
            )
        )
        batch_op.add_column(sa.Column("preview_url", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("preview_expires_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(
            sa.Column(
                "outline",
                sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
                server_default=sa.text("'{}'"),
                nullable=False,
            )
        )
        batch_op.add_column(
            sa.Column(
                "published_outline",
                sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
                server_default=sa.text("'{}'"),
                nullable=False,
            )
        )
        batch_op.add_column(sa.Column("published_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("status_changed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("meta_updated_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("token_key", sa.String(), nullable=True))
        batch_op.create_index(
            batch_op.f("ix_whatsapp_flows_account_id_name"), ["account_id", "name"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_whatsapp_flows_token_key"), ["token_key"], unique=True)


def downgrade() -> None:
    with op.batch_alter_table("whatsapp_flows", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_whatsapp_flows_token_key"))
        batch_op.drop_index(batch_op.f("ix_whatsapp_flows_account_id_name"))
        batch_op.drop_column("token_key")
        batch_op.drop_column("gone_at")
        batch_op.drop_column("meta_updated_at")
        batch_op.drop_column("status_changed_at")
        batch_op.drop_column("published_at")
        batch_op.drop_column("published_outline")
        batch_op.drop_column("outline")
        batch_op.drop_column("preview_expires_at")
        batch_op.drop_column("preview_url")
        batch_op.drop_column("health")
        batch_op.drop_column("endpoint_uri")
        batch_op.drop_column("data_api_version")
        batch_op.drop_column("json_version")
        batch_op.drop_column("validation_errors")
        batch_op.drop_column("has_unsent_text")
        batch_op.drop_column("meta_json")

    with op.batch_alter_table("flow_answers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_flow_answers_flow_id_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_flow_answers_conversation_id"))
        batch_op.drop_index(batch_op.f("ix_flow_answers_contact_id"))
        batch_op.drop_index(batch_op.f("ix_flow_answers_account_id_created_at_id"))

    op.drop_table("flow_answers")
    with op.batch_alter_table("flow_events", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_flow_events_flow_id_occurred_at_id"))

    op.drop_table("flow_events")
