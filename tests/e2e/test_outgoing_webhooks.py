"""Outgoing webhooks in a real browser: one is set up, its test event fails, is mended and seen to arrive."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from config import Settings
from tests.e2e.conftest import OWNER, PASSWORD
from tests.e2e.test_first_day import sign_in
from tests.e2e.test_knowledge import check
from tests.support.processes import Stack
from tests.support.receiver import Receiver

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture
def stack(settings: Settings, tmp_path: Path) -> Iterator[Stack]:
    """It may reach this machine."""
    stack = Stack(settings, tmp_path, OUTGOING_WEBHOOK_NETWORKS="127.0.0.1/32")
    stack.flask("users", "create", "--email", OWNER, "--role", "owner", "--password-stdin", stdin=PASSWORD)
    stack.start()
    yield stack
    stack.stop()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


def test_one_is_set_up_and_its_test_event_is_seen_to_arrive(
    stack: Stack, browser_page: Page, complaints: list[str], receiver: Receiver
) -> None:
    page = browser_page
    sign_in(page, stack)
    page.goto(f"{stack.url}/settings/webhooks/")
    check(page)
    page.get_by_role("link", name="Add webhook").click()
    page.get_by_label("Address").fill(receiver.url)
    page.get_by_label("Name").fill("Shop")
    page.get_by_label("A customer’s message arrived").check()
    check(page)
    page.get_by_role("button", name="Add webhook").click()
    secret = page.get_by_role("textbox", name="Secret").input_value()
    check(page)

    receiver.answers = [(500, {}, b"<b>the shop is closed</b>")]
    page.get_by_role("button", name="Send a test event").click()
    expect(page.locator("#main").get_by_text("<b>the shop is closed</b>")).to_be_visible()
    expect(page.locator("#main .wc-badge", has_text="Delivered")).to_be_visible()
    check(page)
    assert [post.is_signed_with(secret) for post in receiver.posts] == [True, True]

    page.get_by_role("button", name="Send once more").click()
    expect(page.locator("#main .wc-badge", has_text="Replay")).to_be_visible()
    expect(page.locator("#main .wc-badge", has_text="Delivered")).to_be_visible()
    assert len({post.headers["webhook-id"] for post in receiver.posts}) == 1
    for path in ("", "deliveries/", "deliveries/replay", "1/delete"):
        page.goto(f"{stack.url}/settings/webhooks/{path}")
        check(page)
    assert complaints == []
