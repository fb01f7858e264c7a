"""Typing errors: which known words a word that nobody knows may mean."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

_LEAST = 4
"""Shorter words have too many neighbours to be guessed."""
_LONG = 8
_TRIED = 40
_PARTS_IN_COMMON = 2
_LONGEST_TRIED = 24


class Speller:
    """Finds near words by the parts of three signs they share, then counts the changes between them."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words: list[str] = []
        self._by_part: dict[str, list[int]] = {}
        for word in sorted(words):
            if not _LEAST - 1 <= len(word) <= _LONGEST_TRIED or word.isdigit():
                continue
            for part in _parts(word):
                self._by_part.setdefault(part, []).append(len(self._words))
            self._words.append(word)

    def near(self, word: str) -> dict[str, int]:
        """Words at one change (from eight letters on, two), the nearest ones only, with their distance."""
        if not _LEAST <= len(word) <= _LONGEST_TRIED or any(sign.isdigit() for sign in word):
            return {}
        most = 2 if len(word) >= _LONG else 1
        found: dict[str, int] = {}
        for other in self._candidates(word, most):
            distance = changes(word, other, most)
            if distance <= most:
                found[other] = distance
        least = min(found.values(), default=0)
        return {other: distance for other, distance in found.items() if distance == least}

    def _candidates(self, word: str, most: int) -> list[str]:
        shared: Counter[int] = Counter()
        for part in _parts(word):
            shared.update(self._by_part.get(part, ()))
        # By the number of parts, then by the alphabet: the same everywhere.
        ranked = sorted(
            (-count, place)
            for place, count in shared.items()
            if count >= _PARTS_IN_COMMON and abs(len(self._words[place]) - len(word)) <= most
        )
        return [self._words[place] for _, place in ranked[:_TRIED]]


def _parts(word: str) -> set[str]:
    padded = f"  {word}  "
    return {padded[place : place + 3] for place in range(len(padded) - 2)}


def changes(one: str, other: str, most: int) -> int:
    """Letters to add, take, swap or replace (Damerau and Levenshtein); above `most` just more than that."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for place, sign in enumerate(one, 1):
        before, last = row, before
        row = [place]
        for at, against in enumerate(other, 1):
            best = min(before[at] + 1, row[at - 1] + 1, before[at - 1] + (sign != against))
            if place > 1 and at > 1 and sign == other[at - 2] and one[place - 2] == against:
                best = min(best, last[at - 2] + 1)
            row.append(best)
        if min(row) > most:
            return most + 1
    return row[-1]
