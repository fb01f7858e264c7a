"""A running console and a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from config import Settings
from tests.support.processes import Stack

OWNER = "owner@example.com"
PASSWORD = "a-password-for-this-test"


@pytest.fixture
def stack(settings: Settings, tmp_path: Path) -> Iterator[Stack]:
    """All processes, migrated database, one owner, no account."""
    stack = Stack(settings, tmp_path)
    stack.flask("users", "create", "--email", OWNER, "--role", "owner", "--password-stdin", stdin=PASSWORD)
    stack.start()
    yield stack
    stack.stop()


@pytest.fixture
def complaints() -> list[str]:
    """What the browser's console said: errors, and reports of the security policy."""
    return []


@pytest.fixture
def browser_page(chromium_path: str, complaints: list[str]) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_default_timeout(30_000)
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page
        browser.close()
