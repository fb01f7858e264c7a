"""The knowledge base in a real browser: an article is written, a file imported, a question asked."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e.test_first_day import sign_in
from tests.support.processes import Script, Stack

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

FILE = b"# Gift cards\nYou can buy them at the till.\n\n# " + b"x" * 300 + b"\nA title that is too long.\n"


def check(page: Page) -> None:
    """Nothing for axe to find, wide and narrow; nothing is wider than the screen."""
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        found = Axe().run(page).response["violations"]
        assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found] == []
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{page.url} is {wide} px too wide"
    page.set_viewport_size({"width": 1440, "height": 900})


def test_an_article_is_written_a_file_imported_and_a_question_asked(
    stack: Stack, browser_page: Page, complaints: list[str]
) -> None:
    page = browser_page
    Script(stack).connect_sandbox_account()
    sign_in(page, stack)

    page.goto(f"{stack.url}/bot/knowledge/")
    check(page)
    page.locator("main").get_by_role("link", name="New article").first.click()
    page.get_by_label("Title").fill("Opening hours")
    page.get_by_label("Short answer").fill("We are open from *8 to 18*.")
    expect(page.locator("#article-preview strong", has_text="8 to 18")).to_be_visible()
    page.get_by_label("Questions it answers").fill("When are you open?")
    check(page)
    page.get_by_role("button", name="Save article").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Opening hours")
    check(page)

    page.goto(f"{stack.url}/bot/knowledge/imports/")
    check(page)
    page.locator("#file").set_input_files({"name": "help.md", "mimeType": "text/markdown", "buffer": FILE})
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_text("2 of 2 articles: 1 new, 0 changed, 0 as before, 1 not taken.")).to_be_visible()
    expect(page.get_by_text("This is too long: 300 of at most 200 characters.")).to_be_visible()
    check(page)

    page.goto(f"{stack.url}/bot/knowledge/ask")
    page.locator("#question").fill("wehn are you open on saturday")
    page.get_by_role("button", name="Ask").click()
    expect(page.locator("#found .wc-main-link").first).to_have_text("Opening hours")
    check(page)
    page.goto(f"{stack.url}/bot/knowledge/")
    check(page)
    assert complaints == []
