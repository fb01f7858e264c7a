"""Threads, the same on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.models import utcnow
from app.queries import threads


def test_a_thread_is_read_from_its_end_and_goes_back_by_pages(make: Any) -> None:
    conversation = make.conversation()
    at = utcnow() - timedelta(hours=1)
    for number in range(60):
        make.message(conversation, text_content=str(number), occurred_at=at + timedelta(seconds=number))
    newest = threads.read_thread(conversation)
    assert [message.text_content for message in newest.messages] == [str(n) for n in range(10, 60)]
    older = threads.read_thread(conversation, before=newest.start)
    assert [message.text_content for message in older.messages] == [str(n) for n in range(10)]
    assert older.earlier is None
    whole = threads.read_thread(conversation, start=newest.earlier)
    assert len(whole.messages) == 60


def test_a_thread_opens_around_a_message_with_what_stands_before_and_after_it(make: Any) -> None:
    conversation = make.conversation()
    at = utcnow() - timedelta(hours=1)
    rows = [
        make.message(conversation, text_content=str(number), occurred_at=at + timedelta(seconds=number))
        for number in range(80)
    ]
    thread = threads.read_thread(conversation, around=rows[20].id)
    assert [message.text_content for message in thread.messages] == [str(n) for n in range(10, 80)]
    assert thread.is_newest
    assert threads.read_thread(conversation, around=rows[0].id).messages[0].id == rows[0].id


def test_a_thread_too_long_to_open_whole_opens_as_a_page_around_the_message(
    make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threads, "LONGEST_THREAD", 60)
    conversation = make.conversation()
    at = utcnow() - timedelta(hours=1)
    rows = [
        make.message(conversation, text_content=str(number), occurred_at=at + timedelta(seconds=number))
        for number in range(120)
    ]
    thread = threads.read_thread(conversation, around=rows[40].id)
    assert [message.text_content for message in thread.messages] == [str(n) for n in range(15, 65)]
    assert not thread.is_newest


def test_a_message_of_another_conversation_opens_a_thread_at_its_end(make: Any) -> None:
    mine, other = make.conversation(), make.conversation()
    make.message(mine, text_content="Mine")
    hidden = make.message(other, text_content="Not yours")
    thread = threads.read_thread(mine, around=hidden.id)
    assert [message.text_content for message in thread.messages] == ["Mine"]


def test_a_thread_shows_no_other_conversations_messages(make: Any) -> None:
    account = make.account()
    mine, other = make.conversation(account), make.conversation(account)
    make.message(other, wamid="wamid.OTHER", text_content="Not yours")
    make.message(mine, outbound=False, context_wamid="wamid.OTHER", text_content="Mine")
    thread = threads.read_thread(mine)
    assert [message.text_content for message in thread.messages] == ["Mine"]
    assert thread.quoted == {}
