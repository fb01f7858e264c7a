"""Logging: one line per event, as JSON, with secrets cut out whatever put them there.

Requests are logged here, by endpoint and without their query: addresses carry tokens.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import sys
import time
from collections.abc import Iterable
from datetime import UTC, datetime

from flask import Flask, Response, g, has_request_context, request

from app.log_fields import fields_of
from config import Settings

HIDDEN = "••••"
_PATTERNS = (
    (re.compile(r"EA[A-Z][A-Za-z0-9]{8,}"), f"EAA{HIDDEN}"),
    (re.compile(r"(?i)\b(bearer|oauth|basic)\s+[^\s\"',]+"), rf"\1 {HIDDEN}"),
    (re.compile(r"(?i)\b((?:set-)?cookie[\"']?\s*[=:]\s*)[^\r\n\"]+"), rf"\1{HIDDEN}"),
    (re.compile(r"\b(__Host-waba|waba|csrf_token)=[^\s;&\"']+"), rf"\1={HIDDEN}"),
    (
        re.compile(
            r"(?i)(access_token|input_token|fb_exchange_token|appsecret_proof|client_secret|app_secret"
            r"|verify_token|password|passwd|secret_key|encryption_key|csrf_token|api_key)"
            r"([\"']?\s*(?:=|:|%3D)\s*[\"']?)[^\s&\"',}]+"
        ),
        rf"\1\2{HIDDEN}",
    ),
    (re.compile(r"waba_[0-9a-f]{8}_[A-Za-z0-9_-]{20,}"), f"waba_{HIDDEN}"),
    (re.compile(r"\b\d{5,}(?:\||%7C)[A-Za-z0-9_-]{8,}", re.IGNORECASE), HIDDEN),
    (re.compile(r"\b([a-z][a-z0-9+.-]*)://[^@\s/]+@", re.IGNORECASE), rf"\1://{HIDDEN}@"),
    (re.compile(r"\+\d{4,11}(?=\d{4}\b)"), f"+{HIDDEN}"),
    # PostgreSQL quotes the row that would not fit: what a message says, whom it is for.
    (re.compile(r"\bDETAIL:[^\n]*"), f"DETAIL: {HIDDEN}"),
    # A number without a plus sign, as Meta writes it. Meta's own ids are longer.
    (re.compile(r"(?<![\w.+-])\d{6,9}(?=\d{4}(?![\w-]|\.\d))"), HIDDEN),
    (
        re.compile(
            r"(?i)\b((?:wa_id|recipient_id|from|to|phone_number)[\"']?\s*[=:]\s*[\"']?)\d{4,11}(?=\d{4}\b)"
        ),
        rf"\1{HIDDEN}",
    ),
)
_SHORTEST_KNOWN = 8
_QUIET = ("urllib3", "huey", "alembic", "werkzeug")


def redact(text: str, known: Iterable[str] = ()) -> str:
    """Cut out what looks like a token, key or password, and phone numbers down to their last four digits.

    `known`: values to cut out wherever they stand.
    """
    for value in known:
        text = text.replace(value, HIDDEN)
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


class JsonFormatter(logging.Formatter):
    """One JSON object a line; line breaks and control characters in values are escaped by JSON itself."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        super().__init__()
        self._known = tuple(value for value in known if len(value) >= _SHORTEST_KNOWN)

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redact(_message(record), self._known),
        }
        if has_request_context():
            entry["reference"] = request_reference()
            entry["method"] = request.method
            entry["endpoint"] = request.endpoint or ""
        entry |= {name: value for name, value in fields_of(record).items() if name not in entry}
        if record.exc_info:
            entry["trace"] = redact(self.formatException(record.exc_info), self._known)
        return json.dumps(entry, ensure_ascii=True, default=str)


def _message(record: logging.LogRecord) -> str:
    """logging itself would print a wrong format with its bare arguments."""
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):
        return f"{record.msg!s} (its arguments do not fit)"


def request_reference() -> str:
    """What ties a request's log lines to each other and to its error page."""
    reference: str = g.setdefault("reference", secrets.token_hex(4))
    return reference


def init_logs(app: Flask) -> None:
    """Send everything to standard error through the redacting formatter, and note each request."""
    _prepare_root(app.config["SETTINGS"])
    app.before_request(_note_start)
    app.after_request(_note_request)


def _prepare_root(settings: Settings) -> None:
    root = logging.getLogger()
    handler = next((known for known in root.handlers if isinstance(known.formatter, JsonFormatter)), None)
    if handler is None:
        handler = logging.StreamHandler(sys.stderr)
        root.addHandler(handler)
    keys = (key.decode() for key in settings.encryption_keys)
    handler.setFormatter(JsonFormatter((settings.secret_key, *keys)))
    root.setLevel(settings.log_level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def _note_start() -> None:
    g.started_s = time.perf_counter()


def _note_request(response: Response) -> Response:
    """Files and polls are too many to be of use, unless something is wrong with them."""
    took_ms = (time.perf_counter() - g.get("started_s", time.perf_counter())) * 1000
    is_dull = request.endpoint == "static" or bool(request.args.get("poll"))
    level = logging.DEBUG if is_dull and response.status_code < 400 else logging.INFO
    logging.getLogger(__name__).log(level, "answered %s in %.0f ms", response.status_code, took_ms)
    return response
