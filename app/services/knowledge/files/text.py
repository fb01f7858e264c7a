"""Markdown and plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from app.services.knowledge.contents import Contents
from app.services.knowledge.files.drafts import Draft, Keys, Unreadable, decode, draft_of
from app.services.knowledge.setup_text import blocks_of

_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.+?)[ \t]*#*[ \t]*")
_FENCE = re.compile(r" {0,3}(```|~~~)")
_ABOUT = re.compile(r"(tags|language|link|question|short answer)[ \t]*:[ \t]*(.*)", re.IGNORECASE)
_LONGEST_HEADING = 500


@dataclass
class _Section:
    """What stands under one heading, up to the next."""

    title: str
    lines: list[str] = field(default_factory=list)
    about: dict[str, list[str]] = field(default_factory=dict)

    def take(self, line: str) -> None:
        """Lines such as `Tags: money, card` above the text say something about the article."""
        found = _ABOUT.fullmatch(line.strip()) if not any(self.lines) else None
        if found:
            self.about.setdefault(found[1].lower(), []).append(found[2])
        else:
            self.lines.append(line.rstrip())

    def contents(self) -> Contents:
        def said(name: str) -> str:
            return " ".join(self.about.get(name, []))

        return Contents(
            title=self.title,
            short_answer=said("short answer"),
            body="\n".join(self.lines),
            link=said("link"),
            language=said("language"),
            tags=tuple(said("tags").split(",")),
            questions=tuple(self.about.get("question", [])),
        )


def read_markdown(content: bytes, file_name: str, language: str) -> list[Draft]:
    """An article for each heading that has text under it."""
    keys = Keys(file_name)
    drafts = [
        draft_of(keys.next(section.title), section.contents(), language)
        for section in _sections(decode(content))
        if any(section.lines) or section.about.get("short answer")
    ]
    if not drafts:
        raise Unreadable(
            "No article was found: an article is a heading (a line that begins with #) and the text under it."
        )
    return drafts


def _sections(text: str) -> Iterator[_Section]:
    """What stands above the first heading belongs to no article."""
    section, is_code = None, False
    for line in text.splitlines():
        is_code ^= bool(_FENCE.match(line))
        found = _HEADING.fullmatch(line[:_LONGEST_HEADING]) if not is_code else None
        if found:
            if section is not None:
                yield section
            section = _Section(found[2])
        elif section is not None:
            section.take(line)
    if section is not None:
        yield section


def read_text(content: bytes, file_name: str, language: str) -> list[Draft]:
    """Blocks with an empty line between them, as in step 5 of the set-up."""
    keys = Keys(file_name)
    blocks = [block.contents for block in blocks_of(decode(content))]
    if not blocks:
        raise Unreadable(
            "No article was found: an article is a line with the question and the answer in the lines under "
            "it, with an empty line before the next."
        )
    return [draft_of(keys.next(block.title), replace(block, language=language), language) for block in blocks]
