"""What is known of each language: its stemmer, its words without weight, and words of one meaning.

An article's language is a two-letter code. One that is not in the table is searched by whole words.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

import snowballstemmer

from app.services.knowledge import stop_words
from app.services.knowledge.synonyms import PHRASES, SYNONYMS
from app.services.knowledge.words import fold, words_of

NAMES = {
    "en": "English",
    "es": "Spanish",
    "pt": "Portuguese",
    "fr": "French",
    "de": "German",
    "it": "Italian",
    "nl": "Dutch",
    "ca": "Catalan",
    "da": "Danish",
    "sv": "Swedish",
    "no": "Norwegian",
    "fi": "Finnish",
    "pl": "Polish",
    "cs": "Czech",
    "ro": "Romanian",
    "hu": "Hungarian",
    "el": "Greek",
    "tr": "Turkish",
    "ru": "Russian",
    "ar": "Arabic",
    "fa": "Persian",
    "he": "Hebrew",
    "hi": "Hindi",
    "ta": "Tamil",
    "id": "Indonesian",
    "th": "Thai",
    "vi": "Vietnamese",
    "zh": "Chinese",
    "ja": "Japanese",
    "ko": "Korean",
}
"""The languages that can be chosen for an article."""

_STEMMERS = {
    "en": "english",
    "es": "spanish",
    "pt": "portuguese",
    "fr": "french",
    "de": "german",
    "it": "italian",
    "nl": "dutch",
    "ca": "catalan",
    "da": "danish",
    "sv": "swedish",
    "no": "norwegian",
    "fi": "finnish",
    "pl": "polish",
    "cs": "czech",
    "ro": "romanian",
    "hu": "hungarian",
    "tr": "turkish",
    "ru": "russian",
    "ar": "arabic",
    "fa": "persian",
    "hi": "hindi",
    "ta": "tamil",
    "id": "indonesian",
}

_WEAK = 0.5

_STOP_WORDS = {language: frozenset(words_of(text)) for language, text in stop_words.STOP_WORDS.items()}
_NONE: frozenset[str] = frozenset()


def without_weight(language: str) -> frozenset[str]:
    return _STOP_WORDS.get(language, _NONE)


@lru_cache(maxsize=50_000)
def stem(word: str, language: str) -> str:
    """The part that a word's forms share. `word` is folded."""
    algorithm = _STEMMERS.get(language)
    if algorithm is None or len(word) < 3 or word.isdigit():
        return word
    # A stemmer of its own for each call: they keep the word they are at work on, and threads share this.
    return fold(snowballstemmer.stemmer(algorithm).stemWord(word)) or word


def emphasis(term: str, language: str) -> float:
    """How much a term may count for, beside how rare it is."""
    return _WEAK if term in _WEAK_TERMS.get(language, _NONE) else 1.0


def terms_of(words: Sequence[str], language: str) -> list[str]:
    """The terms of a text's words in order, without those that have no weight; then what its turns of
    phrase mean."""
    without = without_weight(language)
    return [
        *(stem(word, language) for word in words if word not in without),
        *phrase_terms(words, language),
    ]


def phrase_terms(words: Sequence[str], language: str) -> list[str]:
    """ "How much" is a price: the terms for what several words mean together."""
    by_first = _PHRASES.get(language, {})
    stems = [stem(word, language) for word in words] if by_first else []
    return [
        term
        for place, first in enumerate(stems)
        for phrase, term in by_first.get(first, ())
        if tuple(stems[place : place + len(phrase)]) == phrase
    ]


def _by_first_word(language: str, phrases: dict[str, str]) -> dict[str, list[tuple[tuple[str, ...], str]]]:
    found: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for phrase, meaning in phrases.items():
        stems = tuple(stem(word, language) for word in words_of(phrase))
        found.setdefault(stems[0], []).append((stems, stem(words_of(meaning)[0], language)))
    return found


_PHRASES = {language: _by_first_word(language, phrases) for language, phrases in PHRASES.items()}


_WEAK_TERMS = {
    language: frozenset(stem(word, language) for word in words_of(text))
    for language, text in stop_words.WEAK_WORDS.items()
}


def _by_term(language: str, groups: str) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for line in groups.strip().splitlines():
        terms = {stem(word, language) for word in words_of(line)}
        for term in terms:
            found.setdefault(term, set()).update(terms - {term})
    return {term: frozenset(others) for term, others in found.items()}


_SYNONYMS = {language: _by_term(language, groups) for language, groups in SYNONYMS.items()}


def synonyms(term: str, language: str) -> frozenset[str]:
    """Terms that customers use for the same thing."""
    return _SYNONYMS.get(language, {}).get(term, _NONE)


_SCRIPTS = {
    "ARABIC": "ar",
    "CJK": "zh",
    "CYRILLIC": "ru",
    "DEVANAGARI": "hi",
    "GREEK": "el",
    "HANGUL": "ko",
    "HEBREW": "he",
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "TAMIL": "ta",
    "THAI": "th",
}


def guess(words: Sequence[str], usual: str = "en") -> str:
    """The language a text is in: by its script, or by its words without weight; `usual` when neither
    says it."""
    scripts = {unicodedata.name(word[0], "").split(" ")[0] for word in words}
    if "HIRAGANA" in scripts or "KATAKANA" in scripts:
        return "ja"
    for script in sorted(scripts & set(_SCRIPTS)):
        return _SCRIPTS[script]
    counts = {language: sum(word in without for word in words) for language, without in _STOP_WORDS.items()}
    best = max(counts, key=lambda language: (counts[language], language == usual))
    return best if counts[best] else usual
