"""The bot's knowledge base: articles, what they are found by, and files they come from."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.accounts import Account
from app.models.base import Base, Timestamps, enum_type, utcnow
from app.models.enums import ArticleSource, ImportItemState, ImportState


class KnowledgeBase(Base):
    """One account's articles as a whole. Whoever changes any of them holds this row.

    `version` is another word after each change, and never one that was there before: what a process
    keeps in memory is good for one version.
    `setup_text_hash`: of the wizard's text that the articles of source "setup" were made from.
    """

    __tablename__ = "knowledge_bases"

    account_id: Mapped[int] = mapped_column(
        ForeignKey("whatsapp_business_accounts.id", ondelete="CASCADE"), primary_key=True
    )
    version: Mapped[str] = mapped_column(default="")
    setup_text_hash: Mapped[str] = mapped_column(default="")
    index_version: Mapped[int] = mapped_column(default=0)
    """How the terms were made; another number than the program's: they are made again."""


class KnowledgeArticle(Timestamps, Base):
    """An answer the bot knows. `short_answer` is what it says; title, questions, tags and body are
    what it is found by.

    `source_key` is where it comes from inside its source, so that the same file or text again changes
    it instead of doubling it; `content_hash` is of what came from there.
    """

    __tablename__ = "knowledge_articles"
    __table_args__ = (
        UniqueConstraint("account_id", "source_key"),
        Index(None, "account_id", "title", "id"),
        Index(None, "created_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("whatsapp_business_accounts.id", ondelete="CASCADE"))
    title: Mapped[str]
    body: Mapped[str] = mapped_column(Text, default="")
    short_answer: Mapped[str] = mapped_column(Text, default="")
    link: Mapped[str] = mapped_column(Text, default="")
    tags: Mapped[list[str]] = mapped_column(default=list)
    language: Mapped[str] = mapped_column(default="")
    questions: Mapped[list[str]] = mapped_column(default=list)
    is_on: Mapped[bool] = mapped_column(default=True)
    source: Mapped[ArticleSource] = mapped_column(enum_type(ArticleSource), default=ArticleSource.HAND)
    source_key: Mapped[str | None]
    content_hash: Mapped[str] = mapped_column(default="")

    account: Mapped[Account] = relationship()


class KnowledgeTerms(Base):
    """What a switched-on article is found by: the terms of each of its parts, a blank on either side of
    each. SQLite has an FTS5 index beside it, which triggers keep in step (migration 0008).

    `question_lines`: the terms of each question, and of the title, in a line of its own. `words`: the
    words before they were cut to terms, for typing errors.
    """

    __tablename__ = "knowledge_terms"
    __table_args__ = (
        Index(None, "account_id"),
        Index("ix_knowledge_terms_vector", "vector", postgresql_using="gin"),
    )

    article_id: Mapped[int] = mapped_column(
        ForeignKey("knowledge_articles.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    account_id: Mapped[int]
    language: Mapped[str]
    question_lines: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    tags: Mapped[str] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    words: Mapped[str] = mapped_column(Text)
    vector: Mapped[str | None] = mapped_column(Text().with_variant(TSVECTOR(), "postgresql"))
    """For PostgreSQL, with weights; NULL on SQLite."""


class KnowledgeImport(Base):
    """A file whose articles are to be taken over. The row is the queue; a worker claims it by a lease.

    `content` is there until the work is done.
    """

    __tablename__ = "knowledge_imports"
    __table_args__ = (Index(None, "account_id", "created_at", "id"), Index(None, "state", "lease_until"))

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("whatsapp_business_accounts.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    file_name: Mapped[str]
    kind: Mapped[str]
    language: Mapped[str] = mapped_column(default="")
    size_bytes: Mapped[int]
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    state: Mapped[ImportState] = mapped_column(enum_type(ImportState), default=ImportState.WAITING)
    error: Mapped[str] = mapped_column(Text, default="")
    total: Mapped[int | None]
    """How many articles the file has; None until it was read."""
    created: Mapped[int] = mapped_column(default=0)
    updated: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    tries: Mapped[int] = mapped_column(default=0)
    lease_owner: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship()

    @property
    def done(self) -> int:
        """Items dealt with so far."""
        return self.created + self.updated + self.unchanged + self.failed

    @property
    def is_finished(self) -> bool:
        return self.state in {ImportState.DONE, ImportState.FAILED}


class KnowledgeImportItem(Base):
    """What became of one article of a file. The last one tells where a killed worker stopped."""

    __tablename__ = "knowledge_import_items"
    __table_args__ = (Index(None, "article_id"),)

    import_id: Mapped[int] = mapped_column(
        ForeignKey("knowledge_imports.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    state: Mapped[ImportItemState] = mapped_column(enum_type(ImportItemState))
    error: Mapped[str] = mapped_column(Text, default="")
    article_id: Mapped[int | None] = mapped_column(ForeignKey("knowledge_articles.id", ondelete="SET NULL"))
