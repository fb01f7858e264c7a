"""The page: playing the customer by plain forms, switches, and what it shows."""

from __future__ import annotations

import html
import re
import shutil
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
import requests

from app.sandbox import inbound
from tests.sandbox.support import CUSTOMER, Meta, Receiver, RunningSandbox, eventually, wamid_of

BUTTON = {"type": "reply", "reply": {"id": "yes", "title": "Yes, please"}}


def page(meta: Meta, path: str = "/", **params: str) -> str:
    query = {"to": meta.number_id, "as": CUSTOMER} | params
    answer = requests.get(f"{meta.sandbox.url}{path}", params=query, timeout=20)
    assert answer.status_code == 200
    return html.unescape(answer.text)


def page_with(meta: Meta, words: str) -> str:
    """The page once it shows that: a message is on the phone when it was delivered, not when it was sent."""
    return eventually(lambda: shown if words in (shown := page(meta)) else "")


def press(meta: Meta, path: str, **form: str) -> str:
    """Submit a form of the page; answers the page it leads to."""
    form = {"to": meta.number_id, "as": CUSTOMER} | form
    answer = requests.post(f"{meta.sandbox.url}/phone/{path}", data=form, timeout=20)
    assert [step.status_code for step in answer.history] == [303], answer.text
    return html.unescape(answer.text)


def tap(meta: Meta, wamid: str, what: str) -> str:
    return press(meta, f"taps?wamid={quote(wamid, safe='')}", tap=what)


def is_on(shown: str, switch: str) -> bool:
    found = re.search(rf'id="switch-{switch}" role="switch" aria-checked="(\w+)"', shown)
    assert found is not None
    return found[1] == "true"


def test_page_is_marked_and_allows_no_inline_code(meta: Meta) -> None:
    answer = requests.get(meta.sandbox.url, timeout=20)
    assert "Sandbox: nothing reaches Meta" in answer.text
    assert answer.text.count("<h1") == 1
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert not re.search(r"<script(?![^>]*\bsrc=)|\bstyle=|\son\w+=", answer.text)
    ids = re.findall(r'\bid="([^"]+)"', answer.text)
    assert len(ids) == len(set(ids))
    for asset in re.findall(r'(?:src|href)="(/static/[^"]+)"', answer.text):
        assert requests.get(f"{meta.sandbox.url}{asset}", timeout=20).status_code == 200


def test_written_text_reaches_the_app_and_stands_in_the_thread(connected: Meta, receiver: Receiver) -> None:
    shown = press(connected, "messages", text="Is <b>it</b> ready?")
    assert "Is <b>it</b> ready?" in shown
    assert eventually(receiver.messages)[0]["text"]["body"] == "Is <b>it</b> ready?"


def test_text_of_others_is_escaped(meta: Meta) -> None:
    meta.receive({"type": "text", "text": {"body": "<script>alert(1)</script>"}})
    raw = requests.get(meta.sandbox.url, params={"to": meta.number_id, "as": CUSTOMER}, timeout=20).text
    assert "&lt;script&gt;alert(1)" in raw
    assert "<script>alert" not in raw


@pytest.mark.parametrize("thing", ["image", "audio", "video", "document", "location", "contacts", "sticker"])
def test_plus_menu_sends_the_thing(connected: Meta, receiver: Receiver, thing: str) -> None:
    shown = press(connected, "messages", thing=thing)
    assert eventually(receiver.messages)[0]["type"] == thing
    for address in re.findall(r'src="(/phone/media/\d+)"', shown):
        picture = requests.get(f"{connected.sandbox.url}{address}", timeout=20)
        assert picture.headers["Content-Type"].startswith(("image/", "audio/", "video/"))
        assert "sandbox" in picture.headers["Content-Security-Policy"]


def test_reply_button_is_tapped_and_stays_chosen(connected: Meta, receiver: Receiver) -> None:
    connected.receive()
    action = {"buttons": [BUTTON]}
    wamid = wamid_of(
        connected.send(
            type="interactive", interactive={"type": "button", "body": {"text": "Now?"}, "action": action}
        )
    )
    page_with(connected, "Yes, please")
    shown = tap(connected, wamid, "button:yes")
    assert '<span class="act chosen"><span dir="auto">Yes, please</span>' in shown
    reply = eventually(lambda: [row for row in receiver.messages() if row["type"] == "interactive"])[0]
    assert reply["interactive"] == {
        "type": "button_reply",
        "button_reply": {"id": "yes", "title": "Yes, please"},
    }
    assert reply["context"]["id"] == wamid


def test_list_row_and_location_request_are_tapped(connected: Meta, receiver: Receiver) -> None:
    connected.receive()
    rows = [{"id": "r1", "title": "10:00", "description": "30 min"}]
    for kind, action, what in (
        ("list", {"button": "Times", "sections": [{"rows": rows}]}, "list:r1"),
        ("location_request_message", {"name": "send_location"}, "location:"),
    ):
        interactive = {"type": kind, "body": {"text": "Now?"}, "action": action}
        tap(connected, wamid_of(connected.send(type="interactive", interactive=interactive)), what)
    replies = eventually(lambda: receiver.messages()[1:] if len(receiver.messages()) == 3 else None)
    assert replies[0]["interactive"]["list_reply"] == rows[0]
    assert replies[1]["type"] == "location"


def test_button_of_a_message_template_sends_its_payload(connected: Meta, receiver: Receiver) -> None:
    values = [{"type": "text", "text": "Ana"}, {"type": "text", "text": "Monday"}]
    components: list[dict[str, Any]] = [
        {"type": "body", "parameters": values},
        {
            "type": "button",
            "sub_type": "quick_reply",
            "index": "0",
            "parameters": [{"type": "payload", "payload": "visit:yes"}],
        },
    ]
    wamid = wamid_of(connected.send_template("appointment_confirmation", components))
    page_with(connected, "Hello Ana, we expect you on Monday.")
    tap(connected, wamid, "template:0")
    tap(connected, wamid, "template:1")
    first, second = eventually(lambda: receiver.messages() if len(receiver.messages()) == 2 else None)
    assert first["button"] == {"payload": "visit:yes", "text": "Yes, I will come"}
    assert second["button"] == {"payload": "Another day please", "text": "Another day please"}


def test_tapping_what_is_not_there_is_refused(meta: Meta) -> None:
    wamid = wamid_of(meta.send_template())
    form = {"to": meta.number_id, "as": CUSTOMER, "tap": "button:x"}
    url = f"{meta.sandbox.url}/phone/taps"
    assert requests.post(url, params={"wamid": "wamid.no"}, data=form, timeout=20).status_code == 400
    form["tap"] = "nothing:x"
    assert requests.post(url, params={"wamid": wamid}, data=form, timeout=20).status_code == 400


def test_message_that_failed_says_why_it_never_arrived(connected: Meta, receiver: Receiver) -> None:
    receiver.wait_for_status(wamid_of(connected.send_text("Too late")), "failed")
    chat, _, beside = page(connected).partition('id="lost"')
    assert "Too late" not in chat
    assert "Too late" in beside
    assert "Re-engagement message (131047)" in beside


@pytest.mark.parametrize(
    "switch",
    [
        "throttle",
        "outage",
        "slow",
        "lost_answer",
        "token_expired",
        "duplicate_webhooks",
        "reject_message_templates",
    ],
)
def test_fault_switch_turns_on_and_off(meta: Meta, switch: str) -> None:
    shown = press(meta, "switches", switch=switch)
    assert is_on(shown, switch)
    assert "1 on" in shown
    assert [fault["kind"] for fault in meta.sandbox.logged("faults")] == [switch]
    assert not is_on(press(meta, "switches", switch=switch), switch)
    assert meta.sandbox.logged("faults") == []


def test_window_and_reading_are_switched(meta: Meta) -> None:
    press(meta, "messages", text="Hello")
    assert "Window open for 23 h" in page(meta)
    shown = press(meta, "switches", switch="window")
    assert is_on(shown, "window")
    assert "window closed" in shown
    assert not is_on(press(meta, "switches", switch="reads_messages"), "reads_messages")


def test_start_over_forgets_the_thread_only(meta: Meta) -> None:
    press(meta, "messages", text="A first question")
    assert "No messages yet" in press(meta, "start-over")
    assert meta.get(meta.waba_id).status_code == 200


def test_scene_sends_its_lines_in_order(connected: Meta, receiver: Receiver) -> None:
    press(connected, "scenes", scene="order")
    messages = eventually(lambda: receiver.messages() if len(receiver.messages()) == 2 else None)
    assert [message["text"]["body"] for message in messages] == ["Hello", "Where is my order HL-20418?"]


def test_one_of_every_kind_comes_by_the_page_and_by_the_control_api(
    connected: Meta, receiver: Receiver
) -> None:
    press(connected, "scenes", scene="every")
    body = {"phone_number_id": connected.number_id, "from": CUSTOMER}
    sent = connected.sandbox.control("POST", "inbound/every-kind", body).json()["wamids"]
    messages = eventually(lambda: found if len(found := receiver.messages()) == 2 * len(sent) else None)
    assert {message["type"] for message in messages} == set(inbound.TYPES)
    refused = connected.sandbox.control("POST", "inbound/every-kind", {**body, "message": {}})
    assert (refused.status_code, "Unknown: message" in refused.text) == (400, True)


def test_any_other_number_can_be_played(meta: Meta) -> None:
    shown = page(meta, other="+1 202 555 9001")
    assert 'as=12025559001" aria-current="page">' in shown


def test_trace_tells_calls_and_webhooks(connected: Meta, receiver: Receiver) -> None:
    connected.fault("throttle")
    connected.send_template()
    receiver.wait_for_status(wamid_of(connected.send_template()), "read")
    shown = eventually(
        lambda: found if "Read by the phone" in (found := page(connected, "/phone/live")) else None
    )
    for words in (
        "Rate limited by a switch",
        "code 130429",
        "Message accepted",
        "messages webhook, answered 200",
    ):
        assert words in shown


def test_odd_inbound_content_does_not_break_the_page(meta: Meta) -> None:
    for message in (
        {"type": "location", "location": {}},
        {"type": "interactive", "interactive": {"type": "button_reply", "button_reply": "x"}},
        {"type": "contacts", "contacts": ["Ana"]},
        {"type": "unsupported"},
        {"type": "order", "order": {}},
    ):
        assert meta.receive(message).status_code == 200
    assert page(meta)


def test_empty_sandbox_offers_an_account_and_shows_its_values(tmp_path: Any) -> None:
    sandbox = RunningSandbox(tmp_path / "sandbox.sqlite")
    try:
        assert "No account yet" in requests.get(sandbox.url, timeout=20).text
        shown = requests.post(f"{sandbox.url}/phone/accounts", timeout=20)
        assert "What the console's set-up asks for" in html.unescape(shown.text)
        assert sandbox.logged("accounts")[0]["waba_id"] in shown.text
    finally:
        sandbox.close()


@pytest.fixture
def browser_page() -> Iterator[Any]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium here")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser.new_page()
        browser.close()


@pytest.mark.browser
def test_script_refreshes_without_losing_what_is_typed(connected: Meta, browser_page: Any) -> None:
    shown = browser_page
    shown.goto(f"{connected.sandbox.url}/?to={connected.number_id}&as={CUSTOMER}")
    shown.fill("[name=text]", "half a sent")
    connected.send_template()
    shown.wait_for_selector("#thread >> text=Welcome and congratulations")
    assert shown.input_value("[name=text]") == "half a sent"
    assert shown.evaluate("document.activeElement.name") == "text"
    shown.press("[name=text]", "Enter")
    shown.wait_for_selector(".msg.out >> text=half a sent")
    shown.wait_for_function("document.querySelector('[name=text]').value === ''")


@pytest.mark.browser
def test_who_reads_further_up_is_told_and_not_moved(connected: Meta, browser_page: Any) -> None:
    shown = browser_page
    complaints: list[str] = []
    shown.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    for number in range(25):
        connected.receive({"type": "text", "text": {"body": f"Line {number}"}})
    shown.goto(f"{connected.sandbox.url}/?to={connected.number_id}&as={CUSTOMER}")
    thread = "document.getElementById('thread')"
    shown.evaluate(f"{thread}.scrollTop = -400")
    place = "[...document.querySelectorAll('.msg')][8].getBoundingClientRect().top"
    before = shown.evaluate(place)
    connected.send_text("Are you there?")
    shown.wait_for_selector("text=1 new message")
    assert abs(shown.evaluate(place) - before) < 2
    shown.click("#new-messages")
    assert shown.evaluate(f"{thread}.scrollTop") == 0
    assert complaints == []
