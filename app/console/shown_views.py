"""Saved views as they stand beside the tabs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.console.narrowing import NAMES, parse
from app.console.places import Places
from app.errors import NotFound
from app.queries import conversation_lists
from app.queries import conversation_views as queries
from app.queries.access import AccountScope
from app.web.identity import current_actor

_MOST_COUNTED = 8
_MOST_UNREAD = 100
"""Above so many the exact number helps nobody."""


@dataclass(frozen=True)
class ShownView:
    """`unread`: how many of its conversations are; "99+" above that, empty where they are not counted."""

    id: int
    name: str
    query: Mapping[str, Any]
    unread: str
    is_shared: bool
    is_current: bool
    is_start: bool
    may_change: bool


def shown_views(scope: AccountScope, words: Mapping[str, Any], places: Places) -> list[ShownView]:
    """All that this person sees, by name; a few queries only where there are some."""
    actor = current_actor()
    me = actor.user.id if actor.user else None
    rows = queries.list_views(scope, me)
    start = queries.find_start_id(me) if rows else None
    found = []
    for place, row in enumerate(rows):
        filters, query = parse(row.query, places)
        counted = (
            conversation_lists.count_up_to(scope, replace(filters, is_unread=True), _MOST_UNREAD)
            if place < _MOST_COUNTED
            else 0
        )
        found.append(
            ShownView(
                id=row.id,
                name=row.name,
                query=query,
                unread=f"{_MOST_UNREAD - 1}+" if counted >= _MOST_UNREAD else str(counted or ""),
                is_shared=row.account_id is not None,
                is_current=query == {name: words[name] for name in NAMES if name in words},
                is_start=row.id == start,
                may_change=may_change(row.user_id, row.account_id),
            )
        )
    return found


def start_query() -> dict[str, Any] | None:
    """The address of the view with which this person's list begins; None: it begins with all."""
    actor = current_actor()
    me = actor.user.id if actor.user else None
    start = queries.find_start_id(me)
    if start is None:
        return None
    try:
        return queries.get_view(start, actor.scope("console.use"), me).query
    except NotFound:
        return None


def may_change(user_id: int | None, account_id: int | None) -> bool:
    """Who made it may, and for a shared one whoever manages its account."""
    actor = current_actor()
    is_own = actor.user is not None and user_id == actor.user.id
    return is_own or (account_id is not None and actor.may("accounts.manage", account_id))
