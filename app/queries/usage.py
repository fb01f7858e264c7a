"""Figures: finished days from the roll-up, today from the messages themselves."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func, select

from app.extensions import db
from app.models import Direction, Message, MessageStatus

_OUT = Message.direction == Direction.OUTBOUND


def _sum(condition: ColumnElement[bool]) -> Any:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


FIGURES = {
    "sent": _sum(_OUT & Message.sent_at.is_not(None) & (Message.status != MessageStatus.FAILED)),
    "delivered": _sum(_OUT & (Message.delivered_at.is_not(None) | Message.read_at.is_not(None))),
    "read": _sum(_OUT & Message.read_at.is_not(None)),
    "failed": _sum(_OUT & (Message.status == MessageStatus.FAILED)),
    "received": _sum(Message.direction == Direction.INBOUND),
}
"""What each figure counts. `sent`: accepted by Meta, and not failed since (Meta mostly finds out later), so
that `sent` and `failed` together are all that were tried. `delivered` includes read ones: a phone that
shows a message at once reports only that it was read."""


def count_day(phone_number_id: int, start: datetime, end: datetime) -> dict[str, Any]:
    """One number's figures of messages created in [start, end), and its failures by code."""
    span = (
        Message.phone_number_id == phone_number_id,
        Message.created_at >= start,
        Message.created_at < end,
    )
    row = db.session.execute(select(*(expr.label(name) for name, expr in FIGURES.items())).where(*span)).one()
    failures = db.session.execute(
        select(Message.error_code, func.count())
        .where(*span, Message.status == MessageStatus.FAILED)
        .group_by(Message.error_code)
    )
    counted: dict[str, Any] = {name: int(value) for name, value in row._mapping.items()}
    counted["failures"] = {str(code or ""): count for code, count in failures}
    return counted
