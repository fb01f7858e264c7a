"""The periodic jobs and when they are due (minutes of the hour)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

from flask import Flask

from app.extensions import db
from app.log_fields import about
from app.models import utcnow
from app.queries.access import EVERYTHING
from app.queries.accounts import get_account
from app.queries.health import list_accounts_checked_too_early
from app.services import (
    accounts,
    block_watch,
    contact_work,
    health,
    health_signals,
    jobs,
    media_upkeep,
    message_template_watch,
    number_rhythm,
    repeatable,
    retention,
    settling,
    usage,
)
from app.services.knowledge import imports, upkeep
from app.worker.tasks import Tasks

log = logging.getLogger(__name__)

_QUIET_HOUR = 3


@dataclass(frozen=True)
class Job:
    """A job, and how far apart its runs are: the run's name is the start of its span."""

    name: str
    minutes: str
    span_minutes: int
    work: Callable[[Flask], object]


def _sweep(_app: Flask) -> None:
    settling.settle_expired_leases()
    settling.resend_unconfirmed()
    settling.fail_expired()


def _check_health(_app: Flask) -> None:
    _check_accounts(jobs.live_account_ids())


def _check_again(_app: Flask) -> None:
    """An account that turned bad between two checks: its pages are to say the same in every place."""
    ids = list_accounts_checked_too_early()
    db.session.rollback()
    _check_accounts(ids)


def _check_accounts(account_ids: Iterable[int]) -> None:
    for account_id in account_ids:
        try:
            account = get_account(account_id, EVERYTHING)
            health.run_health_check(account, source=health_signals.SCHEDULE)
        except Exception:
            db.session.rollback()
            log.exception(
                "the health check of account %d failed", account_id, extra=about(account_id=account_id)
            )


def _clean_up(app: Flask) -> None:
    retention.clean_up(app.config["SETTINGS"])
    repeatable.forget_old()
    imports.forget_old()
    contact_work.forget_old()


def _look_for_orphans(_app: Flask) -> None:
    """Once a night: it reads through whole stores."""
    if utcnow().hour == _QUIET_HOUR:
        media_upkeep.note_orphans()


JOBS = (
    Job("sweep", "*", 1, _sweep),
    Job("attention", "*", 1, _check_again),
    Job("usage-hours", "*", 1, lambda _app: usage.count_hours()),
    Job("usage", "*/5", 5, lambda _app: usage.roll_up()),
    Job("silence", "*/10", 10, lambda _app: number_rhythm.look_for_silence()),
    Job("blocked", "*/5", 5, lambda _app: block_watch.fetch_due()),
    Job("message-templates", "*", 1, lambda _app: message_template_watch.ask_for_due()),
    Job("health", "7", 60, _check_health),
    Job("drafts", "37", 60, lambda _app: accounts.forget_draft_secrets()),
    Job("knowledge", "47", 60, lambda _app: upkeep.follow_all()),
    Job("clean-up", "23", 60, _clean_up),
    Job("media-deletions", "*", 1, lambda _app: media_upkeep.work_off_deletions()),
    Job("media-orphans", "51", 60, _look_for_orphans),
)


def register(app: Flask, tasks: Tasks) -> None:
    for job in JOBS:
        tasks.every(job.minutes, f"job-{job.name}", _runner(app, job))


def _runner(app: Flask, job: Job) -> Callable[[], None]:
    def run() -> None:
        now = utcnow().replace(second=0, microsecond=0)
        due_at = now - timedelta(minutes=now.minute % job.span_minutes)
        with app.app_context():
            jobs.run_once(job.name, due_at, lambda: job.work(app))

    return run
