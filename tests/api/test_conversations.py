"""Contacts and conversations over the API, and what is done in them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.extensions import db
from app.models import ContactTag, Message, MessageStatus, utcnow
from app.services.bot import hand_over
from tests.api.conftest import Program

pytestmark = pytest.mark.both_databases  # cursors and filters are SQL


@pytest.fixture
def conversation(make: Any) -> Any:
    account = make.account()
    contact = make.contact(account, wa_id="447700900123", profile_name="Grace", user_id="US.42")
    return make.conversation(account, contact=contact, unread_count=2)


@pytest.fixture
def caller(program: Any, conversation: Any) -> Program:
    found: Program = program(role="agent", accounts=[conversation.account])
    return found


def test_a_contact_is_found_by_number_in_any_spelling_and_by_user_id(
    caller: Program, make: Any, conversation: Any
) -> None:
    make.contact(conversation.account)
    for filters in ({"phone_number": "+44 7700 900-123"}, {"user_id": "US.42"}):
        (found,) = caller.get("contacts/", **filters)["results"]
        assert (found["profile_name"], found["phone_number"]) == ("Grace", "+447700900123")
    assert caller.get("contacts/", phone_number="none")["results"] == []
    assert len(caller.get("contacts/")["results"]) == 2


def test_conversations_come_by_their_last_message_page_by_page(
    caller: Program, make: Any, conversation: Any
) -> None:
    account = conversation.account
    for minutes in (30, 10, 20):
        make.conversation(account, last_message_at=utcnow() - timedelta(minutes=minutes))
    seen, path = [], "conversations/?limit=2"
    while path:
        page = caller.call("GET", path, status=200)
        seen += [row["last_message_at"] for row in page["results"]]
        path = page["next"]
    assert len(seen) == 4
    assert seen == sorted(seen, reverse=True)


def test_conversations_are_narrowed(caller: Program, make: Any, conversation: Any) -> None:
    other = make.conversation(conversation.account)

    def ids(**filters: Any) -> list[int]:
        return [row["id"] for row in caller.get("conversations/", **filters)["results"]]

    assert ids(show="unread") == [conversation.id]
    assert ids(contact=other.contact_id) == [other.id]
    assert ids(show="waiting") == []
    state = hand_over.state_of(other)
    hand_over.note_hand_over(state, "asked", quiet=timedelta(hours=1), now=utcnow(), waits=True)
    db.session.commit()
    assert ids(show="waiting") == [other.id]


def test_a_program_narrows_and_orders_as_the_console_does(
    caller: Program, make: Any, conversation: Any
) -> None:
    account, now = conversation.account, utcnow()
    account.auto_reply_enabled = True
    agent = make.user(role="agent", accounts=[account])
    failed = make.conversation(account, assigned_to_id=agent.id, last_inbound_at=None)
    sent = make.message(failed, status=MessageStatus.FAILED, error_code=131026)
    failed.last_message_id, failed.last_message_status = sent.id, sent.status
    for minutes, one in ((5, conversation), (50, make.conversation(account))):
        one.waiting_since = now - timedelta(minutes=minutes)
        one.last_inbound_at = now - timedelta(hours=23, minutes=minutes)
    urgent = db.session.query(type(failed)).order_by(type(failed).id.desc()).first()
    db.session.add(ContactTag(contact_id=conversation.contact_id, tag="regular"))
    note = make.message(conversation, outbound=False, text_content="About the blue kayak")
    db.session.commit()

    def ids(**filters: Any) -> list[int]:
        return [row["id"] for row in caller.get("conversations/", **filters)["results"]]

    assert ids(sort="waiting") == ids(sort="window") == [urgent.id, conversation.id]
    first = caller.get("conversations/", sort="waiting", limit=1)
    second = caller.call("GET", first["next"], status=200)
    assert [row["id"] for row in second["results"]] == [conversation.id]
    assert caller.call("GET", second["previous"], status=200)["results"] == first["results"]
    assert sorted(ids(window="1h")) == [conversation.id, urgent.id]
    assert ids(window="closed") == ids(unassigned="no") == ids(unanswered="no") == [failed.id]
    assert ids(failed="customer") == ids(failed="131026") == [failed.id]
    assert ids(failed="ours") == ids(quiet="yes") == []
    assert ids(tag="Regular") == ids(unread="yes", bot="on") == [conversation.id]
    # A person wrote there.
    assert ids(bot="off") == [failed.id]
    (found,) = caller.get("conversations/", search="kayak")["results"]
    assert (found["id"], found["found_message_id"], found["bot_answers"]) == (conversation.id, note.id, True)
    assert "failed" in caller.refused_fields("GET", "conversations/", query_string={"failed": "sometimes"})


def test_many_are_changed_at_once_with_an_answer_for_each(
    caller: Program, make: Any, conversation: Any
) -> None:
    other, strange = make.conversation(conversation.account), make.conversation()
    ids = [other.id, strange.id, conversation.id, other.id]
    body = {"ids": ids, "action": "close"}

    def post(**more: Any) -> Any:
        headers = {"Idempotency-Key": "k1"}
        return caller.call("POST", "conversations/bulk/", status=200, json={**body, **more}, headers=headers)

    assert post() == post()
    answer = post()
    assert answer["changed"] == 2
    assert [(line["id"], line["is_changed"]) for line in answer["results"]] == [
        (other.id, True),
        (strange.id, False),
        (conversation.id, True),
    ]
    again = caller.call("POST", "conversations/bulk/", status=200, json=body)
    assert [line["reason"] for line in again["results"]][::2] == ["already closed", "already closed"]
    assert "tag" in caller.refused_fields("POST", "conversations/bulk/", json={**body, "action": "add_tag"})
    tagged = {"ids": ids, "action": "add_tag", "tag": " Regular "}
    assert caller.call("POST", "conversations/bulk/", status=200, json=tagged)["changed"] == 2
    shown = caller.get(f"conversations/{other.id}/")
    assert (shown["state"], shown["contact"]["tags"]) == ("closed", ["regular"])


def test_the_window_and_what_is_unread_are_told(caller: Program, conversation: Any) -> None:
    shown = caller.get(f"conversations/{conversation.id}/")
    assert (shown["window_is_open"], shown["unread_count"], shown["contact"]["id"]) == (
        True,
        2,
        conversation.contact_id,
    )
    marked = caller.call("POST", f"conversations/{conversation.id}/mark_read/", status=200)
    assert marked["unread_count"] == 0


def test_a_person_takes_over_and_gives_back(caller: Program, conversation: Any) -> None:
    caller.call("POST", f"conversations/{conversation.id}/take_over/", status=200)
    state = hand_over.state_of(conversation)
    assert state.handed_over_at is not None
    db.session.rollback()
    caller.call("POST", f"conversations/{conversation.id}/give_back/", status=200)
    db.session.expire_all()
    assert hand_over.state_of(conversation).given_back_at is not None


def test_a_failed_message_is_sent_again_and_a_sent_one_is_not(
    caller: Program, make: Any, conversation: Any
) -> None:
    failed = make.message(conversation, status=MessageStatus.FAILED, error_code=131000)
    assert caller.call("POST", f"messages/{failed.id}/retry/", status=202)["status"] == "queued"
    sent = make.message(conversation, status=MessageStatus.SENT)
    assert caller.refused("POST", f"messages/{sent.id}/retry/", 409)["code"] == "account_not_ready"


def test_an_unconfirmed_message_is_given_up(caller: Program, make: Any, conversation: Any) -> None:
    message = make.message(conversation, status=MessageStatus.UNCONFIRMED)
    assert caller.call("POST", f"messages/{message.id}/give_up/", status=200)["status"] == "failed"
    db.session.expire_all()
    assert db.session.get_one(Message, message.id).status is MessageStatus.FAILED


def test_a_program_assigns_closes_and_opens_and_finds_by_both(
    caller: Program, make: Any, conversation: Any
) -> None:
    agent = make.user(role="agent", accounts=[conversation.account], name="Ana")
    make.conversation(conversation.account)

    def post(what: str, **options: Any) -> Any:
        return caller.call("POST", f"conversations/{conversation.id}/{what}/", status=200, **options)

    def ids(**filters: Any) -> list[int]:
        return [row["id"] for row in caller.get("conversations/", **filters)["results"]]

    assert post("assign", json={"user_id": agent.id})["assigned_to"] == agent.id
    assert ids(assigned_to=agent.id) == [conversation.id]
    assert post("close")["state"] == "closed"
    assert ids(assigned_to=agent.id) == []
    assert ids(assigned_to=agent.id, state="closed") == ids(state="closed") == [conversation.id]
    assert post("reopen")["closed_at"] is None
    assert post("assign", json={"user_id": None})["assigned_to"] is None
    assert len(ids(state="open")) == 2


def test_somebody_who_may_not_answer_is_refused_by_the_fields_name(
    caller: Program, make: Any, conversation: Any
) -> None:
    viewer = make.user(role="viewer", accounts=[conversation.account])
    for user_id in (viewer.id, 999_999):
        answer = caller.refused(
            "POST", f"conversations/{conversation.id}/assign/", 422, json={"user_id": user_id}
        )
        assert "user_id" in str(answer["details"])


def test_notes_are_written_and_listed_and_no_message_comes_of_them(
    caller: Program, conversation: Any
) -> None:
    path = f"conversations/{conversation.id}/notes/"
    caller.call("POST", path, status=201, json={"body": " Call back. "})
    caller.refused("POST", path, 422, json={"body": "  "})
    (note,) = caller.get(path)["results"]
    assert (note["body"], note["author_id"]) == ("Call back.", None)
    db.session.rollback()
    assert db.session.query(Message).count() == 0
