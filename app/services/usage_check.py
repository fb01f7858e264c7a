"""Do the figures that were counted ahead still agree with the messages? Found, told, and mended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo

from sqlalchemy import func, select

from app.extensions import db
from app.models import Account, AccountUsageLog, Message, PhoneNumber, utcnow
from app.models.time_zones import day_bounds, day_of, zone_or_utc
from app.queries.usage import Count, Figures, Span, count_messages, figures_of
from app.queries.usage_details import Details, count_details, count_names
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

    A day of which messages were deleted is believed, and so is one of which none is left.
    """
    if mend:
        usage.roll_up()
    found = [each for number in _numbers() for each in _check_number(*number)]
    db.session.rollback()
    if mend:
        for each in found:
            usage.count_day(each.phone_number_id, each.day)
    return found


def _numbers() -> list[tuple[int, str, tzinfo]]:
    rows = db.session.execute(
        select(PhoneNumber.id, PhoneNumber.display_number, Account.time_zone)
        .join(Account, Account.id == PhoneNumber.account_id)
        .order_by(PhoneNumber.id)
    ).all()
    db.session.rollback()
    return [(row.id, row.display_number, zone_or_utc(row.time_zone)) for row in rows]


def _check_number(number_id: int, number: str, there: tzinfo) -> Iterator[Disagreement]:
    kept = {
        row.day: row
        for row in db.session.scalars(
            select(AccountUsageLog).where(AccountUsageLog.phone_number_id == number_id)
        )
    }
    for day in _days_with_messages(number_id, there):
        if day in kept and kept[day].messages_purged_at is not None:
            continue
        start, end = day_bounds(day, there)
        count = count_messages([Span((number_id,), start, end)]).get(number_id, Count())
        details = count_details(number_id, start, end)
        details.kinds |= count_names(number_id, start, end)
        row = kept.get(day)
        if not details.is_empty and not _agrees(row, count, details):
            yield Disagreement(number_id, number, day, figures_of(row) if row else None, count.figures)
        # Nothing is held open while the next day is counted.
        db.session.rollback()


def _agrees(row: AccountUsageLog | None, count: Count, details: Details) -> bool:
    return row is not None and (
        (figures_of(row), row.failures, row.kinds, row.pricing, row.bot_replies, row.unique_people)
        == (
            count.figures,
            count.failures,
            details.kinds,
            details.pricing,
            details.bot_replies,
            details.unique_people,
        )
    )


def _days_with_messages(number_id: int, there: tzinfo) -> Iterator[date]:
    first = db.session.scalar(
        select(func.min(Message.created_at)).where(Message.phone_number_id == number_id)
    )
    if first is None:
        return
    day = day_of(first, there)
    while day < day_of(utcnow(), there):
        yield day
        day += _DAY
