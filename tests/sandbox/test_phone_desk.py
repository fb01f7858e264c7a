"""Beside the phone: set-up values, faults, reviews, the wire log."""

from __future__ import annotations

import html
import re
import shlex
import subprocess

import pytest
import requests

from app.sandbox.phone.fault_words import EXPLAINED, KINDS
from app.sandbox.store import faults
from tests.sandbox.support import CUSTOMER, Meta, Receiver, eventually, wamid_of
from tests.sandbox.test_phone_page import is_on, page, press


def test_unconnected_account_shows_the_values_to_set_up_with(meta: Meta, receiver: Receiver) -> None:
    shown = page(meta)
    assert "No app is connected yet" in shown
    for value in (meta.waba_id, meta.number_id, meta.token):
        assert f"<code>{value}</code>" in shown
    meta.connect(receiver)
    assert "No app is connected yet" not in page(meta)


def test_every_kind_of_fault_can_be_chosen_and_is_explained(meta: Meta) -> None:
    assert {kind.partition(":")[0] for kind in KINDS} == set(faults.KINDS)
    assert set(EXPLAINED) == set(faults.KINDS)
    shown = page(meta)
    for name, words in EXPLAINED.values():
        assert f"<dt>{name}</dt><dd>{words}</dd>" in shown


def test_each_fault_of_the_form_is_named_while_it_is_on(meta: Meta) -> None:
    for kind in KINDS:
        form = {"to": meta.number_id, "as": CUSTOMER, "kind": kind, "code": "131009"}
        form |= {"count": "3", "seconds": "7", "for_s": "60"}
        url = f"{meta.sandbox.url}/phone/faults"
        assert requests.post(url, data=form, timeout=20, allow_redirects=False).status_code == 303, kind
    assert {fault["kind"] for fault in meta.sandbox.logged("faults")} == set(faults.KINDS)
    assert len(re.findall(r"3 more, (?:60|59|58) s left</span>", page(meta))) == len(KINDS)


def test_own_error_needs_its_code_and_answers_with_it(meta: Meta) -> None:
    form = {"to": meta.number_id, "as": CUSTOMER, "kind": "error:own"}
    assert requests.post(f"{meta.sandbox.url}/phone/faults", data=form, timeout=20).status_code == 400
    press(meta, "faults", kind="error:own", code="4711", count="1", webhook="", method="POST")
    answer = meta.send_template()
    assert answer.json()["error"]["code"] == 4711


def test_one_press_clears_all_faults(meta: Meta) -> None:
    press(meta, "switches", switch="outage")
    assert "Clear all faults" in press(meta, "faults", kind="slow", count="")
    shown = press(meta, "faults", remove="all")
    assert meta.sandbox.logged("faults") == []
    assert "Clear all faults" not in shown


def test_fault_of_ones_own_leaves_the_switch_of_its_kind_alone(meta: Meta) -> None:
    assert not is_on(press(meta, "faults", kind="throttle:131056", count="5"), "throttle")
    press(meta, "switches", switch="throttle")
    press(meta, "switches", switch="throttle")
    assert [fault["code"] for fault in meta.sandbox.logged("faults")] == [131056]


def test_review_shows_the_words_and_what_the_app_answered(connected: Meta, receiver: Receiver) -> None:
    [first, *_] = connected.get(f"{connected.waba_id}/message_templates").json()["data"]
    words = next(part["text"] for part in first["components"] if part["type"] == "BODY")
    assert words[:20] in page(connected)
    press(connected, "reviews", decision=f"reject:{first['id']}:SCAM")
    shown = eventually(lambda: found if "Rejected, answered 200" in (found := page(connected)) else "")
    assert "rejected: Scam" in shown


@pytest.mark.parametrize("decision", ["reject:1:SCAM", "burn:1", "reject", ""])
def test_review_that_makes_no_sense_is_refused(meta: Meta, decision: str) -> None:
    form = {"to": meta.number_id, "as": CUSTOMER, "decision": decision}
    assert requests.post(f"{meta.sandbox.url}/phone/reviews", data=form, timeout=20).status_code == 400


def test_webhook_shows_its_tries_and_signature_and_goes_out_again(
    connected: Meta, receiver: Receiver
) -> None:
    receiver.answers = [500]
    connected.receive({"type": "text", "text": {"body": "Hello there"}})
    eventually(receiver.messages)
    shown = eventually(
        lambda: found if "Try 2" in (found := page(connected, "/phone/wire", q="Hello there")) else ""
    )
    for words in (receiver.url, "X-Hub-Signature-256", "sha256=", ", 500</code>", ", 200</code>"):
        assert words in shown
    delivery = re.search(r'name="delivery" value="(\d+)"', shown)
    assert delivery is not None
    answer = requests.post(f"{connected.sandbox.url}/phone/wire", data={"delivery": delivery[1]}, timeout=20)
    assert answer.status_code == 200
    assert len(eventually(lambda: found if len(found := receiver.messages()) == 2 else [])) == 2


def test_webhook_nobody_listens_to_says_what_to_do(meta: Meta) -> None:
    meta.receive({"type": "text", "text": {"body": "Is anybody there?"}})
    shown = page(meta, "/phone/wire", q="Is anybody there?")
    assert "none: no app listens to this" in shown
    delivery = re.search(r'name="delivery" value="(\d+)"', shown)
    assert delivery is not None
    answer = requests.post(f"{meta.sandbox.url}/phone/wire", data={"delivery": delivery[1]}, timeout=20)
    assert answer.status_code == 400
    assert "subscribe it first" in answer.text


def test_call_is_copied_as_curl_with_a_placeholder_and_works(meta: Meta) -> None:
    wamid = wamid_of(meta.send_template())
    shown = page(meta, "/phone/wire", what="sends", q=wamid)
    found = re.search(r'data-copy="(curl .*?)">Copy as curl', shown, re.DOTALL)
    assert found is not None
    command = found[1]
    assert meta.token not in shown
    assert '"Authorization: Bearer $TOKEN"' in command
    words = [word.replace("$TOKEN", meta.token) for word in shlex.split(command.replace("\\\n", " "))]
    done = subprocess.run(["curl", "-s", *words[1:]], capture_output=True, text=True, timeout=10, check=True)
    assert "wamid" in done.stdout


def test_wire_log_is_narrowed_by_number_and_kind(connected: Meta, receiver: Receiver) -> None:
    receiver.wait_for_status(wamid_of(connected.send_template()), "read")
    assert "status read" in page(connected, "/phone/wire", what="statuses", number=connected.number_id)
    assert "status read" not in page(connected, "/phone/wire", what="messages", number=connected.number_id)
    nothing = page(connected, "/phone/wire", number="4040404")
    assert "Nothing here with these filters" in nothing
    assert html.unescape(nothing).count("<details id=") == 0
