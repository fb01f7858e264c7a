"""Comparing what customers write with phrases: case, accents and punctuation do not count."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from app.models import RuleMatch

_ACCENT = 200
"""Combining classes from here on are accents; below stand marks of a letter itself (the Indic virama)."""
_UNSPACED = (
    (0x0E00, 0x0EFF),
    (0x1000, 0x109F),
    (0x1780, 0x17FF),
    (0x3040, 0x30FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
)
"""Scripts that put no space between words: Thai, Lao, Burmese, Khmer, Japanese, Chinese."""


def fold(text: str) -> str:
    """Words with single spaces between them, in one spelling: "¿Dónde está?" is "donde esta"."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(_folded(character) for character in parts)
    return " ".join(unicodedata.normalize("NFC", kept.casefold()).split())


@lru_cache(maxsize=4096)
def _folded(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cf" or (category == "Mn" and _is_accent(character)):
        return ""
    return character if category[0] in "LMNS" else " "


def _is_accent(character: str) -> bool:
    """Accents, Hebrew and Arabic vowel points (classes 10 to 36), and what chooses an emoji's look."""
    mark = unicodedata.combining(character)
    return mark >= _ACCENT or 10 <= mark <= 36 or "\ufe00" <= character <= "\ufe0f"


def matches(match: RuleMatch, phrase: str, text: str) -> bool:
    """Both are folded. `starts` and `contains` look for whole words."""
    if not phrase or not text:
        return False
    if match is RuleMatch.EXACT:
        return text == phrase
    if _is_unspaced(phrase):
        return text.startswith(phrase) if match is RuleMatch.STARTS else phrase in text
    if match is RuleMatch.STARTS:
        return text == phrase or text.startswith(phrase + " ")
    return f" {phrase} " in f" {text} "


def _is_unspaced(phrase: str) -> bool:
    return any(first <= ord(character) <= last for character in phrase for first, last in _UNSPACED)


def count_words(text: str) -> int:
    """Of a folded text; a script without spaces counts four characters as a word."""
    return sum(-(-len(word) // 4) if _is_unspaced(word) else 1 for word in text.split())


_KINDS = {
    "text": "text",
    "button": "a tap on a message template's button",
    "interactive": "a tap on a button or on a list",
    "image": "a picture",
    "audio": "a voice message or sound",
    "contacts": "a contact card",
    "gif": "an animated picture",
}


def said_kind(kind: str) -> str:
    """Meta's kind of a message in people's words."""
    return _KINDS.get(kind) or f"{'an' if kind[:1] in 'aeiou' else 'a'} {kind}"


def percent(share: float) -> str:
    """In whole percent, never rounded up: 59.9 % does not reach 60 %."""
    return f"{int(share * 100 + 1e-9)}%"
