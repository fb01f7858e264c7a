"""Hours counted ahead: whatever happens, in whatever order, the figures are those of the messages."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import delete, func, select, update

from app.extensions import db
from app.graph.errors import GraphRejected, GraphUnconfirmed
from app.graph.messages import SentMessage
from app.models import (
    Account,
    Conversation,
    Message,
    MessageStatus,
    UsageChange,
    UsageDirtyDay,
    UsageHour,
    hour_of,
    utcnow,
)
from app.queries.access import SYSTEM
from app.queries.analytics import Failure, Figures
from app.services import accounts, claiming, event_work, messages, outcomes, settling, usage
from app.services.sending import Outcome
from tests.support.factories import Factory
from tests.support.sandbox import RunningSandbox
from tests.support.usage import (
    HOUR,
    assert_days_are_true_to_the_messages,
    assert_true_to_the_messages,
    hour_row,
    overview,
)
from tests.support.webhooks import Meta, status, text_message

CODES = (131026, 131049, 130472)


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
    now = utcnow()
    with time_machine.travel(now, tick=False):
        assert usage.count_hours() > 0
        assert usage.count_hours() == 0
    rows = db.session.scalars(select(UsageHour).where(UsageHour.phone_number_id == number.id)).all()
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
