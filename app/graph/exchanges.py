"""What one call said and what came back, with secrets blanked: for whoever keeps a record of the calls."""

from __future__ import annotations

import base64
import json
import logging
import re
from collections.abc import Iterable, Mapping, Sized
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Protocol
from urllib.parse import parse_qsl, quote

from app.graph.call_info import CallInfo
from app.graph.calls import Params, Wire
from app.graph.errors import GraphError
from app.graph.json_limits import MalformedBody, loads
from app.graph.redaction import HIDDEN, redact

LONGEST_TEXT = 8 * 1024
_WORDS = "token|secret|passw|proof|private_key|handle|certificate|signature"
_EXACTLY = "pin|code|h|sig|cert|backup"
_SECRET_KEY = re.compile(rf"(?i)(?:.*(?:{_WORDS}).*|{_EXACTLY})")
_MAY_HOLD_SECRETS = re.compile(rf'(?i)"(?:[\w.]*(?:{_WORDS})[\w.]*|{_EXACTLY})"\s*:')
_SECRET_PAIR = re.compile(_MAY_HOLD_SECRETS.pattern + r'\s*(?:"(?:[^"\\]|\\.)*"?|[^\s,}]+)')
_CODES_THAT_ARE_NONE = frozenset({"error", "errors", "language", "currency"})
"""What holds a `code` that is Meta's own word: of an error, a language, a currency."""
_SIGNED_ADDRESS = re.compile(r"((?:https?://|upload:)[^\s\"?]*\?)[^\s\"]+")
# Looked for before any expression is tried: hundreds of sends a second are told, and hardly one has a secret.
_HINTS = ("\\", *_WORDS.split("|"), *(f'"{key}"' for key in _EXACTLY.split("|")))
_REDACTION_HINTS = ("bearer", "oauth", "|", "%7c", "=", "%3d")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_SHORTEST_SECRET = 6
_FORM = "application/x-www-form-urlencoded"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One call as it may be kept. `request` and `answer` are JSON as text, at most 8 KB each; the parameters
    of the address count as part of the request. `error`: what the call ended with; None: it was answered.
    """

    at: datetime
    info: CallInfo
    request: str = field(repr=False)
    answer: str = field(repr=False)
    error: GraphError | None = None


class Observer(Protocol):
    """Is told each exchange, in the thread that made the call, after it. Should not take long."""

    def __call__(self, exchange: Exchange, /) -> None: ...


@dataclass(frozen=True, slots=True)
class Asked:
    """What a call sent, to be blanked once it is over."""

    at: datetime
    params: Params
    wire: Wire
    secrets: tuple[str, ...] = field(repr=False)

    @classmethod
    def now(cls, params: Params, wire: Wire, secrets: Iterable[object]) -> Asked:
        return cls(datetime.now(UTC), params, wire, tuple(str(secret) for secret in secrets if secret))


def tell(
    observer: Observer | None, asked: Asked, info: CallInfo, content: bytes | None, error: GraphError | None
) -> None:
    """Tell the observer. Whatever breaks here, the call has happened and its outcome stands."""
    if observer is None:
        return
    try:
        request, found = _request_text(asked)
        answer = _answer_text(content, (*asked.secrets, *found))
        observer(Exchange(asked.at, info, request, answer, error))
    except Exception as failure:  # noqa: BLE001
        # Its text might hold what was to be blanked.
        log.warning("a call to Meta could not be kept: %s", type(failure).__name__)


def _request_text(asked: Asked) -> tuple[str, list[str]]:
    """The request, and the secrets that were found in it: an answer may repeat them."""
    said = _said(asked.wire)
    if isinstance(said, bytes):
        text = said.decode("utf-8", "replace")
        if not asked.params and not _needs_care(text):
            return _shortened(_blank_text(text, asked.secrets)), []
        said = json.loads(text)
    found: list[str] = []
    whole = {**asked.params, **said} if isinstance(said, Mapping) else said
    text = json.dumps(_blanked(whole, "", found), ensure_ascii=False) if whole else ""
    return _shortened(_blank_text(text, (*asked.secrets, *found))), found


def _said(wire: Wire) -> bytes | Mapping[str, Any]:
    """JSON as it went out, a form's fields, or how large a file was; nothing for no body."""
    content, kind = wire.content, wire.headers.get("Content-Type", "")
    if content is None:
        return {}
    if isinstance(content, bytes) and kind == "application/json":
        return content
    if isinstance(content, bytes) and kind == _FORM:
        return {name: _inner(value) for name, value in parse_qsl(content.decode("utf-8", "replace"))}
    size = len(content) if isinstance(content, Sized) else None
    return {"(file)": kind.partition(";")[0], "(bytes)": size}


def _inner(text: str) -> Any:
    """A form's field may hold JSON of its own, with keys to look at."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _answer_text(content: bytes | None, secrets: tuple[str, ...]) -> str:
    if not content:
        return ""
    text = content.decode("utf-8", "replace")
    if _needs_care(text):
        try:
            text = json.dumps(_blanked(loads(content), "", []), ensure_ascii=False)
        except MalformedBody:
            text = _SECRET_PAIR.sub(HIDDEN, text)
    return _shortened(_blank_text(text, secrets))


def _needs_care(text: str) -> bool:
    """Anything escaped may be a key or a secret that a search would miss."""
    lowered = text.lower()
    return any(hint in lowered for hint in _HINTS)


def _blanked(value: Any, parent: str, found: list[str]) -> Any:
    if isinstance(value, Mapping):
        return {key: _blanked_value(str(key), inner, parent, found) for key, inner in value.items()}
    if isinstance(value, list):
        return [_blanked(inner, parent, found) for inner in value]
    return value


def _blanked_value(key: str, value: Any, parent: str, found: list[str]) -> Any:
    is_metas_code = key == "code" and (parent in _CODES_THAT_ARE_NONE or isinstance(value, int))
    if value in (None, "") or is_metas_code or not _SECRET_KEY.fullmatch(key):
        return _blanked(value, key, found)
    found.extend(_texts(value))
    return HIDDEN


def _texts(value: Any) -> list[str]:
    if isinstance(value, Mapping):
        return [text for inner in value.values() for text in _texts(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in _texts(inner)]
    return [str(value)] if isinstance(value, str | int) else []


def _blank_text(text: str, secrets: Iterable[str]) -> str:
    for secret in secrets:
        for form in _forms(secret):
            text = text.replace(form, HIDDEN)
    if "?" in text:
        text = _SIGNED_ADDRESS.sub(rf"\1{HIDDEN}", text)
    lowered = text.lower()
    is_suspect = "EA" in text or any(hint in lowered for hint in _REDACTION_HINTS)
    return redact(text) if is_suspect else text


@lru_cache(maxsize=512)
def _forms(secret: str) -> tuple[str, ...]:
    """A secret as it may stand in a text: plain, as JSON and addresses write it, base64 and hexadecimal."""
    if len(secret) < _SHORTEST_SECRET:
        return ()
    raw = secret.encode()
    forms = (
        secret,
        json.dumps(secret)[1:-1],
        quote(secret, safe=""),
        base64.b64encode(raw).decode().rstrip("="),
        base64.urlsafe_b64encode(raw).decode().rstrip("="),
        raw.hex(),
    )
    return tuple(dict.fromkeys(forms))


def _shortened(text: str) -> str:
    """Cut after blanking, so that no half of a secret is left at the end."""
    text = _UNSTORABLE.sub("\ufffd", text)
    if len(text) <= LONGEST_TEXT:
        return text
    return f"{text[:LONGEST_TEXT]}… ({len(text):,} characters)"
