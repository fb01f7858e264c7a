"""Codes for tokens, the app's own token and callbacks, health, several reads in one, marketing sends."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import parse_qs

import pytest

from app.graph import payloads
from app.graph.batch import Read
from app.graph.client import GraphClient
from app.graph.errors import GraphRejected, GraphUnconfirmed, GraphUnexpected
from app.graph.problems import InvalidPayload
from tests.graph.conftest import APP_SECRET, TOKEN
from tests.graph.server import FakeMeta, Reply, graph_error


def test_code_is_exchanged_without_showing_our_own_token(
    meta: FakeMeta, make_client: Callable[..., GraphClient]
) -> None:
    client = make_client(app_secret="another-apps-secret")
    meta.will(Reply(200, {"access_token": "EAAcustomers", "token_type": "bearer", "expires_in": 5183944}))
    found = client.tokens.exchange_code("AQBx", app_id="5000", app_secret=APP_SECRET)
    assert (found.token, found.token_type, found.expires_in_s) == ("EAAcustomers", "bearer", 5183944)
    assert "EAAcustomers" not in repr(found)
    assert meta.asked[0].path == "/v25.0/oauth/access_token"
    assert meta.asked[0].query == {"client_id": "5000", "client_secret": APP_SECRET, "code": "AQBx"}
    assert "Authorization" not in meta.asked[0].headers


def test_refused_code_keeps_the_secret_to_itself(meta: FakeMeta, client: GraphClient) -> None:
    code = "AQBmadeUpCode"
    meta.will(graph_error(100, error_subcode=36007, error_user_msg=f"Wrong {code} and {APP_SECRET}"))
    with pytest.raises(GraphRejected) as caught:
        client.tokens.exchange_code(code, app_id="5000", app_secret=APP_SECRET, redirect_uri="https://a/")
    assert caught.value.user_message == "Wrong •••• and ••••"
    assert meta.asked[0].query["redirect_uri"] == "https://a/"


def test_app_token_is_asked_for_and_an_empty_answer_noticed(meta: FakeMeta, client: GraphClient) -> None:
    meta.will(Reply(200, {"access_token": "5000|x"}), Reply(200, {}))
    assert client.tokens.get_app_token(app_id="5000", app_secret=APP_SECRET).token == "5000|x"
    assert meta.asked[0].query["grant_type"] == "client_credentials"
    with pytest.raises(GraphUnexpected):
        client.tokens.get_app_token(app_id="5000", app_secret=APP_SECRET)


def test_apps_callback_is_taken_away_with_its_own_token(meta: FakeMeta, client: GraphClient) -> None:
    meta.will(Reply(200, {"success": True}), Reply(200, {"success": True}))
    assert client.apps.unsubscribe("5000", APP_SECRET, fields=["messages", "flows"])
    assert client.apps.unsubscribe("5000", APP_SECRET)
    first, second = meta.asked
    assert (first.method, first.path) == ("DELETE", "/v25.0/5000/subscriptions")
    assert first.headers["Authorization"] == f"Bearer 5000|{APP_SECRET}"
    assert first.query["fields"] == "messages,flows"
    assert "fields" not in second.query


def test_health_is_asked_of_any_node(meta: FakeMeta, client: GraphClient) -> None:
    meta.will(Reply(200, {"health_status": {"can_send_message": "LIMITED"}}), Reply(200, {"id": "900"}))
    found = client.health.get("900", phone_number_id="100")
    assert found is not None
    assert found.can_send_message == "LIMITED"
    assert meta.asked[0].query["fields"] == "health_status.phone_number(100)"
    assert client.health.get("900") is None


def test_several_reads_go_in_one_call(meta: FakeMeta, client: GraphClient) -> None:
    refused = {"error": {"code": 100}}
    answers = [
        {"code": 200, "body": '{"id":"7"}'},
        None,
        {"code": 400, "body": json.dumps(refused)},
        {"code": 200, "body": "{"},
    ]
    meta.will(Reply(200, answers))
    found = client.batch.read(
        [Read("7", params={"fields": "name"}), Read("7", "flows"), Read("8"), Read("9")]
    )
    assert [one and (one.is_success, one.data) for one in found] == [
        (True, {"id": "7"}),
        None,
        (False, refused),
        (True, {}),
    ]
    form = parse_qs(meta.asked[0].body.decode())
    assert meta.asked[0].path == "/v25.0/"
    assert json.loads(form["batch"][0]) == [
        {"method": "GET", "relative_url": "7?fields=name"},
        {"method": "GET", "relative_url": "7/flows"},
        {"method": "GET", "relative_url": "8"},
        {"method": "GET", "relative_url": "9"},
    ]


def test_batch_has_one_to_fifty_reads_and_as_many_answers(meta: FakeMeta, client: GraphClient) -> None:
    for count in (0, 51):
        with pytest.raises(InvalidPayload):
            client.batch.read([Read("7")] * count)
    with pytest.raises(GraphRejected):
        client.batch.read([Read("7/../8")])
    assert not meta.asked
    meta.will(Reply(200, []))
    with pytest.raises(GraphUnexpected):
        client.batch.read([Read("7")])


def test_list_where_an_object_belongs_is_no_success(meta: FakeMeta, client: GraphClient) -> None:
    meta.will(Reply(200, [{"success": True}]))
    with pytest.raises(GraphUnconfirmed):
        client.accounts.subscribe("7")


def test_marketing_message_says_how_it_may_go(meta: FakeMeta, client: GraphClient) -> None:
    meta.will(Reply(200, {"messages": [{"id": "wamid.1", "message_status": "accepted"}]}), Reply(200, {}))
    payload = payloads.envelope("+15550100001", content=payloads.message_template("offer", "en"))
    sent = client.marketing_messages.send("100", payload, product_policy="STRICT", share_activity=False)
    assert (sent.wamid, sent.message_status) == ("wamid.1", "accepted")
    assert meta.asked[0].path == "/v25.0/100/marketing_messages"
    assert meta.asked[0].body == {**payload, "product_policy": "STRICT", "message_activity_sharing": False}
    with pytest.raises(GraphUnconfirmed):
        client.marketing_messages.send("100", payload)
    assert meta.asked[1].body == payload


@pytest.mark.parametrize(
    "content, policy", [(payloads.text("Hi"), None), (payloads.message_template("offer", "en"), "FAST")]
)
def test_only_message_templates_are_marketing(
    meta: FakeMeta, client: GraphClient, content: dict[str, object], policy: str | None
) -> None:
    payload = payloads.envelope("+15550100001", content=content)
    with pytest.raises(InvalidPayload):
        client.marketing_messages.send("100", payload, product_policy=policy)
    assert not meta.asked


def test_tokens_do_not_show_where_several_parts_are_kept(client: GraphClient) -> None:
    shown = " ".join(repr(part) for part in vars(client).values() if type(part).__module__.startswith("app."))
    assert TOKEN not in shown
