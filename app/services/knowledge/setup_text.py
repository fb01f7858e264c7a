"""The text of step 5 as articles: a block each, its first line the question, the rest the answer.

The text stays what the person typed. Its articles follow it: a block that changes changes its article,
a block that goes takes its article along. An article that was changed on its own page no longer follows.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from sqlalchemy import select

from app.extensions import db
from app.models import Account, ArticleSource, KnowledgeArticle, KnowledgeBase
from app.services.knowledge import articles, languages
from app.services.knowledge.contents import (
    LONGEST_ANSWER,
    LONGEST_BODY,
    LONGEST_QUESTION,
    LONGEST_TITLE,
    Contents,
    tidy,
)
from app.services.knowledge.words import words_of

_BLANK_LINES = re.compile(r"\n[ \t\r]*\n")
_KEY = "setup:"
_MOST_BLOCKS = 1_000


@dataclass(frozen=True)
class Block:
    """One entry of the text. `key` stays the same while its first line does."""

    key: str
    contents: Contents


def blocks_of(text: str) -> list[Block]:
    """Entries that have a first line and an answer; one with the first line of an earlier one is a second."""
    found: dict[str, Block] = {}
    for part in _BLANK_LINES.split(text.replace("\r\n", "\n").strip()):
        heading, _, reply = part.strip().partition("\n")
        if not heading.strip() or not reply.strip():
            continue
        key, count = _key(heading, 1), 1
        while key in found:
            count += 1
            key = _key(heading, count)
        found[key] = Block(key, _contents(heading, reply))
    return list(found.values())[:_MOST_BLOCKS]


def _key(heading: str, count: int) -> str:
    line = f"{' '.join(heading.split()).casefold()} {count}"
    return f"{_KEY}{hashlib.sha256(line.encode()).hexdigest()[:32]}"


def _contents(heading: str, reply: str) -> Contents:
    """A long reply is said as far as a message has room; the rest is there to be found."""
    reply = reply.strip()
    return tidy(
        Contents(
            title=heading[:LONGEST_TITLE],
            short_answer=shorten(reply, LONGEST_ANSWER),
            body=reply[:LONGEST_BODY] if len(reply) > LONGEST_ANSWER else "",
            language=languages.guess(words_of(f"{heading} {reply}")),
            questions=tuple(part[:LONGEST_QUESTION] for part in heading.split(",")),
        )
    )


def shorten(text: str, most: int) -> str:
    """As many whole sentences as fit, or else words."""
    if len(text) <= most:
        return text
    head = text[: most + 1]
    ends = [match.end() for match in re.finditer(r"[.!?…。？！](?=\s)", head)]
    if ends:
        return head[: ends[-1]].strip()
    return head[: most - 1].rsplit(None, 1)[0].strip() + "…"


def text_hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def follow(account: Account) -> None:
    """Bring the articles in step with the account's text, if they are not. The caller commits."""
    wanted = text_hash(account.knowledge_base)
    kept = db.session.get(KnowledgeBase, account.id)
    if (kept.setup_text_hash if kept else text_hash("")) == wanted:
        return
    base = articles.hold(account.id)
    statement = select(KnowledgeArticle).where(
        KnowledgeArticle.account_id == account.id, KnowledgeArticle.source_key.startswith(_KEY)
    )
    there = {row.source_key: row for row in db.session.scalars(statement)}
    for block in blocks_of(account.knowledge_base):
        _put(account.id, there.pop(block.key, None), block)
    for gone in there.values():
        if gone.source is ArticleSource.SETUP:
            db.session.delete(gone)
        else:
            gone.source_key = None
    base.setup_text_hash = wanted
    db.session.flush()


def _put(account_id: int, row: KnowledgeArticle | None, block: Block) -> None:
    if row is None:
        row = KnowledgeArticle(account_id=account_id, source=ArticleSource.SETUP, source_key=block.key)
    elif row.source is not ArticleSource.SETUP or row.content_hash == block.contents.hash():
        return
    row.content_hash = block.contents.hash()
    articles.write(row, block.contents)
