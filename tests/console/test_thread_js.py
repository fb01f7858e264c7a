"""A long thread in a real browser: what is in view stays there, whatever comes in above or below."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect, sync_playwright
from werkzeug.serving import make_server

from app.extensions import db
from app.models import utcnow

pytestmark = pytest.mark.browser

IN_VIEW = """() => {
  const log = document.getElementById("thread-scroll"), top = log.getBoundingClientRect().top;
  const shown = [...log.querySelectorAll(".wc-msg")].find((el) => el.getBoundingClientRect().top > top + 40);
  return [shown.id, Math.round(shown.getBoundingClientRect().top)];
}"""
PLACE = "(id) => Math.round(document.getElementById(id).getBoundingClientRect().top)"


@pytest.fixture
def url(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def tab(chromium_path: str, page: Any, url: str) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 1200, "height": 700}, reduced_motion="reduce")
        cookie = page._client.get_cookie("waba")
        context.add_cookies([{"name": "waba", "value": cookie.value, "url": url}])
        tab = context.new_page()
        tab.set_default_timeout(20_000)
        yield tab
        browser.close()


def test_a_long_thread_grows_upwards_and_downwards_without_moving_what_is_read(
    make: Any, sign_in: Any, page: Any, url: str, request: pytest.FixtureRequest
) -> None:
    account = make.account()
    sign_in("agent", [account])
    conversation = make.conversation(account)
    quiet = make.contact(account, profile_name="Quiet one")
    other = make.conversation(account, contact=quiet, last_message_at=utcnow() - timedelta(days=1))
    at = utcnow() - timedelta(hours=5)
    for number in range(130):
        make.message(
            conversation,
            outbound=bool(number % 2),
            text_content=f"m{number}",
            occurred_at=at + timedelta(minutes=number),
        )
    address = f"{url}{page.url('console.thread', conversation_id=conversation.id)}"
    db.session.rollback()
    tab: Page = request.getfixturevalue("tab")
    tab.goto(address)
    expect(tab.locator("#thread-jump")).to_be_hidden()
    log = tab.locator("#thread-scroll")
    # A place near the top that does not yet load: what stands there is watched while 50 come in above it.
    tab.evaluate("document.getElementById('thread-scroll').scrollTop = -900")
    shown, top = tab.evaluate(IN_VIEW)
    tab.evaluate("document.getElementById('thread-earlier').click()")
    expect(tab.get_by_text("m30", exact=True)).to_be_attached()
    assert abs(tab.evaluate(PLACE, shown) - top) <= 2
    expect(tab.locator("#thread-jump")).to_have_text("Newest messages")

    # The list beside it: rows that did not change are not sent again, and stay as they are.
    rows = [f"conversation-{one.id}" for one in (conversation, other)]
    tab.evaluate("id => document.getElementById(id).wasThere = true", rows[1])
    make.message(conversation, outbound=False, text_content="while reading")
    conversation.version += 1
    conversation.last_message_preview = "something new"
    db.session.commit()
    expect(tab.locator(f"#{rows[0]}")).to_contain_text("something new")
    assert tab.evaluate("id => document.getElementById(id).wasThere", rows[1])
    expect(tab.locator(f"#{rows[1]}")).to_contain_text("Quiet one")
    other.version, other.last_message_at = other.version + 1, utcnow()
    db.session.commit()
    expect(tab.locator("#conversation-list li").first).to_have_id(rows[1])
    expect(tab.locator("#conversation-list li")).to_have_count(2)
    expect(tab.locator("#thread-jump")).to_have_text("1 new message")
    assert abs(tab.evaluate(PLACE, shown) - top) <= 2
    tab.locator("#thread-jump").click()
    expect(tab.get_by_text("while reading", exact=True)).to_be_in_viewport()
    expect(tab.locator("#thread-jump")).to_be_hidden()

    # By keyboard up to the very beginning: parts load as they come near.
    log.focus()
    for _ in range(6):
        tab.evaluate("document.getElementById('thread-scroll').scrollTop = -1e6")
        tab.keyboard.press("PageUp")
    expect(tab.get_by_text("This is the beginning of the conversation.")).to_be_attached()
    assert tab.locator("#thread-scroll .wc-msg").count() == 131
    assert tab.locator(".wc-day:visible").count() <= 2
