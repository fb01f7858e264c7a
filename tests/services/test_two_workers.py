"""Two workers with the same news in hand at the same moment: one has it, the other says that it is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from app.extensions import db
from app.models import Account, EventState, WebhookEvent
from app.services import event_work
from config import Settings
from tests.chaos.workers import close, more_apps
from tests.support.factories import Factory
from tests.support.processes import wait_until
from tests.support.webhooks import Meta, change, envelope, status, text_message

VALUES: dict[str, Callable[[Account], dict[str, Any]]] = {
    "a text": lambda account: text_message(account, wamid="wamid.SAME"),
    "a status of a message that is not known": lambda account: status(account, "read", "wamid.SAME"),
}


@pytest.fixture
def workers(settings: Settings) -> Iterator[list[Flask]]:
    apps = more_apps(settings, 2)
    yield apps
    close(apps)


def hold_the_end_of_batches(account: Account) -> None:
    """On PostgreSQL a batch writes its account's row last and waits there for us; on SQLite none begins."""
    db.session.execute(
        select(Account.id).where(Account.id == account.id).with_for_update(key_share=True)
    ).all()


def count_waiting() -> int:
    """Sessions of this PostgreSQL database that wait for another's lock. SQLite does not tell."""
    if db.engine.dialect.name == "sqlite":
        return 2
    return int(
        db.session.scalar(
            text(
                "SELECT count(*) FROM pg_stat_activity "
                "WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
        )
        or 0
    )


@pytest.mark.parametrize("kind", VALUES)
def test_of_two_workers_with_the_same_news_one_says_processed_and_one_duplicate(
    make: Factory, workers: list[Flask], kind: str
) -> None:
    account = make.account()
    body = envelope(change(account, VALUES[kind](account)))
    for app in workers:
        assert Meta(app).post(body).status_code == 200

    def work_off(app: Flask) -> None:
        with app.app_context():
            while event_work.work_off(1):
                continue

    with ThreadPoolExecutor(2) as pool:
        hold_the_end_of_batches(account)
        try:
            working = [pool.submit(work_off, app) for app in workers]
            # One at the account's row, the other at the first one's message.
            wait_until(lambda: count_waiting() == 2, what="both workers wait", patience_s=20)
        finally:
            db.session.rollback()
        for worker in working:
            worker.result()
    states = sorted(db.session.scalars(select(WebhookEvent.state)))
    assert states == [EventState.DUPLICATE, EventState.PROCESSED]
