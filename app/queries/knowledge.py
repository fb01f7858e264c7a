"""Reads of knowledge articles and imports."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, cast, exists, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import contains_eager

from app.errors import NotFound
from app.extensions import db
from app.models import (
    Account,
    AccountStatus,
    ArticleSource,
    KnowledgeArticle,
    KnowledgeImport,
    KnowledgeImportItem,
)
from app.queries.access import AccountScope
from app.queries.slices import Slice, Turn, fetch_slice

LIST_LENGTH = 50
_MOST_TAGS = 200
_LATEST = 20


@dataclass(frozen=True)
class ArticleFilters:
    """What a list is narrowed to."""

    account_id: int | None = None
    language: str = ""
    tag: str = ""
    source: ArticleSource | None = None
    is_on: bool | None = None
    search: str = ""

    @property
    def is_narrowed(self) -> bool:
        return bool(self.language or self.tag or self.source or self.search) or self.is_on is not None


@dataclass(frozen=True)
class ArticlePage:
    """Rows by title; `next_after` is the id after which the next page begins."""

    articles: list[KnowledgeArticle]
    next_after: int | None


def list_articles(
    scope: AccountScope, filters: ArticleFilters, after: int | None = None, limit: int = LIST_LENGTH
) -> ArticlePage:
    order = (KnowledgeArticle.title, KnowledgeArticle.id)
    statement = _articles(scope, filters).order_by(*order).limit(limit + 1)
    if after is not None and (last := db.session.get(KnowledgeArticle, after)) is not None:
        statement = statement.where(tuple_(*order) > tuple_(last.title, last.id))
    rows = list(db.session.scalars(statement))
    return ArticlePage(rows[:limit], rows[limit - 1].id if len(rows) > limit else None)


def slice_articles(
    scope: AccountScope, filters: ArticleFilters, turn: Turn | None, limit: int
) -> Slice[KnowledgeArticle]:
    """Newest first, page by page."""
    return fetch_slice(_articles(scope, filters), KnowledgeArticle, turn=turn, limit=limit)


def every_article(scope: AccountScope, filters: ArticleFilters) -> Iterator[KnowledgeArticle]:
    """All of them, by title, a page at a time."""
    after: int | None = None
    while True:
        page = list_articles(scope, filters, after)
        yield from page.articles
        after = page.next_after
        if after is None:
            return


def get_article(article_id: int, scope: AccountScope) -> KnowledgeArticle:
    """With its account. Raises NotFound outside the scope."""
    statement = _articles(scope, ArticleFilters()).where(KnowledgeArticle.id == article_id)
    article: KnowledgeArticle | None = db.session.scalar(statement)
    if article is None:
        raise NotFound("There is no such article.")
    return article


def count_articles(scope: AccountScope, account_id: int | None = None) -> tuple[int, int]:
    """How many there are, and how many of them are on."""
    statement = (
        select(
            func.count(KnowledgeArticle.id), func.count(KnowledgeArticle.id).filter(KnowledgeArticle.is_on)
        )
        .join(KnowledgeArticle.account)
        .where(_visible(scope, KnowledgeArticle), *_conditions(ArticleFilters(account_id=account_id)))
    )
    total, on = db.session.execute(statement).one()
    return total, on


def list_tags(scope: AccountScope, account_id: int | None = None) -> list[str]:
    if _is_sqlite():
        tag = func.json_each(KnowledgeArticle.tags).table_valued("value").c.value
    else:
        tag = func.jsonb_array_elements_text(KnowledgeArticle.tags).table_valued("value").c.value
    statement = (
        select(tag)
        .select_from(KnowledgeArticle)
        .join(KnowledgeArticle.account)
        .join(tag.table, onclause=_always())
        .where(_visible(scope, KnowledgeArticle), *_conditions(ArticleFilters(account_id=account_id)))
        .distinct()
        .order_by(tag)
        .limit(_MOST_TAGS)
    )
    return list(db.session.scalars(statement))


def list_languages(scope: AccountScope, account_id: int | None = None) -> list[str]:
    statement = (
        select(KnowledgeArticle.language)
        .join(KnowledgeArticle.account)
        .where(_visible(scope, KnowledgeArticle), *_conditions(ArticleFilters(account_id=account_id)))
        .distinct()
        .order_by(KnowledgeArticle.language)
    )
    return list(db.session.scalars(statement))


def list_imports(scope: AccountScope, limit: int = _LATEST) -> list[KnowledgeImport]:
    """The latest files."""
    order = (KnowledgeImport.created_at.desc(), KnowledgeImport.id.desc())
    return list(db.session.scalars(_imports(scope).order_by(*order).limit(limit)))


def slice_imports(
    scope: AccountScope, account_id: int | None, turn: Turn | None, limit: int
) -> Slice[KnowledgeImport]:
    statement = _imports(scope)
    if account_id is not None:
        statement = statement.where(KnowledgeImport.account_id == account_id)
    return fetch_slice(statement, KnowledgeImport, turn=turn, limit=limit)


def get_import(import_id: int, scope: AccountScope) -> KnowledgeImport:
    """With its account. Raises NotFound outside the scope."""
    found: KnowledgeImport | None = db.session.scalar(_imports(scope).where(KnowledgeImport.id == import_id))
    if found is None:
        raise NotFound("There is no such import.")
    return found


def list_items(
    import_id: int, *, failed_only: bool = False, limit: int | None = None
) -> list[KnowledgeImportItem]:
    statement = select(KnowledgeImportItem).where(KnowledgeImportItem.import_id == import_id)
    if failed_only:
        statement = statement.where(KnowledgeImportItem.state == "failed")
    return list(db.session.scalars(statement.order_by(KnowledgeImportItem.position).limit(limit)))


def _articles(scope: AccountScope, filters: ArticleFilters) -> Any:
    return (
        select(KnowledgeArticle)
        .join(KnowledgeArticle.account)
        .options(contains_eager(KnowledgeArticle.account))
        .where(_visible(scope, KnowledgeArticle), *_conditions(filters))
    )


def _imports(scope: AccountScope) -> Any:
    return (
        select(KnowledgeImport)
        .join(KnowledgeImport.account)
        .options(contains_eager(KnowledgeImport.account))
        .where(_visible(scope, KnowledgeImport))
    )


def _visible(scope: AccountScope, model: Any) -> ColumnElement[bool]:
    return scope.covers(model.account_id) & (Account.status != AccountStatus.ARCHIVED)


def _conditions(filters: ArticleFilters) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.account_id is not None:
        conditions.append(KnowledgeArticle.account_id == filters.account_id)
    if filters.language:
        conditions.append(KnowledgeArticle.language == filters.language)
    if filters.source is not None:
        conditions.append(KnowledgeArticle.source == filters.source)
    if filters.is_on is not None:
        conditions.append(KnowledgeArticle.is_on == filters.is_on)
    if filters.tag:
        conditions.append(_has_tag(filters.tag))
    if filters.search:
        parts = (KnowledgeArticle.title, KnowledgeArticle.short_answer, KnowledgeArticle.body)
        conditions.append(or_(*(part.icontains(filters.search, autoescape=True) for part in parts)))
    return conditions


def _has_tag(tag: str) -> ColumnElement[bool]:
    if _is_sqlite():
        tags = func.json_each(KnowledgeArticle.tags).table_valued("value")
        return exists(select(tags.c.value).where(tags.c.value == tag))
    return KnowledgeArticle.tags.op("@>", is_comparison=True)(cast([tag], JSONB))


def _always() -> ColumnElement[bool]:
    return KnowledgeArticle.id == KnowledgeArticle.id


def _is_sqlite() -> bool:
    return bool(db.session.get_bind().dialect.name == "sqlite")
