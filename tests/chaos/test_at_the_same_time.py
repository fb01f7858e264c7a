"""Several web servers and workers at the same moment: one message, one conversation, exact counts."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.crypto import Secret
from app.extensions import db
from app.models import Account, Contact, Conversation, EventState, Message, WebhookEvent
from config import Settings
from tests.chaos.workers import at_once, close, more_apps, work_off_together
from tests.support.factories import APP_SECRET, Factory
from tests.support.webhooks import Meta, change, envelope, text_message


@pytest.fixture
def apps(settings: Settings) -> Iterator[list[Flask]]:
    apps = more_apps(settings, 2)
    yield apps
    close(apps)


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_the_same_body_twenty_times_at_once_is_one_message(make: Factory, apps: list[Flask]) -> None:
    account = make.account(auto_reply_enabled=True, greeting_message="Welcome")
    body = envelope(change(account, text_message(account)))
    answers = at_once([lambda app=app: Meta(app).post(body).status_code for app in apps * 10])
    assert answers == [200] * 20
    work_off_together(apps, batch=3)
    db.session.expire_all()
    states = list(db.session.scalars(select(WebhookEvent.state)))
    # However many workers have it in hand at the same moment: it was new once.
    assert sorted(states) == [EventState.DUPLICATE] * 19 + [EventState.PROCESSED]
    assert db.session.scalars(select(Message.text_content).order_by(Message.id)).all() == [
        "Hello there",
        "Welcome",
    ]
    assert db.session.scalars(select(Conversation.unread_count)).all() == [1]


def test_fifty_first_messages_at_once_are_one_customer_in_one_conversation(
    make: Factory, apps: list[Flask]
) -> None:
    account = make.account()
    bodies = [
        envelope(change(account, text_message(account, body=f"Picture {index}", wa_id="447700900999")))
        for index in range(50)
    ]
    meta = Meta(apps[0])
    assert {meta.post(body).status_code for body in bodies} == {200}
    work_off_together(apps * 2, batch=2)
    db.session.expire_all()
    assert (count(Contact), count(Conversation), count(Message)) == (1, 1, 50)
    assert db.session.scalars(select(Conversation.unread_count)).all() == [50]


def test_a_change_of_the_app_secret_under_load_refuses_nothing(make: Factory, apps: list[Flask]) -> None:
    account = make.account()
    account_id = account.id
    body = envelope(change(account, text_message(account)))
    changed = threading.Event()
    answers: list[int] = []

    def meta_of(app: Flask) -> None:
        """Meta goes over to the new secret a little after us, and not everywhere at once."""
        old, new = Meta(app, APP_SECRET), Meta(app, "a-new-secret-0123456789")
        answers.append(old.post(body).status_code)
        changed.wait(10)
        time.sleep(0.25)  # secrets are read again at most every 0.2 s
        answers.extend((new if index % 2 else old).post(body).status_code for index in range(10))

    def change_secret() -> None:
        with apps[0].app_context():
            row = db.session.get(Account, account_id)
            assert row is not None
            row.previous_app_secret = row.app_secret
            row.app_secret = Secret("a-new-secret-0123456789")
            db.session.commit()
        changed.set()

    at_once([*(lambda app=app: meta_of(app) for app in apps * 2), change_secret])
    assert set(answers) == {200}
