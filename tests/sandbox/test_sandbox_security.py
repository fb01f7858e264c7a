"""A tool without a sign-in: what other sites, other apps, files and texts cannot do."""

from __future__ import annotations

import base64
import http.client
import json
import threading
import time
from collections.abc import Iterator
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from tests.sandbox.support import CUSTOMER, POLL_S, Meta, Receiver, RunningSandbox, eventually, wamid_of

EVIL = "\"'><img src=x onerror=alert(1)><script>alert(1)</script>{{7*7}}</textarea>"
WRITING = (("POST", "/_sandbox/reset"), ("POST", "/phone/start-over"), ("DELETE", "/_sandbox/faults"))
URL_ATTRIBUTES = {"href", "src", "action", "formaction", "srcdoc", "data"}


class Scripts(HTMLParser):
    """What would run: scripts without a file, handlers in attributes, addresses that are programs."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        runs = [name for name in given if name.startswith("on")]
        runs += [
            name
            for name in URL_ATTRIBUTES & set(given)
            if not given[name].startswith(("/", "#", "?", "data:image/"))
        ]
        if (
            runs
            or (tag == "script" and not given.get("src", "").startswith("/static/"))
            or tag in {"iframe", "object"}
        ):
            self.found.append(f"{tag} {given}")


@pytest.mark.parametrize("method,path", WRITING)
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://[::1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1:1"},
        {"Host": "rebound.evil.example"},
        {"Host": "127.0.0.1.evil.example:80"},
        {"Host": "[::1"},
        {"Host": "evil.example@localhost.evil"},
    ],
    ids=lambda headers: " ".join(headers.values()),
)
def test_pages_of_other_sites_cannot_drive_it(
    sandbox: RunningSandbox, method: str, path: str, headers: dict[str, str]
) -> None:
    connection = http.client.HTTPConnection(urlsplit(sandbox.url).netloc, timeout=10)
    connection.request(method, path, headers=headers)
    assert connection.getresponse().status in (400, 403)
    connection.close()


def test_no_text_of_business_customer_or_app_runs_on_the_pages(meta: Meta, receiver: Receiver) -> None:
    meta.connect(receiver)
    flow = {
        "name": EVIL,
        "categories": '["OTHER"]',
        "flow_json": json.dumps({"version": EVIL, "screens": [{"id": EVIL}]}),
    }
    flow_id = meta.call("POST", f"{meta.waba_id}/flows", data=flow).json()["id"]
    meta.sandbox.control("POST", "message_templates", {"waba_id": meta.waba_id, "message_templates": [{
        "name": "evil", "language": "en_US", "category": "MARKETING", "status": "APPROVED", "components": [
            {"type": "BODY", "text": f"Hi {EVIL}"}, {"type": "FOOTER", "text": EVIL[:60]},
            {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": EVIL[:25]}]}]}]})  # fmt: skip
    meta.receive({"type": "text", "text": {"body": EVIL}}, name=EVIL[:90], username=EVIL[:30])
    meta.receive({"type": "document", "document": {"filename": EVIL, "caption": EVIL}})
    meta.receive({"type": "location", "location": {"latitude": EVIL, "longitude": EVIL, "name": EVIL}})
    meta.receive({"type": "contacts", "contacts": [{"name": {"formatted_name": EVIL}}]})
    meta.receive({"type": "unsupported"}, name="A")
    meta.send_text(EVIL)
    meta.send_template("evil")
    meta.send(type="document", document={"link": f"https://a.bc/{EVIL}", "filename": EVIL, "caption": EVIL})
    meta.send(type="interactive", interactive={
        "type": "button", "body": {"text": EVIL}, "footer": {"text": EVIL[:60]}, "action": {
            "buttons": [{"type": "reply", "reply": {"id": EVIL, "title": EVIL[:20]}}]}})  # fmt: skip
    meta.send(type="interactive", interactive={
        "type": "cta_url", "body": {"text": EVIL}, "action": {"name": "cta_url", "parameters": {
            "display_text": EVIL[:20], "url": f"https://a.bc/{EVIL}"}}})  # fmt: skip
    asked = wamid_of(meta.send(type="interactive", interactive={
        "type": "flow", "body": {"text": EVIL}, "action": {"name": "flow", "parameters": {
            "flow_message_version": "3", "flow_id": flow_id, "flow_cta": EVIL[:20],
            "mode": "draft"}}}))  # fmt: skip
    meta.get(f"{meta.waba_id}/{EVIL.replace('/', '')}", fields=EVIL)
    meta.fault("drop_webhooks", match={"to": EVIL, "field": EVIL})
    eventually(
        lambda: [
            row
            for row in meta.sandbox.logged("messages?limit=50")
            if row["status"] == "delivered" or row["read"]
        ]
    )
    shown = requests.get(meta.sandbox.url, params={"to": meta.number_id, "as": CUSTOMER}, timeout=10).text
    assert "&lt;script&gt;alert(1)" in shown
    where = f"to={meta.number_id}&as={CUSTOMER}"
    for path in (f"/?{where}", f"/phone/live?{where}", "/phone/wire", f"/phone/flow?{where}&wamid={asked}",
                 f"/phone/accounts/{meta.waba_id}", f"/?{where}&reply={asked}"):  # fmt: skip
        answer = requests.get(meta.sandbox.url + path, timeout=10)
        assert answer.status_code == 200, path
        assert Scripts(answer.text).found == [], path
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("mime_type", ["image/svg+xml", "text/html", "application/xhtml+xml", "image/png"])
def test_files_of_customers_never_run(meta: Meta, mime_type: str) -> None:
    data = base64.b64encode(b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>").decode()
    meta.receive({"type": "document", "document": {"data": data, "mime_type": mime_type}})
    payload = meta.sandbox.logged(f"messages?phone_number_id={meta.number_id}&limit=1")[0]["payload"][
        "document"
    ]
    own = requests.get(f"{meta.sandbox.url}/phone/media/{payload['id']}", timeout=10)
    graph = requests.get(payload["url"], headers={"Authorization": f"Bearer {meta.token}"}, timeout=10)
    assert own.headers["Content-Type"] == (
        mime_type if mime_type == "image/png" else "application/octet-stream"
    )
    assert graph.headers["Content-Type"].partition(";")[0] == mime_type
    assert graph.headers["Content-Disposition"].startswith("attachment")
    for answer in (own, graph):
        assert answer.status_code == 200
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_a_file_type_with_a_header_in_it_is_refused(meta: Meta) -> None:
    answer = meta.receive(
        {"type": "image", "image": {"data": "AAAA", "mime_type": "image/png\r\nSet-Cookie: a=b"}}
    )
    assert answer.status_code == 400


def test_logs_and_pages_hold_no_token_secret_or_pin(meta: Meta) -> None:
    secret, pin = meta.account["app_secret"], "918273"
    meta.post(f"{meta.number_id}/register", {"messaging_product": "whatsapp", "pin": pin})
    meta.get("debug_token", input_token=meta.token, access_token=meta.app_token)
    meta.get(
        "oauth/access_token", client_id=meta.app_id, client_secret=secret, grant_type="client_credentials"
    )
    inner = [{"method": "POST", "relative_url": f"{meta.number_id}/register?access_token={meta.token}",
              "body": f"messaging_product=whatsapp&pin={pin}"}]  # fmt: skip
    meta.call("POST", "", data={"batch": json.dumps(inner), "access_token": meta.token})
    meta.get(f"{meta.waba_id}/message_templates", limit="1", access_token=meta.token)
    log = meta.sandbox.control("GET", "requests?limit=60").text
    wire = requests.get(f"{meta.sandbox.url}/phone/wire", timeout=10).text
    found = [word for word in (meta.token, secret, pin) for text in (log, wire) if word in text]
    assert found == []


class Trap(BaseHTTPRequestHandler):
    """Redirects what it gets, or answers without an end."""

    protocol_version = "HTTP/1.1"
    paths: list[str]
    is_endless = False

    def do_GET(self) -> None:
        self.paths.append(self.path)
        challenge = self.path.partition("hub.challenge=")[2].partition("&")[0].encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(challenge)))
        self.end_headers()
        self.wfile.write(challenge)

    def do_POST(self) -> None:
        self.paths.append(self.path)
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(307 if not self.is_endless else 200)
        self.send_header("Location", "/redirected")
        self.send_header("Content-Length", "0" if not self.is_endless else str(10**9))
        self.end_headers()
        try:
            for _ in range(500 if self.is_endless else 0):
                self.wfile.write(b"x" * 10_000)
        except OSError:
            self.paths.append("hung up")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (http.server's name)
        """No request lines in the test output."""


@pytest.fixture
def trap() -> Iterator[tuple[type[Trap], str]]:
    handler = type("OneTrap", (Trap,), {"paths": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(POLL_S,), daemon=True).start()
    yield handler, f"http://127.0.0.1:{server.server_port}/hook"
    server.shutdown()
    server.server_close()


def listen(meta: Meta, url: str) -> None:
    meta.call("POST", f"{meta.app_id}/subscriptions", token=meta.app_token, data={
        "object": "whatsapp_business_account", "callback_url": url, "verify_token": "a", "fields": "messages",
    }).raise_for_status()  # fmt: skip
    meta.post(f"{meta.waba_id}/subscribed_apps", {}).raise_for_status()


def first_answered(meta: Meta) -> dict[str, Any] | None:
    rows = meta.sandbox.logged(f"deliveries?waba_id={meta.waba_id}")
    return next((row for row in rows if row["last_result"]), None)


def test_a_callback_that_redirects_is_not_followed(meta: Meta, trap: tuple[type[Trap], str]) -> None:
    handler, url = trap
    listen(meta, url)
    meta.receive()
    row = eventually(lambda: first_answered(meta))
    meta.sandbox.control("DELETE", f"deliveries?waba_id={meta.waba_id}")
    assert row["last_result"] == "307"
    assert not [path for path in handler.paths if "redirected" in path]


def test_an_endless_answer_of_a_callback_is_cut(meta: Meta, trap: tuple[type[Trap], str]) -> None:
    handler, url = trap
    handler.is_endless = True
    listen(meta, url)
    started = time.monotonic()
    meta.receive()
    row = eventually(lambda: first_answered(meta))
    assert (row["last_result"], len(row["answer"])) == ("200", 2000)
    assert time.monotonic() - started < 60
    eventually(lambda: "hung up" in handler.paths)
