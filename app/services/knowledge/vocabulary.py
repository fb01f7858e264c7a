"""What an account's articles are made of: how rare each term is, and its words for typing errors.

Read once for each version of the knowledge base, and kept in memory by every process that searches.
"""

from __future__ import annotations

import math
import threading
from collections import Counter, OrderedDict
from functools import cached_property

from sqlalchemy import select

from app.extensions import db
from app.models import KnowledgeBase, KnowledgeTerms
from app.services.knowledge.languages import emphasis
from app.services.knowledge.spelling import Speller

_KEPT = 64


class LanguageVocabulary:
    """One language of one account."""

    def __init__(self, language: str) -> None:
        self._language = language
        self.articles = 0
        self._counts: Counter[str] = Counter()
        self._words: set[str] = set()

    def add(self, terms: set[str], words: set[str]) -> None:
        self.articles += 1
        self._counts.update(terms)
        self._words |= words

    def knows(self, term: str) -> bool:
        return term in self._counts

    def has_word(self, word: str) -> bool:
        return word in self._words

    def rarity(self, term: str) -> float:
        """How much a term tells, from 0 to 1: one that a single article of many has tells most."""
        count = self._counts[term]
        rarity = math.log(1 + (self.articles - count + 0.5) / (count + 0.5))
        return emphasis(term, self._language) * rarity / math.log(1 + (self.articles + 0.5) / 0.5)

    @cached_property
    def speller(self) -> Speller:
        return Speller(self._words)


class Vocabulary:
    """All languages of one account, as they were at one version."""

    def __init__(self, version: str) -> None:
        self.version = version
        self.languages: dict[str, LanguageVocabulary] = {}


class _Kept:
    """The last accounts' vocabularies; threads share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: OrderedDict[tuple[str, int], Vocabulary] = OrderedDict()

    def get(self, key: tuple[str, int]) -> Vocabulary | None:
        with self._lock:
            found = self._found.get(key)
            if found is not None:
                self._found.move_to_end(key)
            return found

    def put(self, key: tuple[str, int], vocabulary: Vocabulary) -> None:
        with self._lock:
            self._found[key] = vocabulary
            self._found.move_to_end(key)
            while len(self._found) > _KEPT:
                self._found.popitem(last=False)


_kept = _Kept()


def vocabulary_of(account_id: int) -> Vocabulary:
    """Of the version that is committed, or is about to be in this transaction."""
    version = db.session.scalar(select(KnowledgeBase.version).where(KnowledgeBase.account_id == account_id))
    if version is None:
        return Vocabulary("")
    # Tests, and an operator's shell, may know several databases in one process.
    key = (str(db.session.get_bind().url), account_id)  # type: ignore[union-attr]
    found = _kept.get(key)
    if found is None or found.version != version:
        found = _read(account_id, version)
        _kept.put(key, found)
    return found


def _read(account_id: int, version: str) -> Vocabulary:
    vocabulary = Vocabulary(version)
    statement = select(
        KnowledgeTerms.language,
        KnowledgeTerms.question_lines,
        KnowledgeTerms.title,
        KnowledgeTerms.tags,
        KnowledgeTerms.answer,
        KnowledgeTerms.body,
        KnowledgeTerms.words,
    ).where(KnowledgeTerms.account_id == account_id)
    for row in db.session.execute(statement):
        terms = {term for part in row[1:6] for term in part.split()}
        language = vocabulary.languages.setdefault(row.language, LanguageVocabulary(row.language))
        language.add(terms, set(row.words.split()))
    return vocabulary
