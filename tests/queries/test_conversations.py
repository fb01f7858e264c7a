"""Conversation rows and threads, the same on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event as hooks

from app.extensions import db
from app.models import utcnow
from app.queries import conversations as queries
from app.queries.access import EVERYTHING, AccountScope
from app.queries.analytics import get_overview
from app.queries.conversations import ConversationFilters, Show
from app.queries.cursors import Cursor


def names(page: queries.ConversationPage) -> list[str]:
    return [row.contact.profile_name for row in page.conversations]


def test_pages_join_without_a_gap_or_a_repeat(make: Any) -> None:
    account = make.account()
    at = utcnow()
    for number in range(7):
        # Pairs at the same moment: a page may end between two of them.
        contact = make.contact(account, profile_name=f"C{number}")
        make.conversation(account, contact=contact, last_message_at=at - timedelta(seconds=number // 2))
    found, cursor = [], None
    while True:
        page = queries.list_conversations(EVERYTHING, ConversationFilters(), cursor, limit=2)
        found += names(page)
        cursor = page.next_cursor
        if cursor is None:
            break
    assert sorted(found) == [f"C{number}" for number in range(7)]


def test_an_empty_scope_sees_nothing(make: Any) -> None:
    make.conversation(unread_count=1)
    nothing = AccountScope(frozenset())
    assert queries.list_conversations(nothing, ConversationFilters()).conversations == []
    assert queries.count_unread(nothing) == 0


@pytest.mark.parametrize("search", ["müller", "4930", "030 123", "Rechnung", "100%", "a_b"])
def test_search_is_plain_text_in_name_number_and_messages(make: Any, search: str) -> None:
    account = make.account()
    contact = make.contact(account, profile_name="Jörg müller a_b", wa_id="4930123456")
    make.message(make.conversation(account, contact=contact), text_content="Rechnung 100% bezahlt")
    make.conversation(account, contact=make.contact(account, profile_name="axb 10"))
    page = queries.list_conversations(EVERYTHING, ConversationFilters(search=search))
    assert names(page) == ["Jörg müller a_b"]


def test_unread_and_failed_are_counted_apart(make: Any) -> None:
    account = make.account()
    make.conversation(account, unread_count=3)
    make.conversation(account)
    assert queries.count_unread(EVERYTHING) == 1
    unread = queries.list_conversations(EVERYTHING, ConversationFilters(show=Show.UNREAD))
    failed = queries.list_conversations(EVERYTHING, ConversationFilters(show=Show.FAILED))
    assert (len(unread.conversations), len(failed.conversations)) == (1, 0)


def test_a_thread_is_read_from_its_end_and_goes_back_by_pages(make: Any) -> None:
    conversation = make.conversation()
    at = utcnow() - timedelta(hours=1)
    for number in range(60):
        make.message(conversation, text_content=str(number), occurred_at=at + timedelta(seconds=number))
    newest = queries.read_thread(conversation)
    assert [message.text_content for message in newest.messages] == [str(n) for n in range(10, 60)]
    older = queries.read_thread(conversation, before=newest.start)
    assert [message.text_content for message in older.messages] == [str(n) for n in range(10)]
    assert older.earlier is None
    whole = queries.read_thread(conversation, start=newest.earlier)
    assert len(whole.messages) == 60


def test_a_thread_opens_around_a_message_with_what_stands_before_and_after_it(make: Any) -> None:
    conversation = make.conversation()
    at = utcnow() - timedelta(hours=1)
    rows = [
        make.message(conversation, text_content=str(number), occurred_at=at + timedelta(seconds=number))
        for number in range(80)
    ]
    thread = queries.read_thread(conversation, around=rows[20].id)
    assert [message.text_content for message in thread.messages] == [str(n) for n in range(10, 80)]
    assert thread.is_newest
    assert queries.read_thread(conversation, around=rows[0].id).messages[0].id == rows[0].id


def test_a_thread_too_long_to_open_whole_opens_as_a_page_around_the_message(
    make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "LONGEST_THREAD", 60)
    conversation = make.conversation()
    at = utcnow() - timedelta(hours=1)
    rows = [
        make.message(conversation, text_content=str(number), occurred_at=at + timedelta(seconds=number))
        for number in range(120)
    ]
    thread = queries.read_thread(conversation, around=rows[40].id)
    assert [message.text_content for message in thread.messages] == [str(n) for n in range(15, 65)]
    assert not thread.is_newest


def test_a_message_of_another_conversation_opens_a_thread_at_its_end(make: Any) -> None:
    mine, other = make.conversation(), make.conversation()
    make.message(mine, text_content="Mine")
    hidden = make.message(other, text_content="Not yours")
    thread = queries.read_thread(mine, around=hidden.id)
    assert [message.text_content for message in thread.messages] == ["Mine"]


def test_a_thread_shows_no_other_conversations_messages(make: Any) -> None:
    account = make.account()
    mine, other = make.conversation(account), make.conversation(account)
    make.message(other, wamid="wamid.OTHER", text_content="Not yours")
    make.message(mine, outbound=False, context_wamid="wamid.OTHER", text_content="Mine")
    thread = queries.read_thread(mine)
    assert [message.text_content for message in thread.messages] == ["Mine"]
    assert thread.quoted == {}


def test_a_cursor_survives_being_written_down() -> None:
    cursor = Cursor(utcnow(), 17)
    assert Cursor.parse(str(cursor)) == cursor


@pytest.mark.parametrize(
    "text", [None, "", "-", "1", "a-b", "1-2-3", "99999999999999999999-1", "1-²", "-1-1"]
)
def test_nonsense_is_no_cursor(text: str | None) -> None:
    assert Cursor.parse(text) is None


def test_unread_ones_and_open_windows_are_counted_by_their_indexes(make: Any) -> None:
    """Every page counts the unread ones. With a bound value SQLite would look at each of their rows too."""
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL plans by the table's size, and this one is empty")
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_more: Any) -> None:
        asked.append((statement, values))

    today = utcnow().date()
    hooks.listen(db.engine, "before_cursor_execute", note)
    queries.count_unread(EVERYTHING)
    get_overview(EVERYTHING, start=today, end=today)
    hooks.remove(db.engine, "before_cursor_execute", note)
    counts = [(statement, values) for statement, values in asked if "FROM conversations" in statement]
    assert len(counts) == 3
    for statement, values in counts:
        plan = db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
        assert "USING INDEX ix_conversations_unread" in str(plan) or "USING COVERING INDEX" in str(plan)
        assert "unread_count > ?" not in statement
