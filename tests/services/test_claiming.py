"""What leaves next, and what waits: turns, limits of Meta's, and messages that are of no more use."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.extensions import db
from app.graph.errors import GraphThrottled, GraphUnconfirmed, GraphUnreachable
from app.graph.messages import SentMessage
from app.models import (
    Account,
    Conversation,
    InitiatedContact,
    Message,
    MessagePriority,
    MessageStatus,
    NumberPace,
    utcnow,
)
from app.queries.access import SYSTEM
from app.services import claiming, messages, outcomes, settling
from app.services.pacing import PAIR_BURST, PAIR_INTERVAL
from app.services.sending import Outcome, Outgoing
from tests.support.factories import Factory

TEMPLATE = {"name": "hello_world", "language": {"code": "en_US"}}


@pytest.fixture
def account(make: Factory) -> Account:
    return make.account()


def fill_buckets() -> None:
    """As if no number had sent anything for a while."""
    db.session.execute(update(NumberPace).values(tokens=100.0, counted_at=utcnow() - timedelta(minutes=1)))
    db.session.commit()


def claim(limit: int = 100) -> list[Outgoing]:
    claimed = claiming.claim("w", limit).outgoing
    db.session.expire_all()
    return claimed


def text(conversation: Conversation, priority: MessagePriority = MessagePriority.PERSON) -> Message:
    return messages.queue_message(
        conversation=conversation,
        message_type="text",
        content={"body": "Hello"},
        actor=SYSTEM,
        priority=priority,
    )


def message_template(conversation: Conversation, **more: object) -> Message:
    return messages.queue_message(
        conversation=conversation, message_type="template", content=dict(TEMPLATE), actor=SYSTEM, **more
    )  # type: ignore[arg-type]


def test_a_long_queue_of_one_account_holds_up_no_other(make: Factory) -> None:
    busy, quiet = make.account(), make.account()
    for _ in range(30):
        text(make.conversation(busy), MessagePriority.BULK)
    late = text(make.conversation(quiet), MessagePriority.BULK)
    claimed = [outgoing.message_id for outgoing in claim(4)]
    assert late.id in claimed
    assert len(claimed) == 4


def test_a_persons_reply_goes_before_a_bots_and_both_before_bulk(make: Factory, account: Account) -> None:
    bulk = text(make.conversation(account), MessagePriority.BULK)
    bot = text(make.conversation(account), MessagePriority.BOT)
    person = text(make.conversation(account), MessagePriority.PERSON)
    assert [[o.message_id for o in claim(1)] for _ in range(3)] == [[person.id], [bot.id], [bulk.id]]


def test_the_same_customer_gets_a_burst_and_then_one_message_per_six_seconds(
    make: Factory, account: Account
) -> None:
    conversation = make.conversation(account)
    began = utcnow()
    conversation.pair_paid_until = began + PAIR_INTERVAL * (PAIR_BURST - 1) - timedelta(seconds=1)
    db.session.commit()
    first, second = text(conversation), text(conversation)
    other = text(make.conversation(account))
    assert {o.message_id for o in claim()} == {first.id, other.id}
    first.status = MessageStatus.SENT
    db.session.commit()
    assert claim() == []
    assert second.next_attempt_at is not None
    assert 4 < (second.next_attempt_at - began).total_seconds() <= 6
    assert "six seconds" in second.wait_reason


def test_no_more_people_are_written_to_first_than_the_portfolio_may(make: Factory, account: Account) -> None:
    account.phone_numbers[0].messaging_limit = "TIER_50"
    sister = make.account(meta_business_account_id="900")
    account.meta_business_account_id = "900"
    for known in range(48):
        contact = make.contact(sister if known % 2 else account)
        owner = contact.account_id
        db.session.add(InitiatedContact(contact_id=contact.id, account_id=owner, at=utcnow()))
    gone = make.contact(account)
    yesterday = utcnow() - timedelta(hours=25)
    db.session.add(InitiatedContact(contact_id=gone.id, account_id=account.id, at=yesterday))
    db.session.commit()
    queued = [message_template(make.conversation(account, window_open=False)) for _ in range(4)]
    in_window = message_template(make.conversation(account))
    claimed = {o.message_id for o in claim()}
    assert claimed == {queued[0].id, queued[1].id, in_window.id}
    waiting = [message for message in queued if message.status is MessageStatus.QUEUED]
    assert len(waiting) == 2
    assert all("50 different people" in message.wait_reason for message in waiting)
    fill_buckets()
    again = message_template(db.session.get_one(Conversation, queued[0].conversation_id))
    queued[0].status = MessageStatus.SENT
    db.session.commit()
    assert [o.message_id for o in claim()] == [again.id], "who was written to already counts once"


def test_what_is_of_no_more_use_is_not_sent(make: Factory, account: Account) -> None:
    late = message_template(make.conversation(account), expires_at=utcnow() - timedelta(seconds=1))
    assert claim() == []
    assert late.status is MessageStatus.FAILED
    assert "no more use" in late.error_title


def test_what_is_of_no_more_use_fails_even_while_its_account_waits_for_a_token(
    make: Factory, account: Account
) -> None:
    late = message_template(make.conversation(account), expires_at=utcnow() - timedelta(seconds=1))
    useful = message_template(make.conversation(account))
    assert settling.fail_expired() == 1
    db.session.expire_all()
    assert (late.status, useful.status) == (MessageStatus.FAILED, MessageStatus.QUEUED)


def test_a_one_time_code_is_of_use_for_ten_minutes(make: Factory, account: Account) -> None:
    body = {"type": "BODY", "text": "Your code is on its way."}
    code = make.message_template(account, category="AUTHENTICATION", components=[body])
    message = messages.queue_message(
        conversation=make.conversation(account),
        message_type="template",
        content={"name": code.name, "language": {"code": code.language}},
        actor=SYSTEM,
    )
    assert message.expires_at is not None
    assert 590 < (message.expires_at - utcnow()).total_seconds() <= 600


def unanswered(outgoing: Outgoing) -> Outcome:
    return Outcome(outgoing, error=GraphUnconfirmed("Meta did not answer"))


def test_while_meta_does_not_answer_one_message_at_a_time_is_risked(make: Factory, account: Account) -> None:
    for _ in range(20):
        text(make.conversation(account))
    outcomes.record([unanswered(outgoing) for outgoing in claim()])
    assert claim() == []
    db.session.execute(update(NumberPace).values(paused_until=None))
    db.session.commit()
    fill_buckets()
    (probe,) = claim()
    outcomes.record([Outcome(probe, sent=SentMessage(wamid="wamid.THROUGH"))])
    fill_buckets()
    assert len(claim()) > 1


def test_pauses_grow_while_meta_cannot_be_reached_up_to_half_a_minute(
    make: Factory, account: Account
) -> None:
    text(make.conversation(account))
    (outgoing,) = claim()
    for pause_s in (1, 2, 4, 8, 16, 30, 30):
        began = utcnow()
        outcomes.record([Outcome(outgoing, error=GraphUnreachable("Meta cannot be reached"))])
        ended = utcnow()
        pace = db.session.scalars(select(NumberPace)).one()
        assert pace.paused_until is not None
        assert began <= pace.paused_until - timedelta(seconds=pause_s) <= ended
        db.session.expire_all()


def test_a_limit_of_calls_pauses_all_numbers_of_the_account_and_no_other(make: Factory) -> None:
    account, other = make.account(), make.account()
    sister = make.number(account)
    text(make.conversation(account))
    (outgoing,) = claim()
    error = GraphThrottled("Too many calls", code=80007, retry_after_s=120)
    outcomes.record([Outcome(outgoing, error=error)])
    paused = set(
        db.session.scalars(select(NumberPace.phone_number_id).where(NumberPace.paused_until > utcnow()))
    )
    assert paused == {account.phone_numbers[0].id, sister.id}
    kept = text(make.conversation(other))
    assert [o.message_id for o in claim()] == [kept.id]


def test_a_sender_may_ask_for_a_second_try_rather_than_none(make: Factory, account: Account) -> None:
    asked = message_template(make.conversation(account), resends_unconfirmed=True)
    cautious = message_template(make.conversation(account))
    outcomes.record([unanswered(outgoing) for outgoing in claim()])
    db.session.execute(update(Message).values(next_attempt_at=utcnow() - timedelta(seconds=1)))
    db.session.commit()
    assert settling.resend_unconfirmed() == 1
    db.session.expire_all()
    assert (asked.status, cautious.status) == (MessageStatus.QUEUED, MessageStatus.UNCONFIRMED)
    db.session.execute(update(NumberPace).values(paused_until=None))
    db.session.commit()
    fill_buckets()
    outcomes.record([unanswered(outgoing) for outgoing in claim()])
    db.session.execute(update(Message).values(next_attempt_at=utcnow() - timedelta(seconds=1)))
    db.session.commit()
    assert settling.resend_unconfirmed() == 0, "two copies at the most"


def test_a_claim_whose_commit_got_lost_is_taken_back_and_what_is_in_the_air_stays(
    make: Factory, account: Account
) -> None:
    lost, flying = text(make.conversation(account)), text(make.conversation(account))
    in_the_air = {o.attempt_id for o in claim() if o.message_id == flying.id}
    assert settling.take_back("w", in_the_air) == 1
    db.session.expire_all()
    assert (lost.status, flying.status) == (MessageStatus.QUEUED, MessageStatus.SENDING)
    assert lost.attempts == 0


def test_an_outcome_that_is_recorded_twice_does_not_queue_what_is_on_its_way_again(
    make: Factory, account: Account
) -> None:
    message = text(make.conversation(account))
    (first,) = claim()
    refusal = Outcome(first, error=GraphThrottled("Slow down", code=130429))
    outcomes.record([refusal])
    db.session.execute(update(NumberPace).values(paused_until=None))
    db.session.execute(update(Message).values(next_attempt_at=utcnow()))
    db.session.commit()
    fill_buckets()
    assert len(claim()) == 1
    outcomes.record([refusal])
    db.session.expire_all()
    assert message.status is MessageStatus.SENDING
