"""An account's own limits: never one message more, over any number of processes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from multiprocessing.synchronize import Barrier
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from app import create_app
from app.errors import DomainError, TooMany
from app.extensions import db
from app.models import Account, BotOutcome, BotTrace, Conversation, Message, MessageStatus, QuotaWindow
from app.queries.access import SYSTEM
from app.services import event_work, messages, quotas
from app.services.account_zones import set_time_zone
from config import Settings
from tests.support.factories import Factory
from tests.support.jobs import JOBS
from tests.support.webhooks import Meta, text_message

NOON = datetime(2026, 11, 20, 12, 0, 30, tzinfo=UTC)


def send(conversation: Conversation, key: str | None = None) -> Message:
    return messages.queue_text(conversation=conversation, body="Hello", actor=SYSTEM, client_key=key)


def used(account: Account) -> dict[QuotaWindow, int]:
    db.session.rollback()
    return {standing.window: standing.used for standing in quotas.standings(account)}


@pytest.fixture
def conversation(make: Factory) -> Conversation:
    return make.conversation(last_inbound_at=datetime(2026, 12, 31, tzinfo=UTC))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The database's clock too: on PostgreSQL it cannot be moved, so it is this process's."""
    with time_machine.travel(NOON, tick=False) as traveller:
        monkeypatch.setattr("app.services.pacing.database_now", lambda: datetime.now(UTC))
        yield traveller


def test_without_a_limit_nothing_is_counted(conversation: Conversation) -> None:
    send(conversation)
    assert used(conversation.account) == dict.fromkeys(QuotaWindow, 0)


@pytest.mark.parametrize(
    "window, wait",
    [
        (QuotaWindow.MINUTE, timedelta(seconds=30)),
        (QuotaWindow.DAY, timedelta(hours=11, minutes=59, seconds=30)),
        (QuotaWindow.MONTH, timedelta(days=10, hours=11, minutes=59, seconds=30)),
    ],
)
def test_what_is_over_the_limit_is_refused_until_the_window_is_over(
    conversation: Conversation, clock: Any, window: QuotaWindow, wait: timedelta
) -> None:
    quotas.set_limits(account=conversation.account, limits={window: 2}, actor=SYSTEM)
    send(conversation)
    send(conversation)
    with pytest.raises(TooMany) as refused:
        send(conversation)
    assert refused.value.wait_s == wait.total_seconds()
    assert f"2 messages a {window}" in refused.value.message
    db.session.rollback()
    assert db.session.scalar(select(func.count(Message.id))) == 2
    clock.shift(wait)
    send(conversation)
    assert used(conversation.account)[window] == 1


def test_a_refusal_by_one_limit_uses_up_no_other(conversation: Conversation, clock: Any) -> None:
    limits = {QuotaWindow.MONTH: 9, QuotaWindow.DAY: 9, QuotaWindow.MINUTE: 1}
    quotas.set_limits(account=conversation.account, limits=limits, actor=SYSTEM)
    send(conversation)
    for _ in range(3):
        with pytest.raises(TooMany):
            send(conversation)
        # As the request's end does; what was taken on SQLite went with it.
        db.session.rollback()
    assert used(conversation.account) == dict.fromkeys(QuotaWindow, 1)


def test_the_same_message_again_takes_one_place(conversation: Conversation, clock: Any) -> None:
    quotas.set_limits(account=conversation.account, limits={QuotaWindow.DAY: 1}, actor=SYSTEM)
    assert send(conversation, "order-1").id == send(conversation, "order-1").id
    assert used(conversation.account)[QuotaWindow.DAY] == 1


def test_sending_again_takes_a_place(make: Factory, conversation: Conversation, clock: Any) -> None:
    message = make.message(conversation, status=MessageStatus.FAILED)
    quotas.set_limits(account=conversation.account, limits={QuotaWindow.DAY: 1}, actor=SYSTEM)
    send(conversation)
    with pytest.raises(TooMany):
        messages.retry_message(message=message, actor=SYSTEM)
    db.session.rollback()
    assert db.session.get_one(Message, message.id).status is MessageStatus.FAILED


def test_a_day_is_one_of_the_accounts_zone(conversation: Conversation, clock: Any) -> None:
    set_time_zone(account=conversation.account, name="Asia/Tokyo", actor=SYSTEM)
    quotas.set_limits(account=conversation.account, limits={QuotaWindow.DAY: 1}, actor=SYSTEM)
    send(conversation)
    clock.shift(timedelta(hours=2, minutes=59))
    with pytest.raises(TooMany):
        send(conversation)
    db.session.rollback()
    clock.shift(timedelta(minutes=1))
    send(conversation)


def test_a_zone_whose_day_began_earlier_goes_on_counting(conversation: Conversation, clock: Any) -> None:
    quotas.set_limits(account=conversation.account, limits={QuotaWindow.DAY: 1}, actor=SYSTEM)
    send(conversation)
    set_time_zone(account=conversation.account, name="Asia/Tokyo", actor=SYSTEM)
    with pytest.raises(TooMany):
        send(conversation)


def test_the_bot_says_why_it_could_not_answer(make: Factory, app: Flask) -> None:
    account = make.account(auto_reply_enabled=True, greeting_message="Welcome", messages_per_day=1)
    meta = Meta(app)
    for wa_id in ("447700900301", "447700900302"):
        meta.tell(account, text_message(account, wa_id=wa_id))
    event_work.work_off()
    outcomes = list(db.session.scalars(select(BotTrace.outcome).order_by(BotTrace.id)))
    assert outcomes.count(BotOutcome.FAILED) == 1
    failed = db.session.scalars(select(BotTrace).where(BotTrace.outcome == BotOutcome.FAILED)).one()
    assert "at most 1 message a day" in failed.reason
    assert used(account)[QuotaWindow.DAY] == 1


def _send_many(settings: Settings, conversation_id: int, start: Barrier, times: int) -> None:
    app = create_app(settings)
    start.wait(30)
    for _ in range(times):
        with app.app_context():
            try:
                send(db.session.get_one(Conversation, conversation_id))
            except DomainError:
                db.session.rollback()


def test_four_processes_together_keep_the_limit_to_the_message(
    conversation: Conversation, settings: Settings
) -> None:
    """Three hundred tries each: the places are taken, to the last one and no further."""
    limits = {QuotaWindow.MONTH: 700, QuotaWindow.DAY: 500}
    quotas.set_limits(account=conversation.account, limits=limits, actor=SYSTEM)

    start, conversation_id = JOBS.Barrier(4), conversation.id
    db.session.rollback()
    jobs = [JOBS.Process(target=_send_many, args=(settings, conversation_id, start, 300)) for _ in range(4)]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join(200)
    assert [job.exitcode for job in jobs] == [0] * 4
    db.session.rollback()
    assert db.session.scalar(select(func.count(Message.id))) == 500
    assert used(conversation.account) == {
        QuotaWindow.MONTH: 500,
        QuotaWindow.DAY: 500,
        QuotaWindow.MINUTE: 0,
    }
