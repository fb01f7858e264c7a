"""Four worker processes at the same counters: not one message too few, and not one too many."""

from __future__ import annotations

from collections import Counter

from flask import Flask
from sqlalchemy import select

from app import create_app
from app.extensions import db
from app.models import Contact, Conversation
from app.services import usage
from config import Settings
from tests.chaos.workers import work_off_together
from tests.support.factories import Factory
from tests.support.jobs import JOBS
from tests.support.usage import assert_true_to_the_messages, overview
from tests.support.webhooks import Meta, text_message

PROCESSES, EACH, CUSTOMERS = 4, 150, 7


def work(settings: Settings) -> None:
    work_off_together([create_app(settings)], batch=2, patience_s=120)


def count_again(settings: Settings) -> None:
    with create_app(settings).app_context():
        for _ in range(20):
            usage.count_hours()


def test_four_processes_count_six_hundred_messages_exactly(
    make: Factory, app: Flask, settings: Settings
) -> None:
    account = make.account()
    meta, expected = Meta(app), Counter[str]()
    for index in range(PROCESSES * EACH):
        wa_id = f"44770090{index % CUSTOMERS:04d}"
        meta.tell(account, text_message(account, body=f"Message {index}", wa_id=wa_id))
        expected[wa_id] += 1
    db.session.rollback()

    jobs = [JOBS.Process(target=work, args=(settings,)) for _ in range(PROCESSES)]
    jobs.append(JOBS.Process(target=count_again, args=(settings,)))
    for job in jobs:
        job.start()
    for job in jobs:
        job.join(150)
    assert [job.exitcode for job in jobs] == [0] * len(jobs)
    rows = db.session.execute(
        select(Contact.wa_id, Conversation.unread_count).join(Contact, Contact.id == Conversation.contact_id)
    )
    assert {row.wa_id: row.unread_count for row in rows} == dict(expected)
    assert overview().total.received == PROCESSES * EACH
    assert_true_to_the_messages()
