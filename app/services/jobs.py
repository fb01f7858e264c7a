"""Periodic jobs: each due run happens once, however many workers there are."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.log_fields import about, log_fields
from app.models import (
    Account,
    AccountHealthLog,
    AccountStatus,
    EventState,
    JobRun,
    NumberActiveHour,
    SignInAttempt,
    WebhookEvent,
    utcnow,
)

log = logging.getLogger(__name__)

_KEEP_RUNS = timedelta(days=7)
_KEEP_HEALTH = timedelta(days=90)
_KEEP_SIGN_INS = timedelta(days=30)
_KEEP_HOURS = timedelta(days=60)


def run_once(job: str, due_at: datetime, work: Callable[[], object]) -> bool:
    """Do the work if nobody else has taken this run. False when somebody has."""
    db.session.add(JobRun(job=job, due_at=due_at))
    try:
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        return False
    outcome = "done"
    try:
        with log_fields(job=job):
            work()
    except Exception as error:
        db.session.rollback()
        log.exception("the job %s failed", job, extra=about(job=job))
        outcome = f"failed: {type(error).__name__}"
    run = db.session.get(JobRun, (job, due_at))
    if run is not None:
        run.finished_at = utcnow()
        run.outcome = outcome
    db.session.commit()
    return True


def clean_up(retention_days: int) -> None:
    """Drop what is only kept for a while: raw webhook bodies, health checks, job runs, tries to
    sign in.

    Parked events stay until somebody has looked at them, and so does the post that a parked part came in.
    """
    now = utcnow()
    finished = (EventState.PROCESSED, EventState.DUPLICATE, EventState.IGNORED)
    parked_parts = select(WebhookEvent.parent_id).where(
        WebhookEvent.state == EventState.PARKED, WebhookEvent.parent_id.is_not(None)
    )
    db.session.execute(
        delete(WebhookEvent).where(
            WebhookEvent.state.in_(finished),
            WebhookEvent.received_at < now - timedelta(days=retention_days),
            WebhookEvent.id.not_in(parked_parts),
        )
    )
    db.session.execute(delete(AccountHealthLog).where(AccountHealthLog.checked_at < now - _KEEP_HEALTH))
    db.session.execute(delete(NumberActiveHour).where(NumberActiveHour.hour_at < now - _KEEP_HOURS))
    db.session.execute(delete(JobRun).where(JobRun.due_at < now - _KEEP_RUNS))
    db.session.execute(delete(SignInAttempt).where(SignInAttempt.at < now - _KEEP_SIGN_INS))
    db.session.commit()


def live_account_ids() -> list[int]:
    live = (AccountStatus.LIVE, AccountStatus.NEEDS_ATTENTION)
    ids = list(db.session.scalars(select(Account.id).where(Account.status.in_(live)).order_by(Account.id)))
    db.session.rollback()
    return ids
