"""app.js and htmx in a real browser, under the Content-Security-Policy that pages are served with."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Thread

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask, Response, render_template_string, request
from flask_wtf import FlaskForm
from playwright.sync_api import Browser, Page, expect, sync_playwright
from werkzeug.serving import make_server
from wtforms import PasswordField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from app.web.security import CONTENT_SECURITY_POLICY
from tests.web.test_layouts import FRAME

pytestmark = pytest.mark.browser


class ReplyForm(FlaskForm):
    body = TextAreaField("Message", [DataRequired("Write something."), Length(max=40)])
    name = StringField("Name", [DataRequired("Give it a name.")])
    password = PasswordField("Password")


FORM = """
{% import "components/forms.html" as forms %}{% from "components/basics.html" import csrf %}
<form id="reply" method="post" action="/reply" novalidate
  hx-post="/reply" hx-target="#reply" hx-swap="outerHTML">
{{ csrf() }}{{ forms.error_summary(form) }}
{{ forms.field(form.body, counter=true, grow=true, attrs={"data-send-keys": true}) }}
{{ forms.field(form.name) }}{{ forms.password_field(form.password) }}{{ forms.submit("Send") }}
</form>
"""
POLLED = """
<div id="polled" data-poll
  hx-get="/polled" hx-trigger="every 200ms, wc:refresh" hx-swap="morph:outerHTML">
<details class="wc-menu"><summary>More</summary>inside</details><span id="count">{{ count }}</span>
</div>
"""
PAGE = """
{% extends "layouts/base.html" %}{% import "components/dialogs.html" as dialogs %}
{% import "components/forms.html" as forms %}
{% block head_title %}Parts{% endblock %}
{% block content %}
<section class="wc-card"><div class="wc-card-b" id="card">
<button class="btn wc-btn" id="fails" hx-post="/fails" hx-target="#card">Try</button>
<button class="btn wc-btn" id="forbidden" hx-post="/forbidden" hx-target="#card">Forbidden</button>
</div></section>
{{ forms.copy_field("Callback URL", "https://a.example/w", "url") }}
{{ dialogs.dialog_button("revoke", "Revoke…") }}
<form method="post" action="/order">
<input type="hidden" name="csrf_token" value="{{ csrf_token() }}">
<input class="form-control" id="amount" name="amount" aria-label="Amount">{{ forms.submit("Order") }}</form>
{{ dialogs.confirm_dialog("revoke", "Revoke it?", "It stops at once.", "/reply", "Revoke", "Keep") }}
<section class="wc-card">{% include form_part %}</section>{% include polled_part %}
{% endblock %}
"""


@dataclass
class Site:
    """The app of these tests, and what it was asked."""

    url: str = ""
    polls: list[str] = field(default_factory=list)
    replies: list[str] = field(default_factory=list)


@pytest.fixture
def site(kit: Flask) -> Iterator[Site]:
    site = Site()
    form_part, polled_part = kit.jinja_env.from_string(FORM), kit.jinja_env.from_string(POLLED)

    @kit.get("/")
    def index() -> str:
        return render_template_string(
            PAGE, **FRAME, form=ReplyForm(), count=0, form_part=form_part, polled_part=polled_part
        )

    @kit.get("/polled")
    def polled() -> str:
        site.polls.append(request.args.get("poll", ""))
        return render_template_string(POLLED, count=len(site.polls))

    @kit.post("/reply")
    def reply() -> tuple[str, int]:
        form = ReplyForm()
        site.replies.append(form.body.data or "")
        status = 200 if form.validate() else 422
        return render_template_string(FORM, form=form), status

    @kit.post("/order")
    def order() -> str:
        site.replies.append("ordered")
        time.sleep(0.5)
        return "<p>Thank you</p>"

    kit.add_url_rule("/fails", "fails", lambda: ("<p>no</p>", 500), methods=["POST"])
    kit.add_url_rule("/forbidden", "forbidden", lambda: ("<p>no</p>", 403), methods=["POST"])

    @kit.after_request
    def policy(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        return response

    server = make_server("127.0.0.1", 0, kit, threaded=True)
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    site.url = f"http://127.0.0.1:{server.port}/"
    yield site
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def browser(chromium_path: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def tab(browser: Browser, site: Site) -> Iterator[Page]:
    """The page, open. What the browser complains about beside failed requests fails the test."""
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    tab = context.new_page()
    tab.set_default_timeout(20_000)
    complaints: list[str] = []
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on("console", lambda said: complaints.append(said.text) if "Security Policy" in said.text else None)
    tab.goto(site.url)
    yield tab
    context.close()
    assert complaints == []


def test_failed_form_comes_back_with_focus_on_its_summary(tab: Page) -> None:
    tab.get_by_role("button", name="Send").click()
    expect(tab.locator("#form-errors")).to_be_focused()
    tab.get_by_role("link", name="Name: Give it a name.").click()
    expect(tab.locator("#name")).to_be_focused()


def test_double_click_is_one_request(tab: Page, site: Site) -> None:
    tab.get_by_role("button", name="Order").dblclick()
    tab.wait_for_url("**/order")
    assert site.replies == ["ordered"]


def test_enter_pressed_twice_is_one_request(tab: Page, site: Site) -> None:
    tab.focus("#amount")
    tab.keyboard.press("Enter")
    tab.wait_for_timeout(100)
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/order")
    assert site.replies == ["ordered"]


def test_button_is_busy_until_the_answer_and_then_works_again(tab: Page, site: Site) -> None:
    click = "button => { button.click(); return button.getAttribute('aria-busy') }"
    assert tab.locator("#reply [type=submit]").evaluate(click) == "true"
    expect(tab.locator("[aria-busy=true]")).to_have_count(0)
    with tab.expect_response(lambda answer: answer.request.method == "POST"):
        tab.get_by_role("button", name="Send").click()
    expect(tab.locator("#form-errors")).to_be_visible()
    assert len(site.replies) == 2


def test_control_enter_sends(tab: Page, site: Site) -> None:
    tab.fill("#body", "Hello")
    tab.press("#body", "Control+Enter")
    tab.wait_for_selector("#form-errors")
    assert site.replies == ["Hello"]


def test_counter_follows_typing_and_marks_too_long(tab: Page) -> None:
    tab.evaluate("document.getElementById('body').removeAttribute('maxlength')")
    tab.fill("#body", "x" * 41)
    assert tab.inner_text("#body-count") == "41 of 40"
    assert "wc-bad-text" in (tab.get_attribute("#body-count", "class") or "")


def test_polling_says_so_and_leaves_an_open_menu_open(tab: Page, site: Site) -> None:
    tab.click("#polled summary")
    shown = tab.inner_text("#count")
    expect(tab.locator("#count")).not_to_have_text(shown)
    assert tab.evaluate("document.querySelector('#polled details').open")
    assert set(site.polls) == {"1"}


def test_hidden_tab_does_not_poll(tab: Page, site: Site) -> None:
    expect(tab.locator("#count")).not_to_have_text("0")
    tab.evaluate("Object.defineProperty(document, 'hidden', { value: true, configurable: true })")
    # What the browser asks for from now on: one that it asked for before may reach the server later.
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.wait_for_timeout(900)
    assert asked == []


def test_server_error_shows_in_the_region_with_a_retry(tab: Page) -> None:
    tab.click("#fails")
    note = tab.locator("#card > .wc-problem")
    note.wait_for()
    assert "It is on our side" in note.inner_text()
    assert tab.locator("#fails").is_visible()
    with tab.expect_request("**/fails"):
        note.get_by_role("button", name="Try again").click()


def test_refusal_is_explained_without_a_retry(tab: Page) -> None:
    tab.click("#forbidden")
    note = tab.locator("#card > .wc-problem")
    note.wait_for()
    assert "You may not do this." in note.inner_text()
    assert not note.get_by_role("button").is_visible()


def test_lost_network_is_said_once_and_taken_back(tab: Page) -> None:
    tab.fill("#body", "typed")
    tab.context.set_offline(True)
    tab.wait_for_selector("#network-note .wc-note")
    tab.context.set_offline(False)
    tab.wait_for_selector("#network-note .wc-note", state="detached")
    assert tab.input_value("#body") == "typed"


def test_dialog_opens_on_the_safe_button_and_gives_focus_back(tab: Page) -> None:
    tab.get_by_role("button", name="Revoke…").click()
    expect(tab.get_by_role("button", name="Keep")).to_be_focused()
    tab.keyboard.press("Escape")
    expect(tab.locator("dialog")).to_be_hidden()
    expect(tab.get_by_role("button", name="Revoke…")).to_be_focused()


def test_copy_button_copies_and_says_so(tab: Page) -> None:
    tab.get_by_role("button", name="Copy").click()
    expect(tab.locator("#spoken")).to_have_text("Copied")
    assert tab.evaluate("navigator.clipboard.readText()") == "https://a.example/w"


def test_password_can_be_shown_and_hidden(tab: Page) -> None:
    button = tab.get_by_role("button", name="Show Password")
    button.click()
    assert tab.get_attribute("#password", "type") == "text"
    assert button.get_attribute("aria-pressed") == "true"
    button.click()
    assert tab.get_attribute("#password", "type") == "password"


def test_menu_closes_on_escape_and_on_a_click_elsewhere(tab: Page) -> None:
    menu = tab.locator(".wc-side details")
    for leave in (lambda: tab.keyboard.press("Escape"), lambda: tab.click("h1")):
        menu.locator("summary").click()
        expect(menu).to_have_attribute("open", "")
        leave()
        expect(menu).not_to_have_attribute("open", "")


def test_server_can_confirm_with_a_toast(tab: Page) -> None:
    tab.evaluate("htmx.trigger(document.body, 'toast', { text: '<b>Saved</b>' })")
    assert tab.inner_text("#toasts .wc-toast p") == "<b>Saved</b>"


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(tab: Page, width: int, scheme: str) -> None:
    tab.set_viewport_size({"width": width, "height": 900})
    tab.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    tab.get_by_role("button", name="Send").click()
    tab.wait_for_selector("#form-errors")
    found = Axe().run(tab).response["violations"]
    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == []
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
