"""`usage check`, as an operator types it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.extensions import db
from app.models import AccountUsageLog, Message, MessageStatus, utcnow
from app.services import usage
from tests.cli.conftest import Run
from tests.support.factories import Factory


@pytest.fixture
def message(make: Factory) -> Message:
    """One that was read five days ago, and is counted."""
    at = utcnow() - timedelta(days=5)
    stations = {"sent_at": at, "delivered_at": at, "read_at": at}
    message = make.message(make.conversation(), status=MessageStatus.READ, created_at=at, **stations)
    usage.roll_up()
    return message


def day_of(message: Message) -> AccountUsageLog:
    db.session.expire_all()
    return db.session.query(AccountUsageLog).filter_by(day=message.created_at.date()).one()


def test_figures_that_agree_are_said_to(run: Run, message: Message) -> None:
    result = run("usage", "check")
    assert (result.exit_code, result.output) == (0, "All days agree with their messages.\n")


def test_a_wrong_day_is_told_and_set_right(run: Run, message: Message) -> None:
    day_of(message).read = 7
    db.session.commit()
    result = run("usage", "check")
    assert result.exit_code == 0
    assert f"{message.created_at.date()}: 1 sent, 1 delivered, 7 read" in result.output
    assert "1 days were set right." in result.output
    assert day_of(message).read == 1


def test_a_missing_day_is_counted(run: Run, message: Message) -> None:
    db.session.delete(day_of(message))
    db.session.commit()
    run("usage", "check")
    assert day_of(message).sent == 1


def test_only_looking_changes_nothing_and_fails(run: Run, message: Message) -> None:
    day_of(message).read = 7
    db.session.commit()
    result = run("usage", "check", "--only-look")
    assert result.exit_code == 1
    assert day_of(message).read == 7


def test_a_day_whose_messages_are_gone_is_believed(run: Run, message: Message) -> None:
    day = message.created_at.date()
    db.session.delete(message)
    db.session.commit()
    assert "All days agree" in run("usage", "check").output
    assert db.session.query(AccountUsageLog).filter_by(day=day).one().read == 1
