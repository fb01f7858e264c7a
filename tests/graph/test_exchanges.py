"""The record of a call says what was asked and answered, and never a secret: reliability D3."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import quote

import pytest

from app.graph.call_info import CallInfo
from app.graph.calls import Wire
from app.graph.exchanges import LONGEST_TEXT, Asked, Exchange, tell

TOKEN = "EAACANARYtoken/+0123456789"
APP_SECRET = "CANARY-app-secret-0123456789"


def told(body: Any = None, answer: Any = None, params: dict[str, Any] | None = None) -> Exchange:
    """What an observer hears of a call with this body, these parameters and this answer."""
    heard: list[Exchange] = []
    content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    wire = body if isinstance(body, Wire) else Wire(json.dumps(body).encode(), _JSON) if body else Wire()
    asked = Asked.now(params or {}, wire, [TOKEN, APP_SECRET])
    tell(heard.append, asked, CallInfo("POST", "1/x"), content, None)
    (exchange,) = heard
    return exchange


_JSON = {"Content-Type": "application/json"}
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def test_an_ordinary_call_is_kept_as_it_was() -> None:
    exchange = told({"to": "+447700900123", "text": {"body": "Ready"}}, {"messages": [{"id": "wamid.X"}]})
    assert json.loads(exchange.request) == {"to": "+447700900123", "text": {"body": "Ready"}}
    assert json.loads(exchange.answer) == {"messages": [{"id": "wamid.X"}]}


@pytest.mark.parametrize(
    "body",
    [
        {"pin": "739184"},
        {"pin": 739184},
        {"code": "739184"},
        {"verify_token": "739184"},
        {"fields": {"header_handle": ["739184"]}},
        {"backup": {"data": "739184", "note": "739184"}},
        {"calling": {"sip": {"servers": [{"sip_user_password": "739184"}]}}},
        Wire(b"batch=%5B%7B%22pin%22%3A%22739184%22%7D%5D", _FORM),
    ],
)
def test_secrets_are_blanked_by_their_key_and_where_the_answer_repeats_them(body: Any) -> None:
    exchange = told(body, {"error": {"message": "wrong: 739184", "code": 100}})
    assert "739184" not in exchange.request
    assert "739184" not in exchange.answer
    assert '"code": 100' in exchange.answer


@pytest.mark.parametrize("params", [{"code": "oauth-739184"}, {"client_secret": APP_SECRET}])
def test_secrets_in_the_address_are_blanked(params: dict[str, Any]) -> None:
    exchange = told(params={**params, "fields": "id"}, answer={"access_token": "plain-739184"})
    assert json.loads(exchange.request)["fields"] == "id"
    for secret in ("739184", APP_SECRET):
        assert secret not in exchange.request + exchange.answer


@pytest.mark.parametrize("secret", [TOKEN, APP_SECRET])
def test_an_answer_that_echoes_a_secret_in_any_form_is_blanked(secret: str) -> None:
    raw = secret.encode()
    forms = [
        secret,
        secret.replace("/", "\\/"),
        quote(secret, safe=""),
        base64.b64encode(raw).decode(),
        raw.hex(),
    ]
    for form in forms:
        exchange = told(answer=f'{{"message": "you said {form}"}}'.encode())
        assert form not in exchange.answer, form
        assert secret not in exchange.answer
        assert "you said" in exchange.answer


def test_a_page_that_is_no_json_is_kept_as_text_that_a_database_takes() -> None:
    exchange = told(answer=b'<html>\x00\xff "access_token": "abc739184" busy</html>')
    assert "busy" in exchange.answer
    assert "739184" not in exchange.answer
    assert "\x00" not in exchange.answer


def test_words_of_metas_that_look_like_keys_stay() -> None:
    exchange = told({"template": {"name": "hi", "language": {"code": "en_US"}}}, {"error": {"code": 132001}})
    assert "en_US" in exchange.request
    assert "132001" in exchange.answer


def test_signed_addresses_lose_their_signature() -> None:
    exchange = told(
        answer={"url": "https://lookaside.fbsbx.com/x?mid=1&sig=739184", "id": "upload:A?sig=739184"}
    )
    assert "739184" not in exchange.answer
    assert "lookaside.fbsbx.com/x" in exchange.answer


def test_a_file_is_kept_by_its_size_alone() -> None:
    exchange = told(Wire(b"739184", {"Content-Type": "application/octet-stream"}))
    assert json.loads(exchange.request) == {"(file)": "application/octet-stream", "(bytes)": 6}


def test_long_texts_are_cut_after_blanking() -> None:
    exchange = told({"text": "x" * 20_000}, {"data": "y" * LONGEST_TEXT + TOKEN})
    assert len(exchange.request) < LONGEST_TEXT + 40
    assert "EAAC" not in exchange.answer


def test_an_observer_that_breaks_changes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    def broken(_exchange: Exchange) -> None:
        raise RuntimeError(TOKEN)

    tell(broken, Asked.now({}, Wire(), [TOKEN]), CallInfo("GET", "me"), b"{}", None)
    assert "RuntimeError" in caplog.text
    assert TOKEN not in caplog.text
