"""Figures of stretches of time: from the messages themselves, or from hours that were counted ahead."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select

from app.extensions import db
from app.models import HISTORY_KEYS, Direction, Message, MessageStatus, UsageChange, UsageHour, hour_of
from app.models.time_zones import day_bounds, day_of

HOUR = timedelta(hours=1)
_END_OF_HOUR = HOUR - timedelta(microseconds=1)
_VALUES_AT_ONCE = 5_000
"""Databases count the values bound to a statement."""
_OUT = Message.direction == Direction.OUTBOUND


@dataclass(frozen=True)
class Figures:
    """Counts over some span: `sent` were accepted and did not fail since; `delivered` includes read ones."""

    sent: int = 0
    delivered: int = 0
    read: int = 0
    failed: int = 0
    received: int = 0

    def __add__(self, other: Figures) -> Figures:
        return Figures(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    @property
    def delivery_rate(self) -> float:
        """Delivered per accepted, 0 to 1."""
        return self.delivered / self.sent if self.sent else 0.0

    @property
    def read_rate(self) -> float:
        """Read per delivered, 0 to 1."""
        return self.read / self.delivered if self.delivered else 0.0

    @property
    def failure_rate(self) -> float:
        """Failed per all that were tried, 0 to 1."""
        tried = self.sent + self.failed
        return self.failed / tried if tried else 0.0


def figures_of(row: Any) -> Figures:
    """Those of a row that has a column for each."""
    return Figures(*(int(getattr(row, f.name)) for f in fields(Figures)))


@dataclass
class Count:
    """What was counted of one number; `failures` by Meta's code, as text ("" for none)."""

    figures: Figures = field(default_factory=Figures)
    failures: dict[str, int] = field(default_factory=dict)

    def add(self, figures: Figures, failures: Mapping[str, int]) -> None:
        self.figures += figures
        for code, count in failures.items():
            self.failures[code] = self.failures.get(code, 0) + count


@dataclass(frozen=True)
class Span:
    """Messages of these numbers, created in [start, end)."""

    phone_number_ids: tuple[int, ...]
    start: datetime
    end: datetime

    def condition(self) -> ColumnElement[bool]:
        """The numbers are named even where all are meant: the index begins with them."""
        return and_(
            Message.phone_number_id.in_(self.phone_number_ids),
            Message.created_at >= self.start,
            Message.created_at < self.end,
            was_here(),
        )


def was_here() -> ColumnElement[bool]:
    """The condition: it came or went through this console, and is no old chat of the phone's."""
    return or_(Message.client_key.is_(None), Message.client_key.not_like(f"{HISTORY_KEYS}%"))


def _sum(condition: ColumnElement[bool]) -> Any:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


_FIGURES = {
    "sent": _sum(_OUT & Message.sent_at.is_not(None) & (Message.status != MessageStatus.FAILED)),
    "delivered": _sum(_OUT & (Message.delivered_at.is_not(None) | Message.read_at.is_not(None))),
    "read": _sum(_OUT & Message.read_at.is_not(None)),
    "failed": _sum(_OUT & (Message.status == MessageStatus.FAILED)),
    "received": _sum(Message.direction == Direction.INBOUND),
}
"""What each figure counts. `sent`: accepted by Meta, and not failed since (Meta mostly finds out later), so
that `sent` and `failed` together are all that were tried. `delivered` includes read ones: a phone that
shows a message at once reports only that it was read."""


def count_messages(spans: Iterable[Span]) -> dict[int, Count]:
    """By number, from the messages themselves; numbers without any are missing. Spans must not overlap."""
    # One pass for figures and failures: a busy day's messages take long to go through.
    parts = (Message.phone_number_id, Message.error_code)
    columns = (*parts, *(expression.label(name) for name, expression in _FIGURES.items()))
    found: dict[int, Count] = {}
    for some in _fitting(spans):
        statement = select(*columns).where(or_(*(span.condition() for span in some))).group_by(*parts)
        for row in db.session.execute(statement):
            failures = {str(row.error_code or ""): int(row.failed)} if row.failed else {}
            found.setdefault(row.phone_number_id, Count()).add(figures_of(row), failures)
    return found


def _fitting(spans: Iterable[Span]) -> Iterator[list[Span]]:
    """As many at a time as one statement takes."""
    some: list[Span] = []
    size = 0
    for span in spans:
        length = len(span.phone_number_ids) + 2
        if some and size + length > _VALUES_AT_ONCE:
            yield some
            some, size = [], 0
        some.append(span)
        size += length
    if some:
        yield some


def count_days(
    phone_number_ids: Iterable[int], first: date, last: date, there: tzinfo = UTC
) -> Iterator[tuple[date, int, Count]]:
    """(day, number, what was counted) of the days from `first` to `last` in that time zone.

    As the messages stand now: hours with a row that holds are taken from it, the others are counted.
    """
    ids = tuple(sorted(phone_number_ids))
    if not ids or first > last:
        return
    found: dict[tuple[date, int], Count] = {}
    counted = set()
    for row in _counted_hours(ids, day_bounds(first, there)[0], day_bounds(last, there)[1]):
        day = day_of(row.hour_at, there)
        if day_of(row.hour_at + _END_OF_HOUR, there) != day:
            continue
        counted.add((row.phone_number_id, row.hour_at))
        found.setdefault((day, row.phone_number_id), Count()).add(figures_of(row), row.failures)
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        for number_id, count in count_messages(_uncounted(ids, day, there, counted)).items():
            found.setdefault((day, number_id), Count()).add(count.figures, count.failures)
    for (day, number_id), count in found.items():
        if count.figures != Figures():
            yield day, number_id, count


def _counted_hours(phone_number_ids: tuple[int, ...], start: datetime, end: datetime) -> Iterator[Any]:
    """Rows and the changes that they lack are read by one statement, so that they belong to one moment."""
    is_changed = exists().where(
        UsageChange.hour_at == UsageHour.hour_at, UsageChange.phone_number_id == UsageHour.phone_number_id
    )
    columns = (UsageHour.phone_number_id, UsageHour.hour_at, UsageHour.failures)
    return iter(
        db.session.execute(
            select(*columns, *(getattr(UsageHour, f.name) for f in fields(Figures))).where(
                UsageHour.phone_number_id.in_(phone_number_ids),
                UsageHour.hour_at >= start,
                UsageHour.hour_at < end,
                ~is_changed,
            )
        )
    )


def _uncounted(
    ids: tuple[int, ...], day: date, there: tzinfo, counted: set[tuple[int, datetime]]
) -> list[Span]:
    """What of the day no row holds; neighbours that lack the same numbers are one span.

    Where midnight is not on the hour (India), the hours at both ends belong to two days and to no row.
    """
    spans: list[Span] = []
    at, end = day_bounds(day, there)
    while at < end:
        until = min(hour_of(at) + HOUR, end)
        is_whole = until - at == HOUR
        missing = tuple(id_ for id_ in ids if not is_whole or (id_, at) not in counted)
        if spans and spans[-1].end == at and spans[-1].phone_number_ids == missing:
            spans[-1] = Span(missing, spans[-1].start, until)
        elif missing:
            spans.append(Span(missing, at, until))
        at = until
    return spans
