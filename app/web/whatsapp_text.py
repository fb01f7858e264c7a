"""WhatsApp's own text marks to safe HTML: *bold*, _italic_, ~strike~, `code`, ```mono```, "> " before a
quote, "- " or "* " before the point of a list, and bare links. A numbered list reads as it was typed.

Everything is escaped first and marks are read afterwards, so nothing a customer writes can become a
tag that is not written here. A mark counts when it opens at the start of a word and closes at the end
of one, on one line, with no space just inside; anything else stays as typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import urlsplit

from markupsafe import Markup, escape

ALLOWED_TAGS = frozenset({"strong", "em", "s", "code", "a", "br", "blockquote", "ul", "li"})

_TAGS = {
    "*": (Markup("<strong>"), Markup("</strong>")),
    "_": (Markup("<em>"), Markup("</em>")),
    "~": (Markup("<s>"), Markup("</s>")),
}
_DELIMITER = re.compile(r"[*_~]")
_LINE_BREAK = re.compile(r"\r\n|\r|\n")
_MONO = re.compile(r"```(.+?)```", re.DOTALL)
_CODE = re.compile(r"`([^`\r\n]+)`")
_BLOCK = re.compile(r"(?P<quote>> ?)|(?P<point>[*-] )(?=\S)")
_LINK = re.compile(r"https?://[^\s<>\"']{2,2000}", re.IGNORECASE)
_NOT_AT_THE_END = ".,;:!?)]}*_~’”"


@dataclass(frozen=True)
class Link:
    """An address in a text. `host`: where it really leads, whatever stands before an @ or looks alike."""

    address: str
    host: str


def first_link(text: str) -> Link | None:
    """The link that WhatsApp would show a preview of. Nothing is fetched."""
    found = _LINK.search(text)
    if found is None:
        return None
    address = found[0].rstrip(_NOT_AT_THE_END)
    try:
        host = urlsplit(address).hostname or ""
        return Link(address, host.encode("idna").decode("ascii")) if host else None
    except ValueError:
        return None


def whatsapp_text(text: str | None) -> Markup:
    """Safe HTML of a message body. Line breaks become `<br>`; links open in a new tab without referrer."""
    if not text:
        return Markup("")
    # re.split with one group: even pieces stand outside, odd ones inside ``` marks
    pieces = enumerate(_MONO.split(text))
    return Markup("").join(
        _mono(piece) if n % 2 else _with_blocks(piece, starts_line=n == 0) for n, piece in pieces
    )


def _mono(text: str) -> Markup:
    lines = (escape(line) for line in _LINE_BREAK.split(text))
    return Markup("<code>{}</code>").format(Markup("<br>").join(lines))


def _with_blocks(text: str, *, starts_line: bool) -> Markup:
    """Lines that belong to one quote or one list stand together; between others is a line break."""
    out: list[Markup] = []
    for block, lines in groupby(_marked_lines(text, starts_line), key=lambda marked: marked[0]):
        inner = [_with_code(line) for _, line in lines]
        if block == "quote":
            out.append(Markup("<blockquote>{}</blockquote>").format(Markup("<br>").join(inner)))
        elif block == "point":
            points = (Markup("<li>{}</li>").format(line) for line in inner)
            out.append(Markup("<ul>{}</ul>").format(Markup("").join(points)))
        else:
            out.append(Markup("<br>").join(inner))
    return Markup("").join(out)


def _marked_lines(text: str, starts_line: bool) -> Iterator[tuple[str, str]]:
    """Each line with the block it belongs to, "" for none. What follows ```mono``` is no line's beginning."""
    for number, line in enumerate(_LINE_BREAK.split(text)):
        mark = _BLOCK.match(line) if number or starts_line else None
        yield (mark.lastgroup or "", line[mark.end() :]) if mark else ("", line)


def _with_code(line: str) -> Markup:
    pieces = enumerate(_CODE.split(line))
    return Markup("").join(_mono(piece) if n % 2 else _with_links(piece) for n, piece in pieces)


def _with_links(line: str) -> Markup:
    """Links are cut out first: a `_` or `*` inside an address is not a mark."""
    parts: list[Markup] = []
    at = 0
    for found in _LINK.finditer(line):
        address = found[0].rstrip(_NOT_AT_THE_END)
        parts += [_line(line[at : found.start()]), _link(address)]
        at = found.start() + len(address)
    return Markup("").join([*parts, _line(line[at:])])


def _link(address: str) -> Markup:
    link = Markup('<a href="{0}" target="_blank" rel="noopener noreferrer nofollow">{0}</a>')
    return link.format(address)


def _line(line: str) -> Markup:
    """One pass over the marks, so that a long line of them costs no more than any other."""
    out: list[Markup] = []
    open_at: dict[str, int] = {}  # mark -> where in `out` it stands, waiting for its partner
    at = 0
    for found in _DELIMITER.finditer(line):
        mark = found[0]
        out.append(escape(line[at : found.start()]))
        at = found.end()
        if mark in open_at and _closes(line, found.start()):
            begin = open_at[mark]
            out[begin], last = _TAGS[mark]
            out.append(last)
            # marks opened inside and never closed stay as typed: tags must nest
            open_at = {other: place for other, place in open_at.items() if place < begin}
            continue
        if mark not in open_at and _opens(line, found.start()):
            open_at[mark] = len(out)
        out.append(escape(mark))
    return Markup("").join([*out, escape(line[at:])])


def _opens(line: str, at: int) -> bool:
    before, after = line[max(at - 1, 0) : at], line[at + 1 : at + 2]
    return not before.isalnum() and after != "" and not after.isspace() and after != line[at]


def _closes(line: str, at: int) -> bool:
    before, after = line[at - 1], line[at + 1 : at + 2]
    return not before.isspace() and not after.isalnum()
