"""Faults by share and by time, and the kinds that cut, hang and refuse."""

from __future__ import annotations

import pytest
import requests

from app.sandbox.store.faults import THROTTLE_CODES
from tests.sandbox.support import Meta, code_of, eventually


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
        {"kind": "outage", "percent": 0},
        {"kind": "outage", "for_s": -1},
    ],
)
def test_wrong_fault_is_refused(meta: Meta, body: dict[str, object]) -> None:
    assert meta.sandbox.control("POST", "faults", body).status_code == 400
    assert meta.sandbox.logged("faults") == []
