"""Daily figures: counted once when the day is over, and again when they change afterwards."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.models import AccountUsageLog, MessageStatus, UsageChange, UsageDirtyDay, hour_of, utcnow
from app.services import event_work, usage
from tests.support.factories import Factory
from tests.support.webhooks import Meta, status


def test_a_finished_day_is_counted_by_what_became_of_its_messages(make: Factory) -> None:
    conversation = make.conversation()
    yesterday = utcnow() - timedelta(days=1)
    done = {"created_at": yesterday, "sent_at": yesterday}
    make.message(conversation, status=MessageStatus.READ, read_at=yesterday, **done)
    make.message(conversation, status=MessageStatus.DELIVERED, delivered_at=yesterday, **done)
    make.message(conversation, status=MessageStatus.FAILED, error_code=131026, created_at=yesterday)
    make.message(conversation, outbound=False, created_at=yesterday)
    make.message(conversation, status=MessageStatus.SENT, sent_at=utcnow())
    usage.roll_up()
    row = db.session.scalars(select(AccountUsageLog)).one()
    assert (row.sent, row.delivered, row.read, row.failed, row.received) == (2, 2, 1, 1, 1)
    assert row.failures == {"131026": 1}
    assert row.day == yesterday.date()


def test_rolling_up_twice_changes_nothing(make: Factory) -> None:
    yesterday = utcnow() - timedelta(days=1)
    make.message(make.conversation(), status=MessageStatus.SENT, created_at=yesterday, sent_at=yesterday)
    assert usage.roll_up() == 1
    assert usage.roll_up() == 0
    assert db.session.scalars(select(AccountUsageLog)).one().sent == 1


def test_a_message_read_the_morning_after_is_counted_on_its_own_day(make: Factory, app: Flask) -> None:
    account = make.account()
    yesterday = utcnow() - timedelta(days=1)
    make.message(
        make.conversation(account),
        status=MessageStatus.SENT,
        wamid="wamid.LATE",
        created_at=yesterday,
        sent_at=yesterday,
    )
    usage.roll_up()
    Meta(app).tell(account, status(account, "read", "wamid.LATE"))
    event_work.work_off()
    assert hour_of(yesterday) in db.session.scalars(select(UsageChange.hour_at)).all()
    assert usage.roll_up() == 1
    row = db.session.scalars(select(AccountUsageLog)).one()
    assert (row.sent, row.read) == (1, 1)
    assert db.session.scalars(select(UsageDirtyDay)).all() == []
