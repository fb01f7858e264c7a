"""A passkey in a real browser with a virtual authenticator: added, signed in with, removed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from config import Settings
from tests.e2e.conftest import OWNER, PASSWORD
from tests.e2e.test_first_day import sign_in
from tests.support.processes import Stack

SOON_MS = 2_000
"""Well before a form that was sent takes a second click again by itself."""

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture
def stack(settings: Settings, tmp_path: Path) -> Iterator[Stack]:
    """Under a name: passkeys are not made for addresses of numbers."""
    stack = Stack(settings, tmp_path)
    stack.url = stack.url.replace("127.0.0.1", "localhost")
    stack.env["PUBLIC_BASE_URL"] = stack.url
    stack.flask("users", "create", "--email", OWNER, "--role", "owner", "--password-stdin", stdin=PASSWORD)
    stack.start()
    yield stack
    stack.stop()


def plug_in_authenticator(page: Page) -> None:
    """A device of the browser's own that knows its person."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_a_passkey_is_added_signs_in_and_is_removed(
    stack: Stack, browser_page: Page, complaints: list[str]
) -> None:
    page = browser_page
    plug_in_authenticator(page)
    sign_in(page, stack)
    page.goto(f"{stack.url}/settings/passkeys/")
    page.fill("[name=name]", "Laptop")
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Add passkey").click()
    expect(page.locator("tbody tr", has_text="Laptop")).to_be_visible()
    page.fill("[name=name]", "The same laptop")
    page.fill("[name=password]", PASSWORD)
    for _ in range(2):
        page.get_by_role("button", name="Add passkey").click()
        expect(page.get_by_text("has a passkey for your account already")).to_be_visible()
        expect(page.get_by_role("button", name="Add passkey")).not_to_have_attribute(
            "aria-busy", "true", timeout=SOON_MS
        )

    page.context.clear_cookies()
    page.goto(f"{stack.url}/login?next=/settings/passkeys/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(f"{stack.url}/settings/passkeys/")
    expect(page.locator("tbody tr", has_text="Laptop")).not_to_contain_text("never")

    page.get_by_role("button", name="Remove Laptop").click()
    expect(page.get_by_text("No passkey yet")).to_be_visible()
    page.context.clear_cookies()
    page.goto(f"{stack.url}/login")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("does not open this console")).to_be_visible()
    assert [text for text in complaints if "422" not in text] == []
