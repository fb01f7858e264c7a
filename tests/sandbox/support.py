"""A running sandbox with one account, and a receiver that checks the signature of each webhook."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

import requests
from werkzeug.serving import WSGIRequestHandler, make_server

from app.sandbox import create_sandbox_app

SPEED = 20.0
PATIENCE_S = 20.0
POLL_S = 0.02  # how soon a server notices that it is to stop
CUSTOMER = "447700900900"
TIMEOUT_S = 10
Found = TypeVar("Found")


def eventually(look: Callable[[], Found], patience_s: float = PATIENCE_S) -> Found:
    """The first truthy answer of `look`; fails after a while."""
    until = time.monotonic() + patience_s
    while time.monotonic() < until:
        if found := look():
            return found
        time.sleep(0.01)
    raise AssertionError("it never came")


class QuietHandler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def make_environ(self) -> Any:
        """The server under test lets names with an underscore pass (see app/sandbox/server.py)."""
        environ = super().make_environ()
        if "file_offset" in self.headers:
            environ["HTTP_FILE_OFFSET"] = self.headers["file_offset"]
        return environ

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 (werkzeug's name)
        """No request lines in the test output."""


class RunningSandbox:
    def __init__(self, database_path: Path, speed: float = SPEED, port: int = 0) -> None:
        self.app = create_sandbox_app(database_path, speed=speed)
        self._server = make_server("127.0.0.1", port, self.app, threaded=True, request_handler=QuietHandler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(POLL_S,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join(timeout=20)
        self._server.server_close()
        self.app.extensions["sandbox"].stop()

    def control(self, method: str, path: str, json: Any = None, **more: Any) -> requests.Response:
        return requests.request(method, f"{self.url}/_sandbox/{path}", json=json, timeout=TIMEOUT_S, **more)

    def logged(self, path: str) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = self.control("GET", path).json()["data"]
        return listed


class Receiver:
    """A console's webhook door. `answers`: statuses for the next POSTs, then 200; every body is kept."""

    def __init__(self) -> None:
        self.verify_token = "let-me-in"
        self.secret = ""
        self.bodies: list[bytes] = []
        self.bad_signatures = 0
        self.answers: list[int] = []
        handler = type("Handler", (ReceiverHandler,), {"receiver": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        threading.Thread(target=self._server.serve_forever, args=(POLL_S,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def changes(self, field: str = "messages") -> list[dict[str, Any]]:
        entries = [entry for body in list(self.bodies) for entry in json.loads(body)["entry"]]
        return [
            change["value"] for entry in entries for change in entry["changes"] if change["field"] == field
        ]

    def statuses(self, wamid: str) -> list[dict[str, Any]]:
        found = [status for value in self.changes() for status in value.get("statuses", [])]
        return [status for status in found if status["id"] == wamid]

    def messages(self) -> list[dict[str, Any]]:
        return [message for value in self.changes() for message in value.get("messages", [])]

    def wait_for_status(self, wamid: str, name: str) -> dict[str, Any]:
        return eventually(
            lambda: next((status for status in self.statuses(wamid) if status["status"] == name), None)
        )


class ReceiverHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    receiver: Receiver

    def do_GET(self) -> None:
        query = {key: values[0] for key, values in parse_qs(urlsplit(self.path).query).items()}
        if query["hub.mode"] == "subscribe" and query["hub.verify_token"] == self.receiver.verify_token:
            self._answer(200, query["hub.challenge"].encode())
        else:
            self._answer(403, b"no")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        right = "sha256=" + hmac.new(self.receiver.secret.encode(), body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(right, self.headers.get("X-Hub-Signature-256", "")):
            self.receiver.bad_signatures += 1
        status = self.receiver.answers.pop(0) if self.receiver.answers else 200
        if status == 200:
            self.receiver.bodies.append(body)
        self._answer(status, b"")

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (http.server's name)
        """No request lines in the test output."""


class Meta:
    """One account of the sandbox and calls with its token."""

    def __init__(self, sandbox: RunningSandbox, account: dict[str, str]) -> None:
        self.sandbox = sandbox
        self.account = account
        self.waba_id = account["waba_id"]
        self.app_id = account["app_id"]
        self.number_id = account["phone_number_id"]
        self.token = account["access_token"]
        self.app_token = f"{account['app_id']}|{account['app_secret']}"

    def call(
        self, method: str, path: str, *, token: str | None = None, version: str = "v23.0", **more: Any
    ) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token if token is None else token}"}
        url = f"{self.sandbox.url}/{version}/{path}"
        return requests.request(
            method, url, headers=headers | more.pop("headers", {}), timeout=TIMEOUT_S, **more
        )

    def get(self, path: str, **params: Any) -> requests.Response:
        return self.call("GET", path, params=params)

    def post(self, path: str, body: Any) -> requests.Response:
        return self.call("POST", path, json=body)

    def send(self, *, to: str = "+" + CUSTOMER, **message: Any) -> requests.Response:
        body = {"messaging_product": "whatsapp", "to": to, **message}
        return self.post(f"{self.number_id}/messages", body)

    def send_text(self, text: str = "Hello", **more: Any) -> requests.Response:
        return self.send(type="text", text={"body": text}, **more)

    def send_template(
        self, name: str = "hello_world", components: Any = None, language: str = "en_US", **more: Any
    ) -> requests.Response:
        template = {"name": name, "language": {"code": language}}
        if components is not None:
            template["components"] = components
        return self.send(type="template", template=template, **more)

    def handle(self, file_type: str, data: bytes = b"a file") -> str:
        """A real handle, by the two steps of the resumable upload."""
        query = {"file_length": str(len(data)), "file_type": file_type, "file_name": "sample"}
        session = self.call("POST", f"{self.app_id}/uploads", params=query).json()["id"]
        headers = {"Authorization": f"OAuth {self.token}", "file_offset": "0"}
        return str(self.call("POST", session, data=data, headers=headers).json()["h"])

    def receive(self, message: dict[str, Any] | None = None, **more: Any) -> requests.Response:
        """The customer writes."""
        body = {
            "phone_number_id": self.number_id,
            "from": "+" + CUSTOMER,
            "message": message or {"type": "text", "text": {"body": "Hello"}},
        }
        return self.sandbox.control("POST", "inbound", body | more)

    def fault(self, kind: str, **more: Any) -> dict[str, Any]:
        answer = self.sandbox.control("POST", "faults", {"kind": kind, **more})
        assert answer.status_code == 201, answer.text
        fault: dict[str, Any] = answer.json()
        return fault

    def connect(self, receiver: Receiver, fields: str = "messages,message_template_status_update") -> None:
        """Both subscriptions: the app to fields, the account to the app."""
        receiver.secret = self.account["app_secret"]
        body = {
            "object": "whatsapp_business_account",
            "callback_url": receiver.url,
            "verify_token": receiver.verify_token,
            "fields": fields,
        }
        answer = self.call("POST", f"{self.app_id}/subscriptions", token=self.app_token, data=body)
        assert answer.json() == {"success": True}, answer.text
        assert self.post(f"{self.waba_id}/subscribed_apps", {}).json() == {"success": True}


def error_of(answer: requests.Response) -> dict[str, Any]:
    error: dict[str, Any] = answer.json()["error"]
    return error


def code_of(answer: requests.Response) -> tuple[int, int]:
    """(HTTP status, Graph code)."""
    return answer.status_code, error_of(answer)["code"]


def wamid_of(answer: requests.Response) -> str:
    assert answer.status_code == 200, answer.text
    return str(answer.json()["messages"][0]["id"])
