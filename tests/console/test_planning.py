"""Sending later from the console: planned in the thread, listed, changed, cancelled."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import Message, PlannedMessage, PlannedState, utcnow

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def account(make: Any) -> Any:
    return make.account(time_zone="Europe/Berlin")


@pytest.fixture
def conversation(account: Any, make: Any, page: Any) -> Any:
    page.sign_in(make.user(role="agent", accounts=[account], name="Ana", time_zone="Asia/Tokyo"))
    return make.conversation(account, contact=make.contact(account, profile_name="Grace"))


def plans() -> list[PlannedMessage]:
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.scalars(select(PlannedMessage).order_by(PlannedMessage.id)))


def in_berlin(ahead: timedelta) -> str:
    return (datetime.now(UTC) + ahead).astimezone(BERLIN).strftime("%Y-%m-%dT%H:%M")


def send(page: Any, conversation: Any, status: int = 200, **data: Any) -> Any:
    given = {"body": "See you", "compose": "text", "send_key": "a" * 32, **data}
    return page.post(
        "console.send_text", conversation_id=conversation.id, data=given, htmx=True, status=status
    )


def test_a_text_is_planned_in_the_accounts_time_and_stands_at_the_threads_end(
    page: Any, conversation: Any
) -> None:
    at = in_berlin(timedelta(hours=3))
    for _ in range(2):
        shown = send(page, conversation, send_at=at, hold="1")
    (planned,) = plans()
    assert planned.send_at.astimezone(BERLIN).strftime("%Y-%m-%dT%H:%M") == at
    assert (planned.text_content, planned.holds_if_answered) == ("See you", True)
    (tag,) = shown.texts(".wc-plan > .wc-tag")
    assert tag.startswith("Planned for")
    assert "(Europe/Berlin; for you" in tag
    assert tag.endswith("by Ana")
    assert shown.soup.select_one("#message-body").get_text().strip() == ""
    assert db.session.scalars(select(Message)).all() == []
    assert "Planned" in page.get("console.index").texts(".wc-conv-m")[0]
    # A press of Send with the same key, in another tab, is not another message.
    send(page, conversation, status=422)


def test_a_time_that_cannot_be_is_told_and_nothing_typed_is_lost(page: Any, conversation: Any) -> None:
    for wrong, said in (
        ({"later": "1"}, "not a date and time"),
        ({"send_at": "soon"}, "not a date and time"),
        ({"send_at": in_berlin(timedelta(hours=-1))}, "This time is over"),
        ({"send_at": in_berlin(timedelta(hours=26))}, "window will have closed"),
        ({"send_at": "9999-12-31T23:59"}, "within a year"),
    ):
        shown = send(page, conversation, status=422, **wrong)
        assert said in shown.texts("#form-errors")[0]
        assert shown.soup.select_one("#send-at")["value"] == wrong.get("send_at", "")
        assert shown.soup.select_one("#message-body").get_text().strip() == "See you"
    assert plans() == []


def test_a_template_is_planned_beyond_the_window(
    page: Any, make: Any, account: Any, conversation: Any
) -> None:
    row = make.message_template(account)
    given = {"message_template": row.id, "value_body_1": "Ada", "value_body_2": "BM-1", "send_key": "b" * 32}
    given["send_at"] = in_berlin(timedelta(days=40))
    page.post("console.send_message_template", conversation_id=conversation.id, data=given, status=303)
    (planned,) = plans()
    assert (planned.message_type, "Ada" in planned.text_content) == ("template", True)


def test_it_is_listed_changed_cancelled_and_sent_by_hand(page: Any, make: Any, conversation: Any) -> None:
    planned = make.planned_message(conversation)
    held = make.planned_message(
        conversation, state=PlannedState.HELD, text_content="Held one", reason="The customer has written."
    )
    first, second = page.get("console.planned_messages").texts("tbody tr")
    assert ("Held back" in first, "The customer has written." in first, "See you then" in second) == (
        True,
    ) * 3
    assert "Held back" in page.get("console.index").texts(".wc-conv-m")[0]

    shown = page.get("console.planned", planned_id=planned.id)
    assert shown.soup.select_one("#send_at")["value"] == planned.send_at.astimezone(BERLIN).strftime(
        "%Y-%m-%dT%H:%M"
    )
    data = {"body": "See you at ten", "send_at": in_berlin(timedelta(hours=5))}
    page.post("console.change_planned", planned_id=planned.id, data=data, status=303)
    assert plans()[0].text_content == "See you at ten"
    for wrong in (
        {**data, "send_at": ""},
        {**data, "send_at": in_berlin(timedelta(hours=-2))},
        {**data, "body": ""},
    ):
        page.post("console.change_planned", planned_id=planned.id, data=wrong, status=422)

    thread = page.post("console.cancel_planned", planned_id=planned.id, htmx=True, status=200)
    assert [plan["id"] for plan in thread.soup.select(".wc-plan")] == [f"plan-{held.id}"]
    again = page.post("console.cancel_planned", planned_id=planned.id, htmx=True, status=422)
    assert "cancelled already" in again.texts("#thread-problem")[0]
    sent = page.post("console.send_planned", planned_id=held.id, htmx=True, status=200)
    assert sent.texts("#thread-log .wc-bub-t") == ["See you then"]
    assert [plan.state for plan in plans()] == ["cancelled", "sent"]
    assert "Nothing can be changed" in page.get("console.planned", planned_id=held.id).text()
    assert page.get("console.planned_messages").texts("tbody tr") == []


def test_the_thread_says_before_what_will_hold_it(page: Any, make: Any, conversation: Any) -> None:
    make.planned_message(conversation, holds_if_answered=True)
    conversation.last_inbound_at = utcnow() + timedelta(seconds=1)
    db.session.commit()
    shown = page.get("console.thread", conversation_id=conversation.id)
    assert "has written since" in shown.texts(".wc-plan .wc-fail")[0]
