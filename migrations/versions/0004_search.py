"""Search by the database's own full-text index: terms of messages and customers, and what is left to do.

Only additions: new tables, and triggers that keep them in step with what they are about. What is there
already is made searchable by the worker, a little at a time.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql


revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TERMS = sa.Text().with_variant(postgresql.TSVECTOR(), "postgresql")

# kind: (searched table, table of its terms, columns whose change is told)
_KINDS = {
    "message": ("whatsapp_messages", "search_messages", ("text_content", "content")),
    "contact": ("contacts", "search_contacts", ("profile_name", "username", "wa_id")),
}

# Whoever deletes holds this lock shared, whoever makes rows searchable holds it alone: so none is made
# searchable while it is being deleted, and neither waits for the other's rows.
_LOCK = 7_303_014


def upgrade() -> None:
    op.create_table(
        "search_messages",
        sa.Column("id", _BIG_ID, autoincrement=False, nullable=False),
        sa.Column("terms", _TERMS, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_messages")),
    )
    op.create_table(
        "search_contacts",
        sa.Column("id", _BIG_ID, autoincrement=False, nullable=False),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.Column("terms", _TERMS, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_contacts")),
    )
    progress = op.create_table(
        "search_progress",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("done_to", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_search_progress")),
    )
    op.create_table(
        "search_changes",
        sa.Column("id", _BIG_ID, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("row_id", _BIG_ID, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_changes")),
    )
    with op.batch_alter_table("search_changes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_search_changes_kind_row_id"), ["kind", "row_id"], unique=False)
    op.bulk_insert(progress, [{"kind": kind, "done_to": 0} for kind in _KINDS])
    statements = _on_sqlite if op.get_bind().dialect.name == "sqlite" else _on_postgresql
    for kind, (searched, terms, columns) in _KINDS.items():
        for statement in statements(kind, searched, terms, columns):
            op.execute(statement)


def _on_sqlite(kind: str, searched: str, terms: str, columns: tuple[str, ...]) -> list[str]:
    """The words are cut already: FTS5 only has to take them apart at the blanks. It is filled by the worker
    with one statement per batch, which costs a sixth of what a trigger per row does."""
    is_different = " OR ".join(f"old.{column} IS NOT new.{column}" for column in columns)
    return [
        f"CREATE VIRTUAL TABLE {terms}_fts USING fts5(terms, content='{terms}', content_rowid='id', "
        "tokenize='ascii', detail='none', columnsize=0)",
        f"CREATE TRIGGER {terms}_take AFTER DELETE ON {terms} BEGIN "
        f"INSERT INTO {terms}_fts ({terms}_fts, rowid, terms) VALUES ('delete', old.id, old.terms); END",
        f"CREATE TRIGGER {terms}_changed AFTER UPDATE OF {', '.join(columns)} ON {searched} "
        f"WHEN {is_different} "
        f"BEGIN INSERT INTO search_changes (kind, row_id) VALUES ('{kind}', new.id); END",
        # SQLite gives the ids of the last rows again once these are gone: who gets one is new.
        f"CREATE TRIGGER {terms}_gone AFTER DELETE ON {searched} BEGIN "
        f"DELETE FROM {terms} WHERE id = old.id; "
        f"UPDATE search_progress SET done_to = (SELECT coalesce(max(id), 0) FROM {searched}) "
        f"WHERE kind = '{kind}' AND done_to > (SELECT coalesce(max(id), 0) FROM {searched}); END",
    ]


def _on_postgresql(kind: str, searched: str, terms: str, columns: tuple[str, ...]) -> list[str]:
    is_different = " OR ".join(f"old.{column} IS DISTINCT FROM new.{column}" for column in columns)
    return [
        f"CREATE INDEX {terms}_fts ON {terms} USING gin (terms) WITH (fastupdate = off)",
        f"CREATE FUNCTION {terms}_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"INSERT INTO search_changes (kind, row_id) VALUES ('{kind}', new.id); RETURN NULL; END $$",
        f"CREATE TRIGGER {terms}_changed AFTER UPDATE OF {', '.join(columns)} ON {searched} "
        f"FOR EACH ROW WHEN ({is_different}) EXECUTE FUNCTION {terms}_changed()",
        f"CREATE FUNCTION {terms}_gone() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"PERFORM pg_advisory_xact_lock_shared({_LOCK}); "
        f"DELETE FROM {terms} USING gone WHERE {terms}.id = gone.id; RETURN NULL; END $$",
        f"CREATE TRIGGER {terms}_gone AFTER DELETE ON {searched} REFERENCING OLD TABLE AS gone "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {terms}_gone()",
    ]


def downgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for searched, terms, _columns in _KINDS.values():
        for name in ("changed", "gone"):
            on = "" if is_sqlite else f" ON {searched}"
            op.execute(f"DROP TRIGGER {terms}_{name}{on}")
            if not is_sqlite:
                op.execute(f"DROP FUNCTION {terms}_{name}()")
        if is_sqlite:
            op.execute(f"DROP TABLE {terms}_fts")
    with op.batch_alter_table("search_changes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_search_changes_kind_row_id"))

    op.drop_table("search_changes")
    op.drop_table("search_progress")
    op.drop_table("search_contacts")
    op.drop_table("search_messages")
