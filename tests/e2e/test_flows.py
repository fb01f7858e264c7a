"""A Flow from the starting form to the customer's answer, in a real browser against the running processes."""

from __future__ import annotations

import csv
import re
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import requests
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e.test_first_day import sign_in
from tests.support.processes import Script, Stack, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
CUSTOMER = "+447700900118"


def write_first(stack: Stack, account: dict[str, Any]) -> None:
    """A customer opens the window."""
    body = {
        "phone_number_id": account["sandbox"]["phone_number_id"],
        "from": CUSTOMER,
        "name": "Grace Adeyemi",
        "message": {"type": "text", "text": {"body": "My kitchen is under water"}},
    }
    requests.post(f"{stack.sandbox_url}/_sandbox/inbound", json=body, timeout=10).raise_for_status()


def make_and_publish(page: Page, stack: Stack) -> None:
    page.goto(f"{stack.url}/flows/")
    page.get_by_role("link", name="New Flow").first.click()
    page.get_by_role("link", name="Claim").click()
    expect(page.locator(".wc-code-n pre")).to_contain_text("200")
    text = page.get_by_role("textbox", name="Flow JSON")
    good = text.input_value()
    text.fill(good.replace('"TextHeading"', '"TextHeadingg"', 1))
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name=re.compile("^Line [0-9]+")).first.click()
    expect(text).to_be_focused()
    text.fill(good)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="What it asks")).to_be_visible()
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Preview").click()
    preview = opened.value
    expect(preview.get_by_role("heading", name="Report damage")).to_be_visible()
    preview.close()
    page.get_by_role("link", name="Publish").click()
    page.get_by_role("button", name="Publish Flow").click()
    expect(page.get_by_text("Claim is published")).to_be_visible()


def send_to_customer(page: Page, stack: Stack) -> None:
    page.goto(f"{stack.url}/console/")
    page.locator("#conversation-list a").first.click()
    page.locator("#attach-menu summary").click()
    page.locator("#attach-menu").get_by_role("link", name="Flow").click()
    page.locator("#flow-options a").first.click()
    page.get_by_label("Text above the button").fill("Please tell us what happened.")
    page.get_by_label("Button that opens it").fill("Report damage")
    page.get_by_role("button", name="Send Flow").click()
    expect(page.get_by_role("log").get_by_text("Report damage")).to_be_visible()


def fill_in(phone: Page, stack: Stack, account: dict[str, Any]) -> None:
    """On the sandbox's phone."""

    def wamid() -> Any:
        listed = requests.get(f"{stack.sandbox_url}/_sandbox/messages?limit=50", timeout=10).json()["data"]
        return next((row["wamid"] for row in listed if row["direction"] == "outbound"), None)

    sent = wait_until(wamid, what="the Flow reaches the phone")
    number = account["sandbox"]["phone_number_id"]
    phone.goto(f"{stack.sandbox_url}/phone/flow?to={number}&as={CUSTOMER[1:]}&wamid={sent}")
    phone.get_by_label("Policy number").fill("MI-7740219")
    phone.get_by_label("Water").check()
    phone.get_by_label("When did it happen?").fill("2026-11-14")
    phone.get_by_label("Where was it?").fill('=HYPERLINK("x") <b>Kitchen</b>')
    phone.get_by_role("button", name="Next").last.click()
    phone.get_by_label("What is damaged?").fill("The floor")
    phone.get_by_role("button", name="Next").last.click()
    phone.get_by_label("Your name").fill("Grace Adeyemi")
    phone.get_by_label("Phone").fill("+447700900118")
    phone.get_by_label("All of this is true").check()
    with phone.expect_response(lambda answer: answer.request.method == "POST"):
        phone.get_by_role("button", name="Send claim").last.click()


@pytest.mark.both_databases
def test_a_claim_form_is_made_sent_filled_in_and_read(
    stack: Stack, browser_page: Page, complaints: list[str]
) -> None:
    page = browser_page
    account = Script(stack).connect_sandbox_account()
    write_first(stack, account)
    sign_in(page, stack)
    make_and_publish(page, stack)
    send_to_customer(page, stack)
    browser = page.context.browser
    assert browser is not None
    phone = browser.new_page()
    fill_in(phone, stack, account)
    phone.close()

    table = page.get_by_role("log").get_by_role("table", name="Answers")
    expect(table).to_contain_text("MI-7740219", timeout=20_000)
    expect(table.get_by_role("row", name="Where was it?")).to_contain_text('=HYPERLINK("x") <b>Kitchen</b>')
    expect(table.get_by_role("row", name="Kind of damage")).to_contain_text("Water")
    page.get_by_role("log").get_by_role("link", name="Claim").click()
    expect(page.get_by_text("It is published. It was a draft before.")).to_be_visible()
    page.get_by_role("navigation", name="Flow").get_by_role("link", name="Answers").click()
    expect(page.get_by_role("table").first).to_contain_text("The floor")
    assert Axe().run(page).response["violations"] == []
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Download as CSV").click()
    file = Path(downloading.value.path()).read_text(encoding="utf-8-sig")
    (row,) = csv.DictReader(StringIO(file, newline=""))
    assert row["place"] == '\'=HYPERLINK("x") <b>Kitchen</b>'
    assert (row["policy_number"], row["customer"], row["is_true"]) == ("MI-7740219", "Grace Adeyemi", "Yes")
    assert complaints == []


def test_without_script_a_flow_is_written_and_published(stack: Stack, chromium_path: str) -> None:
    from playwright.sync_api import sync_playwright

    Script(stack).connect_sandbox_account()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
        page = browser.new_page(java_script_enabled=False)
        sign_in(page, stack)
        page.goto(f"{stack.url}/flows/new/?form=survey")
        page.locator("main").get_by_role("button", name="Save").click()
        page.get_by_role("link", name="Publish").click()
        page.get_by_role("button", name="Publish Flow").click()
        expect(page.get_by_text("Survey is published")).to_be_visible()
        browser.close()
