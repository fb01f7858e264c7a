"""How the client calls: what it sends, what it keeps, what it never shows."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable

import pytest
import requests

from app.graph.client import GraphClient
from app.graph.errors import GraphAuthError, GraphError, GraphRejected, GraphUnconfirmed, GraphUnexpected
from app.graph.signatures import appsecret_proof
from app.graph.transport import build_session
from app.graph.versions import known_versions, version_end_date
from tests.graph.conftest import APP_SECRET, TOKEN
from tests.graph.server import FakeMeta, Reply, Reset, graph_error

SENT = Reply(
    200,
    {
        "messaging_product": "whatsapp",
        "contacts": [{"input": "+15550100001", "wa_id": "15550100001"}],
        "messages": [{"id": "wamid.OUT1", "message_status": "accepted"}],
    },
)


def test_call_goes_to_the_version_with_the_token_in_the_header(meta: FakeMeta, client: GraphClient) -> None:
    meta.will(SENT)
    client.messages.send("100200300", {"type": "text"})
    asked = meta.asked[0]
    assert (asked.method, asked.path) == ("POST", "/v25.0/100200300/messages")
    assert asked.headers["Authorization"] == f"Bearer {TOKEN}"
    assert asked.headers["Content-Type"] == "application/json"
    assert asked.headers["User-Agent"] == "waba-console"
    assert asked.body == {"type": "text"}
    assert asked.query == {}


def test_calls_carry_a_proof_when_the_app_secret_is_known(
    meta: FakeMeta, make_client: Callable[..., GraphClient]
) -> None:
    meta.will(SENT, Reply(200, {"id": "7"}), Reply(200, {"success": True}))
    client = make_client(app_secret=APP_SECRET)
    client.messages.send("100200300", {})
    client.accounts.get("7")
    client.message_templates.delete("7", "old_name")
    assert [asked.query["appsecret_proof"] for asked in meta.asked] == [
        appsecret_proof(APP_SECRET, TOKEN)
    ] * 3


def test_headers_of_the_last_answer_are_kept(meta: FakeMeta, client: GraphClient) -> None:
    usage = '{"7000":[{"type":"x","call_count":12,"total_time":81,"estimated_time_to_regain_access":3}]}'
    headers = {
        "facebook-api-version": "v24.0",
        "x-app-usage": '{"call_count":30,"total_time":1,"total_cputime":2}',
        "x-business-use-case-usage": usage,
        "x-fb-request-id": "R1",
    }
    meta.will(Reply(200, {"id": "7000"}, headers))
    info = client.accounts.get("7000").info
    assert info == client.last_call
    assert (info.api_version, info.request_id, info.http_status) == ("v24.0", "R1", 200)
    assert (info.usage_percent, info.regain_access_s) == (81, 180)


@pytest.mark.parametrize("header", ["", "{", "[]", '{"a":1}', '{"a":[{"call_count":"x"}]}', "[" * 5000])
def test_odd_usage_headers_do_no_harm(meta: FakeMeta, client: GraphClient, header: str) -> None:
    meta.will(Reply(200, {"id": "7"}, {"x-business-use-case-usage": header, "x-app-usage": header}))
    assert client.accounts.get("7").info.usage_percent is None


def test_token_stands_in_no_repr(make_client: Callable[..., GraphClient]) -> None:
    client = make_client(app_secret=APP_SECRET)
    assert TOKEN not in repr(client)
    assert APP_SECRET not in repr(client)


def test_no_secret_reaches_a_log_or_a_traceback(
    meta: FakeMeta, make_client: Callable[..., GraphClient], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client = make_client(app_secret=APP_SECRET)
    echo = graph_error(190, 401, error_data={"details": f"Malformed access token {TOKEN}"})
    meta.will(Reply(502), Reset(), Reply(200, {"data": {"is_valid": True}}), echo, Reset())
    shown = []
    client.tokens.debug("EAAinputTokenToLookInto12345", app_id="5000", app_secret=APP_SECRET)
    for call in (
        lambda: client.accounts.get("7"),
        lambda: client.messages.send("100", {}),
        lambda: make_client(base_url="http://127.0.0.1:9").tokens.debug(
            "EAAinputTokenToLookInto12345", app_id="5000", app_secret=APP_SECRET
        ),
    ):
        with pytest.raises(GraphError) as caught:
            call()
        shown.append("".join(traceback.format_exception(caught.value)))
        assert caught.value.__context__ is None
    everything = caplog.text + "".join(shown)
    assert "appsecret_proof=••••" in everything
    proofs = [appsecret_proof(APP_SECRET, token) for token in (TOKEN, f"5000|{APP_SECRET}")]
    for secret in (TOKEN, APP_SECRET, "EAAinputToken", *proofs):
        assert secret not in everything


@pytest.mark.parametrize("token", ["", "with blank", "line\nbreak", "täg", "tab\t"])
def test_token_that_cannot_be_one_is_refused_before_the_call(
    meta: FakeMeta, make_client: Callable[..., GraphClient], token: str
) -> None:
    with pytest.raises(GraphAuthError) as caught:
        make_client(token=token).accounts.get("7")
    assert meta.asked == []
    assert not token.strip() or token not in str(caught.value)


@pytest.mark.parametrize("node_id", ["../me", "7/x", "7?a=1", "", "7 ", "..", "7%2f"])
def test_id_that_would_change_the_path_is_refused_before_the_call(
    meta: FakeMeta, client: GraphClient, node_id: str
) -> None:
    with pytest.raises(GraphRejected):
        client.accounts.get(node_id)
    assert meta.asked == []


def test_value_that_is_no_json_is_refused_before_the_call(meta: FakeMeta, client: GraphClient) -> None:
    with pytest.raises(GraphRejected):
        client.messages.send("100", {"location": {"latitude": float("nan")}})
    assert meta.asked == []


def test_redirect_is_not_followed(meta: FakeMeta, client: GraphClient) -> None:
    meta.will(Reply(302, b"", {"Location": f"{meta.url}/elsewhere"}), Reply(200, {"id": "7"}))
    with pytest.raises(GraphUnexpected):
        client.accounts.get("7")
    assert len(meta.asked) == 1


def test_answer_without_bound_is_cut_off(
    meta: FakeMeta, client: GraphClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.graph.bodies.MAX_ANSWER_BYTES", 100)
    meta.will(Reply(200, {"id": "7", "name": "x" * 200}), Reply(200, {"messages": [{"id": "w" * 200}]}))
    with pytest.raises(GraphUnexpected):
        client.accounts.get("7")
    with pytest.raises(GraphUnconfirmed):
        client.messages.send("100", {})


def test_session_reads_the_environment_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/etc/ssl/company.pem")
    with build_session(2) as session:
        assert session.trust_env is False
        assert session.proxies["https"] == "http://proxy.example:3128"
        assert session.verify == "/etc/ssl/company.pem"


def test_proxy_of_the_environment_is_used_but_not_for_this_machine(
    meta: FakeMeta, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", meta.url)
    monkeypatch.setenv("http_proxy", meta.url)
    monkeypatch.setenv("no_proxy", "direct.invalid")
    meta.will(Reply(200, {"id": "7"}), Reply(200, {"id": "7"}))
    with build_session(2) as session:
        far = GraphClient(session, base_url="http://graph.invalid", version="v25.0", token=TOKEN)
        near = GraphClient(session, base_url=meta.url, version="v25.0", token=TOKEN)
        exempt = GraphClient(session, base_url="http://direct.invalid", version="v25.0", token=TOKEN)
        far.accounts.get("7")
        near.accounts.get("7")
        with pytest.raises(GraphError):
            exempt.accounts.get("7")
    assert [asked.path for asked in meta.asked] == ["/v25.0/7", "/v25.0/7"]
    assert meta.asked[0].headers["Host"] == "graph.invalid"


def test_session_holds_no_more_connections_than_asked(session: requests.Session) -> None:
    pool = session.get_adapter("https://graph.example/").poolmanager  # type: ignore[attr-defined]
    assert pool.connection_pool_kw["maxsize"] == 4
    assert pool.connection_pool_kw["block"] is True


def test_versions_know_their_last_day() -> None:
    assert str(version_end_date("v23.0")) == "2027-10-08"
    assert version_end_date("25.0") == version_end_date("v25.0")
    assert version_end_date("v26.0") is None
    assert version_end_date("v99.0") is None
    assert known_versions()[-1] == "v26.0"
