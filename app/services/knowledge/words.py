"""Texts as they are compared: without case and accents, cut into words. The same for both databases."""

from __future__ import annotations

import re
import unicodedata

LONGEST_WORD = 40
_MOST_SIGNS = 30_000
"""Of a longer text only the beginning is looked at."""

_PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "ß": "ss"})
# "don't" and "dont" are one word, "l'auto" and "d'eau" are two.
_SHORTENED = re.compile(r"(?<=\w)['’](?=(s|t|m|d|re|ve|ll)\b)")
_ACCENT = re.compile(r"[\u0300-\u036f]")
# Scripts without blanks between words: each pair of signs counts as a word.
_DENSE = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"
_PIECES = re.compile(rf"[{_DENSE}]+|[^\W_{_DENSE}]+(?:[\u0900-\u0dff]+)?")
_IS_DENSE = re.compile(rf"[{_DENSE}]")


def fold(text: str) -> str:
    """Small letters without accents. "Ñ" becomes n: many phones have no other."""
    text = _SHORTENED.sub("", text[:_MOST_SIGNS].casefold())
    if text.isascii():
        return text
    bare = _ACCENT.sub("", unicodedata.normalize("NFKD", text))
    return unicodedata.normalize("NFC", bare).translate(_PLAIN)


def words_of(text: str) -> list[str]:
    """The words of any text, folded, in order, with repetitions."""
    found: list[str] = []
    for piece in _PIECES.findall(fold(text)):
        if not _IS_DENSE.match(piece):
            found.append(piece[:LONGEST_WORD])
        elif len(piece) == 1:
            found.append(piece)
        else:
            found += [piece[place : place + 2] for place in range(len(piece) - 1)]
    return found
