"""Letting old messages go: whole days in the time zone of their account, with all that hangs on them.

A day's figures are counted one last time before, and stay from then on (`usage.settle_day`). What is still
under way stays, and so does what a customer may answer to now.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo

from sqlalchemy import ColumnElement, and_, delete, false, func, or_, select, update

from app.extensions import db
from app.models import WINDOW, Account, Conversation, Message, MessageStatus, PhoneNumber, utcnow
from app.models.time_zones import day_bounds, day_of, zone_or_utc
from app.queries.analytics import first_recent_day
from app.services import media_upkeep, usage

_AT_A_TIME = 200
_BREATH_S = 0.02
"""Between two batches: on SQLite whoever waits to write looks only now and then whether it is his turn."""
_EVER = datetime(1970, 1, 1, tzinfo=UTC)
_UNDER_WAY = (MessageStatus.QUEUED, MessageStatus.SENDING, MessageStatus.UNCONFIRMED)


def is_old(before: datetime) -> ColumnElement[bool]:
    """Messages of days that were over by then, where their account is."""
    names = db.session.scalars(select(Account.time_zone).distinct()).all()
    return or_(
        false(),
        *(
            and_(
                Message.account_id.in_(select(Account.id).where(Account.time_zone == name)),
                Message.created_at < _end(before, zone_or_utc(name)),
                _may_go(),
            )
            for name in names
        ),
    )


def let_go_of_old(days: int) -> int:
    """Messages of days that ended more than so many days ago; 0 keeps all. Answers how many."""
    if days <= 0:
        return 0
    before = utcnow() - timedelta(days=days)
    # A day between two that were counted is taken for counted, too.
    usage.roll_up()
    rows = db.session.execute(
        select(PhoneNumber.id, Account.time_zone)
        .join(Account, Account.id == PhoneNumber.account_id)
        .order_by(PhoneNumber.id)
    ).all()
    db.session.rollback()
    return sum(_let_go_of_number(row.id, zone_or_utc(row.time_zone), before) for row in rows)


def _end(before: datetime, there: tzinfo) -> datetime:
    """Midnight after the last day that goes. Days that pages count from messages still are not among them."""
    return day_bounds(min(day_of(before, there), first_recent_day(there)), there)[0]


def _may_go() -> ColumnElement[bool]:
    shown_in_open_window = select(Conversation.last_message_id).where(
        Conversation.last_message_id.is_not(None), Conversation.last_inbound_at > utcnow() - WINDOW
    )
    return and_(Message.status.not_in(_UNDER_WAY), Message.id.not_in(shown_in_open_window))


def _let_go_of_number(number_id: int, there: tzinfo, before: datetime) -> int:
    gone, end = 0, _end(before, there)
    day = _next_day(number_id, there, _EVER, end)
    while day is not None:
        # Before the first of them goes: a process that is killed in between leaves true figures.
        usage.settle_day(number_id, day)
        start, over = day_bounds(day, there)
        while batch := _let_go(number_id, start, over):
            gone += batch
            time.sleep(_BREATH_S)
        day = _next_day(number_id, there, over, end)
    return gone


def _next_day(number_id: int, there: tzinfo, start: datetime, end: datetime) -> date | None:
    first = db.session.scalar(select(func.min(Message.created_at)).where(*_of(number_id, start, end)))
    db.session.rollback()
    return day_of(first, there) if first is not None else None


def _of(number_id: int, start: datetime, end: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        Message.phone_number_id == number_id,
        Message.created_at >= start,
        Message.created_at < end,
        _may_go(),
    )


def _let_go(number_id: int, start: datetime, end: datetime) -> int:
    """Messages before conversations, as everybody locks them. What others hold is for the next run."""
    rows = db.session.execute(
        select(Message.id, Message.conversation_id)
        .where(*_of(number_id, start, end))
        .order_by(Message.id)
        .limit(_AT_A_TIME)
        .with_for_update(skip_locked=True)
    ).all()
    ids = [row.id for row in rows]
    if ids:
        media_upkeep.note_files_of(ids)
        _forget_in_lists(ids, sorted({row.conversation_id for row in rows}))
        gone = delete(Message).where(Message.id.in_(ids))
        db.session.execute(gone, execution_options={"synchronize_session": False})
    db.session.commit()
    return len(ids)


def _forget_in_lists(ids: Sequence[int], conversation_ids: Sequence[int]) -> None:
    """A list shows the beginning of the last message: where that goes, nothing is left to read."""
    touched = Conversation.id.in_(conversation_ids)
    options = {"synchronize_session": False}
    emptied = update(Conversation).where(touched, Conversation.last_message_id.in_(ids))
    nothing = {
        "last_message_id": None,
        "last_message_preview": "",
        "last_message_direction": None,
        "last_message_status": None,
        "unread_count": 0,
    }
    db.session.execute(emptied.values(nothing), execution_options=options)
    shown = update(Conversation).where(touched).values(version=Conversation.version + 1)
    db.session.execute(shown, execution_options=options)
