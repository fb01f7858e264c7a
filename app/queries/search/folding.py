"""Texts as they are compared: without case and accents, digits of all scripts alike, and cut into terms.

The same on both databases and in Python, so that what is not in the index yet is found by the same rules.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

LONGEST_TEXT = 20_000
"""Of a longer text only the beginning is searched; Meta allows 4,096 signs in a message."""
LONGEST_TERM = 40
PART = 3
"""Signs in a part of a name: what is at least as long is found anywhere in it."""

# Letters that are written with a stroke or a ligature have no accent to take off.
_PLAIN = {"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"}
_DROPPED = {"\u0640", "\ufe0e", "\ufe0f"}  # a stretched Arabic line; how an emoji is to be drawn
_VOICING = frozenset({7, 8, 9})  # combining classes of marks that make another letter, in Hindi and Japanese
_IN_WORDS = frozenset("LMN")

# Scripts without blanks between words, and emoji: each sign may begin what is looked for.
_DENSE_RANGES = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2190-\u2bff\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U0001f000-\U0001faff\U00020000-\U0003ffff"
)
_DENSE = re.compile(f"[{_DENSE_RANGES}]+")
_ASCII_WORDS = re.compile("[a-z0-9]+")


class _Signs(dict[int, str | None]):
    """What becomes of a sign once it has been taken apart; filled as signs are met."""

    def __missing__(self, code: int) -> str | None:
        self[code] = found = _sign(chr(code))
        return found


class _Separators(dict[int, str]):
    """Signs that stand in words stay; the others become blanks."""

    def __missing__(self, code: int) -> str:
        self[code] = found = chr(code) if is_in_words(chr(code)) else " "
        return found


def is_in_words(sign: str) -> bool:
    """Letters, their marks, digits, emoji; and what is younger than this Python's tables."""
    if sign.isascii():
        return sign.isalnum()
    kind = unicodedata.category(sign)
    return kind[0] in _IN_WORDS or kind == "Cn" or (kind[0] == "S" and is_dense(sign))


def _sign(sign: str) -> str | None:
    kind = unicodedata.category(sign)
    if kind in {"Cc", "Cs", "Co"}:
        return " "
    if kind == "Cf" or sign in _DROPPED:
        return None
    if kind == "Nd":
        return str(unicodedata.decimal(sign))
    accent = unicodedata.combining(sign)
    if accent and accent not in _VOICING:
        return None
    return _PLAIN.get(sign, sign)


_signs = _Signs()
_separators = _Separators()


def fold(text: str) -> str:
    """One line: small letters without accents, single blanks."""
    if text.isascii():
        return " ".join(re.sub(r"[\x00-\x1f\x7f]", " ", text).lower().split())
    plain = unicodedata.normalize("NFKD", text).casefold().translate(_signs)
    return " ".join(unicodedata.normalize("NFC", plain).split())


def words(text: str) -> Iterator[str]:
    """The words of a folded text, in order; a stretch without blanks of its script is one word."""
    if text.isascii():
        yield from _ASCII_WORDS.findall(text)
        return
    for word in text.translate(_separators).split():
        place = 0
        for dense in _DENSE.finditer(word):
            if dense.start() > place:
                yield word[place : dense.start()]
            yield dense.group()
            place = dense.end()
        if place < len(word):
            yield word[place:]


def is_dense(word: str) -> bool:
    """Whether it is of a script whose words stand together."""
    return _DENSE.match(word) is not None


def terms_of_word(word: str) -> list[str]:
    """What a text's word is found by: itself, or its pairs of signs and the last one."""
    if not is_dense(word):
        return [word[:LONGEST_TERM]]
    return [*pairs(word), word[-1]]


def pairs(word: str) -> list[str]:
    return [word[place : place + 2] for place in range(len(word) - 1)]


def word_terms(text: str) -> set[str]:
    """All terms of a text."""
    folded = fold(text[:LONGEST_TEXT])
    if folded.isascii():
        # Most texts, at a third of the time.
        return {word[:LONGEST_TERM] for word in _ASCII_WORDS.findall(folded)}
    return {term for word in words(folded) for term in terms_of_word(word)}


_FIRST = "\ue0ff"
# FTS5 cuts at ASCII signs other than letters and digits, and a blank divides terms: they get another code.
# Nothing of this range is left in a folded text.
_ENCODED = {code: chr(0xE000 + code) for code in range(128) if not chr(code).isalnum()}


def parts(line: str) -> list[str]:
    """Each three signs in a row of a folded line, in order."""
    coded = line.translate(_ENCODED)
    return [coded[place : place + PART] for place in range(len(coded) - PART + 1)]


def beginnings(line: str) -> set[str]:
    """What a needle of one or two signs is found by: the first signs of each word of a folded line."""
    return {
        _FIRST + line[place : place + length].translate(_ENCODED)
        for place in range(len(line))
        if _begins_word(line, place)
        for length in (1, 2)
        if line[place] != " "
    }


def _begins_word(line: str, place: int) -> bool:
    if place == 0 or is_dense(line[place]):
        return True
    return not is_in_words(line[place - 1]) or is_dense(line[place - 1])


def line_terms(line: str) -> set[str]:
    return beginnings(line).union(parts(line))


def needle_terms(needle: str) -> list[str]:
    """What a line must have to hold this folded needle. From PART signs on it must be looked at as well."""
    return parts(needle) if len(needle) >= PART else [_FIRST + needle.translate(_ENCODED)]


def join_terms(terms: set[str]) -> str:
    """As they are stored."""
    return f" {' '.join(sorted(terms))} "
