"""Hours counted ahead: whatever happens, in whatever order, the figures are those of the messages."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import delete, func, select, text, update

from app.extensions import db
from app.graph.errors import GraphRejected, GraphUnconfirmed
from app.graph.messages import SentMessage
from app.graph.webhooks import InboundMessage, StatusUpdate, loads, parse
from app.models import (
    Account,
    AccountUsageLog,
    Conversation,
    Message,
    MessageStatus,
    UsageChange,
    UsageDirtyDay,
    UsageHour,
    hour_of,
    utcnow,
)
from app.queries.access import EVERYTHING, SYSTEM
from app.queries.analytics import Failure, Figures, Overview, get_overview
from app.services import accounts, claiming, event_work, messages, outcomes, settling, usage
from app.services.inbound import Inbox
from app.services.sending import Outcome
from app.services.statuses import Statuses
from tests.support.factories import Factory
from tests.support.sandbox import RunningSandbox
from tests.support.webhooks import Meta, change, envelope, status, text_message

HOUR = timedelta(hours=1)
CODES = (131026, 131049, 130472)


def overview() -> Overview:
    """Yesterday and today, read as a page reads it."""
    db.session.rollback()
    today = utcnow().date()
    return get_overview(EVERYTHING, start=today - timedelta(days=1), end=today)


def figures_of(message: Message) -> Figures:
    """What one message adds, told without the database."""
    if not message.is_outbound:
        return Figures(received=1)
    is_failed = message.status is MessageStatus.FAILED
    return Figures(
        sent=int(message.sent_at is not None and not is_failed),
        delivered=int(message.delivered_at is not None or message.read_at is not None),
        read=int(message.read_at is not None),
        failed=int(is_failed),
    )


def assert_true_to_the_messages() -> None:
    found = overview()
    days = {entry.day: Figures() for entry in found.days}
    numbers: dict[int, Figures] = {}
    failures: dict[int | None, int] = {}
    for message in db.session.scalars(select(Message)):
        day = message.created_at.date()
        if day in days:
            one = figures_of(message)
            days[day] += one
            numbers[message.phone_number_id] = numbers.get(message.phone_number_id, Figures()) + one
            if one.failed:
                failures[message.error_code] = failures.get(message.error_code, 0) + 1
    assert {entry.day: entry.figures for entry in found.days} == days
    counted = {entry.phone_number_id: entry.figures for entry in found.numbers}
    assert counted == {id_: figures for id_, figures in numbers.items() if figures != Figures()}
    assert {failure.code: failure.count for failure in found.failures} == failures
    db.session.rollback()


def assert_days_are_true_to_the_messages() -> None:
    """Of every finished day, once it is rolled up."""
    days: dict[tuple[int, Any], Figures] = {}
    for message in db.session.scalars(select(Message)):
        key = message.phone_number_id, message.created_at.date()
        days[key] = days.get(key, Figures()) + figures_of(message)
    logs = {
        (row.phone_number_id, row.day): Figures(row.sent, row.delivered, row.read, row.failed, row.received)
        for row in db.session.scalars(select(AccountUsageLog))
    }
    today = utcnow().date()
    finished = {key: figures for key, figures in days.items() if key[1] < today and figures != Figures()}
    assert {key: figures for key, figures in logs.items() if figures != Figures()} == finished


def hour_row(message: Message) -> UsageHour:
    db.session.rollback()
    return db.session.get_one(
        UsageHour, (message.phone_number_id, hour_of(message.created_at)), populate_existing=True
    )


class Traffic:
    """Two accounts with three numbers, and everything that may happen to their messages."""

    def __init__(self, app: Flask, make: Factory, seed: int) -> None:
        self._meta = Meta(app)
        self._chance = random.Random(seed)
        self._ids = itertools.count(1)
        self._accounts: list[Account] = [make.account(), make.account()]
        second = make.number(self._accounts[0])
        self.conversations: list[Conversation] = [
            make.conversation(account, last_inbound_at=utcnow() + timedelta(hours=70))
            for account in (*self._accounts, *self._accounts)
        ]
        self.conversations[-2].phone_number_id = second.id
        db.session.commit()
        self.happenings: tuple[Callable[[], object], ...] = (
            *[self.send] * 5,
            *[self.hear] * 3,
            *[self.tell_statuses] * 10,
            self.expire,
            self.again,
            self.leave,
            self.echo_before_the_answer,
            *[usage.count_hours] * 6,
            usage.roll_up,
        )

    def happen(self) -> None:
        self._chance.choice(self.happenings)()

    def _conversation(self) -> Conversation:
        return self._chance.choice(self.conversations)

    def _queue(self) -> Message:
        return messages.queue_text(conversation=self._conversation(), body="Hello", actor=SYSTEM)

    def send(self) -> None:
        """One to three, each accepted or refused."""
        for _ in range(self._chance.randint(1, 3)):
            self._queue()
        outgoing = claiming.claim("test", 9).outgoing
        outcomes.record(
            [
                Outcome(one, sent=SentMessage(f"wamid.OUT{next(self._ids)}"))
                if self._chance.random() < 0.8
                else Outcome(one, error=GraphRejected("No", code=self._chance.choice(CODES)))
                for one in outgoing
            ]
        )

    def echo_before_the_answer(self) -> None:
        """Statuses may be faster than the answer that tells Meta's id."""
        message = self._queue()
        account, wamid = message.account, f"wamid.OUT{next(self._ids)}"
        self._meta.tell(account, status(account, "delivered", wamid))
        event_work.work_off()
        accepted = [Outcome(one, sent=SentMessage(wamid)) for one in claiming.claim("test", 1).outgoing]
        outcomes.record(accepted)

    def hear(self) -> None:
        account = self._chance.choice(self._accounts)
        post = text_message(account, wa_id=f"4477009{self._chance.randint(10000, 10004)}")
        for _ in range(self._chance.randint(1, 2)):
            self._meta.tell(account, post)
        event_work.work_off()

    def tell_statuses(self) -> None:
        """In any order, late, repeated, and about failures after the fact."""
        known = db.session.scalars(select(Message).where(Message.wamid.like("wamid.OUT%"))).all()
        facts = [(message.account, str(message.wamid)) for message in known]
        for account, wamid in self._chance.sample(facts, min(len(facts), 3)):
            word = self._chance.choice(("sent", "delivered", "read", "read", "played", "failed"))
            errors = [{"code": self._chance.choice(CODES), "title": "No"}] if word == "failed" else []
            self._meta.tell(account, status(account, word, wamid, errors=errors))
        event_work.work_off()

    def expire(self) -> None:
        messages.queue_text(conversation=self._conversation(), body="Code", actor=SYSTEM)
        db.session.execute(
            update(Message)
            .where(Message.status == MessageStatus.QUEUED)
            .values(expires_at=utcnow() - timedelta(seconds=1))
        )
        db.session.commit()
        settling.fail_expired()

    def again(self) -> None:
        failed = db.session.scalars(select(Message).where(Message.status == MessageStatus.FAILED)).all()
        if failed:
            messages.retry_message(message=self._chance.choice(failed), actor=SYSTEM)

    def leave(self) -> None:
        """The worker vanished, and a person does not send it again."""
        message = self._queue()
        db.session.execute(
            update(Message).where(Message.id == message.id).values(status=MessageStatus.UNCONFIRMED)
        )
        db.session.commit()
        messages.leave_unconfirmed(message=message)


@pytest.mark.parametrize("seed", [1, 2])
def test_figures_are_those_of_the_messages_after_any_mixture(app: Flask, make: Factory, seed: int) -> None:
    begin = utcnow() - timedelta(hours=50)
    chance = random.Random(seed)
    with time_machine.travel(begin, tick=False) as clock:
        traffic = Traffic(app, make, seed)
        for _ in range(60):
            clock.shift(timedelta(minutes=chance.choice((0, 1, 20, 90))))
            traffic.happen()
            assert_true_to_the_messages()
        usage.roll_up()
        assert_days_are_true_to_the_messages()


def test_a_finished_hour_is_not_counted_again_to_be_shown(make: Factory) -> None:
    at = hour_of(utcnow()) - timedelta(minutes=30)
    message = make.message(make.conversation(), outbound=False, created_at=at)
    usage.count_hours()
    hour_row(message).received = 7
    db.session.commit()
    assert overview().total.received == 7


def test_a_quiet_hour_is_counted_once_too(make: Factory) -> None:
    number = make.account().phone_numbers[0]
    assert usage.count_hours() > 0
    assert usage.count_hours() == 0
    rows = db.session.scalars(select(UsageHour).where(UsageHour.phone_number_id == number.id)).all()
    now = utcnow()
    assert len(rows) == 24 + now.hour
    assert {row.received for row in rows} == {0}


def test_the_hour_that_runs_is_counted_from_its_messages(make: Factory) -> None:
    conversation = make.conversation()
    usage.count_hours()
    make.message(conversation, outbound=False)
    assert overview().total.received == 1


def test_without_a_worker_all_is_counted_from_the_messages(make: Factory) -> None:
    conversation = make.conversation()
    for hours in (0, 3, 24):
        make.message(conversation, outbound=False, created_at=utcnow() - hours * HOUR)
    assert_true_to_the_messages()
    assert db.session.scalar(select(func.count()).select_from(UsageHour)) == 0


def test_an_hour_is_counted_again_unasked_after_a_while(make: Factory) -> None:
    """A process of the version before says nothing of what it changes."""
    now = utcnow()
    message = make.message(make.conversation(), outbound=False, created_at=now - 2 * HOUR)
    usage.count_hours()
    hour_row(message).received = 7
    db.session.commit()
    with time_machine.travel(now + timedelta(minutes=59), tick=False):
        usage.count_hours()
        assert hour_row(message).received == 7
    with time_machine.travel(now + timedelta(minutes=61), tick=False):
        usage.count_hours()
        assert hour_row(message).received == 1


def expire(message: Message) -> None:
    message.expires_at = utcnow()
    db.session.commit()
    assert settling.fail_expired() == 1


def close_the_window(message: Message) -> None:
    message.conversation.last_inbound_at = utcnow() - timedelta(days=2)
    db.session.commit()
    claiming.claim("test", 1)


def leave(message: Message) -> None:
    message.status = MessageStatus.UNCONFIRMED
    db.session.commit()
    messages.leave_unconfirmed(message=message)


@pytest.mark.parametrize("end", [expire, close_the_window, leave])
def test_what_ends_hours_later_is_counted_in_the_hour_in_which_it_was_written(
    make: Factory, end: Callable[[Message], None]
) -> None:
    message = make.message(make.conversation(), created_at=utcnow() - 3 * HOUR)
    usage.count_hours()
    end(message)
    assert overview().total == Figures(failed=1)
    usage.count_hours()
    assert hour_row(message).failed == 1


def test_a_failed_message_that_is_sent_again_counts_as_failed_no_more(make: Factory) -> None:
    at = utcnow() - 3 * HOUR
    message = make.message(
        make.conversation(), status=MessageStatus.FAILED, created_at=at, error_code=CODES[0]
    )
    usage.count_hours()
    messages.retry_message(message=message, actor=SYSTEM)
    assert (overview().total, overview().failures) == (Figures(), [])


def test_what_a_closed_account_still_had_to_send_failed_in_its_own_hour(
    make: Factory, sandbox: RunningSandbox
) -> None:
    account = make.sandbox_account(sandbox.new_account())
    make.message(make.conversation(account), created_at=utcnow() - 3 * HOUR)
    usage.count_hours()
    accounts.archive_account(account=account, actor=SYSTEM)
    assert overview().failures == [Failure(None, 1)]


def test_a_kept_status_applied_late_counts_in_the_hour_of_its_message(make: Factory, app: Flask) -> None:
    account = make.account()
    message = messages.queue_text(conversation=make.conversation(account), body="Hello", actor=SYSTEM)
    (outgoing,) = claiming.claim("test", 1).outgoing
    message.created_at = utcnow() - 2 * HOUR
    db.session.commit()
    meta = Meta(app)
    meta.tell(account, status(account, "read", "wamid.ECHO"))
    ours = {"biz_opaque_callback_data": message.client_ref}
    meta.tell(account, status(account, "delivered", "wamid.ECHO", **ours))
    event_work.work_off()
    usage.count_hours()
    assert overview().total == Figures(sent=1, delivered=1)
    outcomes.record([Outcome(outgoing, error=GraphUnconfirmed("No answer"))])
    assert overview().total == Figures(sent=1, delivered=1, read=1)


def test_an_account_that_goes_takes_its_hours_along(make: Factory, app: Flask) -> None:
    account, other = make.account(), make.account()
    usage.count_hours()
    Meta(app).tell(account, text_message(account))
    event_work.work_off()
    assert db.session.scalar(select(func.count()).select_from(UsageChange)) == 1
    db.session.execute(delete(Account).where(Account.id == account.id))
    db.session.commit()
    assert set(db.session.scalars(select(UsageHour.account_id))) == {other.id}
    assert db.session.scalar(select(func.count()).select_from(UsageChange)) == 0


def test_hours_that_nobody_reads_any_more_go(make: Factory) -> None:
    make.account()
    now = utcnow()
    usage.count_hours()
    with time_machine.travel(now + timedelta(days=3), tick=False):
        usage.count_hours()
        oldest = db.session.scalar(select(func.min(UsageHour.hour_at)))
        assert oldest is not None
        assert oldest.date() == (now + timedelta(days=2)).date()


def test_a_change_of_long_ago_is_counted_by_the_roll_up(make: Factory, app: Flask) -> None:
    account = make.account()
    at = utcnow() - timedelta(days=9)
    conversation = make.conversation(account)
    make.message(conversation, status=MessageStatus.SENT, wamid="wamid.OLD", created_at=at, sent_at=at)
    usage.roll_up()
    Meta(app).tell(account, status(account, "read", "wamid.OLD"))
    event_work.work_off()
    usage.count_hours()
    assert db.session.scalars(select(UsageDirtyDay.day)).one() == at.date()
    assert db.session.scalar(select(func.count()).select_from(UsageChange)) == 0
    usage.roll_up()
    assert_days_are_true_to_the_messages()


def test_changes_of_a_running_hour_wait_until_it_is_over(make: Factory, app: Flask) -> None:
    account = make.account()
    now = utcnow()
    Meta(app).tell(account, text_message(account))
    event_work.work_off()
    usage.count_hours()
    assert db.session.scalar(select(func.count()).select_from(UsageChange)) == 1
    with time_machine.travel(now + HOUR, tick=False):
        usage.count_hours()
        assert db.session.scalar(select(func.count()).select_from(UsageChange)) == 0
        assert hour_row(db.session.scalars(select(Message)).one()).received == 1


# What follows needs two transactions at a time.


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
