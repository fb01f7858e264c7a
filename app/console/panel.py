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
from app.queries.teams import list_teams
from app.queries.teamwork import Colleague, list_all_colleagues
from app.services.list_changes import MOST, MOST_QUIET
from app.services.list_undo import get_change
from app.web.identity import current_actor
from app.web.routing import row_id

_QUIET_FROM = 10
"""So many quiet ones are worth a word."""

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
    how many of nobody's have been quiet for long; `problem`: why a change was not made."""

    chips: list[Chip]
    people: list[Colleague]
    tags: list[str]
    me: int | None
    key: str
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
    actor = current_actor()
    people = list_all_colleagues([account.id for account in shown.accounts])
    names = {account.id: account.name for account in shown.accounts}
    teams = [(team.id, team.name) for team in list_teams(scope)]
    return Panel(
        chips=list(chips(shown.words, shown.numbers, names, people, dict(teams))),
        teams=teams,
        people=people,
        tags=list_tags(scope),
        me=actor.user.id if actor.user else None,
        key=secrets.token_urlsafe(12),
        quiet=_count_quiet(scope, shown),
        done=_done(done or request.values.get("done", type=row_id)),
        problem=problem,
        share_with=list(names.items()),
        has_bot=any(account.auto_reply_enabled and account.is_live for account in shown.accounts),
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
