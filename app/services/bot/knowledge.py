"""What the bot asks a knowledge base, and the answers it gets."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from app.models import Account

_WORD = re.compile(r"\w{3,}")


@dataclass(frozen=True)
class FoundArticle:
    """An article that may answer a question. `score` is 0 to 1; `passage` the part of it that fits best."""

    article_id: int
    title: str
    short_answer: str
    link: str
    passage: str
    score: float
    language: str = ""


class KnowledgeBase(Protocol):
    """Where answers are looked for."""

    def search(self, text: str, *, limit: int) -> Sequence[FoundArticle]:
        """The best articles for a question, best first."""


class TextKnowledge:
    """The knowledge base of step 5: blocks with an empty line between them.

    The first line of a block is the question or its key words, the rest the answer. An entry's score is
    the share of its key words that the question has.
    """

    def __init__(self, text: str) -> None:
        self._text = text

    def search(self, text: str, *, limit: int) -> Sequence[FoundArticle]:
        asked = _words(text)
        found = [
            FoundArticle(
                article_id=zlib.crc32(heading.encode()),
                title=heading,
                short_answer=reply,
                link="",
                passage=reply,
                score=score,
            )
            for heading, reply in self._entries()
            if (score := _share(_words(heading), asked))
        ]
        # The earlier of two as good: sorting keeps their order.
        return sorted(found, key=lambda article: -article.score)[:limit]

    def _entries(self) -> list[tuple[str, str]]:
        blocks = (block.strip().partition("\n") for block in re.split(r"\r?\n\s*\n", self._text.strip()))
        return [(heading.strip(), reply.strip()) for heading, _, reply in blocks if reply.strip()]


def _share(words: set[str], asked: set[str]) -> float:
    return len(words & asked) / len(words) if words else 0.0


def _words(text: str) -> set[str]:
    return {word.casefold() for word in _WORD.findall(text)}


def knowledge_of(account: Account) -> KnowledgeBase:
    """Where this account's answers are looked for."""
    return TextKnowledge(account.knowledge_base)
