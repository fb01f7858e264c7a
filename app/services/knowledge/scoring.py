"""How well an article fits a question: a number from 0 to 1, the same whichever database found it.

A question becomes *needs*: for each of its words the terms that would do (itself, the right spelling, a
word of the same meaning), each with how sure that is. An article is looked at by which needs it meets,
where, and by which of its own questions is nearest. docs/decisions/0014-answers.md says how the weights
were found.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from app.services.knowledge import languages
from app.services.knowledge.vocabulary import LanguageVocabulary, Vocabulary
from app.services.knowledge.words import words_of

ANSWER_AT = 0.60
"""From here on the bot answers with the article."""
OFFER_AT = 0.35
"""From here on it offers what it found; below it says the fallback."""

MOST_WORDS = 60
"""Of a longer message only the first words with weight count."""

_SPELT = 0.85
_SPELT_TWICE = 0.7
_MEANT = 0.7
_UNKNOWN_WEIGHS = 0.45
"""A word nobody knows says little about what is asked, but something."""
_IN_TAGS = 0.9
_IN_ANSWER = 0.7
_IN_BODY = 0.5
_MOST_TERMS = 24


@dataclass(frozen=True)
class Need:
    """One word of a question: the terms that meet it and how well, and how much it matters."""

    terms: dict[str, float]
    weight: float
    is_known: bool


@dataclass(frozen=True)
class Question:
    """What is asked, read in one language."""

    needs: list[Need]
    weight: float
    share: float
    """How much of the question is in this language, from 0 to 1, beside the other languages."""

    def term_weights(self) -> dict[str, float]:
        """What to look for in the index."""
        found: dict[str, float] = {}
        for need in self.needs:
            for term, likeness in need.terms.items():
                found[term] = max(found.get(term, 0.0), need.weight * likeness)
        ranked = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
        return dict(ranked[:_MOST_TERMS])


# Found by `python -m bench.answers.tuning`, on the tuning half of the questions alone.
_COVERED = 0.55
"""How much of an article's rank is what it covers; the rest is how near its own questions are."""
_OTHER_LANGUAGE = 0.4
_CURVE = {"all": -1.24, "rank": 1.188, "evidence": 0.796, "unknown": -0.094, "margin": 2.179}
_MARGIN = (-0.5, 0.3)


@dataclass(frozen=True)
class Fit:
    """What was seen in one article, each from 0 to 1."""

    covered: float
    """Of the question's weight: how much the article meets, less in its body than in its head."""
    nearest: float
    """How alike the question and the nearest of the article's own questions are."""
    evidence: float
    """The weight that was met, whatever else was asked."""
    unknown: float
    """Of the question's words: how many nobody knows."""
    share: float

    @property
    def rank(self) -> float:
        """What articles are put in order by."""
        fits = _COVERED * self.covered + (1 - _COVERED) * self.nearest
        return fits * (_OTHER_LANGUAGE + (1 - _OTHER_LANGUAGE) * self.share)


def scores(fits: Sequence[Fit], curve: Mapping[str, float] = MappingProxyType(_CURVE)) -> list[float]:
    """The score of each article beside the others, 0 to 1. One that stands out scores more than one
    that has its equal: the bot must not choose between two by chance."""
    ranks = [fit.rank for fit in fits]
    return [
        1 / (1 + math.exp(-sum(curve[name] * value for name, value in features(fit, ranks).items())))
        for fit in fits
    ]


def features(fit: Fit, ranks: Sequence[float]) -> dict[str, float]:
    """What the curve goes by; `ranks` are those of all articles that were found, this one among them."""
    best, second = (*sorted(ranks, reverse=True)[:2], 0.0)[:2]
    margin = fit.rank - (second if fit.rank == best else best)
    return {
        "all": 1.0,
        "rank": fit.rank,
        "evidence": fit.evidence,
        "unknown": fit.unknown,
        "margin": min(max(margin, _MARGIN[0]), _MARGIN[1]),
    }


def read(text: str, vocabulary: Vocabulary) -> dict[str, Question]:
    """The question in each language the account has articles in."""
    words = words_of(text)
    hits = {
        language: _hits(words, language, known) for language, known in sorted(vocabulary.languages.items())
    }
    most = max(hits.values(), default=0.0)
    return {
        language: _question(words, language, known, hits[language] / most if most else 1.0)
        for language, known in sorted(vocabulary.languages.items())
    }


def _hits(words: list[str], language: str, known: LanguageVocabulary) -> float:
    without = languages.without_weight(language)
    return sum(1.0 for word in words if word in without or known.has_word(word))


def _question(words: list[str], language: str, known: LanguageVocabulary, share: float) -> Question:
    without = languages.without_weight(language)
    distinct = list(dict.fromkeys(word for word in words if word not in without))[:MOST_WORDS]
    needs: dict[str, Need] = {}
    for word in distinct:
        need = _need(word, language, known)
        needs.setdefault(languages.stem(word, language), need)
    for term in languages.phrase_terms(words, language):
        needs.setdefault(term, _weighed(_meant(term, 1.0, language, known), known))
    return Question(list(needs.values()), sum(need.weight for need in needs.values()), share)


def _need(word: str, language: str, known: LanguageVocabulary) -> Need:
    found = _meant(languages.stem(word, language), 1.0, language, known)
    if not found:
        for near, likeness in _spelt(word, language, known).items():
            found |= _meant(near, likeness, language, known)
    return _weighed(found, known)


def _meant(term: str, likeness: float, language: str, known: LanguageVocabulary) -> dict[str, float]:
    """The term, and those of the same meaning, as far as any article has them."""
    found = {other: _MEANT * likeness for other in languages.synonyms(term, language) if known.knows(other)}
    return {**found, term: likeness} if known.knows(term) else found


def _weighed(found: dict[str, float], known: LanguageVocabulary) -> Need:
    """What comes nearest to the word says how much it matters."""
    if not found:
        return Need({}, _UNKNOWN_WEIGHS, is_known=False)
    best = max(found.values())
    rarest = max(known.rarity(term) for term, likeness in found.items() if likeness == best)
    return Need(found, rarest * best, is_known=True)


def _spelt(word: str, language: str, known: LanguageVocabulary) -> dict[str, float]:
    """Known terms that somebody may have meant who typed this."""
    found: dict[str, float] = {}
    for near, distance in known.speller.near(word).items():
        meant = languages.stem(near, language)
        if known.knows(meant):
            found[meant] = _SPELT if distance == 1 else _SPELT_TWICE
    return found


@dataclass(frozen=True)
class Parts:
    """An article's terms as the index keeps them."""

    questions: list[set[str]]
    tags: set[str]
    answer: set[str]
    body: set[str]
    head: set[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "head", set().union(*self.questions))

    @classmethod
    def of(cls, question_lines: str, title: str, tags: str, answer: str, body: str) -> Parts:
        lines = [set(line.split()) for line in (*question_lines.split("\n"), title)]
        return cls(
            [line for line in lines if line], set(tags.split()), set(answer.split()), set(body.split())
        )


def look(question: Question, parts: Parts, known: LanguageVocabulary) -> Fit:
    """Compare one article with a question in its language."""
    if not question.needs:
        return Fit(0.0, 0.0, 0.0, 1.0, question.share)
    met = sum(need.weight * _met(need, parts) for need in question.needs)
    alike = sorted((_likeness(question, line, known) for line in parts.questions), reverse=True)[:2]
    # The second nearest counts a little: two of its questions that fit tell more than one.
    nearest = 0.75 * alike[0] + 0.25 * alike[-1] if alike else 0.0
    unknown = sum(1 for need in question.needs if not need.is_known) / len(question.needs)
    return Fit(met / question.weight, nearest, met / (met + 1.0), unknown, question.share)


def _met(need: Need, parts: Parts) -> float:
    best = 0.0
    for term, likeness in need.terms.items():
        best = max(best, likeness * _place(term, parts))
    return best


def _place(term: str, parts: Parts) -> float:
    """How much it counts to stand where it stands."""
    if term in parts.head:
        return 1.0
    if term in parts.tags:
        return _IN_TAGS
    if term in parts.answer:
        return _IN_ANSWER
    return _IN_BODY if term in parts.body else 0.0


def _likeness(question: Question, line: set[str], known: LanguageVocabulary) -> float:
    """The weight both have, beside the weight of both (as Dice counts it)."""
    both = 0.0
    for need in question.needs:
        likeness = max((worth for term, worth in need.terms.items() if term in line), default=0.0)
        both += need.weight * likeness
    whole = question.weight + sum(known.rarity(term) for term in line)
    return 2 * both / whole if whole else 0.0
