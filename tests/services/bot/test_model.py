"""A language model behind an address: grounded, bounded, and no reason for a customer to wait."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from app.crypto import Secret
from app.extensions import db
from app.models import Account, BotOutcome, BotSettings, BotTrace, Conversation, Message, utcnow
from app.queries.access import SYSTEM, actor_of_user
from app.services.bot import hand_over, model_work
from app.services.messages import queue_text
from tests.services.bot.model_server import ModelServer
from tests.services.bot.support import replies, traces, write
from tests.support.factories import Factory

KNOWLEDGE = "opening hours\nWe are open from 8 to 18 o'clock, Monday to Saturday."
QUESTION = "what are your opening hours"
ARTICLE = "We are open from 8 to 18 o'clock, Monday to Saturday."
API_KEY = "CANARY-model-key-0123456789"


@pytest.fixture
def model() -> Iterator[ModelServer]:
    server = ModelServer()
    yield server
    server.close()


@pytest.fixture
def account(make: Factory, model: ModelServer) -> Account:
    account = make.knowing_account(
        auto_reply_enabled=True, knowledge_base=KNOWLEDGE, fallback_message="Later"
    )
    row = BotSettings(
        account_id=account.id,
        model_enabled=True,
        model_address=model.address,
        model_name="small",
        model_api_key=Secret(API_KEY),
        model_allows_private=True,
        model_timeout_s=1,
    )
    db.session.add(row)
    db.session.commit()
    return account


def change(account: Account, **values: Any) -> None:
    row = db.session.get_one(BotSettings, account.id)
    for name, value in values.items():
        setattr(row, name, value)
    db.session.commit()


def ask_model() -> None:
    db.session.rollback()
    while model_work.work_off():
        continue


def test_the_model_is_asked_after_the_commit_with_the_passages_and_without_the_customer(
    app: Flask, account: Account, model: ModelServer
) -> None:
    write(app, account, QUESTION, name="Grace Adeyemi")
    assert replies() == []
    assert traces()[0].outcome is BotOutcome.WAITING
    ask_model()
    assert replies() == [model.text]
    assert (traces()[0].outcome, traces()[0].pending) == (BotOutcome.ANSWERED, {})
    asked = model.asked[0]
    assert asked["path"] == "/v1/chat/completions"
    assert asked["headers"]["Authorization"] == f"Bearer {API_KEY}"
    text = str(asked["body"])
    assert ARTICLE in text
    assert QUESTION in text
    assert "Grace" not in text
    assert "447700900118" not in text


def test_while_it_is_off_nothing_is_asked(app: Flask, account: Account, model: ModelServer) -> None:
    change(account, model_enabled=False)
    write(app, account, QUESTION)
    ask_model()
    assert (replies(), model.asked) == ([ARTICLE], [])


@pytest.mark.parametrize(
    "behaviour,why",
    [
        ("stall", "within 1 s"),
        ("drip", "within 1 s"),
        ("error", "status 500"),
        ("huge", "larger than 256 KiB"),
        ("html", "form of a chat completion"),
        ("odd", "empty"),
        ("nested", "form of a chat completion"),
        ("redirect", "status 302"),
        ("hang_up", "could not be reached"),
    ],
)
def test_trouble_costs_the_models_answer_and_never_the_reply(
    app: Flask, account: Account, model: ModelServer, behaviour: str, why: str
) -> None:
    model.behaviour = behaviour
    write(app, account, QUESTION)
    ask_model()
    assert replies() == [ARTICLE]
    assert why in traces()[0].steps[-1]["text"]
    assert API_KEY not in str(traces()[0].steps)


@pytest.mark.parametrize(
    "text,why",
    [
        ("NO_ANSWER", "found no answer"),
        ("I don’t know that.", "found no answer"),
        ("We are open from 7 to 23 o'clock.", "“23”"),
        ("See https://evil.example/hours for it.", "evil.example"),
        ("x" * 5000, "longer than"),
        ("", "empty"),
    ],
)
def test_what_stands_in_no_passage_is_not_said(
    app: Flask, account: Account, model: ModelServer, text: str, why: str
) -> None:
    model.text = text
    write(app, account, QUESTION)
    ask_model()
    assert replies() == [ARTICLE]
    assert why in traces()[0].steps[-1]["text"]


def test_an_address_in_our_own_network_is_refused_unless_it_is_allowed(
    app: Flask, account: Account, model: ModelServer
) -> None:
    change(account, model_allows_private=False)
    write(app, account, QUESTION)
    ask_model()
    assert (replies(), model.asked) == ([ARTICLE], [])
    assert "own network" in traces()[0].steps[-1]["text"]


def test_the_days_budget_ends_the_asking(app: Flask, account: Account, model: ModelServer) -> None:
    change(account, model_daily_budget=1)
    for wa_id in ("447700900001", "447700900002"):
        write(app, account, QUESTION, wa_id=wa_id)
        ask_model()
    assert len(model.asked) == 1
    assert replies() == [model.text, ARTICLE]
    assert "budget of 1" in traces()[1].steps[-1]["text"]


def test_a_model_that_keeps_everybody_waiting_is_passed_over(
    app: Flask, account: Account, model: ModelServer
) -> None:
    write(app, account, QUESTION)
    db.session.execute(update(BotTrace).values(created_at=utcnow() - timedelta(minutes=3)))
    db.session.commit()
    ask_model()
    assert (replies(), model.asked) == ([ARTICLE], [])


def conversation_of(message: Message) -> Conversation:
    return message.conversation


@pytest.mark.parametrize("way", ["click", "reply"])
def test_a_person_who_comes_in_between_cancels_the_answer(
    make: Factory, app: Flask, account: Account, model: ModelServer, way: str
) -> None:
    model.behaviour = "hold"
    change(account, model_timeout_s=30)
    write(app, account, QUESTION)
    db.session.rollback()
    asking = threading.Thread(target=in_context, args=(app,))
    asking.start()
    while not model.asked:
        asking.join(0.02)
    conversation = conversation_of(traces()[0].message)
    if way == "click":
        hand_over.take_over(conversation=conversation, actor=actor_of_user(make.user()))
    else:
        queue_text(conversation=conversation, body="I look into it", actor=SYSTEM)
    model.go_on.set()
    asking.join(30)
    assert model.text not in replies()
    assert traces()[0].outcome is BotOutcome.SILENT


def in_context(app: Flask) -> None:
    with app.app_context():
        model_work.work_off()


def test_an_answer_that_comes_after_its_lease_is_not_kept_beside_another(
    app: Flask, account: Account, model: ModelServer
) -> None:
    """A frozen worker wakes up when another has long answered: the customer hears one answer."""
    model.behaviour = "hold"
    change(account, model_timeout_s=30)
    write(app, account, QUESTION)
    db.session.rollback()
    frozen = threading.Thread(target=in_context, args=(app,))
    frozen.start()
    while not model.asked:
        frozen.join(0.02)
    db.session.execute(update(BotTrace).values(lease_until=utcnow() - timedelta(seconds=1)))
    db.session.commit()
    model.behaviour = "answer"
    ask_model()
    model.go_on.set()
    frozen.join(30)
    assert replies() == [model.text]
    assert len(model.asked) == 2


def test_after_two_killed_workers_the_answer_comes_from_the_article(
    app: Flask, account: Account, model: ModelServer
) -> None:
    write(app, account, QUESTION)
    db.session.execute(update(BotTrace).values(model_tries=2, lease_until=utcnow() - timedelta(seconds=1)))
    db.session.commit()
    ask_model()
    assert (replies(), model.asked) == ([ARTICLE], [])
