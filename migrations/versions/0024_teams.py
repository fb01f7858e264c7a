"""Teams, how conversations are given to people and who sees them, who is there, mentions, times to answer.

Additions; code of the version before runs on these tables.

Revision ID: 0024
Revises: 0023
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    op.create_table(
        "teams",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("has_hours", sa.Boolean(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("hours", json, nullable=False),
        sa.Column("holidays", json, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams")),
        sa.UniqueConstraint("name", name=op.f("uq_teams_name")),
    )
    op.create_table(
        "desk_presences",
        sa.Column("user_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("conversation_id", big, nullable=True),
        sa.Column("answering_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_desk_presences_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_desk_presences")),
    )
    op.create_index(
        op.f("ix_desk_presences_conversation_id"), "desk_presences", ["conversation_id"], unique=False
    )

    op.create_table(
        "desk_settings",
        sa.Column("user_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("is_away", sa.Boolean(), nullable=False),
        sa.Column("last_given_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tells_browser", sa.Boolean(), nullable=False),
        sa.Column("tells_sound", sa.Boolean(), nullable=False),
        sa.Column("tells_content", sa.Boolean(), nullable=False),
        sa.Column("tells_assigned", sa.Boolean(), nullable=False),
        sa.Column("tells_mentions", sa.Boolean(), nullable=False),
        sa.Column("tells_own", sa.Boolean(), nullable=False),
        sa.Column("tells_unassigned", sa.Boolean(), nullable=False),
        sa.Column("has_shortcuts", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_desk_settings_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_desk_settings")),
    )
    op.create_table(
        "team_members",
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["team_id"], ["teams.id"], name=op.f("fk_team_members_team_id_teams"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_team_members_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("team_id", "user_id", name=op.f("pk_team_members")),
    )
    op.create_index(op.f("ix_team_members_user_id"), "team_members", ["user_id"], unique=False)

    op.create_table(
        "account_desks",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("assign_by", sa.String(length=32), nullable=False),
        sa.Column("assign_number_ids", json, nullable=False),
        sa.Column("agents_see", sa.String(length=32), nullable=False),
        sa.Column("numbers_from", sa.String(length=32), nullable=False),
        sa.Column("answer_target_min", sa.Integer(), nullable=True),
        sa.Column("resolution_target_min", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["whatsapp_business_accounts.id"],
            name=op.f("fk_account_desks_account_id_whatsapp_business_accounts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_account_desks")),
    )
    op.create_table(
        "team_places",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("phone_number_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["whatsapp_business_accounts.id"],
            name=op.f("fk_team_places_account_id_whatsapp_business_accounts"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["phone_number_id"],
            ["whatsapp_phone_numbers.id"],
            name=op.f("fk_team_places_phone_number_id_whatsapp_phone_numbers"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["teams.id"], name=op.f("fk_team_places_team_id_teams"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team_places")),
    )
    op.create_index(op.f("ix_team_places_account_id"), "team_places", ["account_id"], unique=False)
    op.create_index(op.f("ix_team_places_team_id"), "team_places", ["team_id"], unique=False)

    op.create_table(
        "conversation_cases",
        sa.Column("id", big, nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("phone_number_id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", big, nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("answer_team_id", sa.Integer(), nullable=True),
        sa.Column("answer_s", sa.Integer(), nullable=True),
        sa.Column("answer_target_s", sa.Integer(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by_id", sa.Integer(), nullable=True),
        sa.Column("close_team_id", sa.Integer(), nullable=True),
        sa.Column("resolution_s", sa.Integer(), nullable=True),
        sa.Column("resolution_target_s", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["whatsapp_business_accounts.id"],
            name=op.f("fk_conversation_cases_account_id_whatsapp_business_accounts"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_conversation_cases_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["phone_number_id"],
            ["whatsapp_phone_numbers.id"],
            name=op.f("fk_conversation_cases_phone_number_id_whatsapp_phone_numbers"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation_cases")),
        sa.UniqueConstraint(
            "conversation_id", "began_at", name=op.f("uq_conversation_cases_conversation_id_began_at")
        ),
    )
    op.create_index(
        op.f("ix_conversation_cases_account_id_began_at"),
        "conversation_cases",
        ["account_id", "began_at"],
        unique=False,
    )
    op.create_index(op.f("ix_conversation_cases_began_at"), "conversation_cases", ["began_at"], unique=False)

    op.create_table(
        "note_mentions",
        sa.Column("id", big, nullable=False),
        sa.Column("note_id", big, nullable=False),
        sa.Column("conversation_id", big, nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_note_mentions_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["note_id"],
            ["conversation_notes.id"],
            name=op.f("fk_note_mentions_note_id_conversation_notes"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_note_mentions_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note_mentions")),
        sa.UniqueConstraint("note_id", "user_id", name=op.f("uq_note_mentions_note_id_user_id")),
    )
    op.create_index(
        op.f("ix_note_mentions_conversation_id"), "note_mentions", ["conversation_id"], unique=False
    )
    op.create_index(
        "ix_note_mentions_unread",
        "note_mentions",
        ["user_id"],
        unique=False,
        sqlite_where=sa.text("read_at IS NULL"),
        postgresql_where=sa.text("read_at IS NULL"),
    )
    op.create_index(
        op.f("ix_note_mentions_user_id_at_id"), "note_mentions", ["user_id", "at", "id"], unique=False
    )

    op.add_column("conversations", sa.Column("assigned_team_id", sa.Integer(), nullable=True))
    op.add_column("conversations", sa.Column("case_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("conversations", sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_conversations_first_answer",
        "conversations",
        ["account_id", "case_since"],
        unique=False,
        sqlite_where=sa.text("case_since IS NOT NULL AND answered_at IS NULL"),
        postgresql_where=sa.text("case_since IS NOT NULL AND answered_at IS NULL"),
    )
    op.create_index(
        "ix_conversations_team_latest",
        "conversations",
        ["assigned_team_id", "last_message_at", "id"],
        unique=False,
        sqlite_where=sa.text("assigned_team_id IS NOT NULL"),
        postgresql_where=sa.text("assigned_team_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_conversations_team_latest", table_name="conversations")
    op.drop_index("ix_conversations_first_answer", table_name="conversations")
    op.drop_column("conversations", "answered_at")
    op.drop_column("conversations", "case_since")
    op.drop_column("conversations", "assigned_team_id")

    op.drop_index(op.f("ix_note_mentions_user_id_at_id"), table_name="note_mentions")
    op.drop_index("ix_note_mentions_unread", table_name="note_mentions")
    op.drop_index(op.f("ix_note_mentions_conversation_id"), table_name="note_mentions")

    op.drop_table("note_mentions")
    op.drop_index(op.f("ix_conversation_cases_began_at"), table_name="conversation_cases")
    op.drop_index(op.f("ix_conversation_cases_account_id_began_at"), table_name="conversation_cases")

    op.drop_table("conversation_cases")
    op.drop_index(op.f("ix_team_places_team_id"), table_name="team_places")
    op.drop_index(op.f("ix_team_places_account_id"), table_name="team_places")

    op.drop_table("team_places")
    op.drop_table("account_desks")
    op.drop_index(op.f("ix_team_members_user_id"), table_name="team_members")

    op.drop_table("team_members")
    op.drop_table("desk_settings")
    op.drop_index(op.f("ix_desk_presences_conversation_id"), table_name="desk_presences")

    op.drop_table("desk_presences")
    op.drop_table("teams")
