"""Customers by a part of a name, a user name or a number; by the beginning, where that is shorter."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.queries.search import folding
from app.queries.search.index import Query, Term

_LONGEST_NEEDLE = 100
_MOST_PARTS = 5
_OTHER_THAN_NUMBER = re.compile(r"[^\d\s()+./-]")


@dataclass(frozen=True)
class Needle:
    """A folded text that must stand in one of a person's lines; short ones where a word begins."""

    text: str
    query: Query

    @property
    def is_whole(self) -> bool:
        """Whether the terms say it all; otherwise who has them must be looked at."""
        return len(self.text) < folding.PART

    def is_in(self, lines: str) -> bool:
        """Whether a person with these lines is meant."""
        if self.is_whole:
            return self.query.is_met_by(terms_of(lines))
        return self.text in lines


def lines_of(profile_name: str, username: str, wa_id: str | None, own_name: str = "") -> str:
    """What a person is searched by, a line each. No needle has a line break in it."""
    return "\n".join(
        folding.fold(text[: folding.LONGEST_TEXT]) for text in (profile_name, username, wa_id or "", own_name)
    )


def terms_of(lines: str) -> set[str]:
    """What a person is found by."""
    return {term for line in lines.split("\n") for term in folding.line_terms(line)}


def needles_of(typed: str) -> tuple[Needle, ...]:
    """A person is meant when one of these is there: the text, without its @, the digits of a number."""
    folded = folding.fold(typed)[:_LONGEST_NEEDLE].strip()
    found = [folded, folded.removeprefix("@").strip()]
    # A number typed as at home begins with a zero that the stored one, with its country, has not.
    if not _OTHER_THAN_NUMBER.search(folded):
        found.append(re.sub(r"\D", "", folded).lstrip("0"))
    return tuple(_needle(text) for text in dict.fromkeys(filter(None, found)))


def _needle(text: str) -> Needle:
    terms = folding.needle_terms(text)
    last = len(terms) - 1
    # A few parts narrow it down as well as all of them, and each costs: those at even distances.
    places = {round(place * last / (_MOST_PARTS - 1)) for place in range(_MOST_PARTS)}
    return Needle(
        text, Query(tuple(Term(term) for term in dict.fromkeys(terms[place] for place in sorted(places))))
    )
