"""A message's calls to Meta, and why a queued message waits."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app.extensions import db
from app.models import GraphCall, MessageStatus, utcnow


def test_the_calls_of_a_message_come_oldest_first(program: Any, make: Any) -> None:
    message = make.message(make.conversation(), status=MessageStatus.SENT)
    for minutes, outcome, code in ((2, "throttled", 130429), (1, "ok", None)):
        db.session.add(
            GraphCall(
                account_id=message.account_id,
                message_id=message.id,
                at=utcnow() - timedelta(minutes=minutes),
                method="POST",
                path="1/messages",
                outcome=outcome,
                error_code=code,
                duration_ms=5,
                request="{}",
            )
        )
    db.session.commit()
    rows = program().get(f"messages/{message.id}/calls/")["results"]
    assert [(row["outcome"], row["error_code"]) for row in rows] == [("throttled", 130429), ("ok", None)]
    assert (rows[0]["request"], rows[0]["path"]) == ("{}", "1/messages")


def test_a_queued_message_says_why_it_waits_and_a_sent_one_does_not(program: Any, make: Any) -> None:
    until = utcnow() + timedelta(minutes=5)
    values = {"wait_reason": "The limit of the day.", "next_attempt_at": until}
    waits = make.message(make.conversation(), **values)
    sent = make.message(make.conversation(), status=MessageStatus.SENT, **values)
    told = program().get(f"messages/{waits.id}/")
    assert told["wait_reason"] == "The limit of the day."
    assert told["next_attempt_at"].startswith(f"{until:%Y-%m-%dT%H:%M}")
    told = program().get(f"messages/{sent.id}/")
    assert (told["wait_reason"], told["next_attempt_at"]) == (None, None)
