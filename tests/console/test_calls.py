"""From a message to the calls that were made for it, and an account's calls; why a message waits."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.extensions import db
from app.models import AttemptOutcome, GraphCall, Message, MessageAttempt, MessageStatus, utcnow


def keep_call(message: Message, **values: Any) -> GraphCall:
    base: dict[str, Any] = {
        "account_id": message.account_id,
        "message_id": message.id,
        "method": "POST",
        "path": "108293047500001/messages",
        "outcome": "ok",
        "http_status": 200,
        "duration_ms": 182,
        "request": '{"to": "+447700900123"}',
        "answer": '{"messages": [{"id": "wamid.KEPT"}]}',
    }
    call = GraphCall(**{**base, **values})
    db.session.add(call)
    db.session.commit()
    return call


@pytest.mark.parametrize("role, sees", [("owner", True), ("manager", True), ("agent", False)])
def test_a_message_leads_to_its_calls_for_those_who_may(
    page: Any, sign_in: Any, make: Any, role: str, sees: bool
) -> None:
    message = make.message(make.conversation(), status=MessageStatus.SENT)
    sign_in(role, accounts=[message.account])
    thread = page.get("console.thread", conversation_id=message.conversation_id)
    links = [a["href"] for a in thread.soup.select("a") if a.get_text() == "What Meta was told"]
    assert bool(links) is sees
    place = {"conversation_id": message.conversation_id, "message_id": message.id}
    page.get("console.message_calls", **place, status=200 if sees else 403)


def test_the_page_shows_tries_calls_codes_and_traces(page: Any, sign_in: Any, make: Any) -> None:
    message = make.message(make.conversation(), status=MessageStatus.FAILED, error_code=131026)
    db.session.add(
        MessageAttempt(
            message_id=message.id,
            finished_at=utcnow(),
            outcome=AttemptOutcome.REFUSED,
            error_code=131026,
            trace_id="TRACE-1",
            worker="host-1",
        )
    )
    keep_call(message, outcome="rejected", http_status=400, error_code=131026, trace_id="TRACE-1")
    sign_in("owner")
    place = {"conversation_id": message.conversation_id, "message_id": message.id}
    text = page.get("console.message_calls", **place).text()
    for part in ("131026", "TRACE-1", "Refused", "HTTP 400", "182 ms", '"to": "+447700900123"', "wamid.KEPT"):
        assert part in text


def test_an_accounts_calls_are_filtered_and_turned(page: Any, sign_in: Any, make: Any) -> None:
    message = make.message(make.conversation(), status=MessageStatus.SENT)
    for number in range(33):
        keep_call(message, path=f"me/{number}", at=utcnow() - timedelta(minutes=number))
    keep_call(message, path="debug_token", outcome="autherror", error_code=190, message_id=None)
    sign_in("manager", accounts=[message.account])
    place = {"account_id": message.account_id}
    first = page.get("accounts.calls", **place)
    assert len(first.soup.select("#account-calls tbody tr")) == 30
    (older,) = [a["href"] for a in first.soup.select(".wc-pager a")]
    assert len(page.open(older, htmx=True).soup.select("tbody tr")) == 4
    failed = page.get("accounts.calls", **place, show="failures")
    assert failed.texts("tbody td code")[0] == "GET debug_token".replace("GET", "POST")
    assert len(failed.soup.select("tbody tr")) == 1
    assert len(page.get("accounts.calls", **place, path="me/1").soup.select("tbody tr")) == 11
    assert len(page.get("accounts.calls", **place, path="%").soup.select("tbody tr")) == 0
    nonsense = {"since": "x", "before": "x", "show": "x"}
    assert len(page.get("accounts.calls", **place, **nonsense).soup.select("tbody tr")) == 30


def test_a_message_that_waits_says_why_and_until_when(page: Any, sign_in: Any, make: Any) -> None:
    until = utcnow() + timedelta(minutes=5)
    message = make.message(
        make.conversation(),
        status=MessageStatus.QUEUED,
        wait_reason="Meta takes one message per six seconds.",
        next_attempt_at=until,
    )
    sign_in("agent", accounts=[message.account])
    (told,) = page.get("console.thread", conversation_id=message.conversation_id).texts(".wc-unsure")
    assert told == f"Waits until {until:%H:%M}. Meta takes one message per six seconds."
