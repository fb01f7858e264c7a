"""Periodic work: once per due time, and what is only kept for a while goes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import current_app
from sqlalchemy import func, select

from app.extensions import db
from app.models import (
    AccountHealthLog,
    CheckState,
    EventState,
    JobRun,
    WebhookEvent,
    WorkerHeartbeat,
    utcnow,
)
from app.queries.access import EVERYTHING
from app.queries.metrics import read_queues
from app.queries.work import get_line_state
from app.services import heartbeats, jobs, retention
from tests.support.factories import Factory

pytestmark = pytest.mark.usefixtures("make")


def test_a_due_run_happens_once_however_many_ask_for_it() -> None:
    due, runs = utcnow(), []
    assert jobs.run_once("sweep", due, lambda: runs.append(1))
    assert not jobs.run_once("sweep", due, lambda: runs.append(2))
    assert runs == [1]


def test_a_job_that_fails_says_so_and_does_not_end_the_worker() -> None:
    due = utcnow()

    def fail() -> None:
        raise ValueError

    assert jobs.run_once("usage", due, fail)
    assert db.session.scalars(select(JobRun)).one().outcome == "failed: ValueError"


def event(state: EventState, days: int) -> None:
    at = utcnow() - timedelta(days=days)
    db.session.add(WebhookEvent(body=b"{}", body_sha256="0" * 64, state=state, received_at=at))
    db.session.commit()


def test_a_post_stays_as_long_as_a_part_of_it_is_parked() -> None:
    """The part is processed again with the post that it came in."""
    event(EventState.PROCESSED, 31)
    parent = db.session.scalars(select(WebhookEvent)).one()
    part = WebhookEvent(body=b"{}", body_sha256="0" * 64, state=EventState.PARKED, parent_id=parent.id)
    db.session.add(part)
    db.session.commit()
    retention.clean_up(current_app.config["SETTINGS"])
    assert len(db.session.scalars(select(WebhookEvent)).all()) == 2
    part.state = EventState.IGNORED
    db.session.commit()
    retention.clean_up(current_app.config["SETTINGS"])
    assert db.session.scalars(select(WebhookEvent)).all() == []


def test_old_events_go_but_parked_ones_wait_for_somebody(make: Factory) -> None:
    account = make.account()
    for state in (EventState.PROCESSED, EventState.PARKED, EventState.PENDING):
        event(state, 31)
    event(EventState.PROCESSED, 29)
    old = utcnow() - timedelta(days=91)
    db.session.add(AccountHealthLog(account_id=account.id, state=CheckState.PASSED, checked_at=old))
    db.session.commit()
    retention.clean_up(current_app.config["SETTINGS"])
    left = sorted(db.session.scalars(select(WebhookEvent.state)))
    assert left == [EventState.PARKED, EventState.PENDING, EventState.PROCESSED]
    assert db.session.scalar(select(func.count(AccountHealthLog.id))) == 0


def test_a_worker_that_says_nothing_is_missed() -> None:
    assert get_line_state(EVERYTHING).state == "bad"
    heartbeats.beat("one")
    assert get_line_state(EVERYTHING).state == "ok"
    db.session.query(WorkerHeartbeat).update({"seen_at": utcnow() - timedelta(minutes=1)})
    db.session.commit()
    assert get_line_state(EVERYTHING).state == "bad"
    heartbeats.retire("one")
    assert db.session.scalar(select(func.count(WorkerHeartbeat.name))) == 0


def test_the_backlog_tells_the_age_of_the_oldest() -> None:
    event(EventState.PENDING, 1)
    queues = read_queues()
    assert queues.events_pending == 1
    assert queues.oldest_event_s == pytest.approx(86_400, abs=60)
