"""The README's second call: a message sent over the API is delivered."""

from __future__ import annotations

import time
from typing import Any

from app.extensions import db
from app.services import claiming, event_work, outcomes, sending

TO = "+447700900900"


def work_off() -> None:
    """What the worker does: hand queued messages to Meta, read what Meta posted back."""
    outcomes.record([sending.deliver(outgoing) for outgoing in claiming.claim("test", 16).outgoing])
    event_work.work_off()
    # The test's own transaction would hold SQLite's write lock against the webhook.
    db.session.rollback()


def wait_for(caller: Any, message_id: int, statuses: set[str]) -> dict[str, Any]:
    """Statuses come by webhook a moment later."""
    deadline = time.monotonic() + 15
    while True:
        work_off()
        message: dict[str, Any] = caller.get(f"messages/{message_id}/")
        if message["status"] in statuses or time.monotonic() > deadline:
            return message
        time.sleep(0.1)


def test_a_message_template_sent_over_the_api_is_delivered(program, connected):
    caller = program(role="owner")
    body = {
        "to_phone_number": TO,
        "message_type": "template",
        "template_name": "order_update",
        "template_parameters": ["Nadia", "HL-20418"],
    }
    path = f"accounts/{connected['id']}/send_message/"
    message = caller.call("POST", path, json=body, status=202)
    delivered = wait_for(caller, message["id"], {"delivered", "read"})
    assert delivered["status"] in {"delivered", "read"}
    assert delivered["wamid"].startswith("wamid.")
    assert delivered["text_content"].startswith("Hello Nadia, your order HL-20418")
    assert delivered["sent_at"]
    assert delivered["delivered_at"]


def test_a_customers_answer_comes_in_and_opens_the_window(program, connected, sandbox):
    caller = program()
    number = connected["phone_numbers"][0]
    message = {"type": "text", "text": {"body": "Is my order ready?"}}
    sandbox.control(
        "POST",
        "inbound",
        {"phone_number_id": number["phone_number_id"], "from": TO, "message": message},
    )
    deadline = time.monotonic() + 15
    while not (found := caller.get("messages/", direction="inbound")["results"]):
        assert time.monotonic() < deadline
        work_off()
        time.sleep(0.1)
    assert (found[0]["from_phone_number"], found[0]["text_content"]) == (TO, "Is my order ready?")
    body = {"to_phone_number": TO, "message_type": "text", "text_content": "Yes, at four."}
    caller.call("POST", f"accounts/{connected['id']}/send_message/", json=body, status=202)
