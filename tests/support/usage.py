"""Figures as the dashboard tells them, beside those told by going through the messages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.models import AccountUsageLog, Message, MessageStatus, UsageHour, hour_of, utcnow
from app.queries.access import EVERYTHING
from app.queries.analytics import Figures, Overview, get_overview

HOUR = timedelta(hours=1)


def overview() -> Overview:
    """Yesterday and today, read as a page reads it."""
    db.session.rollback()
    today = utcnow().date()
    return get_overview(EVERYTHING, start=today - timedelta(days=1), end=today)


def figures_of(message: Message) -> Figures:
    """What one message adds, told without the database."""
    if not message.is_outbound:
        return Figures(received=1)
    is_failed = message.status is MessageStatus.FAILED
    return Figures(
        sent=int(message.sent_at is not None and not is_failed),
        delivered=int(message.delivered_at is not None or message.read_at is not None),
        read=int(message.read_at is not None),
        failed=int(is_failed),
    )


def assert_true_to_the_messages() -> None:
    found = overview()
    days = {entry.day: Figures() for entry in found.days}
    numbers: dict[int, Figures] = {}
    failures: dict[int | None, int] = {}
    for message in db.session.scalars(select(Message)):
        day = message.created_at.date()
        if day in days:
            one = figures_of(message)
            days[day] += one
            numbers[message.phone_number_id] = numbers.get(message.phone_number_id, Figures()) + one
            if one.failed:
                failures[message.error_code] = failures.get(message.error_code, 0) + 1
    assert {entry.day: entry.figures for entry in found.days} == days
    counted = {entry.phone_number_id: entry.figures for entry in found.numbers}
    assert counted == {id_: figures for id_, figures in numbers.items() if figures != Figures()}
    assert {failure.code: failure.count for failure in found.failures} == failures
    db.session.rollback()


def assert_days_are_true_to_the_messages() -> None:
    """Of every finished day, once it is rolled up."""
    days: dict[tuple[int, Any], Figures] = {}
    for message in db.session.scalars(select(Message)):
        key = message.phone_number_id, message.created_at.date()
        days[key] = days.get(key, Figures()) + figures_of(message)
    logs = {
        (row.phone_number_id, row.day): Figures(row.sent, row.delivered, row.read, row.failed, row.received)
        for row in db.session.scalars(select(AccountUsageLog))
    }
    today = utcnow().date()
    finished = {key: figures for key, figures in days.items() if key[1] < today and figures != Figures()}
    assert {key: figures for key, figures in logs.items() if figures != Figures()} == finished


def hour_row(message: Message) -> UsageHour:
    db.session.rollback()
    return db.session.get_one(
        UsageHour, (message.phone_number_id, hour_of(message.created_at)), populate_existing=True
    )
