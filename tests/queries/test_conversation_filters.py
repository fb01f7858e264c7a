"""What the list of conversations narrows to, in which order, and along which indexes."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event as hooks

from app.extensions import db
from app.models import BotConversation, ContactTag, MessageStatus, utcnow
from app.queries import conversation_lists as queries
from app.queries.access import EVERYTHING, AccountScope
from app.queries.contact_tags import list_tags
from app.queries.conversation_filters import ConversationFilters, Desk, Failed, Sort, WindowIs
from app.queries.search import who

HOUR = timedelta(hours=1)


def names(limit: int = 40, **filters: Any) -> list[str]:
    """Of all pages, one after the other."""
    found: list[str] = []
    cursor = None
    while True:
        page = queries.list_conversations(EVERYTHING, ConversationFilters(**filters), cursor, limit)
        rows = queries.load_listed([one.id for one in page.conversations])
        found += [rows[one.id].contact.profile_name for one in page.conversations]
        cursor = page.next_cursor
        if cursor is None:
            return found


@pytest.fixture
def add(make: Any) -> Callable[..., Any]:
    """A conversation of one account by the customer's name; `wrote`: how long ago they last did."""
    account = make.account()

    def adding(name: str, wrote: timedelta | None = HOUR, tags: tuple[str, ...] = (), **values: Any) -> Any:
        contact = make.contact(account, profile_name=name)
        for tag in tags:
            db.session.add(ContactTag(contact_id=contact.id, tag=tag))
        written = utcnow() - wrote if wrote is not None else None
        values = {"last_inbound_at": written, "last_message_at": written or utcnow() - 50 * HOUR, **values}
        return make.conversation(account, contact=contact, **values)

    return adding


def test_the_window_narrows_by_when_it_closes(add: Any) -> None:
    add("fresh", HOUR)
    add("today", 21 * HOUR)
    add("soon", 23.5 * HOUR)
    # Within the minute that is kept back from its end.
    add("over", 24 * HOUR - timedelta(seconds=30))
    add("old", 40 * HOUR)
    add("never", None)
    assert names(window=WindowIs.OPEN) == ["fresh", "today", "soon"]
    assert names(window=WindowIs.FOUR_HOURS) == ["today", "soon"]
    assert names(window=WindowIs.HOUR) == ["soon"]
    assert names(window=WindowIs.CLOSED) == ["over", "old", "never"]
    assert names(sort=Sort.WINDOW) == names(2, sort=Sort.WINDOW) == ["soon", "today", "fresh"]


def test_those_that_wait_longest_stand_first_page_by_page(add: Any) -> None:
    at = utcnow()
    for name, hours in (("a", 5), ("b", 9), ("c", 9), ("d", 1)):
        add(name, HOUR, waiting_since=at - hours * HOUR)
    add("answered")
    assert names(2, sort=Sort.WAITING) == ["b", "c", "a", "d"]
    assert sorted(names(is_unanswered=True)) == ["a", "b", "c", "d"]
    assert queries.count_tabs(EVERYTHING, ConversationFilters()).unanswered == 4


def test_failures_narrow_to_a_side_a_code_and_those_that_meta_never_saw(make: Any, add: Any) -> None:
    for name, status, code in (
        ("undeliverable", MessageStatus.FAILED, 131026),
        ("window", MessageStatus.FAILED, 131047),
        ("ours", MessageStatus.FAILED, None),
        ("unsure", MessageStatus.UNCONFIRMED, None),
        ("sent", MessageStatus.SENT, None),
    ):
        row = add(name)
        message = make.message(row, status=status, error_code=code)
        row.last_message_id, row.last_message_status = message.id, status
    db.session.commit()
    assert sorted(names(failed=Failed())) == ["ours", "undeliverable", "unsure", "window"]
    assert names(failed=Failed(frozenset({131026}))) == ["undeliverable"]
    assert names(failed=Failed(frozenset(), is_without_code=True)) == ["ours"]
    assert sorted(names(failed=Failed(frozenset({131047}), is_unconfirmed=True))) == ["unsure", "window"]


@pytest.mark.parametrize("few", [who.FEW, 0], ids=["by ids", "row by row"])
def test_tags_people_and_calls_for_a_person_hold_at_once(
    add: Any, make: Any, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(who, "FEW", few)
    ana = make.user(role="agent")
    both = add("both", tags=("vip", "late"), assigned_to_id=ana.id, unread_count=2)
    add("tagged", tags=("vip",))
    add("hers", assigned_to_id=ana.id)
    db.session.add(BotConversation(conversation_id=both.id, account_id=both.account_id, waits_since=utcnow()))
    db.session.commit()
    assert sorted(names(tag="vip")) == ["both", "tagged"]
    assert names(tag="vip", agent_id=ana.id) == ["both"]
    assert names(asks_person=True) == ["both"]
    assert names(asks_person=True, tag="late", is_unread=True, desk=Desk.MINE, person_id=ana.id) == ["both"]
    assert names(tag="none") == []
    assert queries.count_tabs(EVERYTHING, ConversationFilters()).asking == 1


def test_quiet_ones_are_those_without_a_message_for_a_month(add: Any) -> None:
    add("lately", 29 * 24 * HOUR)
    add("quiet", 31 * 24 * HOUR)
    filters = ConversationFilters(is_quiet=True, desk=Desk.UNASSIGNED)
    assert names(is_quiet=True, desk=Desk.UNASSIGNED) == ["quiet"]
    assert queries.count_up_to(EVERYTHING, filters, 5) == 1
    assert len(queries.list_ids(EVERYTHING, filters, 5)) == 1


def test_tags_are_told_only_of_accounts_one_may_see(make: Any, add: Any) -> None:
    mine = add("mine", tags=("a", "b", "c"))
    theirs = make.contact(make.account())
    db.session.add(ContactTag(contact_id=theirs.id, tag="secret"))
    db.session.commit()
    assert list_tags(EVERYTHING) == ["a", "b", "c", "secret"]
    assert list_tags(AccountScope(frozenset({mine.account_id}))) == ["a", "b", "c"]
    assert list_tags(AccountScope(frozenset())) == []


@pytest.mark.parametrize(
    "filters, index",
    [
        (ConversationFilters(is_unread=True), "unread_latest"),
        (ConversationFilters(is_unanswered=True), "unanswered_latest"),
        (ConversationFilters(failed=Failed()), "failed_latest"),
        (ConversationFilters(failed=Failed(frozenset({131026}))), "failed_latest"),
        (ConversationFilters(sort=Sort.WINDOW), "open_window"),
        (ConversationFilters(sort=Sort.WAITING), "unanswered"),
        (ConversationFilters(agent_id=3), "assigned_latest"),
        (ConversationFilters(agent_id=3, is_unread=True), "unread_latest"),
        (ConversationFilters(number_id=3), "number_latest"),
        (ConversationFilters(desk=Desk.UNASSIGNED, is_quiet=True), "unassigned_latest"),
    ],
)
def test_each_filter_and_order_goes_along_an_index(
    make: Any, filters: ConversationFilters, index: str
) -> None:
    plan = _plan_of(filters)
    assert re.search(rf"ix_conversations_{index}\b", plan), plan
    assert "TEMP B-TREE" not in plan


@pytest.mark.parametrize("window", [WindowIs.OPEN, WindowIs.HOUR, WindowIs.FOUR_HOURS])
def test_a_window_looks_no_further_than_a_day_back(make: Any, window: WindowIs) -> None:
    plan = _plan_of(ConversationFilters(window=window))
    assert "last_message_at>?" in plan or "last_inbound_at>?" in plan


def _plan_of(filters: ConversationFilters) -> str:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL plans by the table's size, and this one is empty")
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_more: Any) -> None:
        asked.append((statement, values))

    hooks.listen(db.engine, "before_cursor_execute", note)
    queries.list_conversations(EVERYTHING, filters)
    hooks.remove(db.engine, "before_cursor_execute", note)
    (one,) = [one for one in asked if "FROM conversations" in one[0]]
    return str(db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {one[0]}", one[1]).all())
