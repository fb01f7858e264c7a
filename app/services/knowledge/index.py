"""The database's own full-text index over articles: SQLite's FTS5, PostgreSQL's tsvector.

Both are given terms that are cut already (languages.py), so that they find the same articles; which of
these fits best is said by scoring.py, the same for both.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, case, cast, column, delete, func, literal, or_, select, table
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.types import Double

from app.extensions import db
from app.models import KnowledgeArticle, KnowledgeTerms
from app.services.knowledge.contents import Contents
from app.services.knowledge.languages import terms_of
from app.services.knowledge.words import words_of

INDEX_VERSION = 1
"""Counts up whenever terms are cut in another way: the worker then indexes every article anew."""

MOST_CANDIDATES = 60
_HEADS = ("question_lines", "title", "tags")
_REST = ("answer", "body")
_WEIGHTS = {"question_lines": "A", "title": "A", "tags": "B", "answer": "C", "body": "D"}
_REST_COUNTS = 0.5
_FTS = table("knowledge_terms_fts", column("rowid"))


@dataclass(frozen=True)
class Terms:
    """What one article is found by."""

    language: str
    question_lines: str
    title: str
    tags: str
    answer: str
    body: str
    words: str


def cut(article: KnowledgeArticle | Contents) -> Terms:
    """An article's terms, without the database."""
    language = article.language
    parts = {
        "questions": [words_of(question) for question in article.questions],
        "title": [words_of(article.title)],
        "tags": [words_of(tag) for tag in article.tags],
        "answer": [words_of(article.short_answer)],
        "body": [words_of(article.body)],
    }
    known = {word for lines in parts.values() for line in lines for word in line}
    return Terms(
        language=language,
        question_lines="\n".join(_line(line, language) for line in parts["questions"]),
        title=_line(parts["title"][0], language),
        tags=_line([word for line in parts["tags"] for word in line], language),
        answer=_line(parts["answer"][0], language),
        body=_line(parts["body"][0], language),
        words=" ".join(sorted(known)),
    )


def _line(words: Sequence[str], language: str) -> str:
    """Each term once, in order, with a blank on either side."""
    return f" {' '.join(dict.fromkeys(terms_of(words, language)))} "


def put(article: KnowledgeArticle, terms: Terms) -> None:
    """Make a stored article searchable as it is now; one that is off is taken out. The caller commits."""
    if not article.is_on:
        take_out(article.id)
        return
    row = db.session.get(KnowledgeTerms, article.id) or KnowledgeTerms(article_id=article.id)
    row.account_id = article.account_id
    for name, value in vars(terms).items():
        setattr(row, name, value)
    if not _is_sqlite():
        row.vector = _vector(terms)
    db.session.add(row)
    db.session.flush()


def take_out(article_id: int) -> None:
    db.session.execute(delete(KnowledgeTerms).where(KnowledgeTerms.article_id == article_id))


def _vector(terms: Terms) -> str:
    """As PostgreSQL writes a tsvector. Terms are letters and digits, so nothing needs a quote."""
    weights: dict[str, list[str]] = {}
    for part, weight in _WEIGHTS.items():
        for term in getattr(terms, part).split():
            if weight not in weights.setdefault(term, []):
                weights[term].append(weight)
    return " ".join(
        f"'{term}':" + ",".join(f"{place}{weight}" for place, weight in enumerate(found, 1))
        for term, found in sorted(weights.items())
    )


def candidates(account_id: int, weights: dict[str, float]) -> Sequence[KnowledgeTerms]:
    """Articles that have one of these terms, those with the most weight first."""
    if not weights:
        return []
    order: ColumnElement[Any] = sum(
        (
            case((_has(term, heads_only=True), weight), (_has(term), _REST_COUNTS * weight), else_=0.0)
            for term, weight in sorted(weights.items())
        ),
        start=literal(0.0, Double()),
    )
    statement = (
        select(KnowledgeTerms)
        .where(KnowledgeTerms.account_id == account_id, _has_any(weights))
        .order_by(cast(order, Double()).desc(), KnowledgeTerms.article_id)
        .limit(MOST_CANDIDATES)
    )
    return db.session.scalars(statement).all()


def _has_any(terms: Iterable[str]) -> ColumnElement[bool]:
    """By the index."""
    if _is_sqlite():
        match = " OR ".join(f'"{term}"' for term in sorted(terms))
        name: ColumnElement[Any] = column("knowledge_terms_fts", _selectable=_FTS)
        return KnowledgeTerms.article_id.in_(select(_FTS.c.rowid).where(name.op("MATCH")(literal(match))))
    return _matches(" | ".join(f"'{term}'" for term in sorted(terms)))


def _has(term: str, *, heads_only: bool = False) -> ColumnElement[bool]:
    """Whether the row at hand has the term, in its questions, title and tags or anywhere."""
    if _is_sqlite():
        parts = _HEADS if heads_only else _REST
        return or_(*(func.instr(getattr(KnowledgeTerms, part), f" {term} ") > 0 for part in parts))
    return _matches(f"'{term}'" + (":AB" if heads_only else ""))


def _matches(query: str) -> ColumnElement[bool]:
    return KnowledgeTerms.vector.op("@@", is_comparison=True)(cast(literal(query), TSQUERY))


def _is_sqlite() -> bool:
    return bool(db.session.get_bind().dialect.name == "sqlite")
