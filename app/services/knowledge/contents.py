"""What an article says, apart from its row: its fields, their limits, and whether two say the same."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

from app.errors import FieldProblem, InvalidFields
from app.services.knowledge.languages import NAMES

LONGEST_TITLE = 200
LONGEST_ANSWER = 600
LONGEST_BODY = 20_000
LONGEST_LINK = 2_000
LONGEST_QUESTION = 300
LONGEST_TAG = 40
MOST_QUESTIONS = 30
MOST_TAGS = 20
MOST_ARTICLES = 5_000
"""In one account."""

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_CONTROL = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class Contents:
    """One article as somebody wrote it, in a form, a call or a file."""

    title: str
    short_answer: str = ""
    body: str = ""
    link: str = ""
    language: str = ""
    tags: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()

    def hash(self) -> str:
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


def tidy(contents: Contents) -> Contents:
    """One kind of line ends, no blanks around, no empty or doubled entries, no control signs."""
    return Contents(
        title=_line(contents.title),
        short_answer=_text(contents.short_answer),
        body=_text(contents.body),
        link=_line(contents.link),
        language=contents.language.strip(),
        tags=_entries(contents.tags),
        questions=_entries(contents.questions),
    )


def check(contents: Contents) -> None:
    """Raises InvalidFields naming everything that cannot be taken."""
    problems = [*_missing(contents), *_too_long(contents)]
    if contents.language not in NAMES:
        problems.append(FieldProblem("language", "Choose a language from the list, such as en for English."))
    if contents.link and not _is_web_address(contents.link):
        text = "This is no web address. Write it whole, such as https://www.example.com/help."
        problems.append(FieldProblem("link", text))
    if problems:
        raise InvalidFields(problems)


def _missing(contents: Contents) -> list[FieldProblem]:
    problems = []
    if not contents.title:
        problems.append(FieldProblem("title", "Give the article a title."))
    if not contents.short_answer:
        text = "Write the short answer: it is what the bot says."
        problems.append(FieldProblem("short_answer", text))
    return problems


def _too_long(contents: Contents) -> list[FieldProblem]:
    sizes = (
        ("title", LONGEST_TITLE),
        ("short_answer", LONGEST_ANSWER),
        ("body", LONGEST_BODY),
        ("link", LONGEST_LINK),
    )
    problems = [
        FieldProblem(name, f"This is too long: {len(value):,} of at most {most:,} characters.")
        for name, most in sizes
        if len(value := getattr(contents, name)) > most
    ]
    lists = (("questions", MOST_QUESTIONS, LONGEST_QUESTION), ("tags", MOST_TAGS, LONGEST_TAG))
    for name, most, longest in lists:
        entries = getattr(contents, name)
        if len(entries) > most:
            problems.append(FieldProblem(name, f"These are too many: {len(entries)} of at most {most}."))
        elif any(len(entry) > longest for entry in entries):
            problems.append(FieldProblem(name, f"One of these is longer than {longest} characters."))
    return problems


def _is_web_address(link: str) -> bool:
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and "." in (parts.hostname or "") and " " not in link


def _line(text: str) -> str:
    return " ".join(_text(text).split())


def _text(text: str) -> str:
    plain = _UNSTORABLE.sub("\ufffd", text).replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL.sub(" ", plain).strip()


def _entries(entries: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, (_line(entry) for entry in entries))))
