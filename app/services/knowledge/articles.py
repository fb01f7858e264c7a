"""Writing, changing and deleting articles. Each change, its terms and the new version are one transaction.

Whoever changes an account's articles holds its knowledge base's row first, so that two changes at once
come one after the other, and the version always says what is in the index.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert as insert_on_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_on_sqlite

from app.errors import DomainError
from app.extensions import db
from app.models import ArticleSource, KnowledgeArticle, KnowledgeBase
from app.queries.access import Actor
from app.services import audit
from app.services.knowledge import index
from app.services.knowledge.contents import MOST_ARTICLES, Contents, check, tidy


class TooMany(DomainError):
    """The account has as many articles as it may have."""

    code = "too_many_articles"


def create_article(
    *, account_id: int, contents: Contents, actor: Actor, is_on: bool = True
) -> KnowledgeArticle:
    """A new article, written by hand. Raises InvalidFields, TooMany."""
    contents = tidy(contents)
    check(contents)
    hold(account_id)
    require_room(account_id)
    article = KnowledgeArticle(account_id=account_id, source=ArticleSource.HAND, is_on=is_on)
    write(article, contents)
    _note(actor, "knowledge_article.created", article)
    db.session.commit()
    return article


def update_article(
    *, article: KnowledgeArticle, contents: Contents, actor: Actor, is_on: bool | None = None
) -> KnowledgeArticle:
    """Change an article; one that came from the text of step 5 is on its own then. Raises InvalidFields."""
    contents = tidy(contents)
    check(contents)
    hold(article.account_id)
    if article.source is ArticleSource.SETUP and contents.hash() != contents_of(article).hash():
        # Its key stays, so that the text of step 5 does not make it a second time.
        article.source = ArticleSource.HAND
    if is_on is not None:
        article.is_on = is_on
    write(article, contents)
    _note(actor, "knowledge_article.changed", article)
    db.session.commit()
    return article


def switch_article(*, article: KnowledgeArticle, is_on: bool, actor: Actor) -> None:
    """Let the bot use it, or not."""
    hold(article.account_id)
    article.is_on = is_on
    index.put(article, index.cut(article))
    _note(actor, "knowledge_article.switched_on" if is_on else "knowledge_article.switched_off", article)
    db.session.commit()


def delete_article(*, article: KnowledgeArticle, actor: Actor) -> None:
    hold(article.account_id)
    _note(actor, "knowledge_article.deleted", article)
    db.session.delete(article)
    db.session.commit()


def hold(account_id: int) -> KnowledgeBase:
    """The account's knowledge base, nobody else's until the commit, with a new version."""
    insert = insert_on_sqlite if db.session.get_bind().dialect.name == "sqlite" else insert_on_postgresql
    db.session.execute(
        insert(KnowledgeBase)
        .values(account_id=account_id, version="", setup_text_hash="", index_version=index.INDEX_VERSION)
        .on_conflict_do_nothing(index_elements=["account_id"])
    )
    base = db.session.scalars(
        select(KnowledgeBase)
        .where(KnowledgeBase.account_id == account_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    base.version = secrets.token_hex(8)
    return base


def require_room(account_id: int) -> None:
    """Raises TooMany. The base is held, so the count is right until the commit."""
    if count_articles(account_id) >= MOST_ARTICLES:
        raise TooMany(
            f"This account has {MOST_ARTICLES:,} articles, which is the most it can have. Delete some that "
            "are not needed, then try again."
        )


def count_articles(account_id: int) -> int:
    statement = select(func.count(KnowledgeArticle.id)).where(KnowledgeArticle.account_id == account_id)
    return db.session.scalar(statement) or 0


def write(article: KnowledgeArticle, contents: Contents, terms: index.Terms | None = None) -> None:
    """Put contents into a row and its terms into the index. The base is held; the caller commits."""
    for name in ("title", "short_answer", "body", "link", "language"):
        setattr(article, name, getattr(contents, name))
    article.tags, article.questions = list(contents.tags), list(contents.questions)
    db.session.add(article)
    db.session.flush()
    index.put(article, terms or index.cut(article))


def contents_of(article: KnowledgeArticle) -> Contents:
    return Contents(
        title=article.title,
        short_answer=article.short_answer,
        body=article.body,
        link=article.link,
        language=article.language,
        tags=tuple(article.tags),
        questions=tuple(article.questions),
    )


def cut_all(articles: Iterable[KnowledgeArticle]) -> None:
    """Index articles anew. The base is held; the caller commits."""
    for article in articles:
        index.put(article, index.cut(article))


def _note(actor: Actor, action: str, article: KnowledgeArticle) -> None:
    audit.record(
        actor,
        action,
        account_id=article.account_id,
        object_type="knowledge_article",
        object_id=article.id,
        details={"title": article.title},
    )
