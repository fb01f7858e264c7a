"""WhatsApp's marks in a text (bold, italic, struck, code, lists, quotes) and its links, as safe HTML.

What counts as a mark, and which may stand inside another, is unverified.
"""

import re
from itertools import groupby

from markupsafe import Markup, escape

BLOCK = "```"
INLINE = re.compile(
    r"`(?P<code>[^`\n]+)`"
    r"|(?P<url>https?://[^\s<>\"]*[^\s<>\".,;:!?)\]'*_~])"
    r"|(?<!\w)(?P<mark>[*_~])(?P<inner>[^\s*_~](?:[^\n]*?\S)?)(?P=mark)(?!\w)"
    r"|(?<!\w)(?P<outer>[*_~])(?P<nested>[*_~][^\s][^\n]*?[*_~])(?P=outer)(?!\w)"
)
TAGS = {"*": "strong", "_": "em", "~": "s"}
LINE = re.compile(r"(?P<bullet>[-*] +)|(?P<number>\d{1,3})\. +|(?P<quote>> ?)")
BLOCK_END = re.compile(r"</(?:li|span|blockquote)>")
FIRST_LINK = re.compile(r"https?://[^\s<>\"]+")


def formatted(text: str) -> Markup:
    """The text of a bubble; everything that is not a mark is escaped."""
    pieces = text.split(BLOCK)
    if len(pieces) % 2 == 0:  # a last fence without its end stands for itself
        pieces[-2:] = [BLOCK.join(pieces[-2:])]
    done = [
        Markup("<code class='block'>{}</code>").format(piece) if index % 2 else _lines(piece)
        for index, piece in enumerate(pieces)
        if piece
    ]
    return Markup("").join(done)


def plain(text: str) -> str:
    """One line about it, without the marks: for quotes, names and logs."""
    spaced = BLOCK_END.sub(r" \g<0>", str(formatted(text)))
    return " ".join(Markup(spaced).striptags().split())  # noqa: S704 (made by formatted)


def first_link(text: str) -> str:
    """The address that a preview would be of; "" when there is none."""
    found = FIRST_LINK.search(text)
    return found[0].rstrip(".,;:!?)]'*_~") if found else ""


def _kind(line: str) -> str:
    found = LINE.match(line)
    return str(found.lastgroup) if found else ""


def _lines(text: str) -> Markup:
    blocks = [_block(kind, list(lines)) for kind, lines in groupby(text.split("\n"), _kind)]
    return Markup("").join(blocks)


def _block(kind: str, lines: list[str]) -> Markup:
    if not kind:
        return Markup("<span class='lines'>{}</span>").format(Markup("\n").join(map(_inline, lines)))
    rest = [_inline(LINE.sub("", line, count=1)) for line in lines]
    if kind == "quote":
        return Markup("<blockquote>{}</blockquote>").format(Markup("\n").join(rest))
    items = Markup("").join(Markup("<li>{}</li>").format(item) for item in rest)
    if kind == "bullet":
        return Markup("<ul>{}</ul>").format(items)
    found = LINE.match(lines[0])
    return Markup("<ol start='{}'>{}</ol>").format(found["number"] if found else 1, items)


def _inline(text: str) -> Markup:
    done, at = Markup(""), 0
    for found in INLINE.finditer(text):
        done += escape(text[at : found.start()]) + _marked(found)
        at = found.end()
    return done + escape(text[at:])


def _marked(found: "re.Match[str]") -> Markup:
    if found["code"]:
        return Markup("<code>{}</code>").format(found["code"])
    if found["url"]:
        return link(found["url"])
    tag = Markup(TAGS[found["mark"] or found["outer"]])  # noqa: S704 (a constant)
    return Markup("<{0}>{1}</{0}>").format(tag, _inline(found["inner"] or found["nested"]))


def link(address: str) -> Markup:
    """Opens beside the page and is told nothing of it."""
    return Markup("<a href='{0}' target='_blank' rel='noopener noreferrer nofollow'>{0}</a>").format(address)
