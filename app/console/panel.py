"""What stands around the list and is not polled: the filter panel, views, and changing many at once."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from typing import Any

from flask import request

from app.console.change_words import Done, done_words
from app.console.listing import ConversationList
from app.console.narrowing import Chip, chips
from app.errors import NotFound
from app.models import ListAction
from app.queries import conversation_lists
from app.queries.access import AccountScope
from app.queries.contact_tags import list_tags
from app.queries.conversation_filters import ConversationFilters, Desk
from app.queries.teams import list_team_names
from app.queries.teamwork import Colleague, list_all_colleagues
from app.services.list_changes import MOST, MOST_QUIET
from app.services.list_undo import get_change
from app.web.identity import current_actor
from app.web.routing import row_id

_QUIET_FROM = 10
"""So many quiet ones are worth a word."""
_ELSEWHERE = frozenset({"desk", "search"})
"""What narrows the list and is neither told by a chip nor kept as a view."""

ACTIONS = (
    (
        "Conversation",
        (
            (ListAction.CLOSE.value, "Close"),
            (ListAction.REOPEN.value, "Open again"),
            (ListAction.MARK_READ.value, "Mark as read"),
            (ListAction.MARK_UNREAD.value, "Mark as unread"),
        ),
    ),
    (
        "Bot",
        ((ListAction.BOT_ON.value, "Bot answers again"), (ListAction.BOT_OFF.value, "Bot keeps quiet")),
    ),
    (
        "Tag",
        ((ListAction.ADD_TAG.value, "Add a tag"), (ListAction.REMOVE_TAG.value, "Take a tag away")),
    ),
)


@dataclass(frozen=True)
class Panel:
    """`people`: to whom it can be assigned; `key`: of the next change, so that two presses are one; `quiet`:
    how many of nobody's have been quiet for long; `problem`: why a change was not made.

    `is_open`: the filters are before somebody's eyes. Else accounts, people, teams and tags are here only
    where something else shows them.
    """

    chips: list[Chip]
    people: list[Colleague]
    tags: list[str]
    me: int | None
    key: str
    is_open: bool = False
    quiet: int = 0
    done: Done | None = None
    problem: str = ""
    share_with: list[tuple[int, str]] = field(default_factory=list)
    teams: list[tuple[int, str]] = field(default_factory=list)
    has_bot: bool = False
    """Whether any account's bot is on."""
    most: int = MOST
    most_quiet: int = MOST_QUIET
    actions: Any = ACTIONS

    @property
    def others(self) -> list[Colleague]:
        return [one for one in self.people if one.id != self.me]


def build_panel(
    scope: AccountScope, shown: ConversationList, problem: str = "", done: int | None = None
) -> Panel:
    """`done`: the change that was just made; else the one that the address names."""
    actor, is_open = current_actor(), request.values.get("filters") == "1"
    words, is_narrowed = shown.words, not shown.words.keys() <= _ELSEWHERE
    names = {account.id: account.name for account in shown.accounts} if is_open or is_narrowed else {}
    shows_people = is_open or shown.is_choosing or "agent" in words
    people = list_all_colleagues([account.id for account in shown.accounts]) if shows_people else []
    teams = list_team_names(scope) if is_open or "team" in words else []
    numbers = shown.numbers if "number" in words else []
    return Panel(
        chips=list(chips(words, numbers, names, people, dict(teams))),
        teams=teams,
        people=people,
        tags=list_tags(scope) if is_open or shown.is_choosing else [],
        me=actor.user.id if actor.user else None,
        key=secrets.token_urlsafe(12),
        is_open=is_open,
        quiet=_count_quiet(scope, shown),
        done=_done(done or request.values.get("done", type=row_id)),
        problem=problem,
        share_with=list(names.items()),
        has_bot=is_open and any(one.auto_reply_enabled and one.is_live for one in shown.accounts),
    )


def _count_quiet(scope: AccountScope, shown: ConversationList) -> int:
    """Of nobody's, where the list shows all of these; 0 for a few."""
    here = shown.filters
    plain = ConversationFilters(
        account_id=here.account_id, number_id=here.number_id, desk=here.desk, person_id=here.person_id
    )
    if here.desk is not Desk.UNASSIGNED or here not in (plain, replace(plain, is_quiet=True)):
        return 0
    count = conversation_lists.count_up_to(scope, replace(plain, is_quiet=True), MOST_QUIET)
    return count if count >= _QUIET_FROM else 0


def _done(change_id: int | None) -> Done | None:
    if change_id is None:
        return None
    try:
        return done_words(get_change(change_id, current_actor()))
    except NotFound:
        return None
