"""How long the bot's traces are kept."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select

from app.extensions import db
from app.models import BotTrace, utcnow

_AT_A_TIME = 5000


def forget(retention_days: int) -> None:
    """Drop those that are older, some thousands at a time: nobody waits for a long delete."""
    before = utcnow() - timedelta(days=retention_days)
    while True:
        oldest = (
            select(BotTrace.id)
            .where(BotTrace.created_at < before)
            .order_by(BotTrace.created_at)
            .limit(_AT_A_TIME)
        )
        ids = list(db.session.scalars(oldest))
        if ids:
            db.session.execute(delete(BotTrace).where(BotTrace.id.in_(ids)))
        db.session.commit()
        if len(ids) < _AT_A_TIME:
            return
