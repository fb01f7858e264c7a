"""An account's own edges, worlds side by side, batches, rate limits, tokens, analytics, templates."""

from __future__ import annotations

import hashlib
import hmac
import json
import time

import pytest
import requests

from tests.sandbox.support import CUSTOMER, Meta, Receiver, RunningSandbox, code_of, error_of, eventually

BODY = {"type": "BODY", "text": "Your documents were received and will be checked by our team this week."}


def test_switches_of_an_account_are_set_and_insights_stay_on(meta: Meta) -> None:
    answer = meta.call("POST", meta.waba_id, params={"is_enabled_for_insights": "true"})
    assert answer.json() == {"id": meta.waba_id}
    assert meta.get(meta.waba_id, fields="is_enabled_for_insights").json()["is_enabled_for_insights"] is True
    assert code_of(meta.post(meta.waba_id, {"is_enabled_for_insights": False})) == (400, 200006)
    assert meta.post(meta.waba_id, {"name": "New name"}).json() == {"success": True}
    assert meta.get(meta.waba_id, fields="name").json()["name"] == "New name"


@pytest.mark.parametrize(
    "decision, status", [("reject", "REJECTED"), ("reopen", "PENDING"), ("approve", "APPROVED")]
)
def test_the_review_of_an_account_is_decided_and_told(
    meta: Meta, sandbox: RunningSandbox, receiver: Receiver, decision: str, status: str
) -> None:
    meta.connect(receiver, "account_review_update")
    path = f"accounts/{meta.waba_id}/review"
    assert sandbox.control("POST", path, {"decision": decision}).json()["account_review_status"] == status
    found = meta.get(meta.waba_id, fields="account_review_status").json()
    assert found["account_review_status"] == status
    assert eventually(lambda: receiver.changes("account_review_update")) == [{"decision": status}]


def test_a_review_needs_a_decision_and_an_account(meta: Meta, sandbox: RunningSandbox) -> None:
    path = f"accounts/{meta.waba_id}/review"
    for wrong in ({}, {"decision": "maybe"}, {"decision": "reject", "reason": "x"}):
        assert sandbox.control("POST", path, wrong).status_code == 400
    assert sandbox.control("POST", "accounts/123/review", {"decision": "reject"}).status_code == 400


def test_people_are_assigned_and_removed(meta: Meta) -> None:
    path = f"{meta.waba_id}/assigned_users"
    assert meta.post(path, {"user": "9001", "tasks": ["MANAGE"]}).json() == {"success": True}
    assert code_of(meta.post(path, {"user": "9001", "tasks": ["SLEEP"]})) == (400, 100)
    business = meta.account["meta_business_account_id"]
    assert [row["id"] for row in meta.get(path, business=business).json()["data"]] == ["9001"]
    assert meta.call("DELETE", path, params={"user": "9001"}).json() == {"success": True}
    assert meta.get(path, business=business).json() == {"data": []}
    assert meta.get(f"{business}/client_whatsapp_business_accounts").json() == {"data": []}


def test_added_number_has_to_be_verified_and_registered(meta: Meta) -> None:
    path = f"{meta.waba_id}/phone_numbers"
    number = f"20255{meta.number_id[-5:]}"
    body = {"cc": "1", "phone_number": number, "verified_name": "Second counter"}
    number_id = meta.post(path, body).json()["id"]
    fields = meta.get(number_id, fields="status,code_verification_status,platform_type").json()
    assert (fields["status"], fields["platform_type"]) == ("PENDING", "NOT_APPLICABLE")
    assert error_of(meta.post(path, body))["error_subcode"] == 2388012
    meta.post(f"{number_id}/request_code", {"code_method": "SMS", "language": "en"})
    meta.post(f"{number_id}/verify_code", {"code": "123456"})
    registered = meta.post(f"{number_id}/register", {"messaging_product": "whatsapp", "pin": "123456"})
    assert registered.json() == {"success": True}


def test_reset_of_one_world_leaves_the_others(meta: Meta, sandbox: RunningSandbox) -> None:
    other = Meta(sandbox, sandbox.control("POST", "accounts", {}).json())
    meta.send_template()
    other.send_template()
    assert sandbox.control("POST", "reset", {"waba_id": meta.waba_id}).json() == {"success": True}
    assert code_of(meta.get(meta.waba_id)) == (401, 190)
    assert sandbox.logged(f"messages?phone_number_id={meta.number_id}") == []
    assert other.get(other.waba_id).status_code == 200
    assert len(sandbox.logged(f"messages?phone_number_id={other.number_id}")) == 1


def test_token_for_everything_sees_only_the_world_of_its_app(meta: Meta, sandbox: RunningSandbox) -> None:
    other = sandbox.control("POST", "accounts", {}).json()
    token = sandbox.control("POST", "tokens", {"app_id": meta.app_id}).json()["access_token"]
    assert meta.call("GET", meta.number_id, token=token).status_code == 200
    for node_id in (other["waba_id"], other["phone_number_id"], other["app_id"]):
        assert error_of(meta.call("GET", node_id, token=token))["error_subcode"] == 33


def test_batch_answers_in_order_and_each_with_its_own_status(meta: Meta) -> None:
    batch = [
        {"method": "GET", "relative_url": f"{meta.waba_id}?fields=name"},
        {
            "method": "POST",
            "relative_url": f"{meta.waba_id}/flows",
            "body": "name=x&categories=%5B%22OTHER%22%5D",
        },
        {"method": "GET", "relative_url": "1"},
    ]
    answers = meta.call("POST", "", data={"batch": json.dumps(batch), "include_headers": "false"}).json()
    assert [answer["code"] for answer in answers] == [200, 200, 400]
    assert json.loads(answers[0]["body"])["id"] == meta.waba_id
    assert json.loads(answers[1]["body"])["id"]
    too_many = json.dumps([batch[0]] * 51)
    assert code_of(meta.call("POST", "", data={"batch": too_many})) == (400, 100)


def test_several_nodes_are_read_at_once(meta: Meta) -> None:
    answer = meta.get("", ids=f"{meta.waba_id},{meta.number_id}", fields="id").json()
    assert answer == {meta.waba_id: {"id": meta.waba_id}, meta.number_id: {"id": meta.number_id}}


def test_edges_are_fields_with_arguments_and_a_way_on(meta: Meta) -> None:
    fields = "phone_numbers{id,whatsapp_business_profile{about}},message_templates.limit(2){name}"
    answer = meta.get(meta.waba_id, fields=fields).json()
    assert answer["phone_numbers"]["data"][0]["whatsapp_business_profile"]["data"][0]["about"]
    assert len(answer["message_templates"]["data"]) == 2
    following = answer["message_templates"]["paging"]["next"]
    headers = {"Authorization": f"Bearer {meta.token}"}
    assert len(requests.get(following, headers=headers, timeout=20).json()["data"]) == 2


def test_management_calls_are_counted_and_limited(meta: Meta) -> None:
    meta.sandbox.control("POST", "settings", {"management_calls_per_hour": 4})
    answers = [meta.get(f"{meta.waba_id}/phone_numbers") for _ in range(5)]
    usage = json.loads(answers[1].headers["x-business-use-case-usage"])[meta.waba_id][0]
    assert (usage["call_count"], usage["estimated_time_to_regain_access"]) == (50, 0)
    assert code_of(answers[-1]) == (400, 80007)
    refused = json.loads(answers[-1].headers["x-business-use-case-usage"])[meta.waba_id][0]
    assert (refused["call_count"], refused["estimated_time_to_regain_access"]) == (100, 60)
    assert meta.send_template().status_code == 200


def test_code_is_exchanged_once_for_a_token_of_one_account(meta: Meta) -> None:
    ask = {"app_id": meta.app_id, "waba_id": meta.waba_id}
    code = meta.sandbox.control("POST", "codes", ask).json()["code"]
    query = {"client_id": meta.app_id, "client_secret": meta.account["app_secret"], "code": code}
    answer = meta.get("oauth/access_token", **query).json()
    assert meta.call("GET", meta.waba_id, token=answer["access_token"]).status_code == 200
    assert code_of(meta.get("oauth/access_token", **query)) == (400, 100)
    late = meta.sandbox.control("POST", "codes", ask | {"expires_in_s": -1}).json()["code"]
    assert error_of(meta.get("oauth/access_token", **query | {"code": late}))["error_subcode"] == 36009


@pytest.mark.parametrize(
    "reason,subcode", [("invalidated", 467), ("password_changed", 460), ("app_removed", 458)]
)
def test_revoked_token_tells_why(meta: Meta, reason: str, subcode: int) -> None:
    body = {"access_token": meta.token, "reason": reason}
    meta.sandbox.control("POST", "tokens/revoke", body)
    answer = meta.get(meta.waba_id)
    assert (code_of(answer), error_of(answer)["error_subcode"]) == ((401, 190), subcode)


def test_proof_can_be_made_compulsory(meta: Meta) -> None:
    meta.sandbox.control("POST", f"apps/{meta.app_id}", {"is_proof_required": True})
    assert code_of(meta.get(meta.waba_id)) == (400, 100)
    proof = hmac.new(meta.account["app_secret"].encode(), meta.token.encode(), hashlib.sha256).hexdigest()
    assert meta.get(meta.waba_id, appsecret_proof=proof).status_code == 200


def span() -> str:
    now = int(time.time())
    return f".start({now - 3600}).end({now + 3600})"


def test_analytics_count_what_was_sent(meta: Meta) -> None:
    meta.receive()
    wamids = [meta.send_text().json(), meta.send_template("seasonal_offer", SEASONAL).json()]
    assert all("messages" in answer for answer in wamids)
    path = f"messages?phone_number_id={meta.number_id}"
    eventually(lambda: {row["status"] for row in meta.sandbox.logged(path)[:2]} == {"read"})
    fields = f"analytics{span()}.granularity(DAY).phone_numbers([])"
    [point] = meta.get(meta.waba_id, fields=fields).json()["analytics"]["data_points"]
    assert (point["sent"], point["delivered"]) == (2, 2)
    fields = f'pricing_analytics{span()}.granularity(DAILY).dimensions(["PRICING_CATEGORY","PHONE"])'
    [data] = meta.get(meta.waba_id, fields=fields).json()["pricing_analytics"]["data"]
    by_category = {point["pricing_category"]: point for point in data["data_points"]}
    assert (by_category["MARKETING"]["volume"], by_category["MARKETING"]["cost"]) == (1, 0.025)
    assert by_category["SERVICE"]["cost"] == 0
    assert "country" not in by_category["SERVICE"]
    fields = f"conversation_analytics{span()}.granularity(DAILY).metric_types([CONVERSATION])"
    [data] = meta.get(meta.waba_id, fields=fields).json()["conversation_analytics"]["data"]
    assert data["data_points"][0]["conversation"] == 2
    wrong = f"analytics{span()}.granularity(DAY).product_types([0,100])"
    assert error_of(meta.get(meta.waba_id, fields=wrong))["error_subcode"] == 2388077


SEASONAL = [
    {"type": "header", "parameters": [{"type": "text", "text": "autumn"}]},
    {"type": "body", "parameters": [{"type": "text", "text": "Ana"}]},
]


def template_id(meta: Meta, name: str) -> str:
    return str(meta.get(f"{meta.waba_id}/message_templates", name=name).json()["data"][0]["id"])


def test_template_analytics_wait_for_the_switch(meta: Meta) -> None:
    now, wanted = int(time.time()), template_id(meta, "seasonal_offer")
    query = {"start": now - 3600, "end": now + 3600, "granularity": "DAILY", "template_ids": f"[{wanted}]"}
    path = f"{meta.waba_id}/template_analytics"
    assert code_of(meta.get(path, **query)) == (400, 200007)
    meta.post(meta.waba_id, {"is_enabled_for_insights": True})
    meta.send_template("seasonal_offer", SEASONAL)
    [series] = meta.get(path, **query).json()["data"]
    assert [(point["template_id"], point["sent"]) for point in series["data_points"]] == [(wanted, 1)]


def test_library_is_searched_and_an_item_needs_no_review(meta: Meta) -> None:
    [item] = meta.get("message_template_library", search="balance").json()["data"]
    body = {
        "name": "our_balance",
        "language": "en_US",
        "category": "UTILITY",
        "library_template_name": item["name"],
    }
    made = meta.post(f"{meta.waba_id}/message_templates", body).json()
    assert made["status"] == "APPROVED"
    kept = meta.get(made["id"], fields="components,library_template_name").json()
    assert kept["components"][1]["text"] == item["body"]
    [button] = meta.get("message_template_library", name="payment_due_reminder_1").json()["data"]
    body |= {"name": "b", "library_template_name": button["name"]}
    assert code_of(meta.post(f"{meta.waba_id}/message_templates", body)) == (400, 100)
    url = {"type": "URL", "url": {"base_url": "https://a.example/{{1}}", "url_suffix_example": "x"}}
    body["library_template_button_inputs"] = [url]
    assert meta.post(f"{meta.waba_id}/message_templates", body).status_code == 200


def test_authentication_templates_are_previewed_and_upserted(meta: Meta) -> None:
    query = {"category": "AUTHENTICATION", "languages": "en_US,de", "code_expiration_minutes": "5"}
    previews = meta.get(f"{meta.waba_id}/message_template_previews", **query).json()["data"]
    assert [preview["language"] for preview in previews] == ["en_US", "de"]
    components = [
        {"type": "BODY"},
        {"type": "BUTTONS", "buttons": [{"type": "OTP", "otp_type": "COPY_CODE"}]},
    ]
    body = {
        "name": "code",
        "category": "AUTHENTICATION",
        "languages": ["en_US", "de"],
        "components": components,
    }
    path = f"{meta.waba_id}/upsert_message_templates"
    first, again = meta.post(path, body).json()["data"], meta.post(path, body).json()["data"]
    assert [row["language"] for row in first] == ["en_US", "de"]
    assert [row["id"] for row in first] == [row["id"] for row in again]


def test_message_templates_are_archived_and_brought_back(meta: Meta) -> None:
    wanted = template_id(meta, "hello_world")
    url = f"{meta.sandbox.url}/{meta.waba_id}/message_templates"
    headers = {"Authorization": f"Bearer {meta.token}"}
    body = {"hsm_ids": f"{wanted},1"}
    answer = requests.post(f"{url}/archive", json=body, headers=headers, timeout=20).json()
    assert (answer["archived_templates"], list(answer["failed_templates"])) == ([wanted], ["1"])
    assert code_of(meta.send_template()) == (404, 132001)
    answer = requests.post(f"{url}/unarchive", json=body, headers=headers, timeout=20).json()
    assert answer["unarchived_templates"] == [wanted]


def test_comparison_wants_enough_sends(meta: Meta) -> None:
    one, other = template_id(meta, "hello_world"), template_id(meta, "order_update")
    now = int(time.time())
    query = {"template_ids": f"[{other}]", "start": now - 604_800, "end": now}
    assert code_of(meta.get(f"{one}/compare", **query)) == (400, 100)
    assert code_of(meta.get(f"{one}/compare", **query | {"end": now + 5})) == (400, 100)


def test_message_templates_move_between_accounts_of_a_portfolio(meta: Meta, sandbox: RunningSandbox) -> None:
    shared = {"meta_business_account_id": meta.account["meta_business_account_id"]}
    other = sandbox.control("POST", "accounts", shared).json()
    both = {"app_id": meta.app_id, "target_ids": [meta.waba_id, other["waba_id"]]}
    token = sandbox.control("POST", "tokens", both).json()["access_token"]
    extra = {"name": "extra", "language": "en_US", "category": "UTILITY", "components": [BODY]}
    sandbox.control("POST", "message_templates", {"waba_id": meta.waba_id, "message_templates": [extra]})
    path = f"{other['waba_id']}/migrate_message_templates"
    answer = meta.call("POST", path, token=token, json={"source_waba_id": meta.waba_id}).json()
    assert len(answer["migrated_templates"]) == 1
    assert len(answer["failed_templates"]) == 4


def test_marketing_messages_take_only_marketing(meta: Meta) -> None:
    path = f"{meta.number_id}/marketing_messages"
    base = {"messaging_product": "whatsapp", "to": "+" + CUSTOMER, "type": "template"}
    offer = {"name": "seasonal_offer", "language": {"code": "en_US"}, "components": SEASONAL}
    sent = meta.post(path, base | {"template": offer, "product_policy": "STRICT"})
    assert sent.json()["messages"][0]["message_status"] == "accepted"
    hello = {"name": "hello_world", "language": {"code": "en_US"}}
    assert code_of(meta.post(path, base | {"template": hello})) == (400, 134100)
    assert code_of(meta.post(path, base | {"type": "text", "text": {"body": "Hi"}})) == (400, 100)
    [logged] = meta.sandbox.logged(f"messages?phone_number_id={meta.number_id}")
    assert logged["pricing"]["category"] == "marketing_lite"
