"""Who is who: the addresses of contacts with how they came, contacts that are one person, and who is blocked.

What is known of contacts already is written into the ledger by one statement for each kind: it reads the table
and locks nobody out. Contacts that stand there under both spellings of one number are joined, or suggested where
each has a user id of its own. Additions; code of the version before runs on these tables.

Revision ID: 0023
Revises: 0022
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_SPELLINGS = (
    (re.compile(r"(55[1-9][1-9])9([6-9]\d{7})"), r"\1\2"),
    (re.compile(r"521(\d{10})"), r"52\1"),
)
_REASON = "Two spellings of one number."
_JOIN = sa.text(
    "INSERT INTO contact_joins (account_id, contact_id, into_id, state, reason, actor_name, at) "
    "VALUES (:account_id, :contact_id, :into_id, :state, :reason, '', :at)"
).bindparams(sa.bindparam("at", type_=sa.DateTime(timezone=True)))
_POINT = sa.text("UPDATE contacts SET joined_to_id = :into WHERE id = :id")
_KNOWN = (("wa_id", "number"), ("user_id", "user_id"), ("username", "username"))


def _fk(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}_{to}"), ondelete="CASCADE"
    )


def upgrade() -> None:
    op.add_column("contacts", sa.Column("joined_to_id", _BIG_ID, nullable=True))
    op.create_index(
        "ix_contacts_joined_to_id",
        "contacts",
        ["joined_to_id"],
        sqlite_where=sa.text("joined_to_id IS NOT NULL"),
        postgresql_where=sa.text("joined_to_id IS NOT NULL"),
    )
    op.create_table(
        "contact_addresses",
        sa.Column("id", _BIG_ID, nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", _BIG_ID, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("event_id", _BIG_ID, nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_refused", sa.Boolean(), nullable=False),
        _fk("contact_addresses", "account_id", "whatsapp_business_accounts"),
        _fk("contact_addresses", "contact_id", "contacts"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_addresses")),
        sa.UniqueConstraint(
            "contact_id", "kind", "value", name=op.f("uq_contact_addresses_contact_id_kind_value")
        ),
    )
    op.create_table(
        "contact_joins",
        sa.Column("id", _BIG_ID, nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", _BIG_ID, nullable=False),
        sa.Column("into_id", _BIG_ID, nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("event_id", _BIG_ID, nullable=True),
        sa.Column("actor_name", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        _fk("contact_joins", "account_id", "whatsapp_business_accounts"),
        _fk("contact_joins", "contact_id", "contacts"),
        _fk("contact_joins", "into_id", "contacts"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_joins")),
        sa.UniqueConstraint("contact_id", "into_id", name=op.f("uq_contact_joins_contact_id_into_id")),
    )
    op.create_index(
        op.f("ix_contact_joins_account_id_state_id"), "contact_joins", ["account_id", "state", "id"]
    )
    op.create_index(op.f("ix_contact_joins_into_id"), "contact_joins", ["into_id"])
    _create_blocks()
    for column, kind in _KNOWN:
        op.execute(
            "INSERT INTO contact_addresses (account_id, contact_id, kind, value, source, at, is_refused) "
            f"SELECT account_id, id, '{kind}', {column}, 'earlier', created_at, "  # noqa: S608 (literals)
            f"{'false' if op.get_bind().dialect.name == 'postgresql' else '0'} "
            f"FROM contacts WHERE {column} IS NOT NULL AND {column} <> ''"
        )
    # After the rows: an index that is built once costs less than one that grows with each of them.
    op.create_index(
        op.f("ix_contact_addresses_account_id_kind_value"),
        "contact_addresses",
        ["account_id", "kind", "value"],
    )
    _join_spellings()


def _join_spellings() -> None:
    """Brazil's ninth digit and Mexico's old 1: nobody else can have the other spelling."""
    connection = op.get_bind()
    rows = connection.execute(
        sa.text(
            "SELECT id, account_id, wa_id, user_id FROM contacts "
            "WHERE wa_id LIKE '55%' OR wa_id LIKE '52%' ORDER BY id"
        )
    )
    first: dict[tuple[int, str], tuple[int, str | None]] = {}
    joins = []
    for id_, account_id, wa_id, user_id in rows:
        short = next((form.sub(to, wa_id) for form, to in _SPELLINGS if form.fullmatch(wa_id)), wa_id)
        into_id, known = first.setdefault((account_id, short), (id_, user_id))
        if into_id != id_:
            state = "suggested" if known and user_id else "joined"
            joins.append({"account_id": account_id, "contact_id": id_, "into_id": into_id, "state": state})
    for row in joins:
        connection.execute(_JOIN, {**row, "reason": _REASON, "at": datetime.now(UTC)})
        if row["state"] == "joined":
            connection.execute(_POINT, {"id": row["contact_id"], "into": row["into_id"]})


def _create_blocks() -> None:
    op.create_table(
        "contact_blocks",
        sa.Column("id", _BIG_ID, nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("phone_number_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", _BIG_ID, nullable=True),
        sa.Column("wa_id", sa.String(), nullable=True),
        sa.Column("user_id", sa.String(), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("actor_name", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        _fk("contact_blocks", "account_id", "whatsapp_business_accounts"),
        _fk("contact_blocks", "phone_number_id", "whatsapp_phone_numbers"),
        _fk("contact_blocks", "contact_id", "contacts"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_blocks")),
        sa.UniqueConstraint(
            "phone_number_id", "contact_id", name=op.f("uq_contact_blocks_phone_number_id_contact_id")
        ),
    )
    op.create_index(
        op.f("ix_contact_blocks_account_id_state_id"), "contact_blocks", ["account_id", "state", "id"]
    )
    op.create_index(op.f("ix_contact_blocks_contact_id"), "contact_blocks", ["contact_id"])


def downgrade() -> None:
    for table in ("contact_blocks", "contact_joins", "contact_addresses"):
        op.drop_table(table)
    op.drop_index("ix_contacts_joined_to_id", table_name="contacts")
    op.drop_column("contacts", "joined_to_id")
