"""The help pages of an insurer that does not exist, what its customers ask, and the two halves of that."""

from __future__ import annotations

import hashlib
import tomllib
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.services.knowledge.contents import Contents

_FOLDER = Path(__file__).with_name("corpus")
_ARTICLES = ("articles_en_claims.toml", "articles_en_policy.toml", "articles_es.toml")
_QUESTIONS = ("questions_en.txt", "questions_es.txt")
_NONE = "-"


@dataclass(frozen=True)
class Asked:
    """What a customer writes, and the article that answers it; None when none of them does."""

    text: str
    answer: str | None


def read_articles() -> dict[str, Contents]:
    """By key."""
    from app.services.knowledge.contents import Contents

    return {
        row["key"]: Contents(
            title=row["title"],
            short_answer=row["short"],
            body=row["body"].strip(),
            language="es" if name == "articles_es.toml" else "en",
            tags=tuple(row["tags"]),
            questions=tuple(row["questions"]),
        )
        for name in _ARTICLES
        for row in tomllib.loads((_FOLDER / name).read_text(encoding="utf-8"))["article"]
    }


def read_questions() -> list[Asked]:
    lines = [
        line.partition(": ")
        for name in _QUESTIONS
        for line in (_FOLDER / name).read_text(encoding="utf-8").splitlines()
        if not line.startswith("#")
    ]
    return [Asked(text, None if key == _NONE else key) for key, _, text in lines]


def halves() -> tuple[list[Asked], list[Asked]]:
    """The half to tune with and the half to judge by; each article's questions are dealt out to both.

    Which question goes where is settled by checksums, so it is the same every time, and nobody chose.
    """
    by_answer: dict[str, list[Asked]] = defaultdict(list)
    for asked in read_questions():
        by_answer[asked.answer or _NONE].append(asked)
    dealt: tuple[list[Asked], list[Asked]] = ([], [])
    for answer, found in sorted(by_answer.items()):
        first = _checksum(answer) % 2
        for place, asked in enumerate(sorted(found, key=lambda asked: _checksum(asked.text))):
            dealt[(place + first) % 2].append(asked)
    return dealt


def _checksum(text: str) -> int:
    return int(hashlib.sha256(text.encode()).hexdigest(), 16)
