"""The control API: accounts, faults, logs, settings, and input that is refused."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.sandbox.support import Meta, RunningSandbox, code_of, error_of

PINNED = {
    "name": "Meridian Insurance",
    "waba_id": "700100200300400",
    "meta_business_account_id": "600100200300400",
    "app_id": "500100200300400",
    "app_secret": "0123456789abcdef0123456789abcdef",
    "phone_number_id": "800100200300400",
    "phone_number": "+12025550199",
    "display_number": "+1 202-555-0199",
    "access_token": "EAApinned0123456789",
}


def test_new_account_has_all_that_the_set_up_asks_for(meta: Meta) -> None:
    assert set(meta.account) == set(PINNED)
    assert meta.token.startswith("EAA")
    assert meta.account["phone_number"].startswith("+1")


def test_pinned_account_is_made_once_and_found_again(sandbox: RunningSandbox) -> None:
    first = sandbox.control("POST", "accounts", PINNED)
    again = sandbox.control("POST", "accounts", PINNED)
    some = sandbox.control("POST", "accounts", {"waba_id": PINNED["waba_id"], "app_id": PINNED["app_id"]})
    assert (first.status_code, again.status_code, some.status_code) == (201, 200, 200)
    assert first.json() == again.json() == some.json() == PINNED


def test_id_of_another_account_is_refused(meta: Meta) -> None:
    answer = meta.sandbox.control("POST", "accounts", {"phone_number_id": meta.number_id})
    assert answer.status_code == 400
    assert "phone_number_id" in answer.json()["error"]["message"]


def test_list_of_accounts_shows_no_secret(meta: Meta) -> None:
    answer = meta.sandbox.control("GET", "accounts")
    assert meta.waba_id in answer.text
    assert meta.token not in answer.text
    assert meta.account["app_secret"] not in answer.text


FAULTS: list[tuple[dict[str, Any], int, int | None]] = [
    ({"kind": "throttle"}, 400, 130429),
    ({"kind": "token_expired"}, 401, 190),
    ({"kind": "outage"}, 503, None),
    ({"kind": "error", "code": 131016}, 500, 131016),
    ({"kind": "error", "code": 80007, "http": 429, "message": "Slow down", "subcode": 7}, 429, 80007),
]


@pytest.mark.parametrize("fault,http,code", FAULTS)
def test_fault_strikes_once_and_nothing_is_delivered(
    meta: Meta, fault: dict[str, Any], http: int, code: int | None
) -> None:
    meta.fault(**fault)
    answer = meta.send_template()
    assert answer.status_code == http
    assert (answer.json()["error"]["code"] if code else None) == code
    assert meta.sandbox.logged(f"messages?phone_number_id={meta.number_id}") == []
    assert meta.send_template().status_code == 200


def test_outage_has_no_graph_body(meta: Meta) -> None:
    meta.fault("outage")
    assert meta.send_template().text == "Service Unavailable"


def test_lost_answer_delivers_and_cuts_the_connection(meta: Meta) -> None:
    meta.fault("lost_answer")
    with pytest.raises(requests.ConnectionError):
        meta.send_template()
    assert len(meta.sandbox.logged(f"messages?phone_number_id={meta.number_id}")) == 1


def test_reset_before_cuts_the_connection_and_delivers_nothing(meta: Meta) -> None:
    meta.fault("reset_before")
    with pytest.raises(requests.ConnectionError):
        meta.send_template()
    assert meta.sandbox.logged(f"messages?phone_number_id={meta.number_id}") == []
    newest = meta.sandbox.logged("requests?limit=1")[0]
    assert (newest["fault"], newest["http_status"]) == ("reset_before", 0)


def test_cut_connection_raises_in_a_test_client(tmp_path: Path) -> None:
    sandbox = RunningSandbox(tmp_path / "sandbox.sqlite")
    try:
        sandbox.control("POST", "faults", {"kind": "reset_before"})
        with pytest.raises(ConnectionResetError):
            sandbox.app.test_client().get("/v23.0/me")
    finally:
        sandbox.close()


def test_slow_fault_waits_and_then_works(meta: Meta) -> None:
    meta.fault("slow", seconds=0.3)
    began = time.monotonic()
    assert meta.send_template().status_code == 200
    assert time.monotonic() - began >= 0.3


def test_fault_strikes_only_what_it_matches(meta: Meta) -> None:
    match = {
        "path": "/v*/messages",
        "method": "post",
        "phone_number_id": meta.number_id,
        "to": "+44 7700 900901",
    }
    meta.fault("throttle", match=match, count=None)
    assert meta.get(meta.waba_id).status_code == 200
    assert meta.send_template().status_code == 200
    assert code_of(meta.send_template(to="447700900901")) == (400, 130429)


def test_fault_without_count_stays_until_deleted_and_every_skips(meta: Meta) -> None:
    fault = meta.fault("throttle", count=None, every=2)
    assert [meta.send_template().status_code for _ in range(4)] == [200, 400, 200, 400]
    assert [row["id"] for row in meta.sandbox.logged("faults")] == [fault["id"]]
    assert meta.sandbox.control("DELETE", f"faults?id={fault['id']}").json() == {
        "success": True,
        "deleted": 1,
    }
    assert meta.sandbox.logged("faults") == []


def test_reject_fault_turns_the_next_review(meta: Meta) -> None:
    meta.fault("reject_message_templates")
    body = {"type": "BODY", "text": "Your documents were received and will be checked this week."}
    given = {"name": "fine", "language": "en_US", "category": "UTILITY", "components": [body]}
    template_id = meta.post(f"{meta.waba_id}/message_templates", given).json()["id"]
    until = time.monotonic() + 20
    while meta.get(template_id).json()["status"] == "PENDING" and time.monotonic() < until:
        time.sleep(0.02)
    assert meta.get(template_id).json()["status"] == "REJECTED"


def test_requests_are_logged_with_tokens_masked(meta: Meta) -> None:
    requests.get(f"{meta.sandbox.url}/v23.0/me", params={"access_token": meta.token}, timeout=20)
    meta.send_template(biz_opaque_callback_data=f"oops {meta.token}")
    meta.call("GET", "debug_token", token=meta.app_token, params={"input_token": meta.app_token})
    answer = meta.sandbox.control("GET", "requests?limit=3")
    assert meta.token not in answer.text
    assert meta.account["app_secret"] not in answer.text
    send = answer.json()["data"][1]
    assert (send["method"], send["http_status"], send["recipient"]) == ("POST", 200, "+447700900900")
    assert send["wamid"].startswith("wamid.")


def test_messages_are_filtered(meta: Meta) -> None:
    meta.send_template()
    meta.send_template(to="+447700900901")
    meta.receive()
    listed = meta.sandbox.logged(f"messages?phone_number_id={meta.number_id}&to=%2B447700900900")
    assert [row["direction"] for row in listed] == ["inbound", "outbound"]
    assert listed[1]["payload"]["template"]["name"] == "hello_world"
    assert listed[1]["to"] == listed[0]["from"] == "447700900900"
    assert len(meta.sandbox.logged(f"messages?phone_number_id={meta.number_id}&limit=1")) == 1


def test_settings_are_kept_and_health_is_ok(sandbox: RunningSandbox) -> None:
    changed = sandbox.control("POST", "settings", {"read_delay_s": 7}).json()
    assert changed == sandbox.control("GET", "settings").json()
    assert changed["read_delay_s"] == 7
    assert sandbox.control("GET", "health").json()["status"] == "ok"


def test_reset_forgets_everything(tmp_path: Path) -> None:
    sandbox = RunningSandbox(tmp_path / "sandbox.sqlite")
    try:
        meta = Meta(sandbox, sandbox.control("POST", "accounts", {}).json())
        meta.receive()
        meta.fault("outage")
        assert sandbox.control("POST", "reset").json() == {"success": True}
        assert sandbox.logged("accounts") == sandbox.logged("messages") == sandbox.logged("faults") == []
        assert error_of(meta.get("me"))["code"] == 190
    finally:
        sandbox.close()


NUMBER = "{number_id}"
BAD: list[tuple[str, str, Any]] = [
    ("POST", "inbound", {}),
    ("POST", "inbound", {"phone_number_id": "1", "from": "447700900900", "message": {"type": "text"}}),
    ("POST", "inbound", {"phone_number_id": NUMBER, "from": "abc", "message": {"type": "text"}}),
    ("POST", "inbound", {"phone_number_id": NUMBER, "from": "447700900900"}),
    ("POST", "inbound", {"phone_number_id": NUMBER, "from": "447700900900", "message": {"type": "poem"}}),
    ("POST", "inbound", {"phone_number_id": NUMBER, "from": "447700900900", "message": {"type": "text"}}),
    (
        "POST",
        "inbound",
        {"phone_number_id": NUMBER, "from": "447700900900", "message": {"type": "text", "text": []}},
    ),
    ("POST", "inbound", {"phone_number_id": NUMBER, "from": "447700900900", "message": {"type": "contacts"}}),
    ("POST", "inbound", {"phone_number_id": NUMBER, "from": "447700900900", "message": []}),
    (
        "POST",
        "inbound",
        {
            "phone_number_id": NUMBER,
            "from": "447700900900",
            "message": {"type": "image", "image": {"data": "%"}},
        },
    ),
    ("POST", "faults", {}),
    ("POST", "faults", {"kind": "rain"}),
    ("POST", "faults", {"kind": "error"}),
    ("POST", "faults", {"kind": "error", "code": "x"}),
    ("POST", "faults", {"kind": "error", "code": 1, "http": 99}),
    ("POST", "faults", {"kind": "slow", "seconds": -1}),
    ("POST", "faults", {"kind": "slow", "count": 0}),
    ("POST", "faults", {"kind": "slow", "match": []}),
    ("POST", "faults", {"kind": "slow", "match": {"colour": "red"}}),
    ("DELETE", "faults?id=x", None),
    ("DELETE", "faults?kind=rain", None),
    ("GET", "messages?limit=0", None),
    ("GET", "requests?limit=x", None),
    ("POST", "message_templates/1/review", {"decision": "approve"}),
    ("POST", "message_templates/1/review", {"decision": "maybe"}),
    ("POST", "message_templates/1/review", {"decision": "reject", "reason": "MOOD"}),
    ("POST", "accounts", {"colour": "red"}),
    ("POST", "accounts", {"waba_id": "abc"}),
    ("POST", "accounts", {"access_token": "abc"}),
    ("POST", "accounts", {"phone_number": "abc"}),
    ("POST", "accounts", {"name": ""}),
    ("POST", "settings", {"colour": "red"}),
    ("POST", "settings", {"speed": 0}),
    ("POST", "settings", {"reads_messages": "yes"}),
    ("POST", "settings", {"sent_delay_s": -1}),
    ("POST", "window", {"phone_number_id": NUMBER, "from": "447700900900", "is_open": "yes"}),
    ("POST", "tokens", {"app_id": "1"}),
    ("POST", "tokens/revoke", {"access_token": "EAAno"}),
    ("POST", "phone_numbers/1", {"status": "CONNECTED"}),
    ("POST", "phone_numbers/1", {"status": "HAPPY"}),
    ("POST", "inbound", [1]),
]


@pytest.mark.parametrize("method,path,body", BAD, ids=lambda value: str(value)[:60])
def test_bad_control_input_is_400_with_a_sentence(meta: Meta, method: str, path: str, body: Any) -> None:
    if isinstance(body, dict) and body.get("phone_number_id") == NUMBER:
        body = body | {"phone_number_id": meta.number_id}
    answer = meta.sandbox.control(method, path, body)
    assert answer.status_code == 400, answer.text
    assert len(answer.json()["error"]["message"]) > 10


def test_broken_json_is_400_and_unknown_path_404_in_json(sandbox: RunningSandbox) -> None:
    broken = requests.post(f"{sandbox.url}/_sandbox/faults", data="{", timeout=20)
    assert (broken.status_code, "JSON" in broken.json()["error"]["message"]) == (400, True)
    assert sandbox.control("GET", "nothing").status_code == 404
    assert sandbox.control("DELETE", "accounts").status_code == 405


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1:1"},
        {"Host": "rebound.evil.example"},
    ],
)
def test_pages_of_other_sites_cannot_drive_it(sandbox: RunningSandbox, headers: dict[str, str]) -> None:
    for path in ("/_sandbox/reset", "/phone/start-over"):
        answer = requests.post(f"{sandbox.url}{path}", json={}, headers=headers, timeout=20)
        assert answer.status_code == 403


def test_foreign_name_cannot_read_either(sandbox: RunningSandbox) -> None:
    for path in ("/", "/_sandbox/messages"):
        answer = requests.get(f"{sandbox.url}{path}", headers={"Host": "rebound.evil.example"}, timeout=20)
        assert answer.status_code == 403


def test_its_own_page_may(sandbox: RunningSandbox) -> None:
    headers = {"Origin": sandbox.url, "Sec-Fetch-Site": "same-origin"}
    body = {"reads_messages": True}
    assert requests.post(f"{sandbox.url}/_sandbox/settings", json=body, headers=headers, timeout=20).ok
