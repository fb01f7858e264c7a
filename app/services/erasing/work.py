"""Erasing, by the worker: step by step, in small batches, each one transaction with how far it has come.

A killed worker's batch rolls back by itself; whoever claims the row next goes on at the step and the place
that are written down.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import or_, select

from app import failpoints
from app.extensions import db
from app.log_fields import about
from app.models import Erasure, ErasureState, utcnow
from app.services.erasing import index, said, traces
from app.services.erasing.progress import DONE, Job, NotYet
from app.services.erasing.requests import sign
from app.services.erasing.subject import read_subject

log = logging.getLogger(__name__)

Step = Callable[[Job, int], int]
"""Does one batch from a place on; answers the next place, or DONE. The caller commits."""


def count_others(job: Job, _place: int) -> int:
    """One proof for the whole person: what went of their other contacts is counted in it, too."""
    statement = select(Erasure).where(
        Erasure.account_id == job.account_id, Erasure.id.in_(job.subject.others)
    )
    rows = list(db.session.scalars(statement))
    if any(row.state is not ErasureState.DONE for row in rows):
        raise NotYet("The person’s other contacts are still being erased. This goes on after them.")
    for row in rows:
        for name, count in row.counts.items():
            job.count(name, count)
    return DONE


# Once one step is through, it is not begun again: a new one goes to the end.
STEPS: tuple[Step, ...] = (
    traces.wait_for_events,
    said.make_nameless,
    traces.cut_events,
    traces.cut_parked_events,
    traces.drop_deliveries,
    traces.empty_calls,
    traces.drop_stray_statuses,
    traces.blank_audit_entries,
    traces.forget_answers,
    traces.empty_imports,
    said.empty_messages,
    said.treat_other_rows,
    said.delete_settled,
    said.wait_for_files,
    index.forget_words,
    count_others,
)
_LEASE = timedelta(seconds=90)
_AGAIN = timedelta(seconds=3)
_AFTER_TROUBLE = timedelta(minutes=1)


class _Lost(Exception):
    """Another worker has it now, or it is gone with its account."""


def work_off(worker: str) -> int:
    """Take one erasing as far as it goes. Returns how many there were."""
    erasure_id = _claim(worker)
    if erasure_id is None:
        return 0
    try:
        while _step(erasure_id, worker):
            failpoints.reach("erasure-batch")
    except _Lost:
        db.session.rollback()
    except NotYet as wait:
        db.session.rollback()
        _put_off(erasure_id, worker, str(wait), _AGAIN)
    except Exception:
        db.session.rollback()
        log.exception("an erasing stumbled, and goes on in a minute", extra=about(outcome="retry"))
        _put_off(erasure_id, worker, "It stumbled; the log says why. It goes on by itself.", _AFTER_TROUBLE)
    return 1


def _claim(worker: str) -> int | None:
    now = utcnow()
    row = db.session.scalars(
        select(Erasure)
        .where(
            Erasure.state.in_((ErasureState.WAITING, ErasureState.WORKING)),
            or_(Erasure.lease_until.is_(None), Erasure.lease_until < now),
        )
        .order_by(Erasure.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
    if row is None:
        db.session.rollback()
        return None
    row.state, row.lease_owner, row.lease_until = ErasureState.WORKING, worker, now + _LEASE
    row.tries += 1
    erasure_id = row.id
    db.session.commit()
    return erasure_id


def _step(erasure_id: int, worker: str) -> bool:
    """One batch; False when all is done."""
    row = _held(erasure_id, worker)
    if row.step >= len(STEPS):
        _finish(row)
        return False
    job, number = _job_of(row), row.step
    place = STEPS[number](job, row.place)
    # A step may have committed in between; what it did, it does not do twice.
    row = _held(erasure_id, worker)
    row.step, row.place = (number + 1, 0) if place == DONE else (number, place)
    row.counts = dict(Counter(row.counts) + job.counts)
    row.lease_until, row.error = utcnow() + _LEASE, ""
    db.session.commit()
    return True


def _job_of(row: Erasure) -> Job:
    return Job(
        id=row.id,
        account_id=row.account_id,
        contact_id=row.shell_id or 0,
        subject=read_subject(row.subject),
        before=row.created_at,
    )


def _finish(row: Erasure) -> None:
    """Whom it was about is forgotten with the same commit that signs the proof."""
    if row.shell_id is not None and said.drop_shell(_job_of(row)):
        row.shell_id = None
    # Whole seconds, as the proof says them.
    row.finished_at = utcnow().replace(microsecond=0)
    row.state, row.subject = ErasureState.DONE, None
    row.lease_owner = row.lease_until = None
    row.signature = sign(row)
    account_id = row.account_id
    db.session.commit()
    log.info("a person was erased", extra=about(account_id=account_id))


def _held(erasure_id: int, worker: str) -> Erasure:
    """The row, locked, while it is still this worker's."""
    statement = select(Erasure).where(Erasure.id == erasure_id).with_for_update()
    row = db.session.scalars(statement.execution_options(populate_existing=True)).first()
    if row is None or row.lease_owner != worker or row.state is not ErasureState.WORKING:
        raise _Lost
    return row


def _put_off(erasure_id: int, worker: str, why: str, wait: timedelta) -> None:
    try:
        row = _held(erasure_id, worker)
    except _Lost:
        db.session.rollback()
        return
    row.lease_until, row.error = utcnow() + wait, why
    db.session.commit()


def drop_shells() -> int:
    """Once an hour: what was left of erased people until the figures of their last days could be settled.
    Answers how many are gone for good.
    """
    dropped = 0
    ids = list(
        db.session.scalars(
            select(Erasure.id).where(Erasure.shell_id.is_not(None), Erasure.state == ErasureState.DONE)
        )
    )
    db.session.rollback()
    for erasure_id in ids:
        row = db.session.get(Erasure, erasure_id)
        if row is None or row.shell_id is None:
            continue
        job = _job_of(row)
        db.session.rollback()
        while said.delete_settled(job, 0) != DONE:
            continue
        dropped += _drop_shell(erasure_id, job)
    return dropped


def _drop_shell(erasure_id: int, job: Job) -> bool:
    row = db.session.get(Erasure, erasure_id, with_for_update=True)
    is_gone = row is not None and said.drop_shell(job)
    if row is not None and is_gone:
        row.shell_id = None
    db.session.commit()
    return is_gone
