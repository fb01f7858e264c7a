"""Conversation rows and threads, the same on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event as hooks

from app.extensions import db
from app.models import utcnow
from app.queries import conversation_lists as queries
from app.queries.access import EVERYTHING, AccountScope
from app.queries.analytics import get_overview
from app.queries.conversation_filters import ConversationFilters, Desk, Failed
from app.queries.cursors import Cursor


def names(page: queries.ConversationPage) -> list[str]:
    rows = queries.load_listed([one.id for one in page.conversations])
    return [rows[one.id].contact.profile_name for one in page.conversations]


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
    unread = queries.list_conversations(EVERYTHING, ConversationFilters(is_unread=True))
    failed = queries.list_conversations(EVERYTHING, ConversationFilters(failed=Failed()))
    assert (len(unread.conversations), len(failed.conversations)) == (1, 0)


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


@pytest.mark.parametrize(
    "filters, index",
    [
        (ConversationFilters(), "open_latest"),
        (ConversationFilters(desk=Desk.MINE, person_id=7), "assigned_latest"),
        (ConversationFilters(desk=Desk.UNASSIGNED), "unassigned_latest"),
        (ConversationFilters(desk=Desk.CLOSED), "closed_latest"),
    ],
)
def test_each_desks_list_goes_along_an_index_of_its_own(
    make: Any, filters: ConversationFilters, index: str
) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL plans by the table's size, and this one is empty")
    asked = _asked(lambda: queries.list_conversations(EVERYTHING, filters))
    (plan,) = [_plan(*one) for one in asked if "FROM conversations" in one[0]]
    assert f"ix_conversations_{index}" in plan
    assert "TEMP B-TREE" not in plan


def test_how_many_are_on_a_desk_is_counted_by_indexes(make: Any) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL plans by the table's size, and this one is empty")
    asked = _asked(lambda: queries.count_tabs(EVERYTHING, ConversationFilters(person_id=7)))
    (one,) = [one for one in asked if "FROM conversations" in one[0]]
    plan = _plan(*one)
    assert "ix_conversations_assigned_latest" in plan
    assert "COVERING INDEX ix_conversations_unassigned" in plan


def _asked(ask: Callable[[], object]) -> list[tuple[str, Any]]:
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_more: Any) -> None:
        asked.append((statement, values))

    hooks.listen(db.engine, "before_cursor_execute", note)
    ask()
    hooks.remove(db.engine, "before_cursor_execute", note)
    return asked


def _plan(statement: str, values: Any) -> str:
    return str(db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all())
