"""A line of a message with the words marked that were searched for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.queries.search import folding, messages
from app.queries.search.index import Term

_LONGEST_LINE = 160
_FEWEST_DIGITS = 3
_BEFORE_WORD = 24
"""Signs that stand before the first marked word: the list cuts its lines at the end."""


@dataclass(frozen=True)
class Part:
    """A stretch of the line."""

    text: str
    is_marked: bool


def mark_words(text: str, search: str) -> tuple[Part, ...]:
    """Begins shortly before the first word found. All of `text` is unmarked where no word can be told."""
    line = " ".join(text[: folding.LONGEST_TEXT].split())
    spans = _merged(sorted(_spans(line, messages.query_of(search).terms)))
    start = max(0, spans[0][0] - _BEFORE_WORD) if spans and spans[0][1] > _BEFORE_WORD * 2 else 0
    end = start + _LONGEST_LINE
    parts = [Part("…", is_marked=False)] if start else []
    place = start
    for first, last in spans:
        if first >= end:
            break
        parts += [Part(line[place:first], is_marked=False), Part(line[first:last], is_marked=True)]
        place = last
    parts.append(Part(line[place : max(place, end)], is_marked=False))
    return tuple(part for part in parts if part.text)


def mark_part(text: str, search: str) -> tuple[Part, ...]:
    """A name, of which any part is found; whole where no part of it was meant."""
    line = " ".join(text.split())
    folded, origins = _folded(line)
    needle = folding.fold(" ".join(search.split()).removeprefix("@"))
    place = folded.find(needle) if needle else -1
    if place < 0:
        return (Part(line, is_marked=False),) if not search else mark_words(line, search)
    return _with_span(line, origins[place], origins[place + len(needle) - 1] + 1)


def mark_address(number: str, username: str, search: str) -> tuple[Part, ...]:
    """The number or user name by which somebody was found; empty where it was not by these."""
    digits = re.sub(r"\D", "", search).lstrip("0")
    if len(digits) >= _FEWEST_DIGITS and number:
        places = [place for place, sign in enumerate(number) if sign.isdigit()]
        first = "".join(number[place] for place in places).find(digits)
        if first >= 0:
            return _with_span(number, places[first], places[first + len(digits) - 1] + 1)
    needle = search.strip().removeprefix("@").casefold()
    if username and needle and needle in username.casefold():
        return (Part("@", is_marked=False), *mark_part(username, needle))
    return ()


def _with_span(line: str, first: int, last: int) -> tuple[Part, ...]:
    parts = (
        Part(line[:first], is_marked=False),
        Part(line[first:last], is_marked=True),
        Part(line[last:], is_marked=False),
    )
    return tuple(part for part in parts if part.text)


def _spans(line: str, terms: tuple[Term, ...]) -> Iterator[tuple[int, int]]:
    """From where to where a term stands in the line."""
    folded, origins = _folded(line)
    for term in terms:
        place = folded.find(term.text)
        while place >= 0:
            end = place + len(term.text)
            if _begins(folded, place) and (term.is_prefix or _ends(folded, end)):
                yield origins[place], origins[end - 1] + 1
            place = folded.find(term.text, place + 1)


def _folded(line: str) -> tuple[str, list[int]]:
    """The line as it is compared, and for each of its signs where it stands in the line."""
    signs: list[str] = []
    origins: list[int] = []
    for place, sign in enumerate(line):
        plain = " " if sign.isspace() else folding.fold(sign)
        signs.append(plain)
        origins += [place] * len(plain)
    return "".join(signs), origins


def _begins(folded: str, place: int) -> bool:
    return place == 0 or not _is_letter(folded[place - 1]) or folding.is_dense(folded[place])


def _ends(folded: str, end: int) -> bool:
    return end == len(folded) or not _is_letter(folded[end]) or folding.is_dense(folded[end - 1])


def _is_letter(sign: str) -> bool:
    return folding.is_in_words(sign) and not folding.is_dense(sign)


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for first, last in spans:
        if merged and first <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return merged
