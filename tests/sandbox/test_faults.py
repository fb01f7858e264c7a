"""Faults by share and by time, and the kinds that cut, hang and refuse."""

from __future__ import annotations

import pytest
import requests

from app.sandbox.store.faults import THROTTLE_CODES
from tests.sandbox.support import Meta, Receiver, RunningSandbox, code_of, eventually, wamid_of


@pytest.mark.parametrize("code", THROTTLE_CODES)
def test_throttle_answers_with_the_code_asked_for(meta: Meta, code: int) -> None:
    meta.fault("throttle", code=code)
    assert code_of(meta.send_template())[1] == code
    assert meta.send_template().status_code == 200


@pytest.mark.parametrize("code,http", [(10, 403), (200, 403), (3, 500)])
def test_missing_permission_answers_as_meta_does(meta: Meta, code: int, http: int) -> None:
    meta.fault("missing_permission", code=code)
    assert code_of(meta.send_template()) == (http, code)


def test_share_of_calls_is_hit_by_chance(meta: Meta) -> None:
    meta.fault("throttle", percent=50, match={"phone_number_id": meta.number_id})
    answers = [meta.send_template(to=f"+4477009{index:05}").status_code for index in range(40)]
    assert 4 <= answers.count(400) <= 36


def test_fault_for_a_time_ends_by_itself(meta: Meta) -> None:
    meta.fault("throttle", for_s=1)
    assert meta.send_template().status_code == 400
    assert meta.send_template().status_code == 400
    eventually(lambda: meta.send_template().status_code == 200)
    assert meta.sandbox.logged("faults") == []


def test_reset_after_the_body_is_done_and_looks_broken(meta: Meta) -> None:
    meta.fault("reset_after")
    with pytest.raises(requests.RequestException):
        meta.send_template()
    sent = meta.sandbox.logged(f"messages?phone_number_id={meta.number_id}")
    assert len(sent) == 1


def test_timeout_does_nothing_and_never_answers(meta: Meta) -> None:
    meta.fault("timeout", seconds=0.2)
    with pytest.raises(requests.ConnectionError):
        meta.send_template()
    assert meta.sandbox.logged(f"messages?phone_number_id={meta.number_id}") == []


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "throttle", "code": 190},
        {"kind": "missing_permission", "code": 131047},
        {"kind": "batch_webhooks", "updates": 5000},
        {"kind": "failed_status"},
        {"kind": "outage", "percent": 0},
        {"kind": "outage", "for_s": -1},
    ],
)
def test_wrong_fault_is_refused(meta: Meta, body: dict[str, object]) -> None:
    assert meta.sandbox.control("POST", "faults", body).status_code == 400
    assert meta.sandbox.logged("faults") == []


@pytest.mark.parametrize("code", [131049, 131026, 130472, 999999])
def test_message_is_accepted_and_fails_by_webhook_with_any_code(
    connected: Meta, receiver: Receiver, code: int
) -> None:
    connected.fault("failed_status", code=code, match={"phone_number_id": connected.number_id})
    failed = receiver.wait_for_status(wamid_of(connected.send_template()), "failed")
    assert failed["errors"][0]["code"] == code
    receiver.wait_for_status(wamid_of(connected.send_template()), "read")


def test_failed_status_hits_the_recipient_it_is_meant_for_and_says_what_it_is_told(
    connected: Meta, receiver: Receiver
) -> None:
    connected.fault(
        "failed_status", code=131053, count=None, details="Too dark.", match={"to": "+46701740605"}
    )
    wamids = [wamid_of(connected.send_template(to=to)) for to in ("+447700900900", "+46701740605")]
    receiver.wait_for_status(wamids[0], "delivered")
    failed = receiver.wait_for_status(wamids[1], "failed")
    assert failed["errors"][0]["error_data"] == {"details": "Too dark."}
    shown = connected.sandbox.logged("messages?to=46701740605&limit=1")[0]
    assert shown["error"]["code"] == 131053


@pytest.mark.parametrize("code,http", [(999999, 400), (138006, 400), (2, 503), (131208, 400)])
def test_error_takes_codes_the_sandbox_does_not_know(meta: Meta, code: int, http: int) -> None:
    meta.fault("error", code=code, match={"phone_number_id": meta.number_id})
    assert code_of(meta.send_template()) == (http, code)


def test_fault_of_one_account_leaves_the_others_alone(meta: Meta, sandbox: RunningSandbox) -> None:
    other = Meta(sandbox, sandbox.control("POST", "accounts", {}).json())
    meta.fault("throttle", code=4, count=None, match={"waba_id": meta.waba_id})
    for path in (meta.waba_id, meta.number_id, f"{meta.waba_id}/message_templates"):
        assert code_of(meta.get(path)) == (400, 4)
    assert other.get(other.waba_id).ok
    assert other.send_template().ok
    sandbox.control("POST", "reset", {"waba_id": meta.waba_id})
    assert sandbox.logged("faults") == []


def test_webhook_fault_of_one_account_strikes_there_only(connected: Meta, sandbox: RunningSandbox) -> None:
    connected.fault("drop_webhooks", match={"waba_id": "1"})
    connected.fault("drop_webhooks", match={"waba_id": connected.waba_id})
    connected.receive()
    assert sandbox.logged(f"deliveries?waba_id={connected.waba_id}")[0]["state"] == "dropped"
    assert [fault["match"] for fault in sandbox.logged("faults")] == [{"waba_id": "1"}]


def test_fault_is_matched_by_a_user_id_too(meta: Meta) -> None:
    who = {"user_id": "GB.900100200", "name": "Kim"}
    body = {"phone_number_id": meta.number_id, "customers": [who]}
    assert meta.sandbox.control("POST", "customers", body).ok
    meta.fault("throttle", match={"to": "GB.900100200"})
    assert meta.send_template(to="+900100200").ok
    template = {"name": "hello_world", "language": {"code": "en_US"}}
    message = {"messaging_product": "whatsapp", "recipient": "GB.900100200", "type": "template"}
    answer = meta.post(f"{meta.number_id}/messages", message | {"template": template})
    assert code_of(answer) == (400, 130429)
