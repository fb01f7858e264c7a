"""Markdown that strangers wrote: shown as it is meant, and able to do nothing."""

from __future__ import annotations

import time

import pytest
from bs4 import BeautifulSoup

from app.web.markdown import markdown


def test_it_is_shown_as_it_is_meant() -> None:
    soup = BeautifulSoup(markdown("# One\n\n**two** [three](https://example.com)\n\n- four"), "html5lib")
    assert [tag.name for tag in soup.body.find_all(True)] == ["h3", "p", "strong", "a", "ul", "li"]
    assert soup.a["rel"] == ["noopener", "noreferrer", "nofollow"]


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "![x](https://example.com/pixel.png)",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "<javascript:alert(1)>",
    '[x](https://example.com "onclick=alert(1)")',
    "<style>*{display:none}</style>",
    '<div id="main" style="position:fixed">x</div>',
    "<iframe src=https://example.com></iframe>",
    "<form action=https://example.com><input name=password></form>",
    "```html\n<script>alert(1)</script>\n```",
    "<!-- --><svg/onload=alert(1)>",
    "\x00\ud800<b>",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_nothing_in_it_does_anything(text: str) -> None:
    soup = BeautifulSoup(markdown(text), "html5lib")
    assert not soup.select("script, style, img, iframe, form, input, svg, [id], [style], [class]")
    for tag in soup.find_all(True):
        assert not [name for name in tag.attrs if name.startswith("on")]
        assert str(tag.get("href", "https:")).startswith(("http:", "https:", "mailto:", "tel:"))


@pytest.mark.parametrize("text", ["[" * 50_000, "> " * 25_000, "*a " * 16_000, "`" * 50_000, "- " * 20_000])
def test_no_text_takes_long(text: str) -> None:
    started = time.process_time()
    markdown(text)
    assert time.process_time() - started < 5
