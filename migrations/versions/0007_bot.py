"""The bot: settings, rules, where it stands in each conversation, and a trace for each message it looked at.

All additions; code of the version before runs on these tables.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql


revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "bot_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("match", sa.String(length=32), nullable=False),
        sa.Column("phrases", _JSON, nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("message_type", sa.String(), nullable=False),
        sa.Column("content", _JSON, nullable=False),
        sa.Column("hands_over", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["whatsapp_business_accounts.id"],
            name=op.f("fk_bot_rules_account_id_whatsapp_business_accounts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bot_rules")),
    )
    with op.batch_alter_table("bot_rules", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_bot_rules_account_id_priority_id"), ["account_id", "priority", "id"], unique=False
        )

    op.create_table(
        "bot_settings",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("greets_again_after_h", sa.Integer(), nullable=False),
        sa.Column("away_message", sa.Text(), nullable=False),
        sa.Column("hand_over_message", sa.Text(), nullable=False),
        sa.Column("offer_message", sa.Text(), nullable=False),
        sa.Column("offer_button", sa.String(), nullable=False),
        sa.Column("answer_threshold", sa.Integer(), nullable=False),
        sa.Column("offer_threshold", sa.Integer(), nullable=False),
        sa.Column("fallbacks_before_hand_over", sa.Integer(), nullable=False),
        sa.Column("fallback_every_h", sa.Integer(), nullable=False),
        sa.Column("quiet_h", sa.Integer(), nullable=False),
        sa.Column("loop_replies", sa.Integer(), nullable=False),
        sa.Column("loop_minutes", sa.Integer(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("has_hours", sa.Boolean(), nullable=False),
        sa.Column("hours", _JSON, nullable=False),
        sa.Column("holidays", _JSON, nullable=False),
        sa.Column("wish_words", _JSON, nullable=False),
        sa.Column("model_enabled", sa.Boolean(), nullable=False),
        sa.Column("model_address", sa.Text(), nullable=False),
        sa.Column("model_name", sa.String(), nullable=False),
        sa.Column("model_api_key", sa.Text(), nullable=True),
        sa.Column("model_instructions", sa.Text(), nullable=False),
        sa.Column("model_timeout_s", sa.Integer(), nullable=False),
        sa.Column("model_daily_budget", sa.Integer(), nullable=False),
        sa.Column("model_allows_private", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["whatsapp_business_accounts.id"],
            name=op.f("fk_bot_settings_account_id_whatsapp_business_accounts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_bot_settings")),
    )
    op.create_table(
        "bot_conversations",
        sa.Column("conversation_id", _BIG, autoincrement=False, nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("handed_over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handed_over_by_id", sa.Integer(), nullable=True),
        sa.Column("hand_over_reason", sa.Text(), nullable=False),
        sa.Column("quiet_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("given_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waits_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fallbacks", sa.Integer(), nullable=False),
        sa.Column("fallback_said_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("greeted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("away_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("offered", _JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["whatsapp_business_accounts.id"],
            name=op.f("fk_bot_conversations_account_id_whatsapp_business_accounts"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_bot_conversations_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["handed_over_by_id"],
            ["users.id"],
            name=op.f("fk_bot_conversations_handed_over_by_id_users"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_bot_conversations")),
    )
    with op.batch_alter_table("bot_conversations", schema=None) as batch_op:
        batch_op.create_index(
            "ix_bot_conversations_waiting",
            ["account_id"],
            unique=False,
            sqlite_where=sa.text("waits_since IS NOT NULL"),
            postgresql_where=sa.text("waits_since IS NOT NULL"),
        )

    op.create_table(
        "bot_traces",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", _BIG, nullable=False),
        sa.Column("message_id", _BIG, nullable=False),
        sa.Column("reply_message_id", _BIG, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("steps", _JSON, nullable=False),
        sa.Column("rule_id", sa.Integer(), nullable=True),
        sa.Column("article_id", _BIG, nullable=True),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("is_unanswered", sa.Boolean(), nullable=False),
        sa.Column("pending", _JSON, nullable=False),
        sa.Column("lease_owner", sa.String(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("model_tries", sa.Integer(), nullable=False),
        sa.Column("model_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["whatsapp_business_accounts.id"],
            name=op.f("fk_bot_traces_account_id_whatsapp_business_accounts"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_bot_traces_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["whatsapp_messages.id"],
            name=op.f("fk_bot_traces_message_id_whatsapp_messages"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["reply_message_id"],
            ["whatsapp_messages.id"],
            name=op.f("fk_bot_traces_reply_message_id_whatsapp_messages"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["rule_id"], ["bot_rules.id"], name=op.f("fk_bot_traces_rule_id_bot_rules"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bot_traces")),
        sa.UniqueConstraint("message_id", name=op.f("uq_bot_traces_message_id")),
    )
    with op.batch_alter_table("bot_traces", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_bot_traces_account_id_created_at_id"),
            ["account_id", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_bot_traces_conversation_id"), ["conversation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_bot_traces_created_at"), ["created_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_bot_traces_reply_message_id"), ["reply_message_id"], unique=False
        )
        batch_op.create_index(
            "ix_bot_traces_waiting",
            ["lease_until"],
            unique=False,
            sqlite_where=sa.text("outcome = 'waiting'"),
            postgresql_where=sa.text("outcome = 'waiting'"),
        )


def downgrade() -> None:

    with op.batch_alter_table("bot_traces", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_bot_traces_waiting",
            sqlite_where=sa.text("outcome = 'waiting'"),
            postgresql_where=sa.text("outcome = 'waiting'"),
        )
        batch_op.drop_index(batch_op.f("ix_bot_traces_reply_message_id"))
        batch_op.drop_index(batch_op.f("ix_bot_traces_created_at"))
        batch_op.drop_index(batch_op.f("ix_bot_traces_conversation_id"))
        batch_op.drop_index(batch_op.f("ix_bot_traces_account_id_created_at_id"))

    op.drop_table("bot_traces")
    with op.batch_alter_table("bot_conversations", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_bot_conversations_waiting",
            sqlite_where=sa.text("waits_since IS NOT NULL"),
            postgresql_where=sa.text("waits_since IS NOT NULL"),
        )

    op.drop_table("bot_conversations")
    op.drop_table("bot_settings")
    with op.batch_alter_table("bot_rules", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bot_rules_account_id_priority_id"))

    op.drop_table("bot_rules")
