"""Files and a voice message from a real browser to the sandbox's phone, over a line that breaks off."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, Route, expect, sync_playwright

from tests.e2e.test_first_day import sign_in
from tests.e2e.test_flows import write_first
from tests.support.processes import Script, Stack, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
PDF = b"%PDF-1.4\n" + b"%x\n" * 400_000
FAKE_MICROPHONE = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")


@pytest.fixture
def page(chromium_path: str) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path, args=["--no-sandbox", *FAKE_MICROPHONE]
        )
        yield browser.new_page(permissions=["microphone"])
        browser.close()


def at_the_phone(stack: Stack) -> list[dict[str, Any]]:
    listed = requests.get(f"{stack.sandbox_url}/_sandbox/messages?limit=50", timeout=10).json()["data"]
    return [row for row in reversed(listed) if row["direction"] == "outbound"]


def test_a_file_survives_a_broken_line_and_a_voice_message_is_recorded(stack: Stack, page: Page) -> None:
    account = Script(stack).connect_sandbox_account()
    write_first(stack, account)
    sign_in(page, stack)
    page.goto(f"{stack.url}/console/")
    page.locator("#conversation-list a").first.click()
    asked: list[int] = []

    def break_off(route: Route) -> None:
        """The second piece does not arrive; of the third, only the answer is lost."""
        asked.append(1)
        if len(asked) == 3:
            route.fetch()
        route.abort() if len(asked) in (2, 3) else route.continue_()

    page.route("**/files", break_off)
    page.set_input_files("#new-files", {"name": "offer.pdf", "mimeType": "text/html", "buffer": PDF})
    page.get_by_label("Message to").fill("Our offer")
    page.get_by_role("button", name="Send", exact=True).click()
    log = page.get_by_role("log")
    expect(log.get_by_text("offer.pdf")).to_be_visible()
    expect(log.get_by_text("Our offer")).to_be_visible()
    expect(page.locator("#tray li")).to_have_count(0)

    page.locator("#attach-menu summary").click()
    page.get_by_role("button", name="Voice message").click()
    expect(page.get_by_role("timer")).to_have_text(re.compile("0:(0[1-9]|[1-5][0-9])"))
    page.get_by_role("button", name="Stop and listen").click()
    expect(page.locator("#tray audio")).to_be_visible()
    page.get_by_role("button", name="Send", exact=True).click()
    expect(log.get_by_role("button", name="Play: Voice message")).to_be_visible()

    wait_until(lambda: len(at_the_phone(stack)) == 2, what="both reach the phone")
    document, voice = (row["payload"] for row in at_the_phone(stack))
    assert (document["type"], document["document"]["caption"]) == ("document", "Our offer")
    assert voice["audio"]["voice"] is True
