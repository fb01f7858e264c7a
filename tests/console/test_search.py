"""What a search shows in the list, and where a line that was found leads."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.console.marking import mark_words
from app.models import utcnow

LINES = "#conversation-list .wc-conv-p"


@pytest.fixture
def conversation(make: Any, sign_in: Any) -> Any:
    """Hannah's: an old message about an invoice, then sixty more."""
    account = make.account()
    sign_in("agent", [account])
    contact = make.contact(account, profile_name="Hannah")
    row = make.conversation(account, contact=contact, last_message_preview="Number 59")
    at = utcnow() - timedelta(days=2)
    make.message(row, text_content="Where is the Invoice for May?", outbound=False, occurred_at=at)
    for number in range(60):
        last = make.message(
            row, text_content=f"Number {number}", occurred_at=at + timedelta(minutes=number + 1)
        )
    row.last_message_id = last.id
    make.conversation(account)
    return row


def marked(page: Any) -> list[str]:
    return [found.get_text() for found in page.soup.select(f"{LINES} mark")]


def test_an_older_message_stands_in_the_list_with_its_words_marked(page: Any, conversation: Any) -> None:
    shown = page.get("console.index", search="invoice ma")
    assert marked(shown) == []
    shown = page.get("console.index", search="invoice may")
    assert marked(shown) == ["Invoice", "May"]
    line = shown.soup.select_one(LINES).get_text()
    assert line.endswith(", Where is the Invoice for May?")


@pytest.mark.parametrize("htmx", [False, True])
def test_a_line_leads_to_its_message_in_the_thread(page: Any, conversation: Any, htmx: bool) -> None:
    link = page.get("console.index", search="invoice").soup.select_one(".wc-conv")
    thread = page.open(link["hx-get" if htmx else "href"], htmx=htmx, status=200)
    found = thread.soup.select_one(".wc-msg.found")
    assert "Where is the Invoice for May?" in found.get_text()
    assert link["data-focus"] == f"#{found['id']}"
    assert link["href"].endswith(f"#{found['id']}")
    assert "Number 59" in thread.text()
    # The search stays in the list beside the thread.
    assert thread.soup.select_one("#conversation-find")["value"] == "invoice"


def test_the_last_message_leads_to_the_end_of_the_thread(page: Any, conversation: Any) -> None:
    shown = page.get("console.index", search="59")
    assert marked(shown) == ["59"]
    link = shown.soup.select_one(".wc-conv")
    assert "at=" not in link["href"]
    assert link["data-focus"] == "#thread-title"


def test_the_poll_of_a_thread_that_was_opened_at_a_message_keeps_it(page: Any, conversation: Any) -> None:
    link = page.get("console.index", search="invoice").soup.select_one(".wc-conv")
    poll = page.open(link["href"]).soup.select_one("#thread-log")["hx-get"]
    fresh = page.open(poll.split("&version")[0], htmx=True, status=200)
    assert "Where is the Invoice for May?" in fresh.text()


@pytest.mark.parametrize("at", ["0", "-1", "x", "99999999999999999999999", ""])
def test_a_place_that_is_none_opens_the_thread_at_its_end(page: Any, conversation: Any, at: str) -> None:
    shown = page.open(f"/console/{conversation.id}/?at={at}", status=200)
    assert "Number 59" in shown.text()
    assert not shown.soup.select(".wc-msg.found")


def test_a_button_that_was_sent_is_found_by_its_title(page: Any, make: Any, conversation: Any) -> None:
    content = {
        "type": "button",
        "body": {"text": "When?"},
        "action": {"buttons": [{"type": "reply", "reply": {"id": "1", "title": "Thursday"}}]},
    }
    make.message(conversation, message_type="interactive", text_content="When?", content=content)
    shown = page.get("console.index", search="thursday")
    assert marked(shown) == ["Thursday"]
    assert "When?" not in shown.text()


def test_what_customers_write_is_text_also_where_it_is_marked(
    page: Any, make: Any, conversation: Any
) -> None:
    make.message(conversation, text_content="<b>bold</b> <script>alert(1)</script>", outbound=False)
    shown = page.get("console.index", search="bold")
    assert marked(shown) == ["bold"]
    assert not shown.soup.select(f"{LINES} b, {LINES} script")


def test_nothing_found_says_where_was_looked(page: Any, conversation: Any) -> None:
    shown = page.get("console.index", search="xylophone")
    assert "Nothing fits “xylophone”" in shown.text()
    assert "the words of all messages" in shown.text()


def test_the_list_says_while_older_messages_are_still_being_made_searchable(
    page: Any, conversation: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = "still being made searchable"
    assert words not in page.get("console.index", search="invoice").text()
    monkeypatch.setattr("app.queries.search.live.MOST", 10)
    assert words in page.get("console.index", search="invoice").text()


def test_the_poll_of_a_search_is_204_until_another_message_is_found(
    page: Any, make: Any, conversation: Any
) -> None:
    poll = page.get("console.index", search="invoice").soup.select_one("#conversation-list")["hx-get"]
    assert page.open(poll, htmx=True).status == 204
    make.message(conversation, text_content="Another invoice", outbound=False)
    assert page.open(poll, htmx=True).status == 200


def parts(text: str, search: str) -> list[str]:
    return [part.text for part in mark_words(text, search) if part.is_marked]


@pytest.mark.parametrize(
    "text, search, wanted",
    [
        ("Où est l'été ?", "ete ou", ["Où", "été"]),
        ("Où est l'été ?", "ou ete", ["Où", "été"]),
        ("Straßenbahn", "strass", ["Straß"]),
        ("reorder the order", "order", ["order"]),
        ("orders", "order", ["order"]),
        ("明日は雨です", "は雨", ["は雨"]),
        ("स्थिति क्या", "स्थिति", ["स्थिति"]),
        ("nothing here", "else", []),
        ("", "else", []),
    ],
)
def test_marked_is_what_was_meant(text: str, search: str, wanted: list[str]) -> None:
    assert parts(text, search) == wanted
    assert "".join(part.text for part in mark_words(text, search)) == text


def test_a_long_text_is_cut_so_that_the_word_is_seen() -> None:
    line = mark_words("blah " * 100 + "needle " + "blah " * 100, "needle")
    assert [part.is_marked for part in line] == [False, False, True, False]
    assert line[0].text == "…"
    assert sum(len(part.text) for part in line) < 200
    assert len("".join(part.text for part in line[:2])) < 30
