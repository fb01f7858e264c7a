"""Contacts: what they are called here, language, note and tags; since when somebody wants no advertising, and
how that came. The own name is searched as the others are.

Additions; code of the version before runs on these tables.

Revision ID: 0018
Revises: 0017
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_SEARCHED = ("profile_name", "username", "wa_id")
_BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("contacts", sa.Column("opted_out_at", sa.DateTime(timezone=True), nullable=True))
    for name, kind in (("own_name", sa.String()), ("language", sa.String()), ("note", sa.Text())):
        op.add_column("contacts", sa.Column(name, kind, server_default="", nullable=False))
    _tell_changes((*_SEARCHED, "own_name"))
    op.create_index(op.f("ix_contacts_account_id_created_at_id"), "contacts", ["account_id", "created_at", "id"])
    op.create_index(
        "ix_contacts_opted_out",
        "contacts",
        ["created_at", "id"],
        sqlite_where=sa.text("opted_out_at IS NOT NULL"),
        postgresql_where=sa.text("opted_out_at IS NOT NULL"),
    )
    op.create_table(
        "contact_tags",
        sa.Column("contact_id", _BIG_ID, autoincrement=False, nullable=False),
        sa.Column("tag", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contacts.id"],
            name=op.f("fk_contact_tags_contact_id_contacts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("contact_id", "tag", name=op.f("pk_contact_tags")),
    )
    op.create_index(op.f("ix_contact_tags_tag_contact_id"), "contact_tags", ["tag", "contact_id"])
    op.create_table(
        "contact_consents",
        sa.Column("id", _BIG_ID, nullable=False),
        sa.Column("contact_id", _BIG_ID, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("message_id", _BIG_ID, nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contacts.id"],
            name=op.f("fk_contact_consents_contact_id_contacts"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["whatsapp_messages.id"],
            name=op.f("fk_contact_consents_message_id_whatsapp_messages"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_contact_consents_user_id_users"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_consents")),
    )
    for column in (["contact_id", "id"], ["message_id"], ["user_id"]):
        op.create_index(op.f("ix_contact_consents_" + "_".join(column)), "contact_consents", column)


def _tell_changes(columns: tuple[str, ...]) -> None:
    """The trigger of 0004, which says whom the search must look at again, for these columns."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    on = "" if is_sqlite else " ON contacts"
    op.execute(f"DROP TRIGGER search_contacts_changed{on}")
    differs = "IS NOT" if is_sqlite else "IS DISTINCT FROM"
    is_different = " OR ".join(f"old.{column} {differs} new.{column}" for column in columns)
    when = f"WHEN {is_different}" if is_sqlite else f"FOR EACH ROW WHEN ({is_different})"
    then = (
        "BEGIN INSERT INTO search_changes (kind, row_id) VALUES ('contact', new.id); END"
        if is_sqlite
        else "EXECUTE FUNCTION search_contacts_changed()"
    )
    op.execute(
        f"CREATE TRIGGER search_contacts_changed AFTER UPDATE OF {', '.join(columns)} ON contacts {when} {then}"
    )


def downgrade() -> None:
    _tell_changes(_SEARCHED)
    op.drop_table("contact_consents")
    op.drop_table("contact_tags")
    op.drop_index("ix_contacts_opted_out", table_name="contacts")
    op.drop_index(op.f("ix_contacts_account_id_created_at_id"), table_name="contacts")
    for name in ("note", "language", "own_name", "opted_out_at"):
        op.drop_column("contacts", name)
