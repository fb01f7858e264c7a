"""Access: the audit log is quick to narrow and cannot be rewritten; invitations by one-time link;
second factors with recovery codes; passkeys; people's time zones.

Additions; code of the version before runs on these tables.

Revision ID: 0014
Revises: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_INDEXES = (
    ("ix_audit_log_user_id_at", ["user_id", "at"]),
    ("ix_audit_log_api_key_id_at", ["api_key_id", "at"]),
    ("ix_audit_log_action_at", ["action", "at"]),
    ("ix_audit_log_object_type_object_id_at", ["object_type", "object_id", "at"]),
)
_WRITTEN = ("id", "at", "actor_name", "action", "object_type", "object_id", "details", "ip_address")
_FORGOTTEN = ("user_id", "api_key_id", "account_id")
_WORDS = "the audit log is not changed"


def upgrade() -> None:
    for name, columns in _INDEXES:
        op.create_index(op.f(name), "audit_log", columns, unique=False)
    _guard_the_audit_log()
    _create_invitations()
    _create_second_factors()
    _create_passkeys()
    op.add_column("users", sa.Column("time_zone", sa.String(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("users", "time_zone")
    op.drop_table("used_challenges")
    op.drop_table("passkeys")
    op.drop_table("sign_in_steps")
    op.drop_table("recovery_codes")
    op.drop_table("second_factors")
    op.drop_table("invitations")
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER audit_log_is_written_once")
        op.execute("DROP TRIGGER audit_log_only_forgets")
    else:
        op.execute("DROP TRIGGER audit_log_is_written_once ON audit_log")
        op.execute("DROP FUNCTION refuse_audit_log_change()")
    for name, _ in reversed(_INDEXES):
        op.drop_index(op.f(name), table_name="audit_log")


def _guard_the_audit_log() -> None:
    """What foreign keys do when a person, a key or an account goes (SET NULL) is let through, nothing else."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER audit_log_is_written_once BEFORE UPDATE OF {', '.join(_WRITTEN)} ON audit_log "
            f"BEGIN SELECT RAISE(ABORT, '{_WORDS}'); END"
        )
        other = " OR ".join(f"(NEW.{name} IS NOT NULL AND NEW.{name} IS NOT OLD.{name})" for name in _FORGOTTEN)
        op.execute(
            f"CREATE TRIGGER audit_log_only_forgets BEFORE UPDATE OF {', '.join(_FORGOTTEN)} ON audit_log "
            f"WHEN {other} BEGIN SELECT RAISE(ABORT, '{_WORDS}'); END"
        )
        return
    changed = [f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in _WRITTEN]
    changed += [f"(NEW.{name} IS NOT NULL AND NEW.{name} IS DISTINCT FROM OLD.{name})" for name in _FORGOTTEN]
    op.execute(
        "CREATE FUNCTION refuse_audit_log_change() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_WORDS}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_log_is_written_once BEFORE UPDATE ON audit_log FOR EACH ROW "
        f"WHEN ({' OR '.join(changed)}) EXECUTE FUNCTION refuse_audit_log_change()"
    )


def _create_invitations() -> None:
    op.create_table(
        "invitations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("account_roles", _JSON, nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["users.id"],
            name=op.f("fk_invitations_created_by_id_users"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitations_token_hash")),
    )
    op.create_index(op.f("ix_invitations_created_at"), "invitations", ["created_at"], unique=False)


def _create_second_factors() -> None:
    op.create_table(
        "second_factors",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        _of_user("second_factors"),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_second_factors")),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        _of_user("recovery_codes"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
        sa.UniqueConstraint("user_id", "code_hash", name=op.f("uq_recovery_codes_user_id_code_hash")),
    )
    op.create_table(
        "sign_in_steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("attempt_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        _of_user("sign_in_steps"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_steps")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_in_steps_token_hash")),
    )
    op.create_index(op.f("ix_sign_in_steps_user_id"), "sign_in_steps", ["user_id"], unique=False)


def _create_passkeys() -> None:
    op.create_table(
        "passkeys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("credential_id", sa.String(), nullable=False),
        sa.Column("public_key", sa.String(), nullable=False),
        sa.Column("sign_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        _of_user("passkeys"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkeys")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkeys_credential_id")),
    )
    op.create_index(op.f("ix_passkeys_user_id"), "passkeys", ["user_id"], unique=False)
    op.create_table(
        "used_challenges",
        sa.Column("challenge_hash", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("challenge_hash", name=op.f("pk_used_challenges")),
    )
    op.create_index(op.f("ix_used_challenges_at"), "used_challenges", ["at"], unique=False)


def _of_user(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["user_id"], ["users.id"], name=op.f(f"fk_{table}_user_id_users"), ondelete="CASCADE"
    )
