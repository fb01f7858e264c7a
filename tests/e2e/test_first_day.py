"""What a newcomer does on the first day, in a real browser against the running processes."""

from __future__ import annotations

import re
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
    page.wait_for_url(lambda address: "/login" not in address)


def walk_the_wizard(page: Page, stack: Stack) -> None:
    """Six steps with the sandbox's values, to a live account."""
    page.goto(f"{stack.url}/accounts/")
    page.get_by_role("link", name="Connect an account").click()
    for step in range(1, 6):
        expect(page.get_by_text(f"Step {step} of 6")).to_be_visible()
        with page.expect_navigation():
            page.get_by_role("button", name="Use sandbox values").click()
        page.locator("form.wc-card button.btn-primary").click()
    page.get_by_role("button", name="Connect the webhook", exact=True).first.click()
    expect(page.get_by_role("button", name="Connect the webhook again")).to_be_visible()
    page.get_by_role("button", name="Send a test message").first.click()
    expect(page.get_by_text("7 of 7 passed")).to_be_visible()
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
    # How soon it comes is a figure of the bench; on a busy machine only that it comes by itself is certain.
    customer_writes(stack, "Do you have rye bread?")
    expect(log.get_by_text("Do you have rye bread?")).to_be_visible()
    expect(page.get_by_label("Message to")).to_have_value("half a sentence")

    page.goto(stack.url)
    sent = page.locator(".wc-kpi", has_text="Sent").locator(".wc-kpi-v")
    expect(sent).to_have_text("1")
    assert complaints == []


def test_a_message_template_goes_from_draft_to_approved_in_two_languages_by_keyboard(
    stack: Stack, browser_page: Page, complaints: list[str]
) -> None:
    page = browser_page
    account = Script(stack).connect_sandbox_account()
    sign_in(page, stack)
    page.goto(f"{stack.url}/message-templates/new/?account={account['id']}")
    page.locator("[name=name]").press_sequentially("order_ready")
    page.locator("[name=body]").focus()
    page.keyboard.type("Hello {{1}}, your order {{2}} can be collected today.")
    samples = page.locator("#samples .wc-grid2 input")
    expect(samples).to_have_count(2)
    samples.first.focus()
    page.keyboard.type("Grace")
    samples.last.focus()
    page.keyboard.type("BM-1042")
    page.locator("#new-button").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    button = page.locator("[name='buttons.0.text']")
    expect(button).to_be_focused()
    page.keyboard.type("Thank you")
    expect(page.locator(".wc-phone .wc-act")).to_have_text("Thank you")
    expect(page.locator(".wc-phone .wc-bub-t")).to_have_text(
        "Hello Grace, your order BM-1042 can be collected today."
    )
    # It saves itself, and from then on the address is its own.
    expect(page.locator("#save-state")).to_contain_text("Saved as a draft")
    page.wait_for_url("**/message-templates/*/edit/")
    _send_by_keyboard(page)
    wait_until(
        lambda: _status_of(stack, account, "order_ready") == "APPROVED", what="Meta approves the draft"
    )
    expect(page.get_by_text("Approved").first).to_be_visible(timeout=20_000)
    page.goto(f"{page.url.rstrip('/')}/edit/")
    page.get_by_text("Add language").focus()
    page.keyboard.press("Enter")
    page.locator("#new-language").select_option("de")
    page.locator("#new-language").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    body = page.locator("[name=body]")
    expect(page.locator("#f-language")).to_have_value("de")
    body.focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("Guten Tag {{1}}, Ihre Bestellung {{2}} liegt für Sie bereit.")
    page.locator("[name='buttons.0.text']").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("Vielen Dank")
    _send_by_keyboard(page)
    wait_until(
        lambda: _status_of(stack, account, "order_ready", "de") == "APPROVED", what="Meta approves the other"
    )
    assert complaints == []


def _send_by_keyboard(page: Page) -> None:
    page.get_by_role("button", name="Send to Meta for review").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/message-templates/\d+/$"))


def _status_of(stack: Stack, account: dict[str, Any], name: str, language: str = "en_US") -> str:
    listed = Script(stack).call("GET", f"templates/?account={account['id']}&limit=100").json()["results"]
    return next((row["status"] for row in listed if (row["name"], row["language"]) == (name, language)), "")
