"""Which contacts a typed text means: as ids where they are few, otherwise as a condition.

Conditions come twice: for a row at hand, and by the index.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, false, func, or_, select, union

from app.extensions import db
from app.models import Account, AddressKind, Contact, ContactAddress
from app.models.phone_twins import twin_of
from app.queries.search import live, people
from app.queries.search.index import CONTACTS
from app.queries.search.people import Needle

FEW = 2_000
"""So many ids are handed back to the database; above them a text counts as common."""
_USER_ID = re.compile(r"[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}", re.ASCII)
_NUMBER = re.compile(r"\+?[0-9 ()./-]{7,30}", re.ASCII)
_USERNAME = re.compile(r"[a-z0-9._]{3,35}", re.ASCII)


class PeopleSearch:
    """One text that was typed; asked of the database once, when it is first needed."""

    def __init__(self, typed: str) -> None:
        self._typed = typed
        self._needles = people.needles_of(typed)

    @property
    def is_complete(self) -> bool:
        """False while older rows are still being made searchable, and are too many to be looked at."""
        return self._live.is_complete

    @cached_property
    def few(self) -> list[int] | None:
        """Their ids; None when they are many."""
        live_ids = self._live.found
        ids = list(db.session.scalars(self._listed().limit(FEW + 1))) if self._needles else []
        if len(ids) > FEW or len(live_ids) > FEW:
            return None
        return [*ids, *live_ids, *self._by_address()]

    def by_row(self, id_column: Any) -> ColumnElement[bool]:
        """Whether the row at hand has the id of one of them."""
        table = CONTACTS.table
        at_hand = (
            select(table.c.id)
            .where(
                table.c.id == id_column,
                or_(*(_stands_in_lines(needle) for needle in self._needles)),
                CONTACTS.is_settled(table.c.id),
            )
            .correlate(id_column.class_)
        )
        return or_(is_any(at_hand), is_among(id_column, self._live.found))

    def by_index(self, id_column: Any) -> ColumnElement[bool]:
        return or_(id_column.in_(self._listed()), is_among(id_column, self._live.found))

    @cached_property
    def _live(self) -> live.Live[int]:
        return live.find_contacts(self._needles)

    def _listed(self) -> Select[int]:
        table = CONTACTS.table
        fits = (
            table.c.id.in_(CONTACTS.ids(needle.query)) & _stands_in_lines(needle) for needle in self._needles
        )
        return select(table.c.id).where(or_(false(), *fits), CONTACTS.is_settled(table.c.id))

    def _by_address(self) -> Iterable[int]:
        """What somebody is or was known by counts whole: digits of an id would turn up in every number."""
        wanted = _addresses_in(self._typed)
        if not wanted:
            return []
        is_one_of = (
            (ContactAddress.kind == kind) & ContactAddress.value.in_(values)
            for kind, values in wanted.items()
        )
        accounts = select(Account.id)
        known = select(ContactAddress.contact_id).where(
            ContactAddress.account_id.in_(accounts), ContactAddress.is_refused.is_(False), or_(*is_one_of)
        )
        by_id = select(Contact.id).where(Contact.account_id.in_(accounts), Contact.user_id == self._typed)
        return db.session.scalars(union(known, by_id))


def _addresses_in(typed: str) -> dict[AddressKind, set[str]]:
    """An id of Meta's; a number, in either spelling; an earlier user name."""
    typed = typed.strip()
    if _USER_ID.fullmatch(typed):
        return {kind: {typed} for kind in (AddressKind.USER_ID, AddressKind.PARENT_USER_ID)}
    if _NUMBER.fullmatch(typed):
        digits = re.sub(r"[^0-9]", "", typed)
        twin = twin_of(digits)
        return {AddressKind.NUMBER: {digits, *([twin.wa_id] if twin else [])}}
    name = typed.removeprefix("@").lower()
    return {AddressKind.USERNAME: {name}} if _USERNAME.fullmatch(name) else {}


def is_any(rows: Select[Any]) -> ColumnElement[bool]:
    """Like EXISTS, for which PostgreSQL may gather all rows of the table first."""
    return rows.limit(1).scalar_subquery().is_not(None)


def few_or(column: Any, ids: Select[Any], at_hand: ColumnElement[bool]) -> ColumnElement[bool]:
    """The ids themselves where they are few. Many are met with soon enough on the way through the list."""
    found = list(db.session.scalars(ids.limit(FEW + 1)))
    return is_among(column, found) if len(found) <= FEW else at_hand


def is_among(id_column: Any, ids: Iterable[int]) -> ColumnElement[bool]:
    """Written into the statement: databases count the values that are bound to it."""
    listed: ColumnElement[bool] = id_column.in_(
        bindparam(None, sorted(set(ids)), expanding=True, literal_execute=True)
    )
    return listed


def _stands_in_lines(needle: Needle) -> ColumnElement[bool]:
    if needle.is_whole:
        return CONTACTS.has(needle.query)
    is_sqlite = db.session.get_bind().dialect.name == "sqlite"
    place: ColumnElement[int] = (func.instr if is_sqlite else func.strpos)(
        CONTACTS.table.c.lines, needle.text
    )
    return place > 0
