"""Colleagues in one console: whose a conversation is, when it is closed, what they tell each other."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.extensions import db
from app.models import Conversation, ConversationNote, Message, MessageStatus, utcnow
from tests.rules.walking import everything_stored
from tests.support.retention import purge

NAMES = "#conversation-list .wc-conv-n"


@pytest.fixture
def account(make: Any) -> Any:
    return make.account()


@pytest.fixture
def ana(account: Any, make: Any, page: Any) -> Any:
    user = make.user(role="agent", accounts=[account], name="Ana")
    page.sign_in(user)
    return user


@pytest.fixture
def conversation(account: Any, make: Any, ana: Any) -> Any:
    return make.conversation(account, contact=make.contact(account, profile_name="Grace"), unread_count=1)


def do(page: Any, endpoint: str, conversation: Any, **options: Any) -> Any:
    return page.post(f"console.{endpoint}", conversation_id=conversation.id, htmx=True, **options)


def kept(conversation: Any) -> Conversation:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(Conversation, conversation.id)


def listed(page: Any, **filters: Any) -> list[str]:
    names: list[str] = page.get("console.index", **filters).texts(NAMES)
    return names


def test_who_takes_over_has_it_among_their_own_and_the_thread_says_so(
    page: Any, ana: Any, conversation: Any
) -> None:
    shown = do(page, "assign", conversation, data={"user_id": ana.id}, status=200)
    assert any("Ana took over" in text for text in shown.texts("#thread-log .wc-evt"))
    assert shown.texts("#thread-team .wc-team-who") == ["You"]
    assert listed(page, desk="mine") == ["Grace"]
    assert listed(page, desk="unassigned") == []
    assert listed(page) == ["Grace"]


def test_it_is_passed_on_and_given_back_without_script(
    page: Any, account: Any, make: Any, ana: Any, conversation: Any
) -> None:
    ben = make.user(role="agent", accounts=[account], name="Ben")
    for user_id in (ben.id, ""):
        page.post("console.assign", conversation_id=conversation.id, data={"user_id": user_id}, status=303)
    lines = page.get("console.thread", conversation_id=conversation.id).texts("#thread-log .wc-evt")
    assert [line.split(",")[0] for line in lines[-2:]] == [
        "Ana assigned it to Ben",
        "Ana assigned it to nobody",
    ]
    assert kept(conversation).assigned_to_id is None


@pytest.mark.parametrize("who", ["viewer", "stranger", "switched_off", "nonsense"])
def test_nobody_gets_it_who_may_not_answer_there(
    page: Any, account: Any, make: Any, conversation: Any, who: str
) -> None:
    people = {
        "viewer": lambda: make.user(role="viewer", accounts=[account]).id,
        "stranger": lambda: make.user(role="agent", accounts=[make.account()]).id,
        "switched_off": lambda: make.user(role="agent", accounts=[account], is_active=False).id,
        "nonsense": lambda: "me",
    }
    do(page, "assign", conversation, data={"user_id": people[who]()}, status=422)
    assert kept(conversation).assigned_to_id is None


def test_a_closed_one_leaves_the_list_and_its_number_and_comes_back_by_hand(
    page: Any, conversation: Any
) -> None:
    do(page, "close", conversation, status=200)
    assert (listed(page), listed(page, desk="closed")) == ([], ["Grace"])
    assert kept(conversation).unread_count == 0
    shown = do(page, "reopen", conversation, status=200)
    assert shown.soup.select_one("#team-close") is not None
    assert (listed(page), listed(page, desk="closed")) == (["Grace"], [])


def test_a_search_and_the_list_of_failed_ones_find_closed_ones_too(
    page: Any, make: Any, conversation: Any
) -> None:
    do(page, "close", conversation, status=200)
    db.session.get_one(Conversation, conversation.id).last_message_status = MessageStatus.FAILED
    db.session.commit()
    assert listed(page, search="Grace") == ["Grace"]
    assert listed(page, show="failed") == ["Grace"]


def test_whose_and_which_are_kept_together(page: Any, ana: Any, conversation: Any) -> None:
    do(page, "assign", conversation, data={"user_id": ana.id}, status=200)
    shown = page.get("console.index", desk="mine", show="unread")
    for name in ("Unassigned", "Failed"):
        links = shown.soup.select("#conversation-tabs a")
        (link,) = (a for a in links if a.get_text().split()[0] == name)
        assert "unread=1" in link["href"]
        assert ("desk=mine" in link["href"]) is (name == "Failed")
    assert shown.soup.select_one("#conversation-search [name=desk]")["value"] == "mine"


def test_a_colleagues_open_page_hears_of_it(page: Any, ana: Any, conversation: Any) -> None:
    thread = page.get("console.thread", conversation_id=conversation.id)
    poll = thread.soup.select_one("#thread-log")["hx-get"]
    rows = thread.soup.select_one("#conversation-list")["hx-get"]
    assert page.open(poll, htmx=True).status == 204
    do(page, "assign", conversation, data={"user_id": ana.id}, status=200)
    assert "took over" in page.open(poll, htmx=True, status=200).text()
    assert page.open(rows, htmx=True, status=200).texts("#conversation-tabs a")[1] == "Mine 1"


def note(page: Any, conversation: Any, text: str, **options: Any) -> Any:
    return page.post("console.send_note", conversation_id=conversation.id, data={"note": text}, **options)


def test_a_note_stands_in_its_place_by_time_and_nothing_is_sent(
    page: Any, make: Any, conversation: Any
) -> None:
    make.message(
        conversation, outbound=False, text_content="Before", occurred_at=utcnow() - timedelta(minutes=1)
    )
    shown = note(page, conversation, "He was <b>angry</b>.", htmx=True, status=200)
    make.message(
        conversation, outbound=False, text_content="After", occurred_at=utcnow() + timedelta(seconds=5)
    )
    assert shown.texts("#thread-log .wc-noted-t") == ["He was <b>angry</b>."]
    assert "Note by Ana" in shown.text()
    order = page.get("console.thread", conversation_id=conversation.id).texts(".wc-noted-t, .wc-bub-t")
    assert order == ["Before", "He was <b>angry</b>.", "After"]
    assert db.session.query(Message).count() == 2
    assert all("angry" not in row for row in everything_stored()["whatsapp_messages"])


def test_a_note_can_be_left_when_the_window_is_closed(page: Any, account: Any, make: Any, ana: Any) -> None:
    late = make.conversation(account, window_open=False)
    shown = page.get("console.thread", conversation_id=late.id, compose="note")
    assert "Only colleagues see it" in shown.soup.select_one("#composer").get_text()
    note(page, late, "Try by phone.", status=303)
    assert page.get("console.thread", conversation_id=late.id).texts(".wc-noted-t") == ["Try by phone."]


@pytest.mark.parametrize("text", ["", "   ", "x" * 4097])
def test_an_empty_or_endless_note_is_refused_with_what_was_typed(
    page: Any, conversation: Any, text: str
) -> None:
    shown = note(page, conversation, text, htmx=True, status=422)
    assert shown.soup.select_one("#message-body").get_text().strip() == text.strip()
    assert shown.soup.select_one(".wc-err") is not None


def test_a_note_pressed_twice_is_one_note(page: Any, conversation: Any) -> None:
    key = page.get("console.thread", conversation_id=conversation.id, compose="note").soup.select_one(
        "#composer [name=send_key]"
    )["value"]
    for _ in range(2):
        data = {"note": "Once", "send_key": key}
        page.post("console.send_note", conversation_id=conversation.id, data=data, htmx=True, status=200)
    shown = page.get("console.thread", conversation_id=conversation.id)
    assert shown.texts(".wc-noted-t") == ["Once"]


def test_a_note_never_becomes_the_message_of_another_face(page: Any, conversation: Any) -> None:
    shown = page.post(
        "console.composer",
        conversation_id=conversation.id,
        compose="text",
        data={"note": "secret"},
        htmx=True,
    )
    assert "secret" not in str(shown.soup)


def test_notes_of_an_earlier_page_stand_on_that_page(page: Any, make: Any, conversation: Any) -> None:
    at = utcnow() - timedelta(hours=2)
    for number in range(60):
        make.message(conversation, text_content=str(number), occurred_at=at + timedelta(minutes=number))
    db.session.add(
        ConversationNote(conversation_id=conversation.id, body="old", at=at + timedelta(minutes=5, seconds=1))
    )
    db.session.commit()
    newest = page.get("console.thread", conversation_id=conversation.id)
    assert newest.texts(".wc-noted-t") == []
    whole = newest.soup.select_one(".wc-earlier")["href"]
    assert page.open(whole).texts(".wc-noted-t") == ["old"]


def test_notes_and_history_go_with_messages_of_their_time(page: Any, make: Any, conversation: Any) -> None:
    do(page, "close", conversation, status=200)
    note(page, conversation, "Young", htmx=True, status=200)
    old = utcnow() - timedelta(days=40)
    db.session.add(ConversationNote(conversation_id=conversation.id, body="Old", at=old))
    db.session.commit()
    assert (purge("notes", 30), purge("conversation-events", 30)) == (1, 0)
    assert page.get("console.thread", conversation_id=conversation.id).texts(".wc-noted-t") == ["Young"]
