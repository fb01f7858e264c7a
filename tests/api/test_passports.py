"""The passport of a message as JSON."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app.extensions import db
from app.models import (
    AttemptOutcome,
    EventState,
    MessageAttempt,
    MessageStatus,
    MessageStatusEvent,
    WebhookEventKey,
    utcnow,
)

WAMID = "wamid.OUT"


def known_message(make: Any) -> Any:
    """A sent message with a try, a status with its price, and the post that told it."""
    message = make.message(make.conversation(), status=MessageStatus.SENT, wamid=WAMID)
    at = utcnow() - timedelta(minutes=1)
    event = make.webhook_event(message.account, state=EventState.PROCESSED, processed_at=utcnow())
    db.session.add_all(
        [
            MessageAttempt(
                message_id=message.id, outcome=AttemptOutcome.ACCEPTED, trace_id="TRACE-1", worker="host-1"
            ),
            MessageStatusEvent(
                account_id=message.account_id,
                message_id=message.id,
                wamid=WAMID,
                status="sent",
                occurred_at=at,
                received_at=at + timedelta(milliseconds=1400),
                details={"pricing": {"category": "service", "type": "free_customer_service"}},
            ),
            *(WebhookEventKey(key=key, event_id=event.id) for key in (f"m:{WAMID}", "k:status.sent")),
        ]
    )
    db.session.commit()
    return message, event.id


def test_a_manager_is_told_all(program: Any, make: Any) -> None:
    message, event_id = known_message(make)
    told = program(role="manager", accounts=[message.account]).get(f"messages/{message.id}/passport/")
    assert (told["message"]["id"], told["client_ref"]) == (message.id, message.client_ref)
    assert told["cause"]["by"] == "unknown"
    (status,) = told["statuses"]
    assert (status["status"], status["delay_ms"]) == ("sent", 1400)
    assert told["price"] == status["price"]
    assert (status["price"]["type"], status["price"]["billable"]) == ("free_customer_service", False)
    (attempt,) = told["attempts"]
    assert (attempt["outcome"], attempt["trace_id"], attempt["worker"]) == ("accepted", "TRACE-1", "host-1")
    assert told["trace_ids"] == ["TRACE-1"]
    assert [(event["id"], event["kinds"]) for event in told["webhook_events"]] == [
        (event_id, ["status.sent"])
    ]
    assert (told["calls"], told["reported_errors"]) == ([], [])


def test_a_viewer_is_told_what_became_of_it_without_calls_traces_and_posts(program: Any, make: Any) -> None:
    message, _ = known_message(make)
    told = program(role="viewer", accounts=[message.account]).get(f"messages/{message.id}/passport/")
    assert told["statuses"]
    assert (told["calls"], told["webhook_events"], told["trace_ids"]) == (None, None, None)
    (attempt,) = told["attempts"]
    assert (attempt["trace_id"], attempt["error_text"], attempt["worker"]) == (None, None, None)


def test_an_inbound_message_names_its_customer_and_what_the_bot_made_of_it(program: Any, make: Any) -> None:
    message = make.message(make.conversation(), outbound=False)
    make.bot_trace(message, reason="A person is writing.")
    told = program().get(f"messages/{message.id}/passport/")
    assert (told["cause"]["by"], told["client_ref"]) == ("customer", None)
    assert told["bot"]["reason"] == "A person is writing."
    assert told["attempts"] == []


def test_a_key_of_another_account_finds_no_passport(program: Any, make: Any) -> None:
    message, _ = known_message(make)
    caller = program(role="manager", accounts=[make.account()])
    caller.refused("GET", f"messages/{message.id}/passport/", 404)
