"""Message text as HTML: WhatsApp's marks, links, and nothing a sender could smuggle in."""

from __future__ import annotations

import gc
import time
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from app.web.whatsapp_text import ALLOWED_TAGS, first_link, whatsapp_text


@pytest.mark.parametrize(
    "text, html",
    [
        ("plain", "plain"),
        ("*bold*", "<strong>bold</strong>"),
        ("_soft_ and ~gone~", "<em>soft</em> and <s>gone</s>"),
        ("```let x = 1```", "<code>let x = 1</code>"),
        ("*_both_*", "<strong><em>both</em></strong>"),
        ("(*yes*), _no_!", "(<strong>yes</strong>), <em>no</em>!"),
        ("two\nlines", "two<br>lines"),
        ("two\r\nlines", "two<br>lines"),
        ("```a\n*b*```", "<code>a<br>*b*</code>"),
        ("run `make *all*` now", "run <code>make *all*</code> now"),
        ("> one\n>two\nthree", "<blockquote>one<br>two</blockquote>three"),
        ("to do:\n- *wash*\n* dry\ndone", "to do:<ul><li><strong>wash</strong></li><li>dry</li></ul>done"),
        ("1. wash\n2. dry", "1. wash<br>2. dry"),
    ],
)
def test_marks_become_tags(text: str, html: str) -> None:
    assert str(whatsapp_text(text)) == html


@pytest.mark.parametrize(
    "text",
    [
        "2 * 3 * 4",
        "snake_case_name",
        "-5 degrees",
        "a - b",
        "*not bold *",
        "**",
        "a*b*c",
        "*open",
        "```open",
        "*two\nlines*",
    ],
)
def test_marks_that_are_no_marks_stay_as_typed(text: str) -> None:
    assert str(whatsapp_text(text)) == text.replace("\n", "<br>")


def test_crossed_marks_still_nest() -> None:
    assert str(whatsapp_text("*a _b* c_")) == "<strong>a _b</strong> c_"


def test_link_opens_apart_and_leaves_the_full_stop_outside() -> None:
    assert str(whatsapp_text("See https://a.example/x_y_z?a=1&b=2.")) == (
        'See <a href="https://a.example/x_y_z?a=1&amp;b=2" target="_blank" '
        'rel="noopener noreferrer nofollow">https://a.example/x_y_z?a=1&amp;b=2</a>.'
    )


@pytest.mark.parametrize("text", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "HTTPS:/x"])
def test_only_web_addresses_become_links(text: str) -> None:
    assert "<a" not in whatsapp_text(text)


@pytest.mark.parametrize(
    "text", ["<b>x</b>", '"><img src=x onerror=alert(1)>', "*<script>*", "```</code><i>```"]
)
def test_markup_of_the_sender_is_text(text: str) -> None:
    assert "<script" not in whatsapp_text(text)
    assert str(escape(text.strip("*`"))) in whatsapp_text(text)


@pytest.mark.parametrize(
    "text, host",
    [
        ("See https://a.example/x.", "a.example"),
        ("https://bank.example@evil.example/login", "evil.example"),
        ("https://b\u0430nk.example/", "xn--bnk-6cd.example"),
        ("https://[::1", None),
        ("nothing here", None),
    ],
)
def test_the_host_of_a_link_is_where_it_really_leads(text: str, host: str | None) -> None:
    link = first_link(text)
    assert (link.host if link else None) == host


def test_no_text_is_no_html() -> None:
    assert whatsapp_text(None) == whatsapp_text("") == ""


class Judge(HTMLParser):
    """Collects tags, their attributes and the text; complains about tags that do not nest."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}
        for name, value in attrs:
            assert name != "href" or (value or "").lower().startswith(("http://", "https://"))
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


typed = st.lists(
    st.one_of(
        st.text(max_size=12),
        st.sampled_from(
            [
                "*",
                "_",
                "~",
                "```",
                "`",
                " ",
                "\n",
                "<",
                ">",
                "&",
                '"',
                "'",
                "https://a.b/",
                "\n- x",
                "\n> ",
                "<a href=",
                "</a>",
            ]
        ),
    ),
    max_size=40,
).map("".join)


@given(typed)
def test_whatever_is_typed_only_known_tags_come_out_and_they_nest(text: str) -> None:
    judge = Judge()
    judge.feed(str(whatsapp_text(text)))
    judge.close()
    assert judge.seen <= ALLOWED_TAGS
    assert judge.attributes <= {"href", "target", "rel"}
    assert judge.open == []


@given(typed)
def test_nothing_typed_gets_lost_but_marks_and_line_ends(text: str) -> None:
    def letters(value: str) -> str:
        return "".join(letter for letter in value if letter not in "*_~`>- \r\n")

    judge = Judge()
    judge.feed(str(whatsapp_text(text)))
    judge.close()
    assert letters(judge.text) == letters(text)


def cost_s(text: str) -> float:
    """CPU time of this thread, without the collector: no busy machine and no full memory counts."""
    gc.disable()
    try:
        started = time.thread_time()
        whatsapp_text(text)
        return time.thread_time() - started
    finally:
        gc.enable()


@pytest.mark.parametrize("piece", ["*a ", " *a", "*_~", "```", "https://", "_a_*"])
def test_a_hostile_text_costs_by_its_length_and_no_more(piece: str) -> None:
    short = min(cost_s(piece * 2_000) for _ in range(3))
    assert cost_s(piece * 32_000) < 64 * short, "16 times the length may cost 16 times as much, not 256"
