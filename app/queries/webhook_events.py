"""Reads of Meta's posts: by filter, by key, one of them. Newest first, by cursor; nothing is counted in full.

Which index leads is chosen here, by what is rarest: a person or message, a state that few events are
in, an account, a kind or number, and else each state by its time. The rest is looked at row by row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, or_, select, union, union_all
from sqlalchemy.orm import aliased, defer

from app.errors import NotFound
from app.extensions import db
from app.models import EventState, WebhookEvent, WebhookEventKey
from app.queries.access import AccountScope
from app.queries.cursors import Cursor
from app.queries.slices import Slice, Turn

LIST_LENGTH = 50
_COUNTED = 1_000
_MARGIN = timedelta(minutes=1)
_RARE = frozenset(EventState) - {EventState.PROCESSED}


@dataclass(frozen=True)
class EventFilters:
    """They all hold at once.

    `found_by`: keys of a person, user or message: of each group one must be there. `kind` and
    `number_meta_id` stand without their prefix. `since` counts as inside, `until` as outside; both are
    about when it was received.
    """

    found_by: tuple[tuple[str, ...], ...] = ()
    kind: str | None = None
    number_meta_id: str | None = None
    account_id: int | None = None
    state: EventState | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_narrowed(self) -> bool:
        return self != EventFilters()

    @property
    def keys(self) -> tuple[str, ...]:
        """Those of kind and number: each must be there."""
        kind = f"k:{self.kind}" if self.kind else None
        number = f"n:{self.number_meta_id}" if self.number_meta_id else None
        return tuple(key for key in (kind, number) if key)


def get_event(event_id: int, scope: AccountScope) -> WebhookEvent:
    """With its body. Raises NotFound outside the scope; what belongs to no account only an owner sees."""
    event = db.session.scalar(
        select(WebhookEvent).where(WebhookEvent.id == event_id, scope.covers(WebhookEvent.account_id))
    )
    if event is None:
        raise NotFound("There is no such event.")
    return event


def list_events(
    scope: AccountScope, filters: EventFilters, turn: Turn | None = None, limit: int = LIST_LENGTH
) -> Slice[WebhookEvent]:
    """One page, without the bodies."""
    # One more than asked for tells whether the list goes on.
    ids = _find_ids(scope, filters, turn, limit + 1)
    goes_on, ids = len(ids) > limit, ids[:limit]
    rows = _load(ids)
    if turn is not None and turn.is_newer:
        return _slice(rows, has_older=True, has_newer=goes_on)
    return _slice(rows, has_older=goes_on, has_newer=turn is not None)


def _slice(rows: list[WebhookEvent], *, has_older: bool, has_newer: bool) -> Slice[WebhookEvent]:
    if not rows:
        return Slice(rows, None, None)
    newest, oldest = (Cursor(row.received_at, row.id) for row in (rows[0], rows[-1]))
    return Slice(
        rows, Turn(oldest) if has_older else None, Turn(newest, is_newer=True) if has_newer else None
    )


def _load(ids: Sequence[int]) -> list[WebhookEvent]:
    statement = select(WebhookEvent).where(WebhookEvent.id.in_(ids)).options(defer(WebhookEvent.body))
    rows = db.session.scalars(statement) if ids else ()
    return sorted(rows, key=lambda row: (row.received_at, row.id), reverse=True)


def list_event_ids(scope: AccountScope, filters: EventFilters, limit: int) -> list[int]:
    """The newest that fit, at most `limit`."""
    return _find_ids(scope, filters, None, limit)


def list_parts(event: WebhookEvent) -> list[WebhookEvent]:
    """What of this event stands in rows of its own."""
    statement = select(WebhookEvent).where(WebhookEvent.parent_id == event.id).order_by(WebhookEvent.id)
    return list(db.session.scalars(statement.limit(LIST_LENGTH).options(defer(WebhookEvent.body))))


def count_parked(scope: AccountScope) -> int:
    """Those that need attention; counted up to a thousand."""
    return db.session.scalar(parked(scope)) or 0


def parked(scope: AccountScope) -> Select[int]:
    """The same as a statement, to be a part of another."""
    found = (
        select(WebhookEvent.id)
        .where(scope.covers(WebhookEvent.account_id), WebhookEvent.state == EventState.PARKED)
        .limit(_COUNTED)
    )
    return select(func.count()).select_from(found.subquery())


def list_keys(event_ids: Sequence[int]) -> dict[int, list[str]]:
    """Kinds and numbers of these events, and of the people one each: by event id, in order."""
    if not event_ids:
        return {}
    key = WebhookEventKey.key
    of_these = WebhookEventKey.event_id.in_(event_ids)
    several = select(WebhookEventKey.event_id, key.label("key")).where(of_these, key.between("k:", "k;"))
    numbers = select(WebhookEventKey.event_id, key.label("key")).where(of_these, key.between("n:", "n;"))
    people = (
        select(WebhookEventKey.event_id, func.min(key).label("key"))
        .where(of_these, key.between("p:", "p;"))
        .group_by(WebhookEventKey.event_id)
    )
    found: dict[int, list[str]] = {}
    for event_id, value in db.session.execute(union_all(several, numbers, people)):
        found.setdefault(event_id, []).append(value)
    return {event_id: sorted(values) for event_id, values in found.items()}


# --- the way to the rows ----------------------------------------------------------------------------


@dataclass(frozen=True)
class _Lane:
    """One way through an index: its statement, and in which order of columns it is walked."""

    statement: Select[datetime, int]
    order: tuple[Any, ...]


_BY_TIME = (WebhookEvent.received_at, WebhookEvent.id)
_BY_KEY = (WebhookEventKey.event_id,)
"""Events with keys are numbered as they came in, so the two orders are the same to within a moment."""


def _find_ids(scope: AccountScope, filters: EventFilters, turn: Turn | None, limit: int) -> list[int]:
    """Each lane is walked in the order of its index; together they are merged."""
    is_newer = turn is not None and turn.is_newer
    parts = [
        lane.statement.where(*_beyond(turn, lane.order))
        .order_by(*_directed(lane.order, is_newer))
        .limit(limit)
        .subquery()
        for lane in _lanes(scope, filters)
    ]
    if not parts:
        return []
    # An event may stand in two lanes: a union keeps it once.
    merged = union(*(select(part.c.received_at, part.c.id) for part in parts)).subquery()
    order = _directed((merged.c.received_at, merged.c.id), is_newer)
    rows = db.session.execute(select(merged.c.received_at, merged.c.id).order_by(*order).limit(limit))
    return [row.id for row in rows]


def _directed(columns: tuple[Any, ...], is_newer: bool) -> tuple[Any, ...]:
    return columns if is_newer else tuple(column.desc() for column in columns)


def _beyond(turn: Turn | None, order: tuple[Any, ...]) -> list[ColumnElement[bool]]:
    if turn is None:
        return []
    place, id_ = turn.place, order[-1]
    if len(order) == 1:
        # Said of both tables: PostgreSQL carries an equality over to the other, not a bound.
        columns = (id_, WebhookEvent.id)
        return [column > place.id if turn.is_newer else column < place.id for column in columns]
    at = order[0]
    if turn.is_newer:
        return [at >= place.at, or_(at > place.at, id_ > place.id)]
    return [place.is_after(at, id_)]


def _lanes(scope: AccountScope, filters: EventFilters) -> list[_Lane]:
    """One for each value of what leads."""
    base = select(WebhookEvent.received_at, WebhookEvent.id).where(*_conditions(scope, filters))
    if filters.found_by:
        first, *others = filters.found_by
        for group in others:
            base = base.where(or_(*(_has(key) for key in group)))
        return _key_lanes(base, filters, first, filters.keys)
    has_keys = [_has(key) for key in filters.keys]
    if filters.state in _RARE:
        return [_Lane(base.where(*has_keys), _BY_TIME)]
    accounts = {filters.account_id} if filters.account_id is not None else scope.ids
    if accounts is not None:
        return [
            _Lane(base.where(WebhookEvent.account_id == account_id, *has_keys), _BY_TIME)
            for account_id in sorted(accounts)
            if account_id in scope
        ]
    if filters.keys:
        return _key_lanes(base, filters, filters.keys[:1], filters.keys[1:])
    states = [filters.state] if filters.state else list(EventState)
    return [_Lane(base.where(WebhookEvent.state == state), _BY_TIME) for state in states]


def _key_lanes(
    base: Select[datetime, int], filters: EventFilters, leading: Sequence[str], others: Sequence[str]
) -> list[_Lane]:
    statement = base.join(WebhookEventKey, WebhookEventKey.event_id == WebhookEvent.id).where(
        *(_has(key) for key in others), *_id_bounds(filters)
    )
    return [_Lane(statement.where(WebhookEventKey.key == key), _BY_KEY) for key in leading]


def _has(key: str) -> ColumnElement[bool]:
    other = aliased(WebhookEventKey)
    return exists(select(other.event_id).where(other.event_id == WebhookEvent.id, other.key == key))


def _conditions(scope: AccountScope, filters: EventFilters) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [scope.covers(WebhookEvent.account_id)]
    if filters.found_by and scope.ids is not None:
        # Of a post about several accounts, a key may be of one that is not to be seen.
        conditions.append(WebhookEvent.verified_account_ids.not_like("%,%"))
    if filters.account_id is not None:
        conditions.append(WebhookEvent.account_id == filters.account_id)
    if filters.state is not None:
        conditions.append(WebhookEvent.state == filters.state)
    if filters.since is not None:
        conditions.append(WebhookEvent.received_at >= filters.since)
    if filters.until is not None:
        conditions.append(WebhookEvent.received_at < filters.until)
    return conditions


def _id_bounds(filters: EventFilters) -> list[ColumnElement[bool]]:
    """The times as ids, roughly: the index of keys knows no times, and would be walked from its end."""
    bounds: list[ColumnElement[bool]] = []
    if filters.since is not None:
        before = _edge(WebhookEvent.received_at < filters.since - _MARGIN, WebhookEvent.received_at.desc())
        bounds += [] if before is None else [WebhookEventKey.event_id > before]
    if filters.until is not None:
        after = _edge(WebhookEvent.received_at >= filters.until + _MARGIN, WebhookEvent.received_at.asc())
        bounds += [] if after is None else [WebhookEventKey.event_id < after]
    return bounds


def _edge(condition: ColumnElement[bool], order: Any) -> int | None:
    """The id of the event next to a time. Parts are left out: they are numbered later than they came."""
    statement = select(WebhookEvent.id).where(
        WebhookEvent.state == EventState.PROCESSED, WebhookEvent.parent_id.is_(None), condition
    )
    return db.session.scalar(statement.order_by(order).limit(1))
