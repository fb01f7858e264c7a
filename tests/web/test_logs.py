"""One line per event, valid JSON, and no secret in it: reliability D3, E10."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
from flask import Flask

from app.web.logs import JsonFormatter, redact
from tests.support.pages import IsolatedClient

KNOWN = "known-secret-value-0123456789"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What a handler like ours writes, at DEBUG, while the test runs."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter((KNOWN, "short")))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


SECRETS = (
    "token EAACANARYtoken0123456789abcdef here",
    "Authorization: Bearer CANARY.abc-def",
    "{'Authorization': 'Bearer CANARY123'}",
    "Authorization: Basic Q0FOQVJZ:CANARY",
    "GET /v25.0/1?access_token=CANARY&x=1",
    "GET /debug_token?input_token=CANARY%7Cabc",
    "appsecret_proof=CANARYdeadbeef",
    '{"app_secret": "CANARY", "a": 1}',
    "{'webhook_verify_token': 'CANARY'}",
    "hub.verify_token=CANARY&hub.challenge=1",
    "password=CANARY",
    "Cookie: waba=CANARY; other=CANARY",
    "{'Set-Cookie': 'waba=CANARY; Path=/'}",
    "__Host-waba=CANARY",
    "csrf_token=CANARY",
    "waba_0a1b2c3d_CANARYCANARYCANARYCANARY",
    "1234567890|CANARYsecret",
    "postgresql://waba:CANARY@db.example.com/waba",
    "redis://:CANARY@cache.example.com/0",
    "https://user:CANARY@example.com",
)


@pytest.mark.parametrize("text", SECRETS)
def test_what_looks_like_a_secret_is_cut_out(text: str) -> None:
    assert "CANARY" not in redact(text)


@pytest.mark.parametrize("text", ["to +447700900123", "wa_id=447700900123", '"from": "447700900123"'])
def test_phone_numbers_keep_their_last_four_digits(text: str) -> None:
    assert "44770090" not in redact(text)
    assert redact(text).rstrip('"').endswith("0123")


@pytest.mark.parametrize(
    "text",
    [
        "the worker took 12 rows from account 104857392000001",
        "phone_number_id 108293047500001 has 250 messages",
        "answered 200 in 12 ms",
        "no such column: passwords",
    ],
)
def test_ordinary_lines_stay_as_they_are(text: str) -> None:
    assert redact(text) == text


def test_known_secrets_are_cut_out_wherever_they_stand(lines: io.StringIO) -> None:
    logging.getLogger("x").warning("oddly formatted<%s>", KNOWN)
    assert KNOWN not in lines.getvalue()


def test_secrets_in_a_trace_are_cut_out(lines: io.StringIO) -> None:
    try:
        int("refused: access_token=CANARY " + KNOWN)
    except ValueError:
        logging.getLogger("x").exception("failed with %s", "password=CANARY")
    assert "CANARY" not in lines.getvalue()
    assert KNOWN not in lines.getvalue()


def test_an_event_is_one_line_of_json_whatever_stands_in_it(lines: io.StringIO) -> None:
    nasty = 'a\r\nb\x1b[31mred\x00"}{\u2028\u2029\ud800'
    logging.getLogger("x").warning("said %s", nasty)
    written = lines.getvalue()
    assert written.count("\n") == 1
    assert written.isascii()
    assert json.loads(written)["message"] == f"said {nasty}"


def test_a_wrong_format_prints_no_arguments() -> None:
    record = logging.LogRecord("x", logging.WARNING, "x.py", 1, "two %s %s", ("CANARY",), None)
    assert json.loads(JsonFormatter().format(record))["message"] == "two %s %s (its arguments do not fit)"


def test_requests_are_logged_by_endpoint_with_one_reference_and_no_address(
    app: Flask, lines: io.StringIO
) -> None:
    client = IsolatedClient(app, app.response_class)
    client.get("/login?next=/CANARY&hub.verify_token=CANARY", headers={"User-Agent": "CANARY"})
    entries = [json.loads(line) for line in lines.getvalue().splitlines()]
    answered = next(entry for entry in entries if entry["message"].startswith("answered 200"))
    assert (answered["method"], answered["endpoint"]) == ("GET", "auth.sign_in")
    assert {entry["reference"] for entry in entries if "endpoint" in entry} == {answered["reference"]}
    assert "CANARY" not in lines.getvalue()


def test_files_and_polls_are_too_many_to_be_logged(app: Flask, lines: io.StringIO) -> None:
    client = IsolatedClient(app, app.response_class)
    client.get("/static/app.js").close()
    client.get("/login?poll=1")
    levels = [json.loads(line)["level"] for line in lines.getvalue().splitlines() if "answered" in line]
    assert levels == ["debug", "debug"]
