"""`purge`: what is old goes, by kind; what is to stay stays."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.extensions import db
from app.models import (
    AuditEntry,
    JobRun,
    Message,
    NumberActiveHour,
    SignInAttempt,
    UserSession,
    utcnow,
)
from app.services import retention
from tests.cli.conftest import Run
from tests.support.factories import Factory

pytestmark = pytest.mark.usefixtures("make")


def count(model: type) -> int:
    found = db.session.scalar(select(func.count()).select_from(model)) or 0
    db.session.rollback()
    return found


def attempts(number: int, days: int) -> None:
    at = utcnow() - timedelta(days=days)
    rows = [SignInAttempt(email_hash="a", ip_address="::1", at=at, succeeded=False) for _ in range(number)]
    db.session.add_all(rows)
    db.session.commit()


def test_a_dry_run_says_what_would_go_and_deletes_nothing(run: Run) -> None:
    attempts(3, days=31)
    result = run("purge", "--dry-run")
    assert result.exit_code == 0
    assert "sign-in-attempts  3 would go (tries to sign in, older than 30 days)" in result.output
    assert len(result.output.splitlines()) == len(retention.KINDS)
    assert count(SignInAttempt) == 3


def test_more_than_one_batch_goes_and_what_is_younger_stays(run: Run) -> None:
    attempts(2_100, days=31)
    attempts(2, days=29)
    assert "sign-in-attempts  2100 gone" in run("purge").output
    assert count(SignInAttempt) == 2


def test_only_the_kind_asked_for_goes_by_the_days_asked_for(run: Run) -> None:
    attempts(1, days=31)
    db.session.add(JobRun(job="usage", due_at=utcnow() - timedelta(days=3)))
    db.session.commit()
    result = run("purge", "--kind", "job-runs", "--older-than", "2")
    assert result.output == "job-runs          1 gone (runs of periodic jobs, older than 2 days)\n"
    assert (count(JobRun), count(SignInAttempt)) == (0, 1)


def test_one_period_for_everything_is_refused(run: Run) -> None:
    attempts(1, days=31)
    result = run("purge", "--older-than", "1")
    assert result.exit_code == 2
    assert "--older-than needs --kind" in result.output
    assert count(SignInAttempt) == 1


def test_the_audit_log_and_messages_stay_unless_the_operator_sets_a_period(run: Run, make: Factory) -> None:
    old = utcnow() - timedelta(days=4_000)
    make.message(make.conversation(), created_at=old)
    db.session.add(AuditEntry(action="user.created", at=old))
    db.session.commit()
    before = count(AuditEntry)
    assert "audit-log         kept for ever" in run("purge").output
    assert (count(AuditEntry), count(Message)) == (before, 1)
    assert "1 gone" in run("purge", "--kind", "audit-log", "--older-than", "3650").output
    assert (count(AuditEntry), count(Message)) == (before - 1, 1)


def test_ended_sessions_go_and_open_ones_stay(run: Run, make: Factory) -> None:
    user = make.user()
    now = utcnow()
    times = [(now, None), (now - timedelta(days=40), None), (now - timedelta(days=32), now)]
    for number, (created_at, revoked_at) in enumerate(times):
        made = {"created_at": created_at, "revoked_at": revoked_at}
        db.session.add(UserSession(user_id=user.id, token_hash=str(number), **made))
    db.session.commit()
    run("purge", "--kind", "sessions")
    assert list(db.session.scalars(select(UserSession.token_hash))) == ["0"]


def test_a_row_whose_key_is_two_columns_goes(run: Run, make: Factory) -> None:
    (number,) = make.account().phone_numbers
    for days in (61, 59):
        hour = (utcnow() - timedelta(days=days)).replace(minute=0, second=0, microsecond=0)
        db.session.add(NumberActiveHour(phone_number_id=number.id, hour_at=hour))
    db.session.commit()
    assert "active-hours      1 gone" in run("purge", "--kind", "active-hours").output
    assert count(NumberActiveHour) == 1
