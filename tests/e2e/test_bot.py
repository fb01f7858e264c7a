"""The bot in a real browser: a rule is made and tried, a customer asks for a person, an agent takes over."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e.test_first_day import sign_in
from tests.support.processes import Script, Stack

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

CUSTOMER = "447700900123"
WIDTHS = (1440, 390)


def say(stack: Stack, account: dict[str, Any], text: str, customer: str = CUSTOMER) -> None:
    body = {
        "phone_number_id": account["sandbox"]["phone_number_id"],
        "from": customer,
        "message": {"type": "text", "text": {"body": text}},
    }
    requests.post(f"{stack.sandbox_url}/_sandbox/inbound", json=body, timeout=10).raise_for_status()


def set_up(stack: Stack) -> dict[str, Any]:
    script = Script(stack)
    account = script.connect_sandbox_account()
    values = {
        "auto_reply_enabled": True,
        "greeting_message": "Welcome to Harbour Lane.",
        "fallback_message": "I do not know that yet.",
        "knowledge_base": "opening hours\nFrom 8 to 18.\n\nreturn an order\nWithin 30 days.",
    }
    script.call("PATCH", f"accounts/{account['id']}/", json=values).raise_for_status()
    return account


def check(page: Page, name: str, stack: Stack, address: str) -> None:
    """Axe finds nothing, and nothing is wider than the screen, on a desk and on a phone."""
    page.goto(f"{stack.url}{address}")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        found = Axe().run(page)
        assert found.violations_count == 0, f"{name} at {width}: {found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} at {width}"
    page.set_viewport_size({"width": 1440, "height": 900})


def test_a_rule_is_made_tried_and_answers_and_an_agent_takes_over(
    stack: Stack, browser_page: Page, complaints: list[str]
) -> None:
    page, account = browser_page, set_up(stack)
    sign_in(page, stack)

    page.goto(f"{stack.url}/bot/{account['id']}/rules/new")
    page.get_by_label("Name").fill("Prices")
    page.get_by_label("Words or phrases").fill("price\nhow much")
    page.get_by_label("Answer with").select_option("buttons")
    expect(page.get_by_text("Buttons, up to three")).to_be_visible()
    expect(page.get_by_label("Name")).to_have_value("Prices")
    page.locator("[name=body]").fill("Which price do you mean?")
    page.locator("[name=buttons-0]").fill("Bread")
    page.locator("[name=buttons-1]").fill("Bread")
    page.get_by_role("button", name="Save rule").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator("[name=body]")).to_have_value("Which price do you mean?")
    page.locator("[name=buttons-1]").fill("Cake")
    page.get_by_role("button", name="Save rule").click()
    expect(page.get_by_role("link", name="Prices", exact=True)).to_be_visible()

    page.goto(f"{stack.url}/bot/{account['id']}/try")
    page.get_by_label("Message", exact=True).fill("How MUCH is it?")
    page.get_by_label("As a first message").check()
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_role("log").get_by_text("Which price do you mean?")).to_be_visible()
    expect(page.get_by_role("log").get_by_text("Welcome to Harbour Lane.")).to_be_visible()
    expect(page.get_by_text("The rule “Prices” fits").first).to_be_visible()

    say(stack, account, "what is the price")
    page.goto(f"{stack.url}/console/")
    page.locator("#conversation-list a").first.click()
    log = page.get_by_role("log")
    expect(log.get_by_text("Which price do you mean?")).to_be_visible()
    expect(page.get_by_text("The bot is answering.")).to_be_visible()
    say(stack, account, "I want to talk to a person")
    expect(page.get_by_text("A person is asked for.")).to_be_visible()
    expect(page.get_by_text("Waits for a person")).to_be_visible()
    asking = page.get_by_role("link", name="Asks for a person")
    asking.click()
    expect(asking).to_have_attribute("aria-current", "true")
    expect(page.locator("#conversation-list li")).to_have_count(1)
    page.get_by_label("Message to").fill("Grace here, how can I help?")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("The bot keeps quiet.")).to_be_visible()
    page.get_by_role("button", name="Give back to the bot").click()
    expect(page.get_by_text("The bot is answering.")).to_be_visible()
    say(stack, account, "what are your opening hours")
    expect(log.get_by_text("From 8 to 18.")).to_be_visible()
    page.get_by_role("button", name="Take over").click()
    expect(log.get_by_text("took over")).to_be_visible()
    expect(page.locator("#thread-team .wc-team-who")).to_have_text("You")

    # By keys: a heading that has the focus follows, too. Which name it says is whom one writes to.
    say(stack, account, "Ben here", customer="447700900777")
    asking.click()
    expect(page.locator("#conversation-list li")).to_have_count(2)
    newest_id = page.locator("#conversation-list a.wc-conv").first.get_attribute("id")
    page.locator("#thread-title").focus()
    page.keyboard.press("k")
    expect(page.locator("#thread-title")).to_have_text(
        page.locator("#conversation-list bdi").first.inner_text()
    )
    current = page.locator("#conversation-list a[aria-current=true]")
    expect(current).to_have_attribute("id", str(newest_id))
    page.keyboard.press("j")
    expect(page.locator("#thread-title")).to_have_text(
        page.locator("#conversation-list .wc-conv-n").last.inner_text()
    )
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")

    page.locator("details.wc-when summary").last.click()
    page.get_by_role("link", name="Why the bot said this").last.click()
    expect(page.get_by_role("heading", name="Why the bot did this")).to_be_visible()
    expect(page.get_by_text("The article “opening hours” fits.").first).to_be_visible()
    trace = page.url.removeprefix(stack.url)

    # The one refused form, which the browser calls a failure.
    assert [said for said in complaints if "422" not in said] == []

    base = f"/bot/{account['id']}"
    parts = ("", "rules/", "rules/new", "hours", "texts", "model", "try", "decisions")
    for part in parts:
        check(page, part or "overview", stack, f"{base}/{part}")
    for address in ("/bot/", trace, "/console/"):
        check(page, address, stack, address)
