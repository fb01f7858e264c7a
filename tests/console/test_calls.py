"""An account's calls to Meta; why a message waits."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app.extensions import db
from app.models import GraphCall, Message, MessageStatus, utcnow


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
