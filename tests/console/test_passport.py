"""The passport of a message: what caused it, what Meta was told, what became of it, and for whom."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.extensions import db
from app.models import (
    AttemptOutcome,
    BotOutcome,
    EventState,
    GraphCall,
    MediaState,
    Message,
    MessageAttempt,
    MessagePriority,
    MessageStatus,
    MessageStatusEvent,
    WebhookEventKey,
    utcnow,
)

WAMID = "wamid.OUT"


@pytest.fixture
def passport(page: Any) -> Any:
    """Opens it: `passport(message)`."""

    def _open(message: Message, **values: Any) -> Any:
        place = {"conversation_id": message.conversation_id, "message_id": message.id}
        return page.get("console.message_passport", **place, **values)

    return _open


def add(*rows: Any) -> None:
    db.session.add_all(rows)
    db.session.commit()


def status_row(message: Message, status: str, *, delay_s: int = 2, **values: Any) -> MessageStatusEvent:
    """A status that took so many seconds to come."""
    at = utcnow() - timedelta(minutes=1)
    base = {"wamid": message.wamid, "occurred_at": at, "received_at": at + timedelta(seconds=delay_s)}
    return MessageStatusEvent(
        account_id=message.account_id, message_id=message.id, status=status, **{**base, **values}
    )


def speaking_event(make: Any, message: Message, *kinds: str, **values: Any) -> Any:
    """A post of Meta's about this message."""
    event = make.webhook_event(
        message.account, **{"state": EventState.PROCESSED, "processed_at": utcnow(), **values}
    )
    keys = (f"m:{message.wamid}", *(f"k:{kind}" for kind in kinds))
    add(*(WebhookEventKey(key=key, event_id=event.id) for key in keys))
    return event


@pytest.fixture
def sent(make: Any) -> Message:
    """A message with one of everything."""
    message: Message = make.message(make.conversation(), status=MessageStatus.DELIVERED, wamid=WAMID)
    pricing = {"category": "utility", "type": "regular", "model": "PMP", "billable": True}
    add(
        MessageAttempt(
            message_id=message.id,
            finished_at=utcnow(),
            outcome=AttemptOutcome.RETRY,
            error_code=130429,
            error_text="Rate limit hit",
            trace_id="TRACE-1",
            worker="host-1",
        ),
        GraphCall(
            account_id=message.account_id,
            message_id=message.id,
            method="POST",
            path="108293047500001/messages",
            outcome="ok",
            http_status=200,
            duration_ms=182,
            request='{"to": "+447700900123"}',
            answer='{"messages": [{"id": "wamid.OUT"}]}',
        ),
        status_row(message, "sent", details={"pricing": pricing}),
        status_row(message, "delivered", delay_s=125),
    )
    speaking_event(make, message, "status.sent")
    return message


@pytest.mark.parametrize("role, sees", [("owner", True), ("manager", True), ("agent", False)])
def test_calls_traces_and_events_are_for_those_who_may(
    passport: Any, sign_in: Any, sent: Message, role: str, sees: bool
) -> None:
    sign_in(role, [sent.account])
    shown = passport(sent)
    text = shown.text()
    for part in ("TRACE-1", "host-1", "Rate limit hit", "182 ms", '"to": "+447700900123"', "Event "):
        assert (part in text) is sees, part
    for part in ("Tried again later", "130429", WAMID, sent.client_ref):
        assert part in text, part
    assert bool(shown.soup.select('a[href^="/webhook-events/"]:not([href="/webhook-events/"])')) is sees


def test_a_viewer_has_no_console_and_no_passport(page: Any, sign_in: Any, sent: Message) -> None:
    sign_in("viewer", [sent.account])
    place = {"conversation_id": sent.conversation_id, "message_id": sent.id}
    page.get("console.message_passport", **place, status=403)


def test_each_message_leads_to_its_passport(page: Any, sign_in: Any, make: Any) -> None:
    conversation = make.conversation()
    inbound = make.message(conversation, outbound=False)
    event = make.message(conversation, outbound=False, message_type="system", content={"body": "New number"})
    outbound = make.message(conversation)
    sign_in("agent", [conversation.account])
    thread = page.get("console.thread", conversation_id=conversation.id)
    links = {link["href"] for link in thread.soup.select("#thread-log a[href$=passport]")}
    place = f"/console/{conversation.id}/messages"
    assert links == {f"{place}/{row.id}/passport" for row in (inbound, event, outbound)}


def test_the_old_address_of_a_messages_calls_leads_here(page: Any, sign_in: Any, sent: Message) -> None:
    sign_in("manager", [sent.account])
    place = {"conversation_id": sent.conversation_id, "message_id": sent.id}
    answer = page.get("console.message_calls", **place, status=303).response
    assert answer.headers["Location"].endswith(f"/messages/{sent.id}/passport#calls-title")


def test_each_status_shows_metas_time_ours_the_delay_and_the_price(
    passport: Any, sign_in: Any, sent: Message
) -> None:
    sign_in("agent", [sent.account])
    rows = passport(sent).soup.select("section[aria-labelledby=statuses-title] tbody tr")
    cells = [[cell.get_text(" ", strip=True) for cell in row.select("td")] for row in rows]
    assert [(row[0], row[3], row[4]) for row in cells] == [
        ("Sent", "2 s", "Utility, charged"),
        ("Delivered", "2 m", "–"),
    ]


def test_a_status_of_an_earlier_try_is_told_apart_and_says_why_it_failed(
    passport: Any, sign_in: Any, sent: Message
) -> None:
    details = {"error": {"code": 131026, "title": "Message undeliverable"}}
    add(status_row(sent, "failed", wamid="wamid.EARLIER", details=details))
    sign_in("agent", [sent.account])
    told = passport(sent).texts("section[aria-labelledby=statuses-title] tbody td:first-child")[-1]
    assert "The message cannot be delivered" in told
    assert "Of an earlier try, wamid.EARLIER" in told


def test_who_wrote_it_is_said(passport: Any, sign_in: Any, make: Any) -> None:
    conversation = make.conversation()
    make.api_key()
    user = sign_in("agent", [conversation.account])
    cases = (
        ({"sender_id": user.id}, user.display_name),
        ({"api_key_id": 1}, "A program, with the API key “test”"),
        ({}, "Not known any more"),
    )
    for values, words in cases:
        message = make.message(conversation, **values)
        assert words in passport(message).texts("section[aria-labelledby=cause-title] dd")[0]


def test_what_the_bot_wrote_leads_to_the_question_the_rule_and_the_trace(
    passport: Any, sign_in: Any, make: Any
) -> None:
    conversation = make.conversation()
    asked = make.message(conversation, outbound=False, text_content="What is the price?")
    reply = make.message(conversation, priority=MessagePriority.BOT, bot_reply_to_id=asked.id)
    rule = make.bot_rule(conversation.account, name="Prices")
    make.bot_trace(
        asked,
        outcome=BotOutcome.ANSWERED,
        reason="A rule fits.",
        rule_id=rule.id,
        reply_message_id=reply.id,
    )
    sign_in("agent", [conversation.account])
    shown = passport(reply)
    cause = shown.texts("section[aria-labelledby=cause-title]")[0]
    for part in ("The bot", "What is the price?", "A rule fits.", "Prices"):
        assert part in cause
    assert shown.soup.select_one(f'a[href="/bot/messages/{asked.id}"]')
    question = passport(asked)
    assert question.soup.select_one(f'a[href$="/messages/{reply.id}/passport"]')
    assert "What the bot made of it" in question.text()


def test_an_answer_leads_to_what_it_quotes_also_when_that_is_not_kept(
    passport: Any, sign_in: Any, make: Any
) -> None:
    conversation = make.conversation()
    quoted = make.message(conversation, outbound=False, wamid="wamid.Q", text_content="Which day?")
    sign_in("agent", [conversation.account])
    shown = passport(make.message(conversation, context_wamid="wamid.Q"))
    assert shown.soup.select_one(f'a[href$="/messages/{quoted.id}/passport"]')
    assert "Which day?" in shown.text()
    assert "wamid.LOST" in passport(make.message(conversation, context_wamid="wamid.LOST")).text()


def test_an_inbound_message_says_how_it_came_and_what_became_of_its_file(
    passport: Any, sign_in: Any, make: Any
) -> None:
    message = make.message(
        make.conversation(),
        outbound=False,
        message_type="image",
        content={"id": "77"},
        occurred_at=utcnow() - timedelta(seconds=90),
    )
    event = speaking_event(
        make, message, "messages.image", received_at=utcnow() - timedelta(seconds=4), processed_at=utcnow()
    )
    make.media_file(message, state=MediaState.GONE, reason="Meta has deleted it.", attempts=3)
    sign_in("manager", [message.account])
    shown = passport(message)
    assert "Meta has deleted it." in shown.texts("section[aria-labelledby=file-title]")[0]
    (row,) = shown.texts("section[aria-labelledby=events-title] tbody tr")
    assert f"Event {event.id} Message: image" in row
    assert "4 s" in row or "4.0 s" in row
    assert "1 m later" in shown.texts("section[aria-labelledby=times-title]")[0]
    assert not shown.soup.select("section[aria-labelledby=tries-title]")


def test_a_failure_has_its_buttons_here_too(passport: Any, sign_in: Any, make: Any) -> None:
    conversation = make.conversation()
    failed = make.message(
        conversation, status=MessageStatus.FAILED, error_code=131026, failed_at=utcnow(), wamid=WAMID
    )
    unsure = make.message(conversation, status=MessageStatus.UNCONFIRMED)
    sign_in("agent", [conversation.account])
    assert passport(failed).texts(".wc-fail .btn") == ["Send again"]
    assert passport(unsure).texts(".wc-unsure button") == ["Send again anyway", "Do not send again"]


def test_a_message_of_another_conversation_or_account_is_not_there(
    page: Any, sign_in: Any, make: Any, sent: Message
) -> None:
    other = make.conversation()
    sign_in("agent", [other.account])
    for conversation_id in (sent.conversation_id, other.id):
        place = {"conversation_id": conversation_id, "message_id": sent.id}
        page.get("console.message_passport", **place, status=404)


def test_a_post_about_several_accounts_is_not_shown_to_who_may_see_one(
    passport: Any, sign_in: Any, make: Any, sent: Message
) -> None:
    event = speaking_event(
        make, sent, "status.read", verified_account_ids=f"{sent.account_id},{make.account().id}"
    )
    sign_in("manager", [sent.account])
    assert f"Event {event.id}" not in passport(sent).text()
    sign_in("owner")
    assert f"Event {event.id}" in passport(sent).text()


def test_a_passport_takes_few_queries_however_many_messages_there_are(
    passport: Any, sign_in: Any, make: Any, sent: Message, count_queries: Any
) -> None:
    for _ in range(5):
        make.message(sent.conversation)
    sign_in("owner")
    passport(sent)
    with count_queries() as counted:
        passport(sent)
    assert counted.count <= 24, "\n".join(counted.statements)
