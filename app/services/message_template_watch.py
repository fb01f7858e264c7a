"""Reading message templates from Meta by itself: once an hour, and soon after news of an unknown one.

Spread over the hour by the accounts' ids. One question for each hundred message templates, and nothing is
written where nothing is new.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy import select

from app.errors import DomainError
from app.extensions import db
from app.log_fields import about
from app.models import Account, AccountStatus, utcnow
from app.queries.access import EVERYTHING, SYSTEM
from app.queries.accounts import get_account
from app.services import message_template_asks, message_templates

log = logging.getLogger(__name__)

_LATE = timedelta(minutes=70)
_LIVE = (AccountStatus.LIVE, AccountStatus.NEEDS_ATTENTION)


def ask_for_due(now: datetime | None = None) -> int:
    """Every minute: note the accounts whose minute it is, and, at every tenth, those that missed theirs."""
    now = now or utcnow()
    statement = select(Account.id, Account.message_templates_synced_at).where(Account.status.in_(_LIVE))
    due = [id_ for id_, synced_at in db.session.execute(statement) if _is_due(id_, synced_at, now)]
    db.session.rollback()
    for account_id in due:
        message_template_asks.ask(account_id)
    return len(due)


def _is_due(account_id: int, synced_at: datetime | None, now: datetime) -> bool:
    minute = now.minute - account_id
    is_late = synced_at is not None and now - synced_at > _LATE
    return minute % 60 == 0 or (is_late and minute % 10 == 0)


def work_off() -> int:
    """Look at one account that was asked for. Returns how many there were."""
    account_id = message_template_asks.take()
    if account_id is None:
        return 0
    try:
        message_templates.sync(account=get_account(account_id, EVERYTHING), actor=SYSTEM)
    except DomainError as error:
        # Meta is away, or the token has run out: the health check tells people; the next hour tries again.
        db.session.rollback()
        log.info("account %d: no look at its message templates: %s", account_id, error.code)
    except Exception:
        db.session.rollback()
        fields = about(account_id=account_id)
        log.exception("the message templates of account %d could not be read", account_id, extra=fields)
    return 1
