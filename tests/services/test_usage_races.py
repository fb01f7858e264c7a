"""Two transactions at a time: a change of figures, and a count that cannot see it yet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, text

from app.extensions import db
from app.graph.webhooks import InboundMessage, StatusUpdate, loads, parse
from app.models import Account, Message, MessageStatus, UsageDirtyDay, utcnow
from app.queries.analytics import Figures
from app.services import usage
from app.services.inbound import Inbox
from app.services.statuses import Statuses
from tests.support.factories import Factory
from tests.support.usage import HOUR, assert_days_are_true_to_the_messages, hour_row, overview
from tests.support.webhooks import change, envelope, status, text_message


@pytest.fixture
def elsewhere(app: Flask, database_kind: str) -> Callable[[], Any]:
    """`with elsewhere():` another connection, while this one's transaction stays open."""
    if database_kind == "sqlite":
        pytest.skip("SQLite has one writer at a time")

    @contextmanager
    def other() -> Iterator[None]:
        with app.app_context():
            # Whoever waits here for the open transaction would wait for ever.
            db.session.execute(text("SET lock_timeout = '3s'"))
            yield
            db.session.execute(text("SET lock_timeout = 0"))
            db.session.commit()

    return other


def sent_messages(make: Factory, count: int, at: datetime) -> list[Message]:
    """Of one number and hour."""
    account = make.account()
    return [
        make.message(
            make.conversation(account),
            status=MessageStatus.SENT,
            wamid=f"wamid.RACE{number}",
            created_at=at,
            sent_at=at,
        )
        for number in range(count)
    ]


def store_status(message: Message, word: str) -> None:
    """As a worker does, up to the commit."""
    account = message.account
    (item,) = parse(loads(envelope(change(account, status(account, word, str(message.wamid)))))).items
    assert isinstance(item, StatusUpdate)
    batch = Statuses([(account.id, item)])
    batch.apply(account.id, item)
    batch.store()


@pytest.mark.parametrize("is_counted_before", [True, False])
def test_a_change_that_no_count_could_see_yet_is_counted_after_it(
    make: Factory, elsewhere: Callable[[], Any], is_counted_before: bool
) -> None:
    first, second = sent_messages(make, 2, utcnow() - 2 * HOUR)
    if is_counted_before:
        usage.count_hours()
    # The hour is known as changed already, and is so no more after a count that does not see the first one.
    store_status(second, "delivered")
    db.session.commit()
    store_status(first, "read")
    with elsewhere():
        usage.count_hours()
        assert overview().total == Figures(sent=2, delivered=1)
    db.session.commit()
    assert overview().total == Figures(sent=2, delivered=2, read=1)
    usage.count_hours()
    assert (hour_row(first).delivered, hour_row(first).read) == (2, 1)


def test_a_finished_day_misses_no_change_that_its_count_could_not_see(
    make: Factory, elsewhere: Callable[[], Any]
) -> None:
    first, second = sent_messages(make, 2, utcnow() - timedelta(days=5))
    usage.roll_up()
    store_status(second, "delivered")
    db.session.commit()
    usage.count_hours()
    # The day is marked already, and the mark goes with a count that does not see the first one's change.
    assert db.session.scalars(select(UsageDirtyDay.day)).one() == first.created_at.date()
    store_status(first, "read")
    with elsewhere():
        usage.roll_up()
    db.session.commit()
    usage.roll_up()
    assert_days_are_true_to_the_messages()


def test_a_message_stored_while_its_hour_is_counted_is_not_missed(
    make: Factory, elsewhere: Callable[[], Any]
) -> None:
    account = make.account()
    now = utcnow()
    with time_machine.travel(now, tick=False) as clock:
        store_message(account)
        clock.shift(HOUR)
        with elsewhere():
            assert usage.count_hours() > 0
        db.session.commit()
        assert overview().total == Figures(received=1)
        usage.count_hours()
        assert hour_row(db.session.scalars(select(Message)).one()).received == 1


def store_message(account: Account) -> None:
    """As a worker does, up to the commit."""
    (item,) = parse(loads(envelope(change(account, text_message(account))))).items
    assert isinstance(item, InboundMessage)
    inbox = Inbox([(account.id, item)])
    inbox.receive(account, item)
    inbox.store()


def test_nobody_who_changes_an_hour_waits_for_another(make: Factory, elsewhere: Callable[[], Any]) -> None:
    first, second = sent_messages(make, 2, utcnow() - 2 * HOUR)
    usage.count_hours()
    store_status(first, "read")
    with elsewhere():
        store_status(db.session.get_one(Message, second.id), "read")
        db.session.commit()
        usage.count_hours()
    db.session.commit()
    assert overview().total.read == 2
