"""Reads of the audit log. For owners alone: entries of all accounts, and of none, stand in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, Text, cast, or_, select

from app.extensions import db
from app.models import Account, ApiKey, AuditEntry, User, utcnow
from app.queries.cursors import Cursor
from app.queries.slices import Slice, Turn, fetch_slice

LIST_LENGTH = 50
TEXT_REACH = timedelta(days=90)
"""How far back words are looked for when no beginning is given: no index knows the inside of an entry."""
_AT_ONCE = 500


@dataclass(frozen=True)
class AuditFilters:
    """They all hold at once. `since` counts as inside, `until` as outside."""

    user_id: int | None = None
    api_key_id: int | None = None
    by_system: bool = False
    """What neither a person nor a key did: the worker and the command line."""
    action: str = ""
    account_id: int | None = None
    object_type: str = ""
    object_id: str = ""
    text: str = ""
    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_narrowed(self) -> bool:
        return self != AuditFilters()


def slice_entries(filters: AuditFilters, turn: Turn | None) -> Slice[AuditEntry]:
    """A page, newest first."""
    return fetch_slice(_fitting(filters), AuditEntry, turn=turn, limit=LIST_LENGTH)


def read_entries(filters: AuditFilters) -> Iterator[Sequence[AuditEntry]]:
    """All that fit, newest first, some hundred at a time; each batch ends its transaction."""
    place: Cursor | None = None
    while True:
        statement = _fitting(filters)
        if place is not None:
            statement = statement.where(place.is_after(AuditEntry.at, AuditEntry.id))
        statement = statement.order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(_AT_ONCE)
        rows = db.session.scalars(statement).all()
        if not rows:
            return
        place = Cursor(rows[-1].at, rows[-1].id)
        yield rows
        db.session.rollback()


def list_actors() -> tuple[list[User], list[ApiKey]]:
    """Everybody and every key that may stand in the log."""
    people = db.session.scalars(select(User).order_by(User.name, User.email))
    return list(people), list(db.session.scalars(select(ApiKey).order_by(ApiKey.name, ApiKey.id)))


def list_account_names() -> dict[int, str]:
    """Archived ones and those in set-up too."""
    rows = db.session.execute(select(Account.id, Account.name).order_by(Account.name))
    return {row.id: row.name for row in rows}


def _fitting(filters: AuditFilters) -> Select[AuditEntry]:
    since = filters.since
    if filters.text and since is None:
        since = (filters.until or utcnow()) - TEXT_REACH
    conditions: list[ColumnElement[bool]] = [
        column == value
        for column, value in (
            (AuditEntry.user_id, filters.user_id),
            (AuditEntry.api_key_id, filters.api_key_id),
            (AuditEntry.account_id, filters.account_id),
            (AuditEntry.action, filters.action),
            (AuditEntry.object_type, filters.object_type),
            (AuditEntry.object_id, filters.object_id),
        )
        if value
    ]
    if filters.by_system:
        conditions += [AuditEntry.actor_name == "system"]
    if since is not None:
        conditions.append(AuditEntry.at >= since)
    if filters.until is not None:
        conditions.append(AuditEntry.at < filters.until)
    if filters.text:
        conditions.append(_says(filters.text))
    return select(AuditEntry).where(*conditions)


def _says(text: str) -> ColumnElement[bool]:
    """Somewhere in who, what, from where or the details, capitals or not."""
    columns = (
        AuditEntry.actor_name,
        AuditEntry.action,
        AuditEntry.object_id,
        AuditEntry.ip_address,
        cast(AuditEntry.details, Text),
    )
    return or_(*(column.icontains(text, autoescape=True) for column in columns))
