"""Reads of the mail that was sent or waits."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import aliased

from app.extensions import db
from app.models import DeliveryState, Mail

_LATEST = 20


def list_latest_mails() -> list[Mail]:
    """The newest first."""
    statement = select(Mail).order_by(Mail.created_at.desc(), Mail.id.desc()).limit(_LATEST)
    return list(db.session.scalars(statement))


def list_given_up(since: datetime, all_tries: int, *, account_id: int | None = None) -> list[Mail]:
    """Mails written since then that were given up, the latest first.

    Over is what was refused once a later mail to the same person was taken, and what was tried `all_tries`
    times in vain once the server took any later one.
    """
    later = aliased(Mail)
    is_over = exists().where(
        later.state == DeliveryState.DELIVERED,
        later.finished_at > Mail.finished_at,
        or_(later.recipient == Mail.recipient, Mail.attempts >= all_tries),
    )
    statement = select(Mail).where(Mail.created_at > since, Mail.state == DeliveryState.FAILED, ~is_over)
    if account_id is not None:
        statement = statement.where(Mail.account_id == account_id)
    return list(db.session.scalars(statement.order_by(Mail.finished_at.desc(), Mail.id.desc())))
