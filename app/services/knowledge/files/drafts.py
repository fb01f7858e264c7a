"""What the readers of files share: a draft of an article, and what a file can be refused for."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace

import charset_normalizer

from app.services.knowledge import languages
from app.services.knowledge.contents import LONGEST_ANSWER, Contents, tidy
from app.services.knowledge.setup_text import shorten
from app.services.knowledge.words import words_of

MOST_DRAFTS = 2_000
_GUESSED_FROM = 200_000
_PARAGRAPH = re.compile(r"\n[ \t]*\n")
_LINK = re.compile(r"!?\[([^\]\[]{0,500})\]\([^()]{0,2000}\)")
_MARKS = re.compile(r"^[ \t]{0,3}(?:#{1,6}|>|[-*+]|\d{1,3}[.)])[ \t]+|[*_`~]{1,3}", re.MULTILINE)


class Unreadable(Exception):
    """The file as a whole cannot be taken; the text is for the person who brought it."""


@dataclass(frozen=True)
class Draft:
    """One article of a file. `key` is the same for the same place in the same file; `article_id`: the
    article it says that it is."""

    key: str
    title: str
    contents: Contents
    article_id: int | None = None


def decode(content: bytes) -> str:
    """Text in whatever encoding it was written. Raises Unreadable for what is no text."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    if b"\x00" in content:
        raise Unreadable(
            "This is not a text file: it holds binary data. Save it as text, Markdown, CSV or PDF, then try "
            "again."
        )
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        found = charset_normalizer.from_bytes(content[:_GUESSED_FROM]).best()
        return content.decode(found.encoding if found else "cp1252", "replace")


def draft_of(key: str, contents: Contents, language: str) -> Draft:
    """Fills in what the file does not say: the short answer from the text's beginning, the language from
    its words."""
    contents = tidy(contents)
    answer = contents.short_answer or shorten(_first_paragraph(contents.body), LONGEST_ANSWER)
    said = contents.language or language or languages.guess(words_of(f"{contents.title} {answer}"))
    filled = replace(contents, short_answer=answer, language=said)
    return Draft(hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:40], contents.title, filled)


def _first_paragraph(body: str) -> str:
    """In plain words: what is sent by WhatsApp knows no Markdown."""
    paragraph = _PARAGRAPH.split(body.strip(), maxsplit=1)[0]
    return _MARKS.sub("", _LINK.sub(r"\1", paragraph)).strip()


class Keys:
    """Keys for the articles of one file; the second of one name is the second in any later reading too."""

    def __init__(self, file_name: str) -> None:
        self._file_name = file_name.casefold()
        self._counts: dict[str, int] = {}

    def next(self, name: str) -> str:
        plain = " ".join(name.split()).casefold()
        self._counts[plain] = self._counts.get(plain, 0) + 1
        return f"import:{self._file_name}:{plain}:{self._counts[plain]}"
