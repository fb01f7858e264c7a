"""Markdown to HTML that can do nothing: no HTML of its own, no scripts, no pictures from elsewhere."""

from __future__ import annotations

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

_LONGEST = 50_000
_TAGS = frozenset(
    {
        *("a", "br", "code", "del", "em", "s", "strong"),
        *("blockquote", "hr", "li", "ol", "p", "pre", "ul"),
        *("h3", "h4", "h5", "h6"),
        *("table", "tbody", "td", "th", "thead", "tr"),
    }
)
_HEADINGS = {"h1": "h3", "h2": "h4", "h3": "h5", "h4": "h6", "h5": "h6", "h6": "h6"}


def markdown(text: str) -> Markup:
    """For a page that has its own h1 and h2: headings begin at h3."""
    parser = MarkdownIt("js-default", {"maxNesting": 30}).disable("image")
    tokens = parser.parse(text[:_LONGEST].encode("utf-8", "replace").decode())
    for token in tokens:
        token.tag = _HEADINGS.get(token.tag, token.tag)
    html = parser.renderer.render(tokens, parser.options, {})
    clean = nh3.clean(
        html,
        tags=set(_TAGS),
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer nofollow",
    )
    # nh3 has taken out everything that is not in the lists above.
    return Markup(clean)  # noqa: S704
