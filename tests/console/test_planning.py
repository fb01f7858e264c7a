"""Sending later from the console: planned in the thread, listed, changed, cancelled."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import MediaFile, Message, OutgoingFile, PlannedMessage, PlannedState, utcnow
from app.services import planning
from app.services.media_upkeep import let_go_of_unsent
from tests.support.media import PNG

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


KINDS: dict[str, dict[str, str]] = {
    "send_location": {"latitude": "51.5, -0.1", "name": "The Shop"},
    "send_contacts": {"people-0-first_name": "Ada", "people-0-phone": "+44 7700 900123"},
    "send_buttons": {"body": "Which?", "buttons-0": "Left", "buttons-1": "Right"},
    "send_list": {"body": "When?", "button": "Days", "rows-0-title": "Monday"},
    "send_link": {"body": "Look", "button": "Open it", "url": "https://shop.example.com"},
    "ask_location": {"body": "Where to?"},
}


def test_all_that_the_composer_makes_is_planned_and_shown_as_it_will_be(page: Any, conversation: Any) -> None:
    at = in_berlin(timedelta(hours=2))
    for number, (endpoint, given) in enumerate(KINDS.items()):
        data = {**given, "send_key": f"{number:032x}", "send_at": at}
        where = {"conversation_id": conversation.id, "htmx": True}
        page.post(f"console.{endpoint}", **where, data=data, status=200)
        shown = page.post(f"console.{endpoint}", **where, data=data, status=200)
    assert [row.message_type for row in plans()] == ["location", "contacts"] + ["interactive"] * 4
    said = shown.texts(".wc-plan")
    for words in ("The Shop", "Ada", "Left", "Monday", "Open it", "Send location"):
        assert any(words in text for text in said), words
    assert db.session.scalars(select(Message)).all() == []
    for row in plans():
        make_due(row)
    planning.work_off()
    assert [row.state for row in plans()] == [PlannedState.SENT] * len(KINDS)
    sent = db.session.scalars(select(Message).order_by(Message.id)).all()
    assert [row.content for row in sent] == [row.content for row in plans()]


def make_due(planned: PlannedMessage) -> None:
    planned.send_at = planned.next_look_at = utcnow() - timedelta(seconds=1)
    db.session.commit()


def test_a_file_waits_here_with_its_plan_and_is_handed_to_meta_again_once_meta_forgets_it(
    page: Any, make: Any, sandbox: Any
) -> None:
    account = make.sandbox_account(sandbox.new_account())
    page.sign_in(make.user(role="agent", accounts=[account]))
    conversation = make.conversation(account)
    where = {"conversation_id": conversation.id, "htmx": True}
    at = (utcnow() + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M")

    def press(endpoint: str, key: str, status: int = 200, **data: Any) -> Any:
        given = {"body": "Look", "send_key": key * 32, "send_at": at, **data}
        return page.post(f"console.{endpoint}", **where, data=given, status=status)

    def picture() -> tuple[Any, str]:
        return io.BytesIO(PNG), "car.png"

    for _ in range(2):
        press("send_text", "a", new_files=picture())
        shown = press("send_buttons", "b", header_file=picture(), **{"buttons-0": "Yes"})
    alone, header = plans()
    assert (alone.message_type, alone.text_content) == ("image", "Look")
    url = shown.soup.select_one(f"#plan-{alone.id} a.wc-media")["href"]
    assert page.open(url).response.data == PNG
    # Of no composer any more, and kept beyond the two days of what was only chosen.
    assert not shown.soup.select("#tray li")
    files = db.session.scalars(select(OutgoingFile).order_by(OutgoingFile.id)).all()
    page.post("console.remove_file", **where, outgoing_file_id=files[0].id, status=404)
    long_ago = utcnow() - timedelta(days=40)
    for file in files:
        file.created_at = file.stored_at = long_ago
        file.pieces = {"keys": [], "at_meta_since": long_ago.isoformat()}
    db.session.commit()
    assert let_go_of_unsent(2) == 0
    old = [alone.content["id"], header.content["header"]["image"]["id"]]
    for row in (alone, header):
        make_due(row)
    planning.work_off()
    sent = db.session.scalars(select(Message).order_by(Message.id)).all()
    assert [row.message_type for row in sent] == ["image", "interactive"]
    new = [sent[0].content["id"], sent[1].content["header"]["image"]["id"]]
    assert all(id_.isdigit() for id_ in new)
    assert not set(old) & set(new)
    kept = db.session.execute(
        select(MediaFile.message_id, MediaFile.size_bytes).order_by(MediaFile.message_id)
    )
    assert [tuple(row) for row in kept] == [(row.id, len(PNG)) for row in sent]
    # No file waits any more; and what is cancelled takes its file along.
    assert db.session.query(OutgoingFile).count() == 0
    press("send_text", "c", new_files=picture())
    cancelled = plans()[-1]
    page.post("console.cancel_planned", planned_id=cancelled.id, htmx=True, status=200)
    assert db.session.query(OutgoingFile).count() == 0
    refused = press(
        "send_buttons",
        "d",
        422,
        header_file=(io.BytesIO(b"ID3" + b"\0" * 30), "song.mp3"),
        **{"buttons-0": "Yes"},
    )
    assert "cannot stand above the text" in refused.text()
    assert db.session.query(OutgoingFile).count() == 0
