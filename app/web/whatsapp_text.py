"""WhatsApp's own text marks to safe HTML: *bold*, _italic_, ~strike~, ```mono``` and bare links.

Everything is escaped first and marks are read afterwards, so nothing a customer writes can become a
tag that is not written here. A mark counts when it opens at the start of a word and closes at the end
of one, on one line, with no space just inside; anything else stays as typed.
"""

from __future__ import annotations

import re

from markupsafe import Markup, escape

ALLOWED_TAGS = frozenset({"strong", "em", "s", "code", "a", "br"})

_TAGS = {
    "*": (Markup("<strong>"), Markup("</strong>")),
    "_": (Markup("<em>"), Markup("</em>")),
    "~": (Markup("<s>"), Markup("</s>")),
}
_DELIMITER = re.compile(r"[*_~]")
_LINE_BREAK = re.compile(r"\r\n|\r|\n")
_MONO = re.compile(r"```(.+?)```", re.DOTALL)
_LINK = re.compile(r"https?://[^\s<>\"']{2,2000}", re.IGNORECASE)
_NOT_AT_THE_END = ".,;:!?)]}*_~’”"


def whatsapp_text(text: str | None) -> Markup:
    """Safe HTML of a message body. Line breaks become `<br>`; links open in a new tab without referrer."""
    if not text:
        return Markup("")
    # re.split with one group: even pieces stand outside, odd ones inside ``` marks
    pieces = enumerate(_MONO.split(text))
    return Markup("").join(_mono(piece) if n % 2 else _with_links(piece) for n, piece in pieces)


def _mono(text: str) -> Markup:
    lines = (escape(line) for line in _LINE_BREAK.split(text))
    return Markup("<code>{}</code>").format(Markup("<br>").join(lines))


def _with_links(text: str) -> Markup:
    """Links are cut out first: a `_` or `*` inside an address is not a mark."""
    parts: list[Markup] = []
    at = 0
    for found in _LINK.finditer(text):
        address = found[0].rstrip(_NOT_AT_THE_END)
        parts += [_with_marks(text[at : found.start()]), _link(address)]
        at = found.start() + len(address)
    return Markup("").join([*parts, _with_marks(text[at:])])


def _link(address: str) -> Markup:
    link = Markup('<a href="{0}" target="_blank" rel="noopener noreferrer nofollow">{0}</a>')
    return link.format(address)


def _with_marks(text: str) -> Markup:
    return Markup("<br>").join(_line(line) for line in _LINE_BREAK.split(text))


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
