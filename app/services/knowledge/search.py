"""Which articles answer a question: `search_articles`, the one way in for the bot, the pages and the API."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.extensions import db
from app.models import KnowledgeArticle
from app.services.knowledge import index, scoring
from app.services.knowledge.languages import terms_of
from app.services.knowledge.scoring import Fit
from app.services.knowledge.vocabulary import vocabulary_of
from app.services.knowledge.words import words_of

_LONGEST_QUESTION = 4096
_LONGEST_PASSAGE = 600
_PARAGRAPH = re.compile(r"\n\s*\n")


@dataclass(frozen=True)
class FoundArticle:
    """An article that may answer a question. `score` is 0 to 1; `passage` the part of it that fits best."""

    article_id: int
    title: str
    short_answer: str
    link: str
    passage: str
    score: float
    language: str = ""


class AccountKnowledge:
    """One account's knowledge base, as the bot asks it."""

    def __init__(self, account_id: int) -> None:
        self._account_id = account_id

    def search(self, text: str, *, limit: int) -> Sequence[FoundArticle]:
        """The best articles for a question, best first."""
        return search_articles(self._account_id, text, limit=limit)


def search_articles(account_id: int, text: str, *, limit: int) -> list[FoundArticle]:
    """Switched-on articles of the account, best first; none when nothing in the question is known."""
    ranked = rank(account_id, text)[:limit]
    if not ranked:
        return []
    statement = select(KnowledgeArticle).where(KnowledgeArticle.id.in_([id_ for id_, _ in ranked]))
    rows = {row.id: row for row in db.session.scalars(statement)}
    asked = set(words_of(text[:_LONGEST_QUESTION]))
    return [_found(rows[id_], score, asked) for id_, score in ranked if id_ in rows]


def rank(account_id: int, text: str) -> list[tuple[int, float]]:
    """Article ids with their scores, best first."""
    looked = look(account_id, text)
    scores = scoring.scores([fit for _, fit in looked])
    return [(article_id, score) for (article_id, _), score in zip(looked, scores, strict=True)]


def look(account_id: int, text: str) -> list[tuple[int, Fit]]:
    """Articles that have something of the question, and how they fit it; best first."""
    vocabulary = vocabulary_of(account_id)
    questions = scoring.read(text[:_LONGEST_QUESTION], vocabulary)
    weights: dict[str, float] = {}
    for question in questions.values():
        for term, weight in question.term_weights().items():
            weights[term] = max(weights.get(term, 0.0), weight)
    # An article that was put in a moment ago may be of a language this vocabulary has not seen.
    fits = [
        (
            row.article_id,
            scoring.look(
                questions[row.language],
                scoring.Parts.of(row.question_lines, row.title, row.tags, row.answer, row.body),
                vocabulary.languages[row.language],
            ),
        )
        for row in index.candidates(account_id, weights)
        if row.language in questions
    ]
    return sorted((found for found in fits if found[1].rank), key=lambda found: (-found[1].rank, found[0]))


def _found(row: KnowledgeArticle, score: float, asked: set[str]) -> FoundArticle:
    return FoundArticle(
        article_id=row.id,
        title=row.title,
        short_answer=row.short_answer,
        link=row.link,
        passage=_passage(row, asked),
        score=round(score, 4),
        language=row.language,
    )


def _passage(row: KnowledgeArticle, asked: set[str]) -> str:
    """The paragraph that shares most terms with the question; the short answer when none does."""
    wanted = set(terms_of(sorted(asked), row.language))
    best, most = row.short_answer, 0
    for paragraph in _PARAGRAPH.split(row.body):
        shared = len(wanted.intersection(terms_of(words_of(paragraph), row.language)))
        if shared > most:
            best, most = paragraph.strip(), shared
    return best[:_LONGEST_PASSAGE]
