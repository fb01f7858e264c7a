"""Periodic jobs: each due run happens once, however many workers there are."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.log_fields import about, log_fields
from app.models import Account, AccountStatus, JobRun, utcnow

log = logging.getLogger(__name__)


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


def live_account_ids() -> list[int]:
    live = (AccountStatus.LIVE, AccountStatus.NEEDS_ATTENTION)
    ids = list(db.session.scalars(select(Account.id).where(Account.status.in_(live)).order_by(Account.id)))
    db.session.rollback()
    return ids
