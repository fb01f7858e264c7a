"""Mail that waits: written with the change it tells of, claimed by one worker at a time, tried again later.

A claim lasts `LEASE`; what a killed worker leaves is sent again when it has run out, so a mail may come twice
(with the same Message-ID), and never not at all while its tries last.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy import Table, select, text, update

from app.extensions import db
from app.models import DeliveryState, Mail, utcnow
from app.queries import mails as queries
from app.services import pacing

LEASE = timedelta(minutes=3)
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720))
"""After the first try, the second …: about a day of them."""
TOLD_FOR = timedelta(days=8)
"""How long it is said that a mail was given up, unless one goes through before: a week after its last try."""
_MAILS = cast(Table, Mail.__table__)
# In words of its own: with bound values no database would see that the small index of open rows fits.
_IS_OPEN = text("mails.state IN ('waiting', 'sending')")


@dataclass(frozen=True)
class Letter:
    """A mail to send, copied out of its row."""

    mail_id: int
    recipient: str
    subject: str
    body: str
    message_id: str
    created_at: datetime
    attempt: int
    worker: str


def queue(recipients: Iterable[str], *, subject: str, body: str, account_id: int | None = None) -> int:
    """One mail for each. Nothing when no mail server is set. The caller commits."""
    settings = current_app.config["SETTINGS"]
    if settings.mail is None:
        return 0
    addresses = list(dict.fromkeys(recipients))
    for address in addresses:
        mail = Mail(
            account_id=account_id,
            recipient=address,
            subject=subject,
            body=body,
            message_id=new_message_id(),
        )
        db.session.add(mail)
    return len(addresses)


def new_message_id() -> str:
    host = urlsplit(current_app.config["SETTINGS"].public_base_url).hostname or "localhost"
    return f"<{uuid.uuid4().hex}@{host}>"


def claim(worker: str) -> Letter | None:
    """The next due mail, marked as this worker's, and committed; None when nothing is due."""
    now = pacing.database_now()
    row = db.session.scalar(
        select(Mail)
        .where(_IS_OPEN, Mail.next_attempt_at <= now)
        .order_by(Mail.next_attempt_at, Mail.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if row is None:
        db.session.rollback()
        return None
    row.state, row.lease_owner, row.next_attempt_at = DeliveryState.SENDING, worker, now + LEASE
    row.attempts += 1
    letter = Letter(
        row.id, row.recipient, row.subject, row.body, row.message_id, row.created_at, row.attempts, worker
    )
    db.session.commit()
    return letter


def finish(letter: Letter, answer: str, *, is_sent: bool, is_final: bool = False) -> bool:
    """Write down how the try ended; False when the row was no longer this worker's. `is_final`: the server
    will not take it, however often it is tried."""
    now = pacing.database_now()
    values: dict[str, Any] = {"lease_owner": None, "last_answer": answer[:500]}
    if is_sent or is_final or letter.attempt > len(WAITS):
        state = DeliveryState.DELIVERED if is_sent else DeliveryState.FAILED
        values |= {"state": state, "next_attempt_at": None, "finished_at": now}
    else:
        # Chance spreads the tries after an outage; nobody gains by guessing it.
        wait = WAITS[letter.attempt - 1] * (1 + random.random() / 10)  # noqa: S311
        values |= {"state": DeliveryState.WAITING, "next_attempt_at": now + wait}
    changed = db.session.execute(
        update(_MAILS)
        .where(
            _MAILS.c.id == letter.mail_id,
            _MAILS.c.state == DeliveryState.SENDING,
            _MAILS.c.lease_owner == letter.worker,
            _MAILS.c.attempts == letter.attempt,
        )
        .values(values)
    )
    db.session.commit()
    return bool(cast(Any, changed).rowcount)


def list_given_up(account_id: int | None = None) -> list[Mail]:
    """Mails that were given up of late, and of which nothing shows yet that the reason is gone."""
    return queries.list_given_up(utcnow() - TOLD_FOR, len(WAITS) + 1, account_id=account_id)


def keep_sent(recipient: str, *, subject: str, body: str, message_id: str, answer: str) -> None:
    """A mail that went out past the queue: it stands in the list, and shows that the server takes mail."""
    now = utcnow()
    db.session.add(
        Mail(
            recipient=recipient,
            subject=subject,
            body=body,
            message_id=message_id,
            created_at=now,
            state=DeliveryState.DELIVERED,
            attempts=1,
            next_attempt_at=None,
            finished_at=now,
            last_answer=answer[:500],
        )
    )
    db.session.commit()
