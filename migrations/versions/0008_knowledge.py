"""The bot's knowledge base: articles, what they are found by, and imports of files.

All additions; code of the version before runs on these tables. The articles of what stands in step 5
already are made by the worker, as those of every account whose text has changed.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql


revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_PARTS = ("question_lines", "title", "tags", "answer", "body")


def upgrade() -> None:
    op.create_table(
        "knowledge_articles",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("short_answer", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("tags", _JSON, nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("questions", _JSON, nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("source_key", sa.String(), nullable=True),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["whatsapp_business_accounts.id"],
            name=op.f("fk_knowledge_articles_account_id_whatsapp_business_accounts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_articles")),
        sa.UniqueConstraint(
            "account_id", "source_key", name=op.f("uq_knowledge_articles_account_id_source_key")
        ),
    )
    with op.batch_alter_table("knowledge_articles", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_knowledge_articles_account_id_title_id"),
            ["account_id", "title", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_knowledge_articles_created_at_id"), ["created_at", "id"], unique=False
        )

    op.create_table(
        "knowledge_bases",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("setup_text_hash", sa.String(), nullable=False),
        sa.Column("index_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["whatsapp_business_accounts.id"],
            name=op.f("fk_knowledge_bases_account_id_whatsapp_business_accounts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_knowledge_bases")),
    )
    op.create_table(
        "knowledge_imports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("created", sa.Integer(), nullable=False),
        sa.Column("updated", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("lease_owner", sa.String(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["whatsapp_business_accounts.id"],
            name=op.f("fk_knowledge_imports_account_id_whatsapp_business_accounts"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["users.id"],
            name=op.f("fk_knowledge_imports_created_by_id_users"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_imports")),
    )
    with op.batch_alter_table("knowledge_imports", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_knowledge_imports_account_id_created_at_id"),
            ["account_id", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_knowledge_imports_state_lease_until"), ["state", "lease_until"], unique=False
        )

    op.create_table(
        "knowledge_import_items",
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["knowledge_articles.id"],
            name=op.f("fk_knowledge_import_items_article_id_knowledge_articles"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["knowledge_imports.id"],
            name=op.f("fk_knowledge_import_items_import_id_knowledge_imports"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("import_id", "position", name=op.f("pk_knowledge_import_items")),
    )
    with op.batch_alter_table("knowledge_import_items", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_knowledge_import_items_article_id"), ["article_id"], unique=False
        )

    op.create_table(
        "knowledge_terms",
        sa.Column("article_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("question_lines", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("vector", sa.Text().with_variant(postgresql.TSVECTOR(), "postgresql"), nullable=True),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["knowledge_articles.id"],
            name=op.f("fk_knowledge_terms_article_id_knowledge_articles"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("article_id", name=op.f("pk_knowledge_terms")),
    )
    with op.batch_alter_table("knowledge_terms", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_knowledge_terms_account_id"), ["account_id"], unique=False)
    op.create_index(
        "ix_knowledge_terms_vector", "knowledge_terms", ["vector"], unique=False, postgresql_using="gin"
    )
    if op.get_bind().dialect.name == "sqlite":
        _index_on_sqlite()


def _index_on_sqlite() -> None:
    """The words are cut already: FTS5 only has to take them apart at the blanks."""
    columns = ", ".join(_PARTS)
    new, old = (", ".join(f"{row}.{part}" for part in _PARTS) for row in ("new", "old"))
    put = f"INSERT INTO knowledge_terms_fts (rowid, {columns}) VALUES (new.article_id, {new});"
    take = (
        f"INSERT INTO knowledge_terms_fts (knowledge_terms_fts, rowid, {columns}) "
        f"VALUES ('delete', old.article_id, {old});"
    )
    op.execute(
        f"CREATE VIRTUAL TABLE knowledge_terms_fts USING fts5({columns}, content='knowledge_terms', "
        "content_rowid='article_id', tokenize='ascii', detail='column')"
    )
    op.execute(f"CREATE TRIGGER knowledge_terms_put AFTER INSERT ON knowledge_terms BEGIN {put} END")
    op.execute(f"CREATE TRIGGER knowledge_terms_take AFTER DELETE ON knowledge_terms BEGIN {take} END")
    op.execute(f"CREATE TRIGGER knowledge_terms_renew AFTER UPDATE ON knowledge_terms BEGIN {take} {put} END")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in ("put", "take", "renew"):
            op.execute(f"DROP TRIGGER knowledge_terms_{name}")
        op.execute("DROP TABLE knowledge_terms_fts")
    op.drop_table("knowledge_terms")
    op.drop_table("knowledge_import_items")
    op.drop_table("knowledge_imports")
    op.drop_table("knowledge_bases")
    op.drop_table("knowledge_articles")
