"""Exactly one bot reply per message that should get one: many deliveries, four workers, kills, and a person
who takes over meanwhile (reliability A6)."""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask
from sqlalchemy import func, select

from app import create_app
from app.extensions import db
from app.graph.signatures import sign
from app.models import (
    BotTrace,
    Conversation,
    Direction,
    EventState,
    Message,
    MessageStatus,
    User,
    WebhookEvent,
)
from app.queries.access import actor_of_user
from app.services.bot import hand_over
from config import Settings
from tests.chaos.stack import Supervisor
from tests.chaos.workers import at_once, close, more_apps, work_off_together
from tests.support.factories import Factory
from tests.support.processes import Process, Script, Stack, wait_until
from tests.support.webhooks import Meta, change, envelope, text_message

INBOUND = 50
DELIVERIES = 5
KNOWLEDGE = "opening hours\nFrom 8 to 18."
FAILPOINTS = (
    "events-before-commit:2:kill",
    "events-after-commit:2:kill",
    "after-claim:2:kill",
    "before-departure:3:kill",
)


class FourWorkers(Stack):
    """Web, sandbox, and four workers that each die once."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        super().__init__(settings, folder, WEB_CONCURRENCY="1")
        more = [self._process(f"worker-{number}", self._worker_command) for number in (2, 3, 4)]
        self.workers: list[Process] = [self.worker, *more]

    def start(self) -> None:
        self.sandbox.start()
        self.web.start()
        self.wait()

    def start_workers(self) -> None:
        for worker, failpoint in zip(self.workers, FAILPOINTS, strict=True):
            worker.start(WABA_FAILPOINT=failpoint)

    def stop(self) -> None:
        for process in (*self.workers, self.web, self.sandbox):
            with contextlib.suppress(Exception):
                process.kill()


@pytest.fixture
def four_workers(settings: Settings, tmp_path: Path) -> Iterator[FourWorkers]:
    stack = FourWorkers(settings, tmp_path)
    stack.start()
    yield stack
    stack.stop()


def customer(number: int) -> str:
    return f"4477009{number:05d}"


def people_write(stack: Stack, account: dict[str, Any]) -> list[bytes]:
    """Fifty people, each from the sandbox's phone; the bodies as the sandbox posted them."""
    number = account["sandbox"]["phone_number_id"]

    def write(index: int) -> None:
        message = {"type": "text", "text": {"body": "what are your opening hours"}}
        body = {"phone_number_id": number, "from": customer(index), "message": message}
        answer = requests.post(f"{stack.sandbox_url}/_sandbox/inbound", json=body, timeout=60)
        assert answer.ok, answer.text

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(INBOUND)))
    listed = requests.get(f"{stack.sandbox_url}/_sandbox/deliveries?limit=500", timeout=60).json()["data"]
    return [json.dumps(row["body"]).encode() for row in listed if row["field"] == "messages"]


def deliver_again(stack: Stack, account: dict[str, Any], bodies: list[bytes]) -> None:
    def post(body: bytes) -> None:
        headers = {
            "X-Hub-Signature-256": sign(account["sandbox"]["app_secret"], body),
            "Content-Type": "application/json",
        }
        answer = requests.post(f"{stack.url}/webhooks/whatsapp", data=body, headers=headers, timeout=60)
        assert answer.status_code == 200

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(post, bodies * (DELIVERIES - 1)))


def replies_at_meta(stack: Stack) -> Counter[str]:
    address = f"{stack.sandbox_url}/_sandbox/messages?limit=1000"
    listed = requests.get(address, timeout=60).json()["data"]
    return Counter(row["to"].lstrip("+") for row in listed if row["direction"] == "outbound")


@pytest.mark.timeout(240)
def test_every_message_gets_one_reply_whatever_is_delivered_again_and_killed(
    settings: Settings, four_workers: FourWorkers
) -> None:
    account = Script(four_workers).connect_sandbox_account()
    changed = {"auto_reply_enabled": True, "knowledge_base": KNOWLEDGE, "fallback_message": "Later"}
    Script(four_workers).call("PATCH", f"accounts/{account['id']}/", json=changed).raise_for_status()
    bodies = people_write(four_workers, account)
    assert len(bodies) >= INBOUND
    four_workers.start_workers()
    supervisor = Supervisor(four_workers.workers)
    app = create_app(settings)
    try:
        deliver_again(four_workers, account, bodies)
        wait_until(lambda: is_over(app), what="every reply has left or is in doubt", patience_s=150)
        assert supervisor.restarts >= 2
    finally:
        supervisor.stop()
    with app.app_context():
        replies = list(db.session.scalars(select(Message).where(Message.direction == Direction.OUTBOUND)))
        answered = Counter(message.contact.wa_id for message in replies)
        # Killed with a reply in the air: nobody can tell whether it left, so it is not sent again.
        in_doubt = {m.contact.wa_id for m in replies if m.status is MessageStatus.UNCONFIRMED}
        assert db.session.scalar(select(func.count()).select_from(BotTrace)) == INBOUND
    close([app])
    everybody = {customer(index) for index in range(INBOUND)}
    assert answered == Counter(everybody)
    at_meta = replies_at_meta(four_workers)
    assert set(at_meta.values()) == {1}
    assert everybody - in_doubt <= set(at_meta) <= everybody


def is_over(app: Flask) -> bool:
    """Everything is worked off, and no reply is still to be sent."""
    with app.app_context():
        open_events = select(func.count()).where(WebhookEvent.state == EventState.PENDING)
        replies = select(Message.status).where(Message.direction == Direction.OUTBOUND)
        states = list(db.session.scalars(replies))
        is_idle = not db.session.scalar(open_events)
        db.session.rollback()
    under_way = {MessageStatus.QUEUED, MessageStatus.SENDING}
    return is_idle and len(states) >= INBOUND and not under_way & set(states)


@pytest.fixture
def apps(settings: Settings) -> Iterator[list[Flask]]:
    apps = more_apps(settings, 2)
    yield apps
    close(apps)


def test_a_person_who_takes_over_at_the_same_moment_is_not_talked_over_afterwards(
    make: Factory, apps: list[Flask]
) -> None:
    """Either the bot was first, or it is silent; what comes after the taking over is never answered."""
    account = make.knowing_account(auto_reply_enabled=True, knowledge_base=KNOWLEDGE)
    people = [customer(index) for index in range(12)]
    first = [text_message(account, wa_id=wa_id, body="hello") for wa_id in people]
    tell_all(apps, account, first)
    db.session.expire_all()
    rows = db.session.scalars(select(Message).where(Message.direction == Direction.INBOUND))
    conversations = [message.conversation_id for message in rows]
    actor_id = make.user(role="agent", accounts=[account]).id
    questions = [text_message(account, wa_id=wa_id, body="opening hours") for wa_id in people]
    post_all(apps, account, questions)
    db.session.rollback()
    at_once(
        [
            lambda: work_off_together(apps, batch=1),
            *(lambda id_=id_: take_over(apps[0], id_, actor_id) for id_ in conversations),
        ]
    )
    tell_all(apps, account, [text_message(account, wa_id=wa_id, body="opening hours") for wa_id in people])
    db.session.expire_all()
    replies = Counter(
        db.session.scalars(select(Message.conversation_id).where(Message.direction == Direction.OUTBOUND))
    )
    assert all(count == 1 for count in replies.values())
    traces = list(db.session.scalars(select(BotTrace.outcome).order_by(BotTrace.id)))
    assert len(traces) == 36
    assert traces[-12:] == ["silent"] * 12
    assert db.session.scalars(select(Message.status).where(Message.bot_reply_to_id.is_not(None))).all() == [
        MessageStatus.QUEUED
    ] * sum(replies.values())


def post_all(apps: list[Flask], account: Any, values: list[dict[str, Any]]) -> None:
    meta = Meta(apps[0])
    assert {meta.post(envelope(change(account, value))).status_code for value in values} == {200}


def tell_all(apps: list[Flask], account: Any, values: list[dict[str, Any]]) -> None:
    post_all(apps, account, values)
    work_off_together(apps, batch=50)


def take_over(app: Flask, conversation_id: int, user_id: int) -> None:
    with app.app_context():
        user = db.session.get_one(User, user_id)
        conversation = db.session.get_one(Conversation, conversation_id)
        hand_over.take_over(conversation=conversation, actor=actor_of_user(user))
