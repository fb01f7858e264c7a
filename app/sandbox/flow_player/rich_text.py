"""The markdown of RichText, as blocks of spans: a template writes them, nothing here is HTML.

Source: Meta docs, "Components" page, read 2026-05: headings, lists, bold, italic, struck through, links.
"""

import re
from dataclasses import dataclass
from itertools import groupby

from .items import Item

HEADING = re.compile(r"(#{1,2})\s+(.*)")
BULLET = re.compile(r"[-+*]\s+(.*)")
NUMBERED = re.compile(r"\d{1,3}\.\s+(.*)")
MARKS = re.compile(
    r"\*\*(?P<bold>[^*]+)\*\*|\*(?P<italic>[^*]+)\*|~~(?P<struck>[^~]+)~~|\[(?P<link>[^\]]+)\]\((?P<to>[^)\s]+)\)"
)
LONGEST = 20_000


@dataclass(frozen=True)
class Span:
    """`style`: plain, bold, italic, struck or link (with `to`, which is said and not opened)."""

    text: str
    style: str = "plain"
    to: str = ""


@dataclass(frozen=True)
class Block:
    """`kind`: heading, subheading, text, bullets or numbers; a list has a line per item."""

    kind: str
    lines: list[list[Span]]


def blocks(text: str) -> list[Block]:
    lines = [_line(line.strip()) for line in text[:LONGEST].splitlines() if line.strip()]
    found: list[Block] = []
    for kind, group in groupby(lines, key=lambda line: line[0]):
        spans = [line for _, line in group]
        is_list = kind in {"bullets", "numbers"}
        found += [Block(kind, spans)] if is_list else [Block(kind, [line]) for line in spans]
    return found


def of_item(item: Item) -> list[Block]:
    return blocks(item.text)


def _line(line: str) -> tuple[str, list[Span]]:
    for pattern, kind in ((BULLET, "bullets"), (NUMBERED, "numbers")):
        if found := pattern.fullmatch(line):
            return kind, _spans(found[1])
    if found := HEADING.fullmatch(line):
        return ("heading" if len(found[1]) == 1 else "subheading"), _spans(found[2])
    return "text", _spans(line)


def _spans(text: str) -> list[Span]:
    spans, at = [], 0
    for found in MARKS.finditer(text):
        if found.start() > at:
            spans.append(Span(text[at : found.start()]))
        style = str(found.lastgroup) if found["link"] is None else "link"
        spans.append(Span(found[style], style, found["to"] or ""))
        at = found.end()
    return [*spans, Span(text[at:])] if at < len(text) else spans
