"""What can be done to each of many conversations. The caller holds their locks, and commits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import delete, func, select

from app.extensions import db
from app.models import (
    BotConversation,
    ContactTag,
    Conversation,
    ListAction,
    TeamEvent,
    utcnow,
)
from app.queries.access import AccountScope, Actor
from app.queries.teamwork import Colleague, find_colleague
from app.services import cases
from app.services.bot import hand_over
from app.services.contacts import MOST_TAGS
from app.services.conversations import insert_ignoring_conflict
from app.services.teamwork import leave_team, note_event

NOT_THERE = "no longer there, or not yours to change"
_BOT = (ListAction.BOT_ON, ListAction.BOT_OFF)
_COLUMNS = {
    ListAction.ASSIGN: ("assigned_to_id", "assigned_team_id"),
    ListAction.CLOSE: ("closed_at", "unread_count", "waiting_since", "case_since", "answered_at"),
    ListAction.REOPEN: ("closed_at", "case_since", "answered_at"),
    ListAction.MARK_READ: ("unread_count",),
    ListAction.MARK_UNREAD: ("unread_count",),
}
_BOT_COLUMNS = (
    "handed_over_at",
    "handed_over_by_id",
    "hand_over_reason",
    "quiet_until",
    "given_back_at",
    "waits_since",
)
_TIMES = frozenset(
    {
        "answered_at",
        "case_since",
        "closed_at",
        "waiting_since",
        "handed_over_at",
        "quiet_until",
        "given_back_at",
        "waits_since",
    }
)


@dataclass(frozen=True)
class Wish:
    """Who wants what done. `user_id`: to whom it is assigned; `tag`: as it is stored."""

    action: ListAction
    actor: Actor
    user_id: int | None = None
    tag: str = ""

    @property
    def scope(self) -> AccountScope:
        return self.actor.scope("messages.send" if self.action in _BOT else "console.use")

    @property
    def details(self) -> dict[str, Any]:
        if self.action is ListAction.ASSIGN:
            return {"user_id": self.user_id}
        return {"tag": self.tag} if self.tag else {}

    @cached_property
    def _assignees(self) -> dict[int, Colleague | None]:
        return {}

    def assignee(self, account_id: int) -> Colleague | None:
        """Who it is, if they may answer in this account; looked up once for each."""
        if self.user_id is None:
            return None
        if account_id not in self._assignees:
            self._assignees[account_id] = find_colleague(account_id, self.user_id)
        return self._assignees[account_id]


def act(wish: Wish, conversation: Conversation) -> str:
    """Do it. Why it cannot be done, in words that fit behind a number; empty when it is."""
    return _ACTS[wish.action](wish, conversation)


def values_of(conversation: Conversation, action: ListAction) -> dict[str, Any]:
    """Of its values those that the action changes, as JSON keeps them."""
    if action in _BOT:
        state = db.session.get(BotConversation, conversation.id)
        if state is None:
            return {**dict.fromkeys(_BOT_COLUMNS), "hand_over_reason": ""}
        return {name: _as_json(getattr(state, name)) for name in _BOT_COLUMNS}
    return {name: _as_json(getattr(conversation, name)) for name in _COLUMNS.get(action, ())}


def put_back(conversation: Conversation, action: ListAction, before: dict[str, Any]) -> None:
    """The values as they were."""
    holder: Any = hand_over.state_of(conversation) if action in _BOT else conversation
    for name, value in before.items():
        is_time = name in _TIMES and value is not None
        setattr(holder, name, datetime.fromisoformat(value) if is_time else value)


def _as_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _assign(wish: Wish, conversation: Conversation) -> str:
    assignee = wish.assignee(conversation.account_id)
    if wish.user_id is not None and assignee is None:
        return "this person may not answer in that account"
    if conversation.assigned_to_id == wish.user_id:
        return "already so"
    leave_team(conversation, wish.user_id)
    conversation.assigned_to_id = wish.user_id
    kind = TeamEvent.ASSIGNED if assignee else TeamEvent.UNASSIGNED
    note_event(conversation, kind, wish.actor, assignee)
    return ""


def _close(wish: Wish, conversation: Conversation) -> str:
    if conversation.closed_at is not None:
        return "already closed"
    conversation.closed_at = utcnow()
    conversation.unread_count, conversation.waiting_since = 0, None
    cases.close(conversation, wish.actor.user.id if wish.actor.user else None)
    note_event(conversation, TeamEvent.CLOSED, wish.actor)
    return ""


def _reopen(wish: Wish, conversation: Conversation) -> str:
    if conversation.closed_at is None:
        return "already open"
    cases.reopen(conversation)
    conversation.closed_at = None
    note_event(conversation, TeamEvent.REOPENED, wish.actor)
    return ""


def _mark_read(_wish: Wish, conversation: Conversation) -> str:
    if not conversation.unread_count:
        return "already read"
    conversation.unread_count = 0
    return ""


def _mark_unread(_wish: Wish, conversation: Conversation) -> str:
    if conversation.unread_count:
        return "already unread"
    if conversation.closed_at is not None:
        return "closed"
    conversation.unread_count = 1
    return ""


def _add_tag(wish: Wish, conversation: Conversation) -> str:
    if has_tag(conversation, wish.tag):
        return "has the tag already"
    count = select(func.count()).where(ContactTag.contact_id == conversation.contact_id)
    if (db.session.scalar(count) or 0) >= MOST_TAGS:
        return f"has {MOST_TAGS} tags, which is the most"
    put_tag(conversation, wish.tag)
    return ""


def _remove_tag(wish: Wish, conversation: Conversation) -> str:
    if not has_tag(conversation, wish.tag):
        return "has no such tag"
    take_tag(conversation, wish.tag)
    return ""


def has_tag(conversation: Conversation, tag: str) -> bool:
    statement = select(ContactTag.tag).filter_by(contact_id=conversation.contact_id, tag=tag)
    return db.session.scalar(statement) is not None


def put_tag(conversation: Conversation, tag: str) -> None:
    insert_ignoring_conflict(ContactTag, [{"contact_id": conversation.contact_id, "tag": tag}])


def take_tag(conversation: Conversation, tag: str) -> None:
    db.session.execute(delete(ContactTag).filter_by(contact_id=conversation.contact_id, tag=tag))


def _bot_on(_wish: Wish, conversation: Conversation) -> str:
    problem = _without_bot(conversation)
    if not problem:
        hand_over.answer_again(conversation)
    return problem


def _bot_off(wish: Wish, conversation: Conversation) -> str:
    problem = _without_bot(conversation)
    if not problem:
        hand_over.keep_quiet(conversation, wish.actor)
    return problem


def _without_bot(conversation: Conversation) -> str:
    account = conversation.account
    return "" if account.auto_reply_enabled and account.is_live else "its account has no bot"


_ACTS: dict[ListAction, Callable[[Wish, Conversation], str]] = {
    ListAction.ASSIGN: _assign,
    ListAction.CLOSE: _close,
    ListAction.REOPEN: _reopen,
    ListAction.ADD_TAG: _add_tag,
    ListAction.REMOVE_TAG: _remove_tag,
    ListAction.MARK_READ: _mark_read,
    ListAction.MARK_UNREAD: _mark_unread,
    ListAction.BOT_ON: _bot_on,
    ListAction.BOT_OFF: _bot_off,
}
