"""The engine under fire: shared pace, pair limit, expiry, calls to Meta, keys of events.

All additions; code of the version before runs on these tables.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "initiated_contacts",
        sa.Column("contact_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["whatsapp_business_accounts.id"],
            name=op.f("fk_initiated_contacts_account_id_whatsapp_business_accounts"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contacts.id"],
            name=op.f("fk_initiated_contacts_contact_id_contacts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("contact_id", name=op.f("pk_initiated_contacts")),
    )
    with op.batch_alter_table("initiated_contacts", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_initiated_contacts_account_id_at"), ["account_id", "at"], unique=False
        )

    op.create_table(
        "number_paces",
        sa.Column("phone_number_id", sa.Integer(), nullable=False),
        sa.Column("tokens", sa.Double(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pause_reason", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["phone_number_id"],
            ["whatsapp_phone_numbers.id"],
            name=op.f("fk_number_paces_phone_number_id_whatsapp_phone_numbers"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("phone_number_id", name=op.f("pk_number_paces")),
    )
    op.create_table(
        "webhook_event_keys",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["whatsapp_webhook_events.id"],
            name=op.f("fk_webhook_event_keys_event_id_whatsapp_webhook_events"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("key", "event_id", name=op.f("pk_webhook_event_keys")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("webhook_event_keys", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_webhook_event_keys_event_id"), ["event_id"], unique=False)

    op.create_table(
        "graph_calls",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("http_status", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("error_code", sa.Integer(), nullable=True),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("trace_id", sa.String(), nullable=False),
        sa.Column("api_version", sa.String(), nullable=False),
        sa.Column("usage_percent", sa.Integer(), nullable=True),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["whatsapp_business_accounts.id"],
            name=op.f("fk_graph_calls_account_id_whatsapp_business_accounts"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["whatsapp_messages.id"],
            name=op.f("fk_graph_calls_message_id_whatsapp_messages"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_graph_calls")),
    )
    with op.batch_alter_table("graph_calls", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_graph_calls_account_id_at"), ["account_id", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_graph_calls_at"), ["at"], unique=False)
        batch_op.create_index(
            "ix_graph_calls_failed",
            ["account_id", "at"],
            unique=False,
            sqlite_where=sa.text("outcome <> 'ok'"),
            postgresql_where=sa.text("outcome <> 'ok'"),
        )
        batch_op.create_index(
            "ix_graph_calls_message",
            ["message_id"],
            unique=False,
            sqlite_where=sa.text("message_id IS NOT NULL"),
            postgresql_where=sa.text("message_id IS NOT NULL"),
        )

    with op.batch_alter_table("message_attempts", schema=None) as batch_op:
        batch_op.create_index(
            "ix_message_attempts_started",
            ["worker"],
            unique=False,
            sqlite_where=sa.text("outcome = 'started'"),
            postgresql_where=sa.text("outcome = 'started'"),
        )

    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("pair_paid_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(
            "ix_conversations_unread_latest",
            ["last_message_at", "id"],
            unique=False,
            sqlite_where=sa.text("unread_count > 0"),
            postgresql_where=sa.text("unread_count > 0"),
        )

    with op.batch_alter_table("whatsapp_messages", schema=None) as batch_op:
        batch_op.add_column(sa.Column("wait_reason", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(
            sa.Column("resends_unconfirmed", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch_op.create_index(
            "ix_whatsapp_messages_in_turn",
            ["conversation_id", "id"],
            unique=False,
            sqlite_where=sa.text("status IN ('queued', 'sending')"),
            postgresql_where=sa.text("status IN ('queued', 'sending')"),
        )
        batch_op.create_index(
            "ix_whatsapp_messages_queued",
            ["phone_number_id", "priority", "next_attempt_at", "id"],
            unique=False,
            sqlite_where=sa.text("status = 'queued'"),
            postgresql_where=sa.text("status = 'queued'"),
        )

    with op.batch_alter_table("whatsapp_phone_numbers", schema=None) as batch_op:
        batch_op.add_column(sa.Column("last_event_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("usual_gap_s", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("silent_since", sa.DateTime(timezone=True), nullable=True))

    op.create_table(
        "number_active_hours",
        sa.Column("phone_number_id", sa.Integer(), nullable=False),
        sa.Column("hour_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["phone_number_id"],
            ["whatsapp_phone_numbers.id"],
            name=op.f("fk_number_active_hours_phone_number_id_whatsapp_phone_numbers"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("phone_number_id", "hour_at", name=op.f("pk_number_active_hours")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("whatsapp_webhook_events", schema=None) as batch_op:
        batch_op.add_column(sa.Column("replayed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(
            sa.Column("is_repeat", sa.Boolean(), server_default=sa.false(), nullable=False)
        )


def downgrade() -> None:
    with op.batch_alter_table("whatsapp_webhook_events", schema=None) as batch_op:
        batch_op.drop_column("is_repeat")
        batch_op.drop_column("replayed_at")

    op.drop_table("number_active_hours")
    with op.batch_alter_table("whatsapp_phone_numbers", schema=None) as batch_op:
        batch_op.drop_column("silent_since")
        batch_op.drop_column("usual_gap_s")
        batch_op.drop_column("last_event_at")

    with op.batch_alter_table("whatsapp_messages", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_whatsapp_messages_queued",
            sqlite_where=sa.text("status = 'queued'"),
            postgresql_where=sa.text("status = 'queued'"),
        )
        batch_op.drop_index(
            "ix_whatsapp_messages_in_turn",
            sqlite_where=sa.text("status IN ('queued', 'sending')"),
            postgresql_where=sa.text("status IN ('queued', 'sending')"),
        )
        batch_op.drop_column("resends_unconfirmed")
        batch_op.drop_column("expires_at")
        batch_op.drop_column("wait_reason")

    with op.batch_alter_table("message_attempts", schema=None) as batch_op:
        batch_op.drop_index("ix_message_attempts_started")

    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_conversations_unread_latest",
            sqlite_where=sa.text("unread_count > 0"),
            postgresql_where=sa.text("unread_count > 0"),
        )
        batch_op.drop_column("pair_paid_until")

    with op.batch_alter_table("graph_calls", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_graph_calls_message",
            sqlite_where=sa.text("message_id IS NOT NULL"),
            postgresql_where=sa.text("message_id IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_graph_calls_failed",
            sqlite_where=sa.text("outcome <> 'ok'"),
            postgresql_where=sa.text("outcome <> 'ok'"),
        )
        batch_op.drop_index(batch_op.f("ix_graph_calls_at"))
        batch_op.drop_index(batch_op.f("ix_graph_calls_account_id_at"))

    op.drop_table("graph_calls")
    with op.batch_alter_table("webhook_event_keys", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_webhook_event_keys_event_id"))

    op.drop_table("webhook_event_keys")
    op.drop_table("number_paces")
    with op.batch_alter_table("initiated_contacts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_initiated_contacts_account_id_at"))

    op.drop_table("initiated_contacts")
