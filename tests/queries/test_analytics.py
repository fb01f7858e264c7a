"""The dashboard's figures: finished days from the roll-up, the last two from the messages themselves."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from app.extensions import db
from app.models import Account, AccountUsageLog, Conversation, MessageStatus, UsageDirtyDay, utcnow
from app.queries.access import EVERYTHING, AccountScope
from app.queries.analytics import Failure, Figures, Overview, get_overview
from app.services import usage


def today() -> date:
    """Asked anew each time: a long run of the tests may see midnight."""
    return utcnow().date()


def days_ago(days: int) -> datetime:
    """Noon would be in the future before noon, so today is now."""
    return utcnow() - timedelta(days=days)


def overview(days: int = 30, scope: AccountScope = EVERYTHING, **place: Any) -> Overview:
    return get_overview(scope, start=today() - timedelta(days=days - 1), end=today(), **place)


def read(at: datetime) -> dict[str, Any]:
    stations = {"sent_at": at, "delivered_at": at, "read_at": at}
    return {"status": MessageStatus.READ, "created_at": at, **stations}


def failed(at: datetime, code: int | None, **values: Any) -> dict[str, Any]:
    return {"status": MessageStatus.FAILED, "created_at": at, "error_code": code, **values}


@pytest.fixture
def conversation(make: Any) -> Conversation:
    found: Conversation = make.conversation()
    return found


def test_a_message_counts_once_and_by_how_far_it_came(make: Any, conversation: Conversation) -> None:
    now = utcnow()
    make.message(conversation)
    make.message(conversation, status=MessageStatus.SENT, sent_at=now)
    make.message(conversation, status=MessageStatus.DELIVERED, sent_at=now, delivered_at=now)
    make.message(conversation, status=MessageStatus.READ, sent_at=now, read_at=now)
    make.message(conversation, outbound=False)
    assert overview().total == Figures(sent=3, delivered=2, read=1, failed=0, received=1)


def test_what_failed_after_meta_took_it_is_failed_and_not_sent(make: Any, conversation: Conversation) -> None:
    make.message(conversation, **failed(utcnow(), 131049, sent_at=utcnow()))
    make.message(conversation, **read(utcnow()))
    total = overview().total
    assert (total.sent, total.failed, total.failure_rate, total.delivery_rate) == (1, 1, 0.5, 1.0)


@pytest.mark.parametrize("days", [0, 1, 2, 5])
def test_a_day_counts_the_same_before_and_after_the_roll_up(
    make: Any, conversation: Conversation, days: int
) -> None:
    make.message(conversation, **read(days_ago(days)))
    make.message(conversation, **failed(days_ago(days), 131026))
    make.message(conversation, outbound=False, created_at=days_ago(days))
    usage.roll_up()
    shown = {entry.day: entry.figures for entry in overview().days}
    assert shown[today() - timedelta(days=days)] == Figures(1, 1, 1, 1, 1)
    assert sum(shown.values(), Figures()) == Figures(1, 1, 1, 1, 1)


def test_a_change_after_the_roll_up_is_counted_by_the_next(make: Any, conversation: Conversation) -> None:
    at = days_ago(5)
    message = make.message(
        conversation, status=MessageStatus.DELIVERED, created_at=at, sent_at=at, delivered_at=at
    )
    usage.roll_up()
    message.read_at = utcnow()
    db.session.add(UsageDirtyDay(phone_number_id=message.phone_number_id, day=at.date()))
    db.session.commit()
    assert overview().total.read == 0
    usage.roll_up()
    assert overview().total.read == 1


def test_every_day_of_the_range_has_an_entry_and_no_other(make: Any, conversation: Conversation) -> None:
    make.message(conversation, outbound=False, created_at=days_ago(7))
    make.message(conversation, outbound=False, created_at=days_ago(6))
    usage.roll_up()
    found = overview(7)
    assert [entry.day for entry in found.days] == [today() - timedelta(days=n) for n in range(6, -1, -1)]
    assert (found.total.received, found.before.received) == (1, 1)


def test_as_many_days_before_are_for_comparison(make: Any, conversation: Conversation) -> None:
    for days in (0, 1, 8, 9, 10, 20):
        make.message(conversation, **read(days_ago(days)))
    usage.roll_up()
    found = overview(7)
    assert (found.total.sent, found.before.sent) == (2, 3)


def test_failures_are_counted_by_code_most_first(make: Any, conversation: Conversation) -> None:
    for days in (0, 1, 5):
        make.message(conversation, **failed(days_ago(days), 131049))
    make.message(conversation, **failed(days_ago(5), 131026))
    make.message(conversation, **failed(days_ago(5), 131026))
    make.message(conversation, **failed(days_ago(0), None))
    usage.roll_up()
    assert overview().failures == [Failure(131049, 3), Failure(131026, 2), Failure(None, 1)]


def test_numbers_and_accounts_are_counted_apart(make: Any, conversation: Conversation) -> None:
    account: Account = conversation.account
    second = make.number(account)
    other = make.conversation(account)
    other.phone_number_id = second.id
    db.session.commit()
    elsewhere = make.conversation()
    for days in (0, 4):
        make.message(conversation, **read(days_ago(days)))
        make.message(other, outbound=False, created_at=days_ago(days))
        make.message(elsewhere, **failed(days_ago(days), 131026))
    usage.roll_up()
    found = overview()
    numbers = {entry.phone_number_id: entry.figures for entry in found.numbers}
    assert numbers[conversation.phone_number_id].read == 2
    assert numbers[second.id] == Figures(received=2)
    assert {entry.account_id: entry.figures.failed for entry in found.accounts} == {
        account.id: 0,
        elsewhere.account_id: 2,
    }
    assert overview(phone_number_id=second.id).total == Figures(received=2)
    assert overview(account_id=account.id).failures == []


def test_only_what_one_may_see_is_counted(make: Any, conversation: Conversation) -> None:
    elsewhere = make.conversation(unread_count=2)
    for days in (0, 4):
        make.message(conversation, **read(days_ago(days)))
        make.message(elsewhere, **failed(days_ago(days), 131026))
    usage.roll_up()
    found = overview(scope=AccountScope(frozenset({conversation.account_id})))
    assert (found.total.sent, found.total.failed, found.failures) == (2, 0, [])
    assert [entry.account_id for entry in found.accounts] == [conversation.account_id]
    assert (found.open_conversations, found.unread_conversations) == (1, 0)
    assert overview(scope=AccountScope(frozenset())).total == Figures()


def test_windows_and_unread_are_those_of_now(make: Any) -> None:
    account = make.account()
    make.conversation(account, unread_count=1)
    make.conversation(account)
    make.conversation(account, window_open=False, unread_count=4)
    found = get_overview(EVERYTHING, start=date(2026, 1, 1), end=date(2026, 1, 31))
    assert (found.open_conversations, found.unread_conversations) == (2, 2)


def test_a_day_of_the_roll_up_is_not_counted_again_from_its_messages(
    make: Any, conversation: Conversation
) -> None:
    """Old messages may have been deleted; the log of the day stays what it was."""
    day = days_ago(10).date()
    db.session.add(
        AccountUsageLog(
            account_id=conversation.account_id,
            phone_number_id=conversation.phone_number_id,
            day=day,
            sent=7,
            delivered=6,
            read=5,
        )
    )
    db.session.commit()
    make.message(conversation, **read(days_ago(10)))
    assert overview().total == Figures(sent=7, delivered=6, read=5)
