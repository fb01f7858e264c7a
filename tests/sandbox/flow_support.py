"""A business that has a Flow: its JSON, its data endpoint with an RSA key of its own, its messages."""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import json
import re
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.sandbox.support import CUSTOMER, POLL_S, Meta, wamid_of

Part = dict[str, Any]
FOOTER = {"type": "Footer", "label": "Send", "on-click-action": {"name": "complete", "payload": {}}}


def screen(screen_id: str, *children: Part, data: Part | None = None, **more: Any) -> Part:
    """A screen; `data`: name → example."""
    specs = {name: {"type": _type(example), "__example__": example} for name, example in (data or {}).items()}
    layout = {"type": "SingleColumnLayout", "children": list(children)}
    return {"id": screen_id, "title": screen_id.title(), "data": specs, "layout": layout} | more


def flow(*screens: Part, **more: Any) -> Part:
    return {"version": "7.3", "screens": list(screens)} | more


def footer(name: str, payload: Part | None = None, to: str = "", **more: Any) -> Part:
    action: Part = {"name": name, "payload": payload or {}}
    if to:
        action["next"] = {"type": "screen", "name": to}
    return {"type": "Footer", "label": "Go on", "on-click-action": action} | more


def text_input(name: str, **more: Any) -> Part:
    return {"type": "TextInput", "name": name, "label": name.title()} | more


def _type(example: Any) -> str:
    kinds = {bool: "boolean", int: "number", float: "number", str: "string", list: "array", dict: "object"}
    return kinds[type(example)]


class Endpoint:
    """A data endpoint. `answer` is asked for each decrypted request; a number is an HTTP status."""

    def __init__(self, app_secret: str) -> None:
        self.answer: Callable[[Part], Part | tuple[int, Part] | int] = lambda asked: {}
        self.asked: list[Part] = []
        self.bad_signatures = 0
        self.app_secret = app_secret
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        handler = type("Handler", (EndpointHandler,), {"endpoint": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/flow"
        threading.Thread(target=self._server.serve_forever, args=(POLL_S,), daemon=True).start()

    @property
    def public_key(self) -> str:
        return self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def respond(self, body: bytes, signature: str) -> tuple[int, bytes]:
        right = "sha256=" + hmac.new(self.app_secret.encode(), body, hashlib.sha256).hexdigest()
        self.bad_signatures += not hmac.compare_digest(right, signature)
        parts = {name: base64.b64decode(value) for name, value in json.loads(body).items()}
        key = self._key.decrypt(parts["encrypted_aes_key"], OAEP(MGF1(SHA256()), SHA256(), None))
        iv = parts["initial_vector"]
        asked = json.loads(AESGCM(key).decrypt(iv, parts["encrypted_flow_data"], None))
        if asked["action"] == "ping":
            return 200, self._sealed({"data": {"status": "active"}}, key, iv)
        self.asked.append(asked)
        found = self.answer(asked)
        if isinstance(found, int):
            return found, b""
        status, answer = found if isinstance(found, tuple) else (200, found)
        return status, self._sealed(answer, key, iv)

    def _sealed(self, answer: Part, key: bytes, iv: bytes) -> bytes:
        flipped = bytes(byte ^ 0xFF for byte in iv)
        return base64.b64encode(AESGCM(key).encrypt(flipped, json.dumps(answer).encode(), None))


class EndpointHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    endpoint: Endpoint

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status, answer = self.endpoint.respond(body, self.headers.get("X-Hub-Signature-256", ""))
        self.send_response(status)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (http.server's name)
        """No request lines in the test output."""


def create_flow(meta: Meta, flow_json: Any, **more: Any) -> str:
    """A draft; answers its id."""
    text = flow_json if isinstance(flow_json, str) else json.dumps(flow_json)
    count = len(meta.get(f"{meta.waba_id}/flows").json()["data"])
    body = {"name": f"flow {count}", "categories": ["SURVEY"], "flow_json": text} | more
    return str(meta.post(f"{meta.waba_id}/flows", body).json()["id"])


def send_flow(meta: Meta, flow_json: Any, endpoint: Endpoint | None = None, **parameters: Any) -> str:
    """A draft sent to the customer; answers the wamid."""
    more = {"endpoint_uri": endpoint.url} if endpoint else {}
    if endpoint:
        key = {"business_public_key": endpoint.public_key}
        assert meta.post(f"{meta.number_id}/whatsapp_business_encryption", key).status_code == 200
    return send_flow_id(meta, create_flow(meta, flow_json, **more), mode="draft", **parameters)


def send_flow_id(meta: Meta, flow_id: str, **parameters: Any) -> str:
    return wamid_of(post_flow(meta, flow_id, **parameters))


def post_flow(meta: Meta, own_id: str, /, **parameters: Any) -> requests.Response:
    """`parameters` win, a flow_id too."""
    known = {"flow_message_version": "3", "flow_id": own_id, "flow_cta": "Book", "flow_token": "tok"}
    action = {"name": "flow", "parameters": known | parameters}
    meta.receive()
    return meta.send(
        type="interactive", interactive={"type": "flow", "body": {"text": "Hi"}, "action": action}
    )


class Phone:
    """The page of one Flow as a browser has it: what it shows, and its form to submit."""

    def __init__(self, meta: Meta, wamid: str) -> None:
        self._meta = meta
        self._url = f"{meta.sandbox.url}/phone/flow"
        self._known = {"to": meta.number_id, "as": CUSTOMER, "wamid": wamid}
        self.answer = requests.get(self._url, params=self._known, timeout=15)

    @property
    def shown(self) -> str:
        assert self.answer.status_code == 200, self.answer.text
        return html.unescape(self.answer.text)

    @property
    def title(self) -> str:
        found = re.search(r'<h2 id="screen-h"[^>]*>(.*?)</h2>', self.shown)
        return found[1] if found else ""

    @property
    def notice(self) -> str:
        found = re.search(r'class="flow-notice".*?<span>(.*?)</span>', self.shown, re.DOTALL)
        return found[1] if found else ""

    @property
    def errors(self) -> list[str]:
        return re.findall(r'class="flow-error"[^>]*>.*?</svg>(.*?)</span>', self.shown, re.DOTALL)

    def place_of(self, words: str) -> str:
        """The value of the button that shows these words."""
        found = re.findall(
            r'<button[^>]*name="do" value="([^"]*)"[^>]*>(.*?)</button>', self.shown, re.DOTALL
        )
        return next(value for value, inner in reversed(found) if words in inner)

    def fields(self, **entered: Any) -> dict[str, Any]:
        """Everything the form would submit without a button."""
        step = re.search(r'name="step" value="([^"]*)"', self.shown)
        found = {f"f:{name}": value for name, value in entered.items()}
        return self._known | {"step": step[1] if step else ""} | found

    def press(self, words: str, /, **entered: Any) -> Phone:
        return self.do(self.place_of(words), **entered)

    def do(self, place: str, files: Any = None, /, **entered: Any) -> Phone:
        return self.submit(self.fields(**entered) | {"do": place}, files)

    def submit(self, fields: Part, files: Any = None) -> Phone:
        self.answer = requests.post(self._url, data=fields, files=files, timeout=15)
        return self

    def again(self) -> Phone:
        self.answer = requests.post(f"{self._url}/again", data=self._known, timeout=15)
        return self

    @property
    def query(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.answer.url).query)
