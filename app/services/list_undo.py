"""Taking back what was done to many conversations: each that stands as it was left then is put back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import select, update

from app.errors import DomainError, NotFound
from app.extensions import db
from app.models import Conversation, ListAction, ListChange, ListChangeItem, TeamEvent, User, utcnow
from app.queries.access import Actor
from app.queries.teamwork import Colleague, find_colleague
from app.services import cases
from app.services.list_actions import Wish, has_tag, put_back, put_tag, take_tag, values_of
from app.services.list_changes import lock_many, note
from app.services.teamwork import note_event

UNDO_WITHIN = timedelta(minutes=10)
_AT_A_TIME = 500


class TooLate(DomainError):
    """The time in which it could be undone is over."""

    code = "too_late"


def get_change(change_id: int, actor: Actor) -> ListChange:
    """One's own. Raises NotFound."""
    change = db.session.get(ListChange, change_id)
    if change is None or actor.user is None or change.user_id != actor.user.id:
        raise NotFound("There is no such change.")
    return change


def can_undo(change: ListChange) -> bool:
    """Still in time, not undone yet, and with something to undo."""
    is_in_time = utcnow() - change.created_at < UNDO_WITHIN
    return change.changed > 0 and change.undone_at is None and is_in_time


def undo(*, change: ListChange, actor: Actor) -> ListChange:
    """Put back what nobody has changed since; pressed twice, it is done once. Raises TooLate."""
    if change.undone_at is not None:
        return change
    if utcnow() - change.created_at >= UNDO_WITHIN:
        minutes = UNDO_WITHIN // timedelta(minutes=1)
        raise TooLate(f"This is longer ago than {minutes} minutes, so it can no longer be undone at once.")
    claimed = db.session.execute(
        update(ListChange)
        .where(ListChange.id == change.id, ListChange.undone_at.is_(None))
        .values(undone_at=utcnow())
    )
    if cast(Any, claimed).rowcount != 1:
        db.session.rollback()
        return change
    statement = select(ListChangeItem).where(ListChangeItem.change_id == change.id)
    items = list(db.session.scalars(statement.order_by(ListChangeItem.conversation_id)))
    for start in range(0, len(items), _AT_A_TIME):
        _undo_slice(change, items[start : start + _AT_A_TIME], actor)
    return change


def _undo_slice(change: ListChange, items: Sequence[ListChangeItem], actor: Actor) -> None:
    wish = Wish(change.action, actor, tag=str(change.details.get("tag", "")))
    found = {row.id: row for row in lock_many([item.conversation_id for item in items], wish.scope)}
    restored: Counter[int] = Counter()
    for item in items:
        conversation = found.get(item.conversation_id)
        if conversation is not None and _put_back(wish, conversation, item):
            conversation.version = Conversation.version + 1
            restored[conversation.account_id] += 1
    change.restored += restored.total()
    change.kept += len(items) - restored.total()
    for account_id, count in restored.items():
        note(actor, "conversations.change_undone", account_id, count, change)
    db.session.commit()


def _put_back(wish: Wish, conversation: Conversation, item: ListChangeItem) -> bool:
    """False where it has changed since, or cannot be as it was."""
    if wish.action in (ListAction.ADD_TAG, ListAction.REMOVE_TAG):
        return _put_tag_back(wish, conversation)
    if values_of(conversation, wish.action) != item.after or not _may_hold(conversation, item.before):
        return False
    if wish.action is ListAction.CLOSE:
        cases.reopen(conversation)
    put_back(conversation, wish.action, item.before)
    _tell(wish, conversation)
    return True


def _may_hold(conversation: Conversation, before: Mapping[str, Any]) -> bool:
    """Nobody gets it back who may not answer there any more: the customer would wait for nobody."""
    user_id = before.get("assigned_to_id")
    return user_id is None or find_colleague(conversation.account_id, user_id) is not None


def _put_tag_back(wish: Wish, conversation: Conversation) -> bool:
    is_added = wish.action is ListAction.ADD_TAG
    if has_tag(conversation, wish.tag) is not is_added:
        return False
    (take_tag if is_added else put_tag)(conversation, wish.tag)
    return True


def _tell(wish: Wish, conversation: Conversation) -> None:
    """The thread says what happened with it, this too."""
    if wish.action is ListAction.ASSIGN:
        person = db.session.get(User, conversation.assigned_to_id) if conversation.assigned_to_id else None
        assignee = Colleague(person.id, person.display_name) if person else None
        kind = TeamEvent.ASSIGNED if assignee else TeamEvent.UNASSIGNED
        note_event(conversation, kind, wish.actor, assignee)
    elif wish.action in (ListAction.CLOSE, ListAction.REOPEN):
        kind = TeamEvent.CLOSED if conversation.closed_at else TeamEvent.REOPENED
        note_event(conversation, kind, wish.actor)
