"""How the Graph API behaves everywhere: versions, tokens, fields, paging, errors."""

from __future__ import annotations

import hashlib
import hmac

import pytest
import requests

from tests.sandbox.support import Meta, RunningSandbox, code_of, error_of


@pytest.mark.parametrize("version", ["v25.0", "v26.0"])
def test_every_supported_version_answers_and_names_itself(meta: Meta, version: str) -> None:
    answer = meta.call("GET", "me", version=version)
    assert answer.status_code == 200
    assert answer.headers["facebook-api-version"] == version
    assert answer.headers["x-fb-trace-id"]


def test_unknown_path_is_refused_in_the_shape_of_graph(meta: Meta) -> None:
    answer = requests.get(f"{meta.sandbox.url}/nothing/here", timeout=20)
    assert code_of(answer) == (400, 2500)
    assert error_of(answer)["fbtrace_id"]


def test_token_may_stand_in_the_query(meta: Meta) -> None:
    url = f"{meta.sandbox.url}/v23.0/{meta.waba_id}"
    assert requests.get(url, params={"access_token": meta.token}, timeout=20).json()["id"] == meta.waba_id


@pytest.mark.parametrize("token", ["", "nonsense", "EAAunknown"])
def test_missing_or_unknown_token_is_190(meta: Meta, token: str) -> None:
    assert code_of(meta.call("GET", meta.waba_id, token=token)) == (401, 190)


def test_expired_token_is_190_with_subcode_463(meta: Meta) -> None:
    body = {"app_id": meta.app_id, "expires_in_s": -60}
    token = meta.sandbox.control("POST", "tokens", body).json()["access_token"]
    answer = meta.call("GET", meta.waba_id, token=token)
    assert code_of(answer) == (401, 190)
    assert error_of(answer)["error_subcode"] == 463


def test_revoked_token_is_190_with_subcode_467(meta: Meta) -> None:
    meta.sandbox.control("POST", "tokens/revoke", {"access_token": meta.token})
    assert error_of(meta.get(meta.waba_id))["error_subcode"] == 467


def test_account_of_somebody_else_does_not_exist(meta: Meta, sandbox: RunningSandbox) -> None:
    other = sandbox.control("POST", "accounts", {}).json()
    for node_id in (other["waba_id"], other["phone_number_id"], other["meta_business_account_id"]):
        answer = meta.get(node_id)
        assert code_of(answer) == (400, 100)
        assert error_of(answer)["error_subcode"] == 33
    assert code_of(meta.get(f"{other['waba_id']}/message_templates")) == (403, 200)


def test_unknown_id_is_100_with_subcode_33(meta: Meta) -> None:
    answer = meta.get("1234567890")
    assert (code_of(answer), error_of(answer)["type"]) == ((400, 100), "GraphMethodException")


def test_missing_scope_is_refused_by_kind(meta: Meta) -> None:
    body = {"app_id": meta.app_id, "scopes": ["business_management"], "target_ids": [meta.waba_id]}
    token = meta.sandbox.control("POST", "tokens", body).json()["access_token"]
    assert code_of(meta.call("GET", meta.waba_id, token=token)) == (403, 200)
    send = meta.call("POST", f"{meta.number_id}/messages", token=token, json={})
    assert code_of(send) == (403, 10)


def test_right_appsecret_proof_passes_and_a_wrong_one_does_not(meta: Meta) -> None:
    secret = meta.account["app_secret"].encode()
    proof = hmac.new(secret, meta.token.encode(), hashlib.sha256).hexdigest()
    assert meta.get(meta.waba_id, appsecret_proof=proof).status_code == 200
    wrong = meta.get(meta.waba_id, appsecret_proof="0" * 64)
    assert code_of(wrong) == (400, 100)
    assert "Invalid appsecret_proof" in error_of(wrong)["message"]


def test_fields_are_honoured_with_sub_fields_and_arguments(meta: Meta) -> None:
    fields = "name,phone_numbers{display_phone_number},message_templates.limit(1).status(APPROVED){name}"
    answer = meta.get(meta.waba_id, fields=fields).json()
    assert set(answer) == {"id", "name", "phone_numbers", "message_templates"}
    assert set(answer["phone_numbers"]["data"][0]) == {"id", "display_phone_number"}
    assert len(answer["message_templates"]["data"]) == 1


def test_unknown_field_is_100(meta: Meta) -> None:
    answer = meta.get(meta.waba_id, fields="name,colour")
    assert code_of(answer) == (400, 100)
    assert "nonexisting field (colour) on node type (WhatsAppBusinessAccount)" in error_of(answer)["message"]


def test_broken_fields_are_refused(meta: Meta) -> None:
    assert code_of(meta.get(meta.waba_id, fields="a{b")) == (400, 2500)


def test_unknown_edge_and_method_are_refused(meta: Meta) -> None:
    assert "nonexisting field" in error_of(meta.get(f"{meta.waba_id}/wishes"))["message"]
    assert error_of(meta.post(f"{meta.waba_id}/wishes", {}))["error_subcode"] == 33
    assert error_of(meta.call("PUT", meta.waba_id))["error_subcode"] == 33


def test_paging_walks_through_all_and_back(meta: Meta) -> None:
    path = f"{meta.waba_id}/message_templates"
    everything = [row["id"] for row in meta.get(path).json()["data"]]
    first = meta.get(path, limit=3).json()
    second = meta.call("GET", path, params={"limit": 3, "after": first["paging"]["cursors"]["after"]}).json()
    assert [row["id"] for row in first["data"] + second["data"]] == everything
    assert "next" not in second["paging"]
    assert second["paging"]["cursors"]["after"]
    back = meta.get(path, limit=3, before=second["paging"]["cursors"]["before"]).json()
    assert [row["id"] for row in back["data"]] == everything[:3]
    follow = requests.get(
        first["paging"]["next"], headers={"Authorization": f"Bearer {meta.token}"}, timeout=20
    )
    assert follow.json()["data"] == second["data"]


def test_stale_cursor_and_wrong_limit_are_refused(meta: Meta) -> None:
    path = f"{meta.waba_id}/message_templates"
    assert code_of(meta.get(path, after="bm9uc2Vuc2U")) == (400, 131059)
    assert code_of(meta.get(path, limit="0")) == (400, 100)


def test_form_and_multipart_bodies_work_like_json(meta: Meta) -> None:
    path = f"{meta.number_id}/messages"
    body = {"messaging_product": "whatsapp", "to": "+447700900900", "type": "text", "text": '{"body":"Hi"}'}
    assert meta.call("POST", path, data=body).status_code == 200
    assert (
        meta.call("POST", path, files={key: (None, value) for key, value in body.items()}).status_code == 200
    )


@pytest.mark.parametrize("body", ["{broken", "[1]", '"text"', "[" * 100_000])
def test_malformed_json_is_100(meta: Meta, body: str) -> None:
    headers = {"Content-Type": "application/json"}
    assert code_of(meta.call("POST", f"{meta.number_id}/messages", data=body, headers=headers)) == (400, 100)


def test_app_names_itself_to_its_own_token_and_to_a_user_token(meta: Meta) -> None:
    assert meta.get(meta.app_id, fields="id,name").json()["name"]
    assert meta.call("GET", "me", token=meta.app_token).json()["id"] == meta.app_id


def test_wrong_secret_in_an_app_token_is_refused(meta: Meta) -> None:
    answer = meta.call("GET", meta.app_id, token=f"{meta.app_id}|wrong")
    assert error_of(answer)["code"] == 190
    assert "Error validating application" in error_of(answer)["message"]


def test_debug_token_describes_a_token(meta: Meta) -> None:
    data = meta.call("GET", "debug_token", token=meta.app_token, params={"input_token": meta.token}).json()[
        "data"
    ]
    assert data["is_valid"] is True
    assert data["app_id"] == meta.app_id
    assert {"scope": "whatsapp_business_management", "target_ids": [meta.waba_id]} in data["granular_scopes"]
    unknown = meta.call("GET", "debug_token", token=meta.app_token, params={"input_token": "EAAno"}).json()[
        "data"
    ]
    assert (unknown["is_valid"], unknown["error"]["code"]) == (False, 190)


def test_client_credentials_give_an_app_token(meta: Meta) -> None:
    params = {
        "client_id": meta.app_id,
        "client_secret": meta.account["app_secret"],
        "grant_type": "client_credentials",
    }
    url = f"{meta.sandbox.url}/v23.0/oauth/access_token"
    token = requests.get(url, params=params, timeout=20).json()["access_token"]
    assert meta.call("GET", meta.app_id, token=token).status_code == 200
    wrong = requests.get(url, params=params | {"client_secret": "no"}, timeout=20)
    assert code_of(wrong) == (400, 1)
    assert code_of(requests.get(url, params=params | {"client_id": "1"}, timeout=20)) == (400, 101)
