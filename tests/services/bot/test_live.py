"""The bot of step 5: whom it answers, with what, and when it keeps quiet."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app import failpoints
from app.extensions import db
from app.models import Account, Direction, Message, MessagePriority, MessageStatus, utcnow
from tests.services.bot.support import KNOWLEDGE, replies, write
from tests.support.factories import Factory


@pytest.fixture
def account(make: Factory) -> Account:
    return make.account(
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
