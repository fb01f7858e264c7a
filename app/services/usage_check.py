"""Do the figures that were counted ahead still agree with the messages? Found, told, and mended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select

from app.extensions import db
from app.models import AccountUsageLog, Message, PhoneNumber, utcnow
from app.queries.usage import Count, Figures, Span, count_messages, day_bounds, figures_of
from app.services import usage

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Disagreement:
    """A number's finished day whose kept figures (None: there are none) are not those of its messages."""

    phone_number_id: int
    number: str
    day: date
    kept: Figures | None
    counted: Figures


def check_usage(*, mend: bool) -> list[Disagreement]:
    """All finished days that disagree. With `mend` what is due is counted first, and they are set right.

    A day of which no message is left is believed: its messages may have been deleted.
    """
    if mend:
        usage.roll_up()
    found = [each for number in _numbers() for each in _check_number(*number)]
    db.session.rollback()
    if mend:
        for each in found:
            usage.count_day(each.phone_number_id, each.day)
    return found


def _numbers() -> list[tuple[int, str]]:
    rows = db.session.execute(
        select(PhoneNumber.id, PhoneNumber.display_number).order_by(PhoneNumber.id)
    ).all()
    db.session.rollback()
    return [(number_id, number) for number_id, number in rows]


def _check_number(number_id: int, number: str) -> Iterator[Disagreement]:
    kept = {
        row.day: row
        for row in db.session.scalars(
            select(AccountUsageLog).where(AccountUsageLog.phone_number_id == number_id)
        )
    }
    for day in _days_with_messages(number_id):
        count = count_messages([Span((number_id,), *day_bounds(day))]).get(number_id, Count())
        row = kept.get(day)
        agrees = row is not None and (figures_of(row), row.failures) == (count.figures, count.failures)
        if count.figures != Figures() and not agrees:
            yield Disagreement(number_id, number, day, figures_of(row) if row else None, count.figures)
        # Nothing is held open while the next day is counted.
        db.session.rollback()


def _days_with_messages(number_id: int) -> Iterator[date]:
    first = db.session.scalar(
        select(func.min(Message.created_at)).where(Message.phone_number_id == number_id)
    )
    if first is None:
        return
    day = first.date()
    while day < utcnow().date():
        yield day
        day += _DAY
