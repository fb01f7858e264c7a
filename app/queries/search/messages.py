"""Messages by their words: all of them in one message, the last one possibly only begun.

Searched are the text, and what stands beside it: captions, file names, headers, titles of buttons and rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import case, null

from app.models import Message
from app.queries.search import folding
from app.queries.search.index import Query, Term

_MOST_WORDS = 12
_SHORTEST_BEGINNING = 3
"""A last word of one or two letters counts whole: nearly every message has a word that begins so."""


_READ = frozenset({"address", "caption", "description", "display_text", "filename", "formatted_name"}) | {
    "name",
    "text",
    "title",
}
"""Under these names Meta's objects hold what people read."""
_MOST_TEXTS = 200

# A plain text stands in `text_content` already: its object need not even be read.
BESIDE = case((Message.message_type.in_(("text", "reaction")), null()), else_=Message.content).label("beside")


def texts_beside(text_content: str, content: dict[str, Any] | None) -> list[str]:
    """What people read of a message's object, but for its text itself."""
    found = dict.fromkeys(_texts(content)) if content else {}
    return [text for text in found if text and text != text_content][:_MOST_TEXTS]


def _texts(content: Any) -> Iterator[str]:
    """In the order of the object; as deep as it is, without calling itself."""
    waiting = [content]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            yield from (text for name, text in value.items() if name in _READ and isinstance(text, str))
            waiting += reversed([inner for inner in value.values() if isinstance(inner, (dict, list))])
        elif isinstance(value, list):
            waiting += reversed(value)


def terms_of(text_content: str, content: dict[str, Any] | None) -> set[str]:
    """What a message is found by; `content` as BESIDE gives it."""
    terms = folding.word_terms(text_content)
    for text in texts_beside(text_content, content):
        terms |= folding.word_terms(text)
    return terms


def query_of(typed: str) -> Query:
    """What somebody typed, as terms. Anything may be typed; what is no word is nothing."""
    listed = list(folding.words(folding.fold(typed)))[:_MOST_WORDS]
    terms: dict[Term, None] = {}
    for place, word in enumerate(listed):
        is_last = place == len(listed) - 1
        terms.update(dict.fromkeys(_dense(word) if folding.is_dense(word) else [_plain(word, is_last)]))
    return Query(tuple(terms))


def _dense(word: str) -> list[Term]:
    if len(word) == 1:
        return [Term(word, is_prefix=True)]
    return [Term(pair) for pair in folding.pairs(word)]


def _plain(word: str, is_last: bool) -> Term:
    is_begun = is_last and len(word) >= _SHORTEST_BEGINNING
    return Term(word[: folding.LONGEST_TERM], is_prefix=is_begun)
