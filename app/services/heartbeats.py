"""Workers say that they are alive; whoever stops saying it is missed."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete

from app.extensions import db
from app.models import WorkerHeartbeat, utcnow

_FORGET_AFTER = timedelta(days=1)


def beat(worker: str) -> None:
    """Note that this worker is alive now."""
    row = db.session.get(WorkerHeartbeat, worker)
    if row is None:
        db.session.add(WorkerHeartbeat(name=worker))
    else:
        row.seen_at = utcnow()
    db.session.commit()


def retire(worker: str) -> None:
    """A clean goodbye, and forget those who never said one."""
    forgotten = utcnow() - _FORGET_AFTER
    db.session.execute(
        delete(WorkerHeartbeat).where(
            (WorkerHeartbeat.name == worker) | (WorkerHeartbeat.seen_at < forgotten)
        )
    )
    db.session.commit()
