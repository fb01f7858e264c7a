"""The console's composer in a real browser: what is typed is kept, whatever the line and the clock do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page, expect, sync_playwright
from werkzeug.serving import make_server

from app.extensions import db
from app.models import utcnow
from app.models.conversations import WINDOW, WINDOW_MARGIN

pytestmark = pytest.mark.browser


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(5)
    server.server_close()


@pytest.fixture
def tab(chromium_path: str, address: str, make: Any) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
        yield browser.new_context().new_page()
        browser.close()


def test_what_is_typed_survives_a_lost_line_another_tab_and_the_windows_end(
    page: Any, make: Any, tab: Page, address: str
) -> None:
    account = make.account()
    conversation = make.conversation(account)
    make.message(conversation, outbound=False, text_content="Blue or red?")
    page.sign_in(make.user(role="agent", accounts=[account]))
    cookie = page.session_cookie()
    tab.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": address}])
    url = f"{address}/console/{conversation.id}/"
    db.session.rollback()

    tab.goto(url)
    field = tab.locator("#message-body")
    field.press_sequentially("Blue")
    expect(tab.locator(".wc-draft-kept")).to_be_visible()
    assert Axe().run(tab).response["violations"] == []
    tab.context.set_offline(True)
    field.press_sequentially(", of course")
    expect(tab.locator("#draft-state")).to_contain_text("No connection")
    tab.context.set_offline(False)
    expect(tab.locator(".wc-draft-kept")).to_be_visible()

    other = tab.context.new_page()
    other.goto(url)
    expect(other.locator("#message-body")).to_have_value("Blue, of course")
    # "Draft kept" already stands there for the earlier words: only the answer says that these are kept too.
    with other.expect_response(lambda answer: answer.url.endswith("/draft") and answer.ok):
        other.locator("#message-body").fill("Red")
    field.fill("Green")
    expect(tab.locator(".wc-draft-note q")).to_have_text("Red")
    tab.get_by_role("button", name="Keep what stands above").click()
    expect(tab.locator(".wc-draft-kept")).to_be_visible()
    other.close()

    conversation.last_inbound_at = utcnow() - WINDOW + WINDOW_MARGIN + timedelta(seconds=9)
    conversation.version += 1
    db.session.commit()
    expect(tab.locator(".wc-window-side.is-counting")).to_be_visible()
    expect(tab.locator("#held-back")).to_have_text("Green")
    expect(tab.locator("#spoken")).to_contain_text("window is closing")
