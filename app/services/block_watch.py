"""Meta's lists of the blocked, fetched by the worker: of each number once a day, and soon after a block or an
unblock that Meta did not confirm.

When a number's list was asked for, and how that ended, is a run of a job of its own name. A list of the
longest allowed takes 640 questions of the 5,000 that Meta allows an account in an hour, so after trouble the
next try waits for an hour.
Source: Meta docs, "Block users" and "Rate limits" pages, read 2026-09.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy import select

from app.errors import DomainError
from app.extensions import db
from app.log_fields import about
from app.models import Account, AccountStatus, BlockState, ContactBlock, JobRun, PhoneNumber, utcnow
from app.services import contact_blocks
from app.services.health_lines import CheckLine, at_words, waiting

log = logging.getLogger(__name__)

EVERY = timedelta(days=1)
AGAIN = timedelta(hours=1)
SETTLES_BY_ITSELF = timedelta(minutes=2)
"""So long an answer that was cut off may still be on its way to whoever asked."""
_TOO_OLD = 2 * EVERY
_AT_ONCE = 20
"""Numbers in one run: the others' turn comes with the next one."""
_DONE = "done"
_LIVE = (AccountStatus.LIVE, AccountStatus.NEEDS_ATTENTION)
_UNSURE = (BlockState.BLOCKING, BlockState.UNBLOCKING)


def fetch_due() -> int:
    """Take over the lists that are due. Returns how many were asked for."""
    ids = _list_due(utcnow())
    db.session.rollback()
    for number_id in ids:
        _fetch(number_id)
    return len(ids)


def overdue_line(account: Account) -> CheckLine | None:
    """For the check list: None while the lists of all the account's numbers are of these days."""
    latest = _latest_runs([number.id for number in account.phone_numbers])
    for number in account.phone_numbers:
        run = latest.get(number.id)
        if run is None or run.outcome in ("", _DONE):
            continue
        done_at = _done_at(number.id)
        if done_at is not None and done_at > utcnow() - _TOO_OLD:
            continue
        since = f"It was last taken over {at_words(done_at)}." if done_at else "It was not taken over lately."
        return waiting(
            "blocked_list",
            "The list of the blocked is old",
            f"Meta did not give the list of {number.shown_number}. {run.outcome} {since}",
            "It is asked for again by itself. To ask now, choose Fetch from Meta under Contacts, Blocked.",
            action="",
        )
    return None


def _list_due(now: datetime) -> list[int]:
    statement = (
        select(PhoneNumber.id)
        .join(Account, Account.id == PhoneNumber.account_id)
        .where(Account.status.in_(_LIVE))
        .order_by(PhoneNumber.id)
    )
    ids = list(db.session.scalars(statement))
    latest, unsure = _latest_runs(ids), _unsure_since(now)
    return [id_ for id_ in ids if _is_due(latest.get(id_), unsure.get(id_), now)][:_AT_ONCE]


def _is_due(run: JobRun | None, unsure_since: datetime | None, now: datetime) -> bool:
    if run is None:
        return True
    wait = AGAIN if unsure_since is not None or run.outcome != _DONE else EVERY
    is_newly_unsure = unsure_since is not None and run.started_at < unsure_since
    return is_newly_unsure or run.started_at <= now - wait


def _unsure_since(now: datetime) -> dict[int, datetime]:
    """By number: the latest wish that Meta has not confirmed."""
    statement = (
        select(ContactBlock.phone_number_id, ContactBlock.at)
        .where(ContactBlock.state.in_(_UNSURE), ContactBlock.at <= now - SETTLES_BY_ITSELF)
        .order_by(ContactBlock.at)
    )
    return {row.phone_number_id: row.at for row in db.session.execute(statement)}


def _fetch(number_id: int) -> None:
    """The run is written down first: no other worker asks meanwhile, and a crash is no reason to ask again
    at once."""
    run = JobRun(job=_job(number_id), due_at=utcnow())
    db.session.add(run)
    db.session.commit()
    due_at, outcome = run.due_at, _DONE
    try:
        number = db.session.get(PhoneNumber, number_id)
        if number is not None:
            contact_blocks.take_over_list(number=number)
    except DomainError as error:
        outcome = error.message
    except Exception:
        log.exception("a list of the blocked was not taken over", extra=about(outcome="retry"))
        outcome = "The console stumbled; its log says why."
    db.session.rollback()
    done = db.session.get(JobRun, (_job(number_id), due_at))
    if done is not None:
        done.finished_at, done.outcome = utcnow(), outcome
    db.session.commit()


def _latest_runs(number_ids: list[int]) -> dict[int, JobRun]:
    names = {_job(id_): id_ for id_ in number_ids}
    rows = db.session.scalars(select(JobRun).where(JobRun.job.in_(names)).order_by(JobRun.due_at))
    return {names[row.job]: row for row in rows}


def _done_at(number_id: int) -> datetime | None:
    statement = select(JobRun.finished_at).where(JobRun.job == _job(number_id), JobRun.outcome == _DONE)
    return db.session.scalar(statement.order_by(JobRun.due_at.desc()).limit(1))


def _job(number_id: int) -> str:
    return f"blocked-{number_id}"
