"""Days of an account's own time zone, and what they are made of."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from app.errors import InvalidFields
from app.extensions import db
from app.models import (
    Account,
    AccountUsageLog,
    Conversation,
    GraphCall,
    Message,
    MessagePriority,
    MessageStatus,
    UsageDirtyDay,
)
from app.queries.access import EVERYTHING, SYSTEM
from app.queries.analytics import get_overview
from app.queries.message_template_usage import NameUsage, sum_names
from app.queries.usage_days import list_number_days, sum_by_day, sum_by_month
from app.services import usage, usage_changes
from app.services.account_zones import set_time_zone
from app.services.usage_check import check_usage
from tests.support.factories import Factory

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def received(make: Factory, conversation: Conversation, at: datetime, **values: object) -> Message:
    return make.message(conversation, outbound=False, created_at=at, **values)


def kept(account: Account) -> dict[date, int]:
    db.session.rollback()
    rows = db.session.scalars(select(AccountUsageLog).where(AccountUsageLog.account_id == account.id))
    return {row.day: row.received for row in rows if row.received}


@pytest.mark.parametrize(
    "zone, day",
    [
        ("UTC", date(2026, 11, 10)),
        ("America/Sao_Paulo", date(2026, 11, 10)),  # 20:45
        ("Asia/Kolkata", date(2026, 11, 11)),  # 05:15
        ("Pacific/Kiritimati", date(2026, 11, 11)),
    ],
)
def test_a_message_belongs_to_the_day_it_is_where_the_account_is(make: Factory, zone: str, day: date) -> None:
    with time_machine.travel(NOW, tick=False):
        account = make.account(time_zone=zone)
        received(make, make.conversation(account), datetime(2026, 11, 10, 23, 45, tzinfo=UTC))
        usage.roll_up()
        assert kept(account) == {day: 1}
        assert check_usage(mend=False) == []


@pytest.mark.parametrize("is_counted_ahead", [True, False])
@pytest.mark.parametrize(
    "zone", ["Asia/Kolkata", "Asia/Kathmandu", "Pacific/Kiritimati", "Pacific/Pago_Pago"]
)
def test_the_last_two_days_end_where_midnight_is_there(
    make: Factory, zone: str, is_counted_ahead: bool
) -> None:
    """On all sides of both midnights, whether hours are counted ahead or not."""
    with time_machine.travel(NOW, tick=False):
        account = make.account(time_zone=zone)
        conversation = make.conversation(account)
        there = datetime.now(UTC).astimezone(usage.zone_or_utc(zone))
        midnight = there.replace(hour=0, minute=0)
        moments = (
            midnight - timedelta(days=1, minutes=1),
            midnight - timedelta(days=1),
            midnight - timedelta(minutes=1),
            midnight,
            midnight + timedelta(minutes=1),
        )
        for at in moments:
            received(make, conversation, at.astimezone(UTC))
        if is_counted_ahead:
            usage.count_hours()
        today = there.date()
        found = get_overview(EVERYTHING, start=today - timedelta(days=1), end=today)
        assert [entry.figures.received for entry in found.days] == [2, 2]


def test_accounts_side_by_side_have_each_their_own_days(make: Factory) -> None:
    with time_machine.travel(NOW, tick=False):
        at = NOW.replace(hour=2)
        for zone in ("UTC", "America/New_York"):
            received(make, make.conversation(make.account(time_zone=zone)), at)
        usage.count_hours()
        found = get_overview(EVERYTHING, start=date(2026, 11, 19), end=date(2026, 11, 20))
        assert [entry.figures.received for entry in found.days] == [1, 1]


def test_a_day_of_a_changed_clock_has_all_its_hours(make: Factory) -> None:
    """25 October 2026 has 25 hours in Berlin: from 22:00 to 23:00 UTC of the day after next midnight."""
    with time_machine.travel(NOW, tick=False):
        account = make.account(time_zone="Europe/Berlin")
        conversation = make.conversation(account)
        for hour in range(25):
            at = datetime(2026, 10, 24, 22, 30, tzinfo=UTC) + timedelta(hours=hour)
            received(make, conversation, at)
        usage.roll_up()
        assert kept(account) == {date(2026, 10, 25): 25}


def test_moving_an_account_counts_its_days_anew(make: Factory) -> None:
    with time_machine.travel(NOW, tick=False):
        account = make.account()
        received(make, make.conversation(account), datetime(2026, 11, 10, 23, 45, tzinfo=UTC))
        usage.roll_up()
        assert kept(account) == {date(2026, 11, 10): 1}
        set_time_zone(account=account, name="Asia/Tokyo", actor=SYSTEM)
        usage.roll_up()
        assert kept(account) == {date(2026, 11, 11): 1}
        assert db.session.scalars(select(UsageDirtyDay)).all() == []
        assert check_usage(mend=False) == []


def test_moving_west_leaves_no_half_counted_day(make: Factory) -> None:
    """Yesterday in UTC is today in Samoa: it was counted, and goes on."""
    with time_machine.travel(NOW.replace(hour=3), tick=False) as clock:
        account = make.account()
        conversation = make.conversation(account)
        received(make, conversation, datetime(2026, 11, 19, 20, 0, tzinfo=UTC))
        usage.roll_up()
        set_time_zone(account=account, name="Pacific/Pago_Pago", actor=SYSTEM)
        usage.roll_up()
        received(make, conversation, datetime(2026, 11, 20, 4, 0, tzinfo=UTC))
        clock.move_to(NOW + timedelta(days=2))
        usage.roll_up()
        assert kept(account) == {date(2026, 11, 19): 2}


def test_a_zone_that_no_machine_knows_is_refused(make: Factory) -> None:
    account = make.account()
    with pytest.raises(InvalidFields) as refused:
        set_time_zone(account=account, name="Mars/Olympus", actor=SYSTEM)
    assert [problem.field for problem in refused.value.problems] == ["time_zone"]
    assert account.time_zone == "UTC"


def _a_full_day(make: Factory, account: Account) -> None:
    first, second = make.conversation(account), make.conversation(account)
    at = NOW - timedelta(days=5)
    sent = {"created_at": at, "sent_at": at, "status": MessageStatus.DELIVERED, "delivered_at": at}
    priced = {"pricing_category": "marketing", "pricing_type": "regular"}
    make.message(first, message_type="template", **sent, **priced)
    make.message(second, message_type="template", **sent, **priced)
    make.message(
        first,
        priority=MessagePriority.BOT,
        **sent,
        pricing_category="service",
        pricing_type="free_customer_service",
    )
    make.message(first, status=MessageStatus.FAILED, created_at=at, priority=MessagePriority.BOT, **priced)
    received(make, first, at, message_type="image")
    number = account.phone_numbers[0]
    paths = (
        f"{number.meta_id}/messages",
        f"{number.meta_id}/messages",
        f"{account.meta_id}/message_templates",
    )
    for path in paths:
        call = GraphCall(account_id=account.id, at=at, method="GET", path=path, outcome="ok", duration_ms=1)
        db.session.add(call)
    db.session.commit()


def test_a_day_says_what_it_is_made_of(make: Factory) -> None:
    with time_machine.travel(NOW, tick=False):
        account = make.account()
        _a_full_day(make, account)
        usage.roll_up()
        row = db.session.scalars(select(AccountUsageLog).where(AccountUsageLog.sent > 0)).one()
        assert row.kinds == {"template": {"sent": 2}, "text": {"sent": 1}, "image": {"received": 1}}
        assert row.pricing == {"marketing": {"regular": 2}, "service": {"free_customer_service": 1}}
        assert (row.bot_replies, row.unique_people, row.api_calls) == (1, 2, 3)


def test_a_day_counts_the_messages_of_each_message_template_too(make: Factory) -> None:
    with time_machine.travel(NOW, tick=False):
        account = make.account()
        conversation, at = make.conversation(account), NOW - timedelta(days=5)
        sent = {"created_at": at, "sent_at": at, "message_type": "template"}
        sent["content"] = {"name": "order_update"}
        make.message(conversation, status=MessageStatus.SENT, **sent)
        late = make.message(conversation, status=MessageStatus.DELIVERED, delivered_at=at, **sent)
        make.message(conversation, status=MessageStatus.FAILED, **sent)
        make.message(conversation, status=MessageStatus.SENT, **{**sent, "message_type": "text"})
        usage.roll_up()
        assert sum_names([account.id]) == {(account.id, "order_update"): NameUsage(2, 1, 0)}
        late.read_at = NOW
        usage_changes.note([(late.phone_number_id, late.created_at)])
        db.session.commit()
        usage.roll_up()
        assert sum_names([account.id]) == {(account.id, "order_update"): NameUsage(2, 1, 1)}
        (day,) = [row.usage for row in list_number_days(account, at.date(), at.date())]
        assert set(day.kinds) == {"template", "text"}


def test_calls_about_the_account_count_with_its_first_number(make: Factory) -> None:
    with time_machine.travel(NOW, tick=False):
        account = make.account()
        second = make.number(account)
        _a_full_day(make, account)
        at = NOW - timedelta(days=5)
        path = f"{second.meta_id}/messages"
        call = GraphCall(account_id=account.id, at=at, method="POST", path=path, outcome="ok", duration_ms=1)
        db.session.add(call)
        conversation = make.conversation(account)
        conversation.phone_number_id = second.id
        received(make, conversation, at)
        usage.roll_up()
        rows = db.session.scalars(select(AccountUsageLog).where(AccountUsageLog.day == at.date()))
        assert {row.phone_number_id: row.api_calls for row in rows} == {
            account.phone_numbers[0].id: 3,
            second.id: 1,
        }


def test_calls_that_are_not_kept_any_more_stay_counted(make: Factory) -> None:
    with time_machine.travel(NOW, tick=False):
        account = make.account()
        _a_full_day(make, account)
        usage.roll_up()
        db.session.query(GraphCall).delete()
        db.session.commit()
        usage.count_day(account.phone_numbers[0].id, (NOW - timedelta(days=5)).date())
        row = db.session.scalars(select(AccountUsageLog).where(AccountUsageLog.sent > 0)).one()
        assert row.api_calls == 3


def test_a_day_whose_messages_were_deleted_stays_as_it_was(make: Factory) -> None:
    with time_machine.travel(NOW, tick=False):
        account = make.account()
        _a_full_day(make, account)
        usage.roll_up()
        db.session.query(Message).delete()
        db.session.commit()
        usage.count_day(account.phone_numbers[0].id, (NOW - timedelta(days=5)).date())
        row = db.session.scalars(select(AccountUsageLog).where(AccountUsageLog.sent > 0)).one()
        assert (row.sent, row.unique_people, row.kinds["template"]) == (3, 2, {"sent": 2})


def test_today_is_told_as_finished_days_are(make: Factory) -> None:
    """The same day, shown while it lasts and once it is over, has the same figures."""
    account = make.account()
    with time_machine.travel(NOW - timedelta(days=5) + timedelta(minutes=5), tick=False):
        _a_full_day(make, account)
        day = (NOW - timedelta(days=5)).date()
        (running,) = sum_by_day(list_number_days(account, day, day), day, day)
    with time_machine.travel(NOW, tick=False):
        usage.roll_up()
        (over,) = sum_by_day(list_number_days(account, day, day), day, day)
    assert running == over
    assert over.people == 2


def test_months_are_the_sums_of_their_days(make: Factory) -> None:
    with time_machine.travel(NOW, tick=False):
        account = make.account()
        conversation = make.conversation(account)
        for day in (date(2026, 9, 30), date(2026, 10, 1), date(2026, 10, 31), date(2026, 11, 20)):
            received(make, conversation, datetime(day.year, day.month, day.day, 1, tzinfo=UTC))
        usage.roll_up()
        start, end = date(2026, 9, 1), date(2026, 11, 20)
        months = sum_by_month(list_number_days(account, start, end), start, end)
        assert [(month.day.month, month.figures.received) for month in months] == [(9, 1), (10, 2), (11, 1)]
