"""Generated attacks on the sandbox: every endpoint, wrong bodies of every kind, the same for the same seed."""

from __future__ import annotations

import ast
import inspect
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import app.sandbox.graph  # noqa: F401 (registers the endpoints)
from app.sandbox.graph.registry import ENDPOINTS

READERS = {"text", "required_text", "opened", "words", "number", "get", "has", "flag"}
DEEP = 3000
LONG = 200_000
# What a caller could put where a text, a number or a list is wanted.
NASTY: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**53 + 1, 2**63, -(2**63) - 1, 2**64, 10**400, 0.1, -0.0, 1e308,
    float("inf"), float("-inf"), float("nan"), "", " ", "\x00", "a\x00b", "\ud800", "\udfff\ud800", "\ufffe",
    "\u202eevil", "עברית\u200f", "🧁" * 50, "x" * 5000, "é" * 1025, "\r\nX-Evil: 1", "'; DROP TABLE messages;--",
    '" OR ""="', "<script>alert(1)</script>", "../../etc/passwd", "%00", "%2e%2e%2f", "null", "NaN", "-1", "1e400",
    "9" * 5000, "²", "١٢٣", "0001-01-01", "9999-12-31T23:59:59Z", "[]", "{}", "[[[[", '{"a":', '"', "[1e999]",
    [], {}, [None], [[]], [{}], [1, "a", None, {}], {"": ""}, {"a": None}, {"\x00": "\x00"}, {"id": []},
    {"type": "text", "text": []}, ["x"] * 300, {"name": {"name": {"name": 1}}}, "javascript:alert(1)",
    "http://[::1", "http://a b/", "https://" + "a" * 3000, "file:///etc/passwd", "//evil", "http://:99999/",
)  # fmt: skip
# Names that handlers look for deeper inside.
INNER = (
    "type", "text", "body", "id", "link", "name", "language", "code", "components", "parameters", "action",
    "header", "footer", "buttons", "sections", "rows", "title", "reply", "format", "example", "cards", "index",
    "sub_type", "emoji", "message_id", "contacts", "phones", "latitude", "longitude", "caption", "filename", "user",
)  # fmt: skip
TEXT = {"type": "BODY", "text": "Hello {{1}}", "example": {"body_text": [["Kim"]]}}
MESSAGES: tuple[dict[str, Any], ...] = (
    {"type": "text", "text": {"body": "Hello", "preview_url": True}},
    {"type": "image", "image": {"link": "https://example.com/a.jpg", "caption": "A"}},
    {"type": "document", "document": {"link": "https://example.com/a.pdf", "filename": "a.pdf"}},
    {"type": "location", "location": {"latitude": 1, "longitude": 2, "name": "A", "address": "B"}},
    {"type": "contacts", "contacts": [{"name": {"formatted_name": "A", "first_name": "A"},
                                       "phones": [{"phone": "+447700900900", "type": "HOME"}]}]},
    {"type": "reaction", "reaction": {"message_id": "wamid.x", "emoji": "👍"}},
    {"type": "interactive", "interactive": {"type": "button", "body": {"text": "A"}, "action": {
        "buttons": [{"type": "reply", "reply": {"id": "1", "title": "A"}}]}}},
    {"type": "interactive", "interactive": {"type": "list", "body": {"text": "A"}, "action": {
        "button": "A", "sections": [{"title": "A", "rows": [{"id": "1", "title": "A"}]}]}}},
    {"type": "interactive", "interactive": {"type": "cta_url", "body": {"text": "A"}, "action": {
        "name": "cta_url", "parameters": {"display_text": "A", "url": "https://example.com"}}}},
    {"type": "interactive", "interactive": {"type": "flow", "body": {"text": "A"}, "action": {
        "name": "flow", "parameters": {"flow_message_version": "3", "flow_id": "1", "flow_cta": "A"}}}},
    {"type": "interactive", "interactive": {"type": "carousel", "body": {"text": "A"}, "action": {"cards": [
        {"card_index": 0, "type": "cta_url", "header": {"type": "image", "image": {"link": "https://a.bc/d"}},
         "body": {"text": "A"}, "action": {"name": "cta_url", "parameters": {
             "display_text": "A", "url": "https://a.bc"}}}] * 2}}},
    {"type": "template", "template": {"name": "order_update", "language": {"code": "en_US"}, "components": [
        {"type": "body", "parameters": [{"type": "text", "text": "A"}, {"type": "text", "text": "B"}]}]}},
    {"type": "template", "template": {"name": "appointment_confirmation", "language": {"code": "en_US"},
     "components": [{"type": "body", "parameters": [{"type": "text", "text": "A"}] * 2},
                    {"type": "button", "sub_type": "quick_reply", "index": "0",
                     "parameters": [{"type": "payload", "payload": "x"}]}]}},
    {"status": "read", "message_id": "wamid.x", "typing_indicator": {"type": "text"}},
)  # fmt: skip
MESSAGE_TEMPLATES: tuple[dict[str, Any], ...] = (
    {"name": "plain", "language": "en_US", "category": "UTILITY", "components": [TEXT]},
    {"name": "full", "language": "de", "category": "MARKETING", "parameter_format": "NAMED", "components": [
        {"type": "HEADER", "format": "TEXT", "text": "Hi {{name}}", "example": {
            "header_text_named_params": [{"param_name": "name", "example": "Kim"}]}},
        {"type": "BODY", "text": "Hello"}, {"type": "FOOTER", "text": "Bye"},
        {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "A"}, {
            "type": "URL", "text": "B", "url": "https://a.bc/{{1}}", "example": ["https://a.bc/d"]}]}]},
    {"name": "auth", "language": "en", "category": "AUTHENTICATION", "components": [
        {"type": "BODY", "add_security_recommendation": True}, {"type": "FOOTER", "code_expiration_minutes": 5},
        {"type": "BUTTONS", "buttons": [{"type": "OTP", "otp_type": "COPY_CODE", "text": "Copy"}]}]},
    {"name": "cards", "language": "en", "category": "MARKETING", "components": [TEXT, {
        "type": "CAROUSEL", "cards": [{"components": [
            {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["4::x"]}},
            {"type": "BODY", "text": "A"}, {"type": "BUTTONS", "buttons": [
                {"type": "QUICK_REPLY", "text": "A"}]}]}] * 2}]},
)  # fmt: skip
FLOWS: tuple[dict[str, Any], ...] = (
    {"name": "A flow", "categories": ["OTHER"], "publish": False, "flow_json": json.dumps(
        {"version": "6.0", "screens": [{"id": "A", "title": "A", "terminal": True, "layout": {
            "type": "SingleColumnLayout", "children": [{"type": "Footer", "label": "A", "on-click-action": {
                "name": "complete", "payload": {}}}]}}]})},
)  # fmt: skip
SEEDS: dict[tuple[str, str], tuple[dict[str, Any], ...]] = {
    ("phone_number", "messages"): MESSAGES,
    ("phone_number", "marketing_messages"): MESSAGES[-3:-1],
    ("waba", "message_templates"): MESSAGE_TEMPLATES,
    ("message_template", ""): MESSAGE_TEMPLATES,
    ("waba", "upsert_message_templates"): MESSAGE_TEMPLATES,
    ("waba", "flows"): FLOWS,
    ("phone_number", "block_users"): ({"block_users": [{"user": "+447700900901"}]},),
    ("phone_number", "conversational_automation"): (
        {"commands": [{"command_name": "a", "command_description": "b"}], "prompts": ["a"]},
    ),
    ("phone_number", "settings"): (
        {"calling": {"status": "ENABLED", "call_hours": {"weekly_operating_hours": [{}]}}},
        {"user_identity_change": {"enable_identity_key_check": True}},
    ),
    ("phone_number", "whatsapp_business_profile"): ({"about": "A", "websites": ["https://a.bc"]},),
    ("root", ""): ({"batch": [{"method": "GET", "relative_url": "me", "body": "a=b"}]}, {"ids": "1,2"}),
}
CONTROL: dict[tuple[str, str], tuple[dict[str, Any], ...]] = {
    ("POST", "tokens"): ({"app_id": "$app", "scopes": ["a"], "target_ids": ["1"], "expires_in_s": 5},),
    ("POST", "tokens/revoke"): ({"access_token": "EAAx", "reason": "invalidated"},),
    ("POST", "codes"): ({"app_id": "$app", "waba_id": "$waba", "expires_in_s": 5},),
    ("POST", "apps/$app"): ({"is_proof_required": False, "is_capable": True},),
    ("POST", "conditions"): ({"id": "$waba", "conditions": []},),
    ("POST", "flows/1"): ({"status": "DRAFT"},),
    ("POST", "handles"): ({"app_id": "$app", "file_type": "image/png", "data": "AAAA"},),
    ("POST", "phone_numbers/$number"): ({"quality_rating": "GREEN", "verified_name": "A"},),
    ("POST", "phone_numbers"): ({"waba_id": "$waba", "phone_number": "+12025550111", "verified_name": "A"},),
    ("POST", "message_templates"): ({"waba_id": "$waba", "message_templates": [
        {"name": "made", "language": "en", "category": "UTILITY", "components": [TEXT], "status": "APPROVED"}]},),
    ("GET", "customers"): ({"phone_number_id": "$number"},),
    ("POST", "customers"): ({"phone_number_id": "$number", "customers": [
        {"from": "+447700900903", "name": "A", "username": "b", "last_inbound_at": 1, "reads_messages": True}]},),
    ("DELETE", "customers"): ({"phone_number_id": "$number", "from": "+447700900903"},),
    ("POST", "events"): (
        {"phone_number_id": "$number", "field": "account_update", "value": {"event": "DISABLED_UPDATE"}},
        {"phone_number_id": "$number", "field": "message_template_status_update", "value": {}},
        {"phone_number_id": "$number", "field": "user_id_update", "value": {}, "from": "+447700900903"},
        {"phone_number_id": "$number", "field": "messages", "value": {"errors": [{}]}},
    ),
    ("POST", "inbound"): tuple(
        {"phone_number_id": "$number", "from": "+447700900902", "name": "A", "message": message}
        for message in (
            {"type": "text", "text": {"body": "Hi"}, "context": {"id": "wamid.x"}, "timestamp": "1700000000"},
            {"type": "image", "image": {"data": "AAAA", "mime_type": "image/svg+xml", "filename": "a"}},
            {"type": "interactive", "interactive": {"type": "button_reply", "button_reply": {"id": "1"}}},
            {"type": "order", "order": {"product_items": [{"quantity": 1}]}},
            {"type": "reaction", "reaction": {"message_id": "wamid.x", "emoji": "x"}},
            {"type": "contacts", "contacts": [{}]}, {"type": "location", "location": {"latitude": 1}},
            {"type": "system", "system": {"body": "A"}}, {"type": "document", "document": {"filename": "x"}},
        )
    ),
    ("POST", "window"): ({"phone_number_id": "$number", "from": "+447700900902", "is_open": True},),
    ("GET", "messages"): ({"phone_number_id": "$number", "to": "1", "limit": "5"},),
    ("GET", "requests"): ({"limit": "5"},),
    ("GET", "deliveries"): ({"limit": "5", "state": "pending", "field": "messages"},),
    ("DELETE", "deliveries"): ({"id": "999999999"},),
    ("DELETE", "faults"): ({"id": "999999999"}, {"kind": "slow"}),
    ("POST", "deliveries/retry"): ({"waba_id": "1"},),
    ("GET", "accounts"): ({},),
}  # fmt: skip
FORMS = {
    "phone/messages": ("text", "thing", "reply"),
    "phone/taps": ("tap", "wamid"),
    "phone/scenes": ("scene",),
    "phone/reactions": ("wamid", "emoji"),
    "phone/read": ("wamid",),
    "phone/customers": ("name", "username", "phone_number"),
    "phone/reviews": ("id", "decision", "reason"),
    "phone/flow": ("wamid", "a"),
}


TAPS = (
    "button:",
    "list:",
    "template:",
    "template:0.",
    "card:",
    "flow:",
    "order:",
    "call:",
    "address:",
    "contact:",
)


@dataclass(frozen=True)
class Shot:
    """One request. `path` is ready for the wire; `area`: graph, control or page."""

    area: str
    method: str
    path: str
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


class Attack:
    """Shots without end. `ids`: kind → ids to aim at; `tokens`: good, foreign, expired and revoked ones."""

    def __init__(
        self, seed: int, ids: dict[str, list[str]], tokens: list[str], names: dict[str, str]
    ) -> None:
        self._random = random.Random(seed)  # noqa: S311 (an attack that can be repeated)
        self._ids, self._tokens, self._names = ids, tokens, names

    def shots(self, count: int) -> Iterator[Shot]:
        makers: list[Callable[[], Shot]] = (
            [self._graph] * 7 + [self._control] * 2 + [self._page, self._odd_path]
        )
        for _ in range(count):
            yield self._random.choice(makers)()

    def _graph(self) -> Shot:
        pick = self._random
        kind, edge, method = pick.choice(list(ENDPOINTS))
        names = read_names(ENDPOINTS[kind, edge, method].handler)
        seeds = SEEDS.get((kind, edge), ())
        body: dict[str, Any] = dict(pick.choice(seeds)) if seeds and pick.random() < 0.8 else {}
        if kind == "phone_number":
            body |= {"messaging_product": "whatsapp", "to": "+447700900900"}
        for name in pick.sample(names, min(len(names), pick.randrange(4))):
            body[name] = self._value()
        if pick.random() < 0.9:
            body = self._spoilt(body)
        if pick.random() < 0.05:
            method = pick.choice(
                ("GET", "POST", "DELETE", "PUT", "PATCH", "HEAD", "OPTIONS", "TRACE", "BREW")
            )
        return self._request("graph", method, self._address(kind, edge), body)

    def _control(self) -> Shot:
        (method, path), bodies = self._random.choice(list(CONTROL.items()))
        body = self._spoilt(self._named(self._random.choice(bodies)))
        return self._request("control", method, "/_sandbox/" + self._named(path), body)

    def _page(self) -> Shot:
        if self._random.random() < 0.3:
            query = urlencode({"to": self._names["$number"], "as": "447700900900", "reply": _as_text(self._value())},
                              errors="replace")  # fmt: skip
            return Shot("page", "GET", f"/{self._random.choice(('', 'phone/live', 'phone/wire'))}?{query}")
        path, names = self._random.choice(list(FORMS.items()))
        form = {name: _as_text(self._value()) for name in names} | {"to": self._names["$number"]}
        form |= {"as": "447700900900", "tap": self._random.choice(TAPS) + _as_text(self._value())}
        query = urlencode({"wamid": self._random.choice(self._ids["wamid"])})
        body = urlencode(form, errors="replace").encode()
        return Shot(
            "page", "POST", f"/{path}?{query}", body, {"Content-Type": "application/x-www-form-urlencoded"}
        )

    def _odd_path(self) -> Shot:
        pick = self._random
        parts = [
            "v23.0",
            "v99.9",
            "v1.0",
            "me",
            "_media",
            "_flows",
            "phone",
            "%00",
            "%ff",
            "..",
            "a" * 3000,
            "%2f",
        ]
        parts += [pick.choice(ids) for ids in self._ids.values()] + [
            "messages",
            "media",
            "message_qrdls",
            "upload:x",
        ]
        path = "/" + "/".join(pick.choice(parts) for _ in range(pick.randrange(1, 5)))
        return self._request("page", pick.choice(("GET", "POST", "DELETE")), path, {"fields": self._value()})

    def _address(self, kind: str, edge: str) -> str:
        node = self._random.choice(self._ids.get(kind) or ["1"])
        if self._random.random() < 0.03:
            node = quote(_as_text(self._value())[:2000], errors="replace", safe="")
        name = edge.replace("*", quote(_as_text(self._value())[:200], errors="replace", safe=""))
        path = name if kind == "root" else "/".join(part for part in (node, name) if part)
        return f"/v{self._random.randrange(16, 27)}.0/{path}"

    def _request(self, area: str, method: str, path: str, body: Any) -> Shot:
        pick = self._random
        headers = {"Authorization": f"Bearer {pick.choice(self._tokens)}"}
        if area != "graph" and pick.random() < 0.5:
            headers = {}
        if method == "GET" or pick.random() < 0.05:
            fields = body if isinstance(body, dict) else {"fields": body}
            query = urlencode(
                {key: _as_text(value)[:3000] for key, value in fields.items()}, errors="replace"
            )
            return Shot(area, method, f"{path}?{query}", b"", headers)
        write = pick.choice((_json, _json, _json, _form, _multipart, self._garbage))
        content_type, raw = write(body)
        return Shot(area, method, path, raw, headers | {"Content-Type": content_type})

    def _garbage(self, body: dict[str, Any]) -> tuple[str, bytes]:
        text = json.dumps(body)
        raw = self._random.choice((
            text.encode("utf-16"), text.encode() + b"\xff\xfe", b"[" * DEEP, b'{"a":' * DEEP, text[: len(text) // 2].encode(),
            b"[" + text.encode() + b"]", b'"text"', b"null", b"1" * 6000, b'{"a":' + b"9" * 6000 + b"}",
            (text[:-1] + ("," if body else "") + '"to":1,"to":[],"type":"text","type":{}}').encode(), b"\x00", b" ",
            b'{"messaging_product":"whatsapp","text":' + b"[" * 400 + b"]" * 400 + b"}",
            b'{"x":"' + b"a" * LONG + b'"}', b"\xef\xbb\xbf" + text.encode(),
        ))  # fmt: skip
        kinds = (
            "application/json",
            "text/plain",
            "application/json; charset=utf-16",
            "",
            "multipart/form-data",
        )
        return self._random.choice(kinds), raw

    def _named(self, value: Any) -> Any:
        text = json.dumps(value)
        for name, known in self._names.items():
            text = text.replace(name, known)
        return json.loads(text)

    def _value(self) -> Any:
        if self._random.random() < 0.1:
            return self._random.choice(self._random.choice(list(self._ids.values())) or ["1"])
        return self._random.choice(NASTY)

    def _spoilt(self, value: Any) -> Any:
        """A copy in which one place, chosen by walking down, holds something else, is gone, or has company."""
        pick = self._random
        if not isinstance(value, (dict, list)) or not value or pick.random() < 0.05:
            return self._value()
        key = pick.choice(list(value) if isinstance(value, dict) else list(range(len(value))))
        copy = value.copy()
        if isinstance(copy, dict) and pick.random() < 0.1:
            copy[pick.choice(INNER)] = self._value()
        elif isinstance(copy, dict) and pick.random() < 0.08:
            del copy[key]
        else:
            copy[key] = self._spoilt(value[key])
        return copy


def read_names(handler: Any) -> list[str]:
    """Names of parameters that the handler's file reads, and what all lists take."""
    module = inspect.getmodule(handler)
    assert module is not None
    known = _NAMES.get(module.__name__)
    if known is None:
        known = _NAMES[module.__name__] = sorted(_literals(ast.parse(inspect.getsource(module))))
    return known


_NAMES: dict[str, list[str]] = {}


def _literals(tree: ast.AST) -> set[str]:
    found = {"fields", "limit", "after", "before", "access_token", "appsecret_proof", "method"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in READERS:
            first = node.args[0] if node.args else None
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                found.add(first.value)
    return found


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _json(body: Any) -> tuple[str, bytes]:
    return "application/json", json.dumps(body).encode()


def _form(body: Any) -> tuple[str, bytes]:
    fields = body if isinstance(body, dict) else {"a": body}
    text = urlencode({key: _as_text(value) for key, value in fields.items()}, errors="replace")
    return "application/x-www-form-urlencoded", text.encode()


def _multipart(body: Any) -> tuple[str, bytes]:
    fields = body if isinstance(body, dict) else {"a": body}
    parts = [
        f'Content-Disposition: form-data; name="{key}"\r\n\r\n{_as_text(value)}'
        for key, value in fields.items()
    ]
    parts.append(
        'Content-Disposition: form-data; name="file"; filename="a\\"\u202e.png"\r\nContent-Type: image/png\r\n\r\nx'
    )
    text = "".join(f"--edge\r\n{part}\r\n" for part in parts) + "--edge--\r\n"
    return "multipart/form-data; boundary=edge", text.encode("utf-8", "surrogatepass")
