"""Old messages go by whole days; figures stay, and so does what is still under way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from flask import current_app
from sqlalchemy import func, select

from app.extensions import db
from app.models import (
    Account,
    AccountUsageLog,
    Conversation,
    MediaDeletion,
    MediaFile,
    Message,
    MessageStatus,
    MessageStatusEvent,
    User,
)
from app.queries.access import SYSTEM
from app.services import retention, usage
from app.services.account_zones import set_time_zone
from app.services.usage_check import check_usage
from tests.support.factories import Factory
from tests.support.pages import PageClient
from tests.support.retention import purge

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def received(make: Factory, conversation: Conversation, at: datetime, **values: object) -> Message:
    return make.message(conversation, outbound=False, created_at=at, occurred_at=at, **values)


def texts() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(Message.text_content).order_by(Message.created_at)))


def figures(account: Account) -> dict[date, tuple[int, int, int]]:
    db.session.rollback()
    rows = db.session.scalars(select(AccountUsageLog).where(AccountUsageLog.account_id == account.id))
    return {row.day: (row.sent, row.received, row.unique_people) for row in rows if row.unique_people}


def count_old(days: int) -> int:
    (kind,) = [kind for kind in retention.KINDS if kind.name == "messages"]
    return retention.count_old(kind, current_app.config["SETTINGS"], days)


@pytest.mark.parametrize(
    "zone, left",
    [
        # Ten days ago it was noon in UTC: the day that this moment was in stays whole.
        ("UTC", ["10th, 00:30", "10th, 23:30"]),
        ("America/Sao_Paulo", ["10th, 23:30"]),
        ("Pacific/Kiritimati", ["10th, 23:30"]),
    ],
)
def test_a_day_goes_as_a_whole_where_the_account_is(make: Factory, zone: str, left: list[str]) -> None:
    conversation = make.conversation(make.account(time_zone=zone))
    for day, hour in ((9, 0), (9, 8), (10, 0), (10, 23)):
        at = datetime(2026, 11, day, hour, 30, tzinfo=UTC)
        received(make, conversation, at, text_content=f"{day}th, {hour:02}:30")
    going = 4 - len(left)
    assert (count_old(10), purge("messages", 10), purge("messages", 10)) == (going, going, 0)
    assert texts() == left


def test_figures_of_days_that_went_stay_and_are_believed(make: Factory) -> None:
    account = make.account()
    conversation = make.conversation(account)
    for days in (30, 20, 3):
        at = NOW - timedelta(days=days)
        received(make, conversation, at)
        make.message(conversation, created_at=at, status=MessageStatus.SENT, sent_at=at)
    open_one = make.message(conversation, created_at=NOW - timedelta(days=20), text_content="waits")
    usage.roll_up()
    before = figures(account)
    assert len(before) == 3
    assert purge("messages", 10) == 4
    assert figures(account) == before
    assert check_usage(mend=True) == []
    # Nor does a change of what was left behind count the day again.
    open_one.status, open_one.sent_at = MessageStatus.SENT, NOW
    db.session.commit()
    usage.count_day(open_one.phone_number_id, (NOW - timedelta(days=20)).date())
    assert figures(account) == before


def test_a_day_that_nobody_had_counted_is_counted_before_it_goes(make: Factory) -> None:
    account = make.account()
    for days in (90, 70):
        received(make, make.conversation(account), NOW - timedelta(days=days))
    assert purge("messages", 80) == 1
    assert figures(account) == {
        (NOW - timedelta(days=90)).date(): (0, 1, 1),
        (NOW - timedelta(days=70)).date(): (0, 1, 1),
    }


def test_figures_outlive_a_change_of_the_time_zone(make: Factory) -> None:
    account = make.account(time_zone="UTC")
    at = datetime(2026, 10, 5, 12, 0, tzinfo=UTC)
    received(make, make.conversation(account), at)
    purge("messages", 30)
    before = figures(account)
    set_time_zone(account=account, name="Pacific/Kiritimati", actor=SYSTEM)
    usage.roll_up()
    assert before == figures(account) == {at.date(): (0, 1, 1)}
    assert check_usage(mend=True) == []


@pytest.mark.parametrize("status", [MessageStatus.QUEUED, MessageStatus.SENDING, MessageStatus.UNCONFIRMED])
def test_what_is_under_way_stays_however_old(make: Factory, status: MessageStatus) -> None:
    at = NOW - timedelta(days=60)
    make.message(make.conversation(), created_at=at, status=status)
    assert (count_old(1), purge("messages", 1)) == (0, 0)
    assert len(texts()) == 1


def test_the_last_message_of_an_open_window_stays(make: Factory) -> None:
    at = NOW - timedelta(days=5)
    conversation = make.conversation(last_inbound_at=NOW - timedelta(hours=23))
    received(make, conversation, at, text_content="first")
    last = received(make, conversation, at, text_content="last")
    conversation.last_message_id, conversation.last_message_preview = last.id, "last"
    db.session.commit()
    assert purge("messages", 2) == 1
    assert texts() == ["last"]
    conversation.last_inbound_at = NOW - timedelta(hours=25)
    db.session.commit()
    assert purge("messages", 2) == 1
    db.session.refresh(conversation)
    assert (conversation.last_message_id, conversation.last_message_preview) == (None, "")


def test_today_and_yesterday_always_stay(make: Factory) -> None:
    conversation = make.conversation(last_inbound_at=None)
    for hours in (1, 13, 35, 37):
        received(make, conversation, NOW - timedelta(hours=hours), text_content=f"{hours} hours ago")
    assert purge("messages", 1) == 1
    assert texts() == ["35 hours ago", "13 hours ago", "1 hours ago"]


def test_all_that_hangs_on_a_message_goes_with_it(make: Factory) -> None:
    message = received(make, make.conversation(), NOW - timedelta(days=5))
    file = make.media_file(message, b"a picture")
    key = file.store_key
    values = {"status": "delivered", "occurred_at": NOW, "wamid": message.wamid}
    db.session.add(MessageStatusEvent(account_id=message.account_id, message_id=message.id, **values))
    db.session.commit()
    assert purge("messages", 2) == 1
    for model in (MediaFile, MessageStatusEvent, Message):
        assert db.session.scalar(select(func.count()).select_from(model)) == 0
    assert list(db.session.scalars(select(MediaDeletion.store_key))) == [key]


def test_a_conversation_whose_messages_went_still_opens(
    make: Factory, page: PageClient, sign_in: Callable[..., User]
) -> None:
    sign_in("owner")
    message = received(
        make, make.conversation(last_inbound_at=None), NOW - timedelta(days=5), text_content="Is it ready?"
    )
    conversation = message.conversation
    conversation.last_message_id, conversation.last_message_preview = message.id, "Is it ready?"
    conversation.unread_count, before = 1, conversation.version
    db.session.commit()
    purge("messages", 2)
    shown = page.get("console.thread", conversation_id=conversation.id)
    assert "Is it ready?" not in shown.text()
    assert (conversation.unread_count, conversation.version > before) == (0, True)


def test_unless_a_period_is_set_messages_stay_for_ever(make: Factory) -> None:
    received(make, make.conversation(), NOW - timedelta(days=4_000))
    retention.clean_up(current_app.config["SETTINGS"])
    assert len(texts()) == 1
