"""How soon people answered and closed: over all, by person, and by team."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import ceil
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from app.extensions import db
from app.models import Account, ConversationCase, Team, User
from app.models.time_zones import zone_or_utc
from app.queries.access import AccountScope

_MOST = 200_000
"""Cases that are looked at; the latest ones."""


@dataclass(frozen=True)
class Times:
    """Seconds of business hours; None where nothing was counted. `within`: the share of those that had a
    target and kept to it."""

    count: int
    median_s: int | None
    p90_s: int | None
    within: float | None


@dataclass(frozen=True)
class Group:
    """A person's or a team's. `name`: empty for nobody in particular."""

    id: int
    name: str
    answers: Times
    ends: Times


@dataclass(frozen=True)
class ServiceTimes:
    answers: Times
    ends: Times
    people: list[Group]
    teams: list[Group]


_Row = Any


def get_service_times(
    scope: AccountScope,
    *,
    start: date,
    end: date,
    account_id: int | None = None,
    phone_number_id: int | None = None,
) -> ServiceTimes:
    """Of cases that began on these days, in each account's time zone. Answers of the bot and of programs are
    nobody's."""
    conditions = [scope.covers(ConversationCase.account_id), _days(scope, start, end)]
    if account_id is not None:
        conditions.append(ConversationCase.account_id == account_id)
    if phone_number_id is not None:
        conditions.append(ConversationCase.phone_number_id == phone_number_id)
    columns = (
        ConversationCase.answered_by_id,
        ConversationCase.answer_team_id,
        ConversationCase.answer_s,
        ConversationCase.answer_target_s,
        ConversationCase.closed_by_id,
        ConversationCase.close_team_id,
        ConversationCase.resolution_s,
        ConversationCase.resolution_target_s,
    )
    latest = select(*columns).where(*conditions).order_by(ConversationCase.began_at.desc()).limit(_MOST)
    rows = db.session.execute(latest).all()
    return ServiceTimes(
        answers=_answers(rows),
        ends=_ends(rows),
        people=_groups(rows, "answered_by_id", "closed_by_id", _names(User)),
        teams=_groups(rows, "answer_team_id", "close_team_id", _names(Team)),
    )


def _days(scope: AccountScope, start: date, end: date) -> ColumnElement[bool]:
    by_zone: dict[str, list[int]] = {}
    for id_, name in db.session.execute(
        select(Account.id, Account.time_zone).where(scope.covers(Account.id))
    ):
        by_zone.setdefault(name, []).append(id_)
    return or_(
        ConversationCase.id.is_(None),
        *(
            and_(
                ConversationCase.account_id.in_(ids),
                ConversationCase.began_at >= _midnight(start, name),
                ConversationCase.began_at < _midnight(end + timedelta(days=1), name),
            )
            for name, ids in by_zone.items()
        ),
    )


def _midnight(day: date, zone_name: str) -> datetime:
    return datetime.combine(day, time(), zone_or_utc(zone_name)).astimezone(UTC)


def _names(model: Any) -> dict[int, str]:
    if model is User:
        return {user.id: user.display_name for user in db.session.scalars(select(User))}
    return {team.id: team.name for team in db.session.scalars(select(Team))}


def _groups(rows: Sequence[_Row], answered: str, closed: str, names: dict[int, str]) -> list[Group]:
    """Whoever is gone by now is left out; those with the most answers first."""
    ids = {getattr(row, name) for row in rows for name in (answered, closed)} & names.keys()
    found = [
        Group(
            id_,
            names[id_],
            _answers([row for row in rows if getattr(row, answered) == id_]),
            _ends([row for row in rows if getattr(row, closed) == id_]),
        )
        for id_ in ids
    ]
    return sorted(found, key=lambda group: (-group.answers.count, group.name.casefold(), group.id))


def _answers(rows: Iterable[_Row]) -> Times:
    return times_of([(row.answer_s, row.answer_target_s) for row in rows if row.answer_s is not None])


def _ends(rows: Iterable[_Row]) -> Times:
    return times_of(
        [(row.resolution_s, row.resolution_target_s) for row in rows if row.resolution_s is not None]
    )


def times_of(pairs: Sequence[tuple[int, int | None]]) -> Times:
    """Of (seconds, target or None)."""
    seconds = sorted(taken for taken, _ in pairs)
    kept = [taken <= target for taken, target in pairs if target is not None]
    return Times(
        count=len(seconds),
        median_s=_at(seconds, 0.5),
        p90_s=_at(seconds, 0.9),
        within=sum(kept) / len(kept) if kept else None,
    )


def _at(seconds: Sequence[int], share: float) -> int | None:
    """The least value that so large a share does not exceed."""
    return seconds[ceil(len(seconds) * share) - 1] if seconds else None
