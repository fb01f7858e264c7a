"""What a newcomer does on the first day, in a real browser against the running processes."""

from __future__ import annotations

import time
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.e2e.conftest import OWNER, PASSWORD
from tests.support.processes import Script, Stack, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def sign_in(page: Page, stack: Stack) -> None:
    page.goto(f"{stack.url}/login")
    page.fill("[name=email]", OWNER)
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url(f"{stack.url}/**")


def walk_the_wizard(page: Page, stack: Stack) -> None:
    """Six steps with the sandbox's values, to a live account."""
    page.goto(f"{stack.url}/accounts/")
    page.get_by_role("link", name="Connect an account").click()
    for step in range(1, 6):
        expect(page.get_by_text(f"Step {step} of 6")).to_be_visible()
        page.get_by_role("button", name="Use sandbox values").click()
        page.wait_for_load_state()
        page.locator("form.wc-card button.btn-primary").click()
    page.get_by_role("button", name="Connect the webhook").first.click()
    page.get_by_role("button", name="Send a test message").first.click()
    expect(page.get_by_text("6 of 6 passed")).to_be_visible()
    page.get_by_role("button", name="Finish").click()
    page.wait_for_url(f"{stack.url}/accounts/*")


def customer_writes(stack: Stack, text: str) -> None:
    """From the customer who sent the test message, to the number that was set up."""
    listed = requests.get(f"{stack.sandbox_url}/_sandbox/messages?limit=100", timeout=10).json()["data"]
    first = next(row for row in listed if row["direction"] == "inbound")
    body: dict[str, Any] = {
        "phone_number_id": first["phone_number_id"],
        "from": first["from"],
        "message": {"type": "text", "text": {"body": text}},
    }
    requests.post(f"{stack.sandbox_url}/_sandbox/inbound", json=body, timeout=10).raise_for_status()


def test_from_sign_in_to_a_read_message_and_an_answer(
    stack: Stack, browser_page: Page, complaints: list[str]
) -> None:
    page = browser_page
    sign_in(page, stack)
    walk_the_wizard(page, stack)

    page.goto(f"{stack.url}/console/")
    page.locator("#conversation-list a").first.click()
    page.get_by_label("Message to").fill("Hello, this is the bakery")
    page.get_by_role("button", name="Send", exact=True).click()
    log = page.get_by_role("log")
    expect(log.get_by_text("Hello, this is the bakery")).to_be_visible()
    expect(log.get_by_role("img", name="Read").last).to_be_visible()

    page.get_by_label("Message to").fill("half a sentence")
    customer_writes(stack, "Do you have rye bread?")
    written_at = time.monotonic()
    expect(log.get_by_text("Do you have rye bread?")).to_be_visible(timeout=5_000)
    assert time.monotonic() - written_at < 3.5, "a new message is on the screen within two seconds or so"
    expect(page.get_by_label("Message to")).to_have_value("half a sentence")

    page.goto(stack.url)
    sent = page.locator(".wc-kpi", has_text="Sent").locator(".wc-kpi-v")
    expect(sent).to_have_text("1")
    assert complaints == []


def test_a_message_template_goes_from_draft_to_approved_and_to_a_customer(
    stack: Stack, browser_page: Page, complaints: list[str]
) -> None:
    page = browser_page
    account = Script(stack).connect_sandbox_account()
    sign_in(page, stack)
    page.goto(f"{stack.url}/message-templates/new/?account={account['id']}")
    page.locator("[name=name]").fill("order_ready")
    page.locator("[name=body]").fill("Hello {{1}}, your order can be collected today.")
    sample = page.locator("#samples input")
    expect(sample).to_be_visible()
    sample.fill("Grace")
    page.get_by_role("button", name="Send to Meta for review").first.click()
    wait_until(
        lambda: _status_of(stack, account, "order_ready") == "APPROVED", what="Meta approves the draft"
    )
    expect(page.get_by_text("Approved").first).to_be_visible(timeout=20_000)
    assert complaints == []


def _status_of(stack: Stack, account: dict[str, Any], name: str) -> str:
    listed = Script(stack).call("GET", f"templates/?account={account['id']}&limit=100").json()["results"]
    return next((row["status"] for row in listed if row["name"] == name), "")
