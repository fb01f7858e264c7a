"""Generated attacks: every endpoint, wrong bodies of every kind, the same ones for the same seed."""

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
from tests.sandbox.attack_bodies import CONTROL, FORMS, INNER, NASTY, SEEDS, TAPS

READERS = {"text", "required_text", "opened", "words", "number", "get", "has", "flag"}
DEEP = 100_000
LONG = 200_000


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
        self._random = random.Random(seed)
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
            query = urlencode({"to": self._names["$number"], "as": "447700900900",
            "reply": _as_text(self._value())},
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
        doubled = text[:-1] + ("," if body else "") + '"to":1,"to":[],"type":"text","type":{}}'
        raw = self._random.choice(
            (
                text.encode("utf-16"),
                text.encode() + b"\xff\xfe",
                b"[" * DEEP,
                b'{"a":' * DEEP,
                b'{"messaging_product":"whatsapp","text":' + b"[" * 400 + b"]" * 400 + b"}",
                text[: len(text) // 2].encode(),
                b"[" + text.encode() + b"]",
                b'"text"',
                b"null",
                b"1" * 6000,
                b'{"a":' + b"9" * 6000 + b"}",
                doubled.encode(),
                b"\x00",
                b" ",
                b'{"x":"' + b"a" * LONG + b'"}',
                b"\xef\xbb\xbf" + text.encode(),
            )
        )
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
        """A copy: one place, chosen by walking down, holds something else, is gone, or has company."""
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
        'Content-Disposition: form-data; name="file"; filename="a\\"\u202e.png"\r\n'
        "Content-Type: image/png\r\n\r\nx"
    )
    text = "".join(f"--edge\r\n{part}\r\n" for part in parts) + "--edge--\r\n"
    return "multipart/form-data; boundary=edge", text.encode("utf-8", "surrogatepass")
