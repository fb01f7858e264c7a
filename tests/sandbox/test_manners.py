"""Manners of Graph that every edge shares: summaries, filters, order, dates, methods, lists that end."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest
import requests

from tests.sandbox.support import Meta, code_of, error_of


def numbers(meta: Meta, **params: Any) -> list[str]:
    answer = meta.get(f"{meta.waba_id}/phone_numbers", **params)
    assert answer.ok, answer.text
    return [row["id"] for row in answer.json()["data"]]


@pytest.fixture
def second(meta: Meta) -> str:
    """One more number of the account: onboarded long ago, in sandbox mode."""
    made = meta.sandbox.control("POST", "phone_numbers", {"waba_id": meta.waba_id}).json()
    state = {"account_mode": "SANDBOX", "last_onboarded_time": 1_700_000_000}
    meta.sandbox.control("POST", f"phone_numbers/{made['phone_number_id']}", state)
    return str(made["phone_number_id"])


def test_list_is_filtered_and_sorted_by_what_the_edge_supports(meta: Meta, second: str) -> None:
    by_mode = [{"field": "account_mode", "operator": "EQUAL", "value": "SANDBOX"}]
    assert numbers(meta, filtering=json.dumps(by_mode)) == [second]
    old = [{"field": "last_onboarded_time", "operator": "LESS_THAN", "value": "1700000001"}]
    assert numbers(meta, filtering=json.dumps(old)) == [second]
    assert numbers(meta, sort="last_onboarded_time_ascending") == [second, meta.number_id]
    assert numbers(meta, sort="last_onboarded_time_descending") == [meta.number_id, second]
    business = meta.account["meta_business_account_id"]
    late = json.dumps([{"field": "creation_time", "operator": "GREATER_THAN", "value": "4000000000"}])
    assert meta.get(f"{business}/owned_whatsapp_business_accounts", filtering=late).json() == {"data": []}


@pytest.mark.parametrize(
    "wrong",
    [
        {"sort": "colour_ascending"},
        {"sort": "account_mode_sideways"},
        {"filtering": "nonsense"},
        {"filtering": '[{"field":"colour","operator":"EQUAL","value":"x"}]'},
        {"filtering": '[{"field":"account_mode","operator":"LIKE","value":"x"}]'},
        {"filtering": '[{"field":"last_onboarded_time","operator":"LESS_THAN","value":"soon"}]'},
        {"filtering": '[{"field":"last_onboarded_time","operator":"IN","value":null}]'},
        {"limit": "-1"},
        {"limit": "many"},
    ],
)
def test_wrong_filter_order_or_limit_is_100(meta: Meta, wrong: dict[str, str]) -> None:
    assert code_of(meta.get(f"{meta.waba_id}/phone_numbers", **wrong)) == (400, 100)


def test_every_list_can_be_summed_up(meta: Meta, second: str) -> None:
    answer = meta.get(f"{meta.waba_id}/phone_numbers", summary="total_count", limit=1).json()
    assert (len(answer["data"]), answer["summary"]) == (1, {"total_count": 2})
    expanded = meta.get(meta.waba_id, fields="phone_numbers.limit(1).summary(true){id}").json()
    assert expanded["phone_numbers"]["summary"] == {"total_count": 2}
    assert "summary" not in meta.get(f"{meta.waba_id}/phone_numbers", summary="false").json()
    assert meta.get(f"{meta.waba_id}/flows", summary="true").json() == {
        "data": [],
        "summary": {"total_count": 0},
    }


def test_empty_list_has_no_paging(meta: Meta) -> None:
    assert meta.get(f"{meta.waba_id}/flows").json() == {"data": []}


def test_dates_come_as_seconds_when_that_is_asked_for(meta: Meta, second: str) -> None:
    fields = "last_onboarded_time"
    assert meta.get(second, fields=fields).json()[fields] == "2023-11-14T22:13:20+0000"
    assert meta.get(second, fields=fields, date_format="U").json()[fields] == 1_700_000_000


def test_post_may_say_that_it_deletes(meta: Meta) -> None:
    made = meta.post(f"{meta.number_id}/message_qrdls", {"prefilled_message": "Hi"}).json()["code"]
    path = f"{meta.number_id}/message_qrdls/{made}"
    assert meta.call("POST", path, params={"method": "delete"}).json() == {"success": True}
    assert meta.get(f"{meta.number_id}/message_qrdls").json() == {"data": []}


def test_next_carries_the_token_only_when_it_was_a_parameter_and_never_the_proof(
    meta: Meta, second: str
) -> None:
    path = f"{meta.waba_id}/phone_numbers"
    assert "access_token" not in meta.get(path, limit=1).json()["paging"]["next"]
    url = f"{meta.sandbox.url}/v26.0/{path}"
    proof = hmac.new(meta.account["app_secret"].encode(), meta.token.encode(), hashlib.sha256).hexdigest()
    query = {"limit": "1", "access_token": meta.token, "fields": "id", "appsecret_proof": proof}
    paging = requests.get(url, params=query, timeout=20).json()["paging"]
    assert requests.get(paging["next"], timeout=20).json()["data"] == [{"id": second}]
    assert "appsecret_proof" not in paging["next"]


def test_cursor_of_something_deleted_is_stale(meta: Meta) -> None:
    path = f"{meta.waba_id}/message_templates"
    first = meta.get(path, limit=1).json()
    after = first["paging"]["cursors"]["after"]
    assert meta.get(path, after=after).ok
    assert meta.call("DELETE", path, params={"name": first["data"][0]["name"]}).ok
    assert code_of(meta.get(path, after=after)) == (400, 131059)


def test_several_nodes_with_fields_and_one_that_is_not_there(meta: Meta, second: str) -> None:
    answer = meta.get("", ids=f"{meta.number_id},{second}", fields="account_mode").json()
    assert answer == {
        meta.number_id: {"account_mode": "LIVE", "id": meta.number_id},
        second: {"account_mode": "SANDBOX", "id": second},
    }
    assert error_of(meta.get("", ids=f"{meta.number_id},1"))["error_subcode"] == 33


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_method_a_node_does_not_have_is_100_with_subcode_33(meta: Meta, method: str) -> None:
    assert error_of(meta.call(method, meta.waba_id))["error_subcode"] == 33
