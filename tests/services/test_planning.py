"""Messages planned for later: each leaves once, at its time, or waits for a person and says why."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.errors import InvalidFields, KeyReused, NotReady, OptedOut, WindowClosed
from app.extensions import db
from app.models import (
    Account,
    Contact,
    Conversation,
    Message,
    MessageStatus,
    PlannedMessage,
    PlannedState,
    utcnow,
)
from app.queries.access import Actor, actor_of_user
from app.services import messages, planning
from tests.support.factories import Factory


@pytest.fixture
def account(make: Factory) -> Account:
    return make.account()


@pytest.fixture
def ana(make: Factory, account: Account) -> Actor:
    return actor_of_user(make.user(role="agent", accounts=[account], name="Ana"))


@pytest.fixture
def conversation(make: Factory, account: Account) -> Conversation:
    return make.conversation(account)


def plan(conversation: Conversation, actor: Actor, body: str = "See you", **values: Any) -> PlannedMessage:
    given: dict[str, Any] = {
        "message_type": "text",
        "content": {"body": body},
        "send_at": utcnow() + timedelta(hours=1),
        "holds_if_answered": False,
        **values,
    }
    when = planning.When(given.pop("send_at"), given.pop("holds_if_answered"))
    return planning.plan(conversation=conversation, actor=actor, when=when, **given)


def make_due(planned: PlannedMessage, *, late: timedelta = timedelta(0)) -> None:
    """As if its time had come."""
    at = utcnow() - timedelta(seconds=1) - late
    values = {"send_at": at, "next_look_at": at}
    db.session.execute(update(PlannedMessage).where(PlannedMessage.id == planned.id).values(values))
    db.session.commit()


def work() -> None:
    db.session.rollback()
    planning.work_off()
    db.session.rollback()
    db.session.expire_all()


def sent() -> list[str]:
    return list(db.session.scalars(select(Message.text_content).order_by(Message.id)))


def test_it_leaves_once_at_its_time_by_whoever_planned_it(
    make: Factory, conversation: Conversation, ana: Actor
) -> None:
    quoted = make.message(conversation, outbound=False, text_content="When?", wamid="wamid.Q")
    planned = plan(conversation, ana, "At ten", context_wamid=quoted.wamid)
    work()
    assert (planned.state, sent()) == (PlannedState.PLANNED, ["When?"])
    make_due(planned)
    work()
    work()
    message = db.session.get_one(Message, planned.message_id)
    assert (planned.state, message.status, message.context_wamid) == ("sent", MessageStatus.QUEUED, "wamid.Q")
    assert (sent(), message.sender_id) == (["When?", "At ten"], ana.user and ana.user.id)
    with pytest.raises(NotReady, match="left already"):
        planning.cancel(planned=planned, actor=ana)


def test_two_workers_at_once_let_it_go_once(app: Flask, conversation: Conversation, ana: Actor) -> None:
    rows = [plan(conversation, ana, f"Number {n}") for n in range(6)]
    for row in rows:
        make_due(row)
    gate = threading.Barrier(2)

    def worker() -> None:
        with app.app_context():
            gate.wait(10)
            planning.work_off()
            db.session.remove()

    threads = [threading.Thread(target=worker) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    work()
    assert sorted(sent()) == [f"Number {n}" for n in range(6)]


def test_a_killed_worker_has_neither_lost_nor_doubled_it(
    conversation: Conversation, ana: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned = plan(conversation, ana)
    make_due(planned)

    def die(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(planning, "_conclude", die)
        with pytest.raises(KeyboardInterrupt):
            planning.work_off()
    db.session.rollback()
    db.session.expire_all()
    assert (planned.state, sent()) == (PlannedState.PLANNED, [])
    work()
    assert sent() == ["See you"]


def _window_over(_make: Factory, conversation: Conversation, _ana: Actor) -> None:
    conversation.last_inbound_at = utcnow() - timedelta(hours=25)


def _answered(make: Factory, conversation: Conversation, _ana: Actor) -> None:
    make.message(conversation, outbound=False, message_type="reaction", occurred_at=utcnow())
    make.message(conversation, outbound=False, occurred_at=utcnow())


def _gone(_make: Factory, _conversation: Conversation, ana: Actor) -> None:
    assert ana.user is not None
    ana.user.is_active = False


@pytest.mark.parametrize(
    "happens, reason",
    [(_window_over, "window closed"), (_answered, "has written since"), (_gone, "may no longer send")],
)
def test_what_may_not_leave_any_more_is_held_and_says_why(
    make: Factory, conversation: Conversation, ana: Actor, happens: Any, reason: str
) -> None:
    planned = plan(conversation, ana, holds_if_answered=True)
    happens(make, conversation, ana)
    make_due(planned)
    before = len(sent())
    version = conversation.version
    work()
    assert (planned.state, len(sent())) == (PlannedState.HELD, before)
    assert reason in planned.reason
    assert conversation.version > version


def test_a_reaction_does_not_hold_it_and_a_held_one_is_sent_by_hand(
    make: Factory, conversation: Conversation, ana: Actor
) -> None:
    first, second = plan(conversation, ana, "First", holds_if_answered=True), plan(conversation, ana, "Late")
    make.message(
        conversation, outbound=False, message_type="reaction", occurred_at=utcnow(), text_content="👍"
    )
    make_due(first)
    make_due(second, late=timedelta(hours=3))
    work()
    assert (first.state, second.state, sent()) == (PlannedState.SENT, PlannedState.HELD, ["👍", "First"])
    planning.send_now(planned=second, actor=ana)
    assert sent()[-1] == "Late"
    assert second.reason == ""


def test_marketing_is_held_where_the_customer_opted_out_meanwhile(
    make: Factory, account: Account, conversation: Conversation, ana: Actor
) -> None:
    row = make.message_template(account, category="MARKETING")
    content = messages.message_template_content(row, {"body.1": "Ada", "body.2": "BM-1"})
    far = utcnow() + timedelta(days=30)
    planned = plan(conversation, ana, message_type="template", content=content, send_at=far)
    contact = db.session.get_one(Contact, conversation.contact_id)
    contact.opted_out_at = utcnow()
    make_due(planned)
    work()
    assert (planned.state, sent()) == (PlannedState.HELD, [])
    assert "opted out" in planned.reason
    with pytest.raises(OptedOut):
        planning.send_now(planned=planned, actor=ana)
    db.session.rollback()
    planning.cancel(planned=planned, actor=ana)
    assert (planned.state, planned.reason) == (PlannedState.CANCELLED, "Cancelled by Ana.")


def test_an_own_limit_makes_it_wait_and_a_change_moves_it(
    account: Account, conversation: Conversation, ana: Actor
) -> None:
    account.messages_per_day = 1
    first, second = plan(conversation, ana, "One"), plan(conversation, ana, "Two")
    make_due(first)
    make_due(second)
    work()
    assert (first.state, second.state, sent()) == (PlannedState.SENT, PlannedState.PLANNED, ["One"])
    assert second.next_look_at > utcnow()
    at = utcnow() + timedelta(hours=2)
    planning.change(planned=second, body="Two, later", send_at=at, holds_if_answered=True, actor=ana)
    assert (second.text_content, second.send_at, second.next_look_at) == ("Two, later", at, at)


@pytest.mark.parametrize(
    "send_at, error",
    [
        (timedelta(0), InvalidFields),
        (timedelta(days=366), InvalidFields),
        (timedelta(hours=24), WindowClosed),
    ],
)
def test_a_time_that_cannot_be_is_refused_before(
    conversation: Conversation, ana: Actor, send_at: timedelta, error: type[Exception]
) -> None:
    with pytest.raises(error):
        plan(conversation, ana, send_at=utcnow() + send_at)
    assert db.session.scalars(select(PlannedMessage)).all() == []


def test_one_key_is_one_plan_and_not_another_message(conversation: Conversation, ana: Actor) -> None:
    at = utcnow() + timedelta(hours=1)
    first = plan(conversation, ana, client_key="k", send_at=at)
    assert plan(conversation, ana, client_key="k", send_at=at).id == first.id
    for other in ({"body": "Else", "send_at": at}, {"send_at": at + timedelta(minutes=1)}):
        with pytest.raises(KeyReused):
            plan(conversation, ana, client_key="k", **other)  # type: ignore[arg-type]
    with pytest.raises(KeyReused):
        messages.queue_text(conversation=conversation, body="See you", actor=ana, client_key="k")
    messages.queue_text(conversation=conversation, body="Sent", actor=ana, client_key="m")
    with pytest.raises(KeyReused):
        plan(conversation, ana, "Sent", client_key="m", send_at=at)
