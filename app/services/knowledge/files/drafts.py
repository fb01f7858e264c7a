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
_MARKED = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_BINARY = re.compile("[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f]")
"""Signs that no text has; one escape sequence or two in a log do no harm."""
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
    text = content.decode(_encoding(content), "replace")
    odd = len(_BINARY.findall(text, 0, _GUESSED_FROM))
    if "\x00" in text or odd > max(3, min(len(text), _GUESSED_FROM) // 50):
        raise Unreadable(
            "This is not a text file: it holds binary data. Save it as text, Markdown, CSV or PDF, then try "
            "again."
        )
    return text


def _encoding(content: bytes) -> str:
    """By the mark at its beginning; where there is none, by what the bytes can be."""
    marked = next((encoding for mark, encoding in _MARKED if content.startswith(mark)), None)
    if marked:
        return marked
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        # Half of the bytes of Western letters in UTF-16 are zero, all on the same side.
        sides = content[first:_GUESSED_FROM:2], content[1 - first : _GUESSED_FROM : 2]
        if sides[0].count(0) * 2 > len(sides[0]) and not sides[1].count(0):
            return encoding
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        found = charset_normalizer.from_bytes(content[:_GUESSED_FROM]).best()
        return found.encoding if found else "cp1252"
    return "utf-8"


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
