"""The bot of step 5: whom it answers, with what, and when it keeps quiet."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event, select

from app import failpoints
from app.extensions import db
from app.models import (
    Account,
    BotConversation,
    BotOutcome,
    Direction,
    Message,
    MessagePriority,
    MessageStatus,
    MessageTemplateStatus,
    utcnow,
)
from app.queries.access import actor_of_user
from app.services.bot import hand_over
from app.services.messages import queue_text
from tests.services.bot.support import KNOWLEDGE, choose, replies, sent, traces, work_off, write
from tests.support.factories import Factory
from tests.support.retention import purge
from tests.support.webhooks import Meta, text_message


@pytest.fixture
def account(make: Factory) -> Account:
    return make.knowing_account(
        auto_reply_enabled=True,
        knowledge_base=KNOWLEDGE,
        greeting_message="Welcome",
        fallback_message="A colleague will answer soon",
    )


def test_a_first_message_is_greeted_once(app: Flask, account: Account) -> None:
    write(app, account, "Hi", "Hello again")
    assert replies() == ["Welcome", "A colleague will answer soon"]


def test_a_question_is_answered_from_the_knowledge_base(app: Flask, account: Account) -> None:
    write(app, account, "Hi", "when are you open on Saturday?")
    assert replies()[1].startswith("We are open from 8")


def test_the_fallback_is_said_at_most_once_a_day(app: Flask, account: Account) -> None:
    write(app, account, "Hi", "mumble mumble", "more mumbling")
    assert replies().count("A colleague will answer soon") == 1


def test_the_same_message_delivered_again_is_not_answered_again(app: Flask, account: Account) -> None:
    write(app, account, "Hi", "Hi", "Hi", wamid="wamid.SAME")
    assert replies() == ["Welcome"]


def test_the_bot_keeps_quiet_once_a_person_has_written(make: Factory, app: Flask, account: Account) -> None:
    write(app, account, "Hi")
    message = db.session.scalars(select(Message).where(Message.direction == Direction.INBOUND)).one()
    make.message(message.conversation, status=MessageStatus.SENT, text_content="I look into it")
    write(app, account, "when are you open?")
    assert "We are open" not in " ".join(replies())


def test_a_message_that_arrives_an_hour_late_is_left_to_people(app: Flask, account: Account) -> None:
    late = int((utcnow() - timedelta(hours=2)).timestamp())
    write(app, account, "Hi", timestamp=late)
    assert replies() == []


def test_a_bot_that_is_off_says_nothing(make: Factory, app: Flask) -> None:
    account = make.account(auto_reply_enabled=False, greeting_message="Welcome")
    write(app, account, "Hi")
    assert replies() == []


def test_replies_are_marked_as_the_bots(app: Flask, account: Account) -> None:
    write(app, account, "Hi")
    reply = db.session.scalars(select(Message).where(Message.direction == Direction.OUTBOUND)).one()
    assert (reply.priority, reply.is_bot) == (MessagePriority.BOT, True)
    assert reply.bot_reply_to_id is not None


def test_a_worker_that_stumbles_right_after_the_commit_has_forgotten_no_reply(
    app: Flask, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(failpoints, "_points", failpoints._read("events-after-commit:1:fail"))
    write(app, account, "Hi")
    assert replies() == ["Welcome"]


def test_every_message_that_was_looked_at_has_one_trace_with_its_reply(app: Flask, account: Account) -> None:
    write(app, account, "Hi", wamid="wamid.A")
    write(app, account, "Hi", wamid="wamid.A")
    write(app, account, "when are you open", wamid="wamid.B")
    greeted, answered = traces()
    assert (greeted.outcome, answered.outcome) == (BotOutcome.GREETED, BotOutcome.ANSWERED)
    assert [trace.reply_message_id for trace in (greeted, answered)] == [message.id for message in sent()]
    assert 0.6 <= answered.score <= 1
    assert answered.steps[-1]["kind"] == "knowledge"


def test_half_an_answer_is_offered_and_the_tap_on_its_row_answers_it(app: Flask, account: Account) -> None:
    write(app, account, "Hi", "my state please")
    offer = sent()[1]
    assert offer.message_type == "interactive"
    row = offer.content["action"]["sections"][0]["rows"][0]
    choose(app, account, row["id"], row["title"], wamid="wamid.TAP")
    assert replies()[2] == "You find your claim's state at example.com/claims."
    assert traces()[2].steps[-1]["kind"] == "choice"


def test_a_rule_answers_by_its_kind_and_only_while_it_is_on(
    make: Factory, app: Flask, account: Account
) -> None:
    image = {"link": "https://example.com/menu.jpg", "caption": "Our menu"}
    rule = make.bot_rule(account, phrases=["menu"], message_type="image", content=image)
    write(app, account, "Hi", "the MENÚ please")
    reply = sent()[1]
    assert (reply.message_type, reply.content, traces()[1].rule_id) == ("image", image, rule.id)
    rule.is_on = False
    db.session.commit()
    write(app, account, "the menu please")
    assert traces()[2].rule_id is None


def test_a_rule_that_cannot_be_sent_any_more_calls_a_person(
    make: Factory, app: Flask, account: Account
) -> None:
    row = make.message_template(account, components=[{"type": "BODY", "text": "Sale"}])
    content = {"name": row.name, "language": {"code": row.language}}
    make.bot_rule(account, phrases=["sale"], message_type="template", content=content)
    row.status = MessageTemplateStatus.PAUSED
    db.session.commit()
    write(app, account, "Hi", "sale")
    assert traces()[1].outcome is BotOutcome.FAILED
    assert "is paused" in traces()[1].reason
    assert state().waits_since is not None


def state() -> BotConversation:
    db.session.expire_all()
    return db.session.scalars(select(BotConversation)).one()


def test_a_wish_for_a_person_waits_until_somebody_writes_and_comes_back_when_given_back(
    make: Factory, app: Flask, account: Account
) -> None:
    write(app, account, "Hi", "I want to talk to a person", "when are you open")
    assert traces()[2].outcome is BotOutcome.SILENT
    assert (state().waits_since is not None, state().quiet_until is not None) == (True, True)
    conversation = sent()[0].conversation
    agent = actor_of_user(make.user(role="agent", accounts=[account]))
    queue_text(conversation=conversation, body="Grace here", actor=agent)
    assert state().waits_since is None
    hand_over.give_back(conversation=sent()[0].conversation, actor=agent)
    write(app, account, "when are you open")
    assert replies()[-1].startswith("We are open from 8")


def test_another_bot_is_answered_a_few_times_and_then_left_to_a_person(app: Flask, account: Account) -> None:
    for number in range(14):
        write(app, account, f"Thank you for your message, ticket {number}")
    assert len(replies()) < 10
    assert traces()[-1].outcome is BotOutcome.SILENT
    reasons = {trace.reason for trace in traces() if trace.outcome is BotOutcome.HANDED_OVER}
    assert len(reasons) == 1


def test_settings_and_rules_are_read_once_for_a_batch(app: Flask, account: Account) -> None:
    for number in range(10):
        Meta(app).tell(account, text_message(account, wa_id=f"44770090{number:04d}", body="Hi"))
    asked: list[str] = []
    with app.app_context():
        engine = db.engine
    listener = lambda *args: asked.append(args[2])  # noqa: E731 - it has to be removed again
    event.listen(engine, "before_cursor_execute", listener)
    try:
        work_off()
    finally:
        event.remove(engine, "before_cursor_execute", listener)
    assert len(replies()) == 10
    assert sum("FROM bot_rules" in statement for statement in asked) == 1
    assert sum("FROM bot_settings" in statement for statement in asked) == 1


def test_an_account_without_a_bot_asks_nothing_of_its_tables(make: Factory, app: Flask) -> None:
    account = make.account()
    asked: list[str] = []
    with app.app_context():
        engine = db.engine
    listener = lambda *args: asked.append(args[2])  # noqa: E731 - it has to be removed again
    event.listen(engine, "before_cursor_execute", listener)
    try:
        write(app, account, "Hi")
    finally:
        event.remove(engine, "before_cursor_execute", listener)
    assert [statement for statement in asked if "bot_" in statement.replace("bot_reply_to_id", "")] == []


def test_traces_are_kept_for_a_while(app: Flask, account: Account) -> None:
    write(app, account, "Hi", "Hi again")
    old = traces()[0]
    old.created_at = utcnow() - timedelta(days=31)
    db.session.commit()
    purge("bot-traces", 30)
    assert len(traces()) == 1
    assert len(replies()) == 2
