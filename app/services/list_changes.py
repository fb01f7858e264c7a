"""One thing done to many conversations, with how each stood before, so that it can be undone.

In slices of a few hundred, each a transaction with its part of the record: what broke off halfway is done so
far, and can be undone so far. Conversations are locked in the order of their ids, as everywhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.errors import FieldProblem, InvalidFields
from app.extensions import db
from app.models import Conversation, ListAction, ListChange, ListChangeItem
from app.queries.access import AccountScope, Actor
from app.queries.conversations import visible
from app.services import audit
from app.services.contacts import tidy_tag
from app.services.list_actions import NOT_THERE, Wish, act, values_of

MOST = 500
"""So many are changed at once, however they were chosen."""
MOST_QUIET = 5_000
"""So many of those in which nothing has happened for long are closed at once."""
_AT_A_TIME = 500


@dataclass
class _Told:
    """What came of it: how many by account, and why each of the others could not be changed."""

    changed: Counter[int] = field(default_factory=Counter)
    skipped: dict[int, str] = field(default_factory=dict)
    """By conversation id."""


def change_many(
    *,
    ids: Sequence[int],
    action: ListAction,
    actor: Actor,
    user_id: int | None = None,
    tag: str = "",
    client_key: str | None = None,
) -> ListChange:
    """Do it to all of these that this person may change. The same key again is the same change.

    `user_id`: to whom, for ASSIGN (None: to nobody); `tag`: for the tags. Raises InvalidFields.
    """
    kept = find_by_key(client_key)
    if kept is not None:
        return kept
    return _change(ids, action, actor, user_id, tag, client_key)[0]


def change_each(
    *, ids: Sequence[int], action: ListAction, actor: Actor, user_id: int | None = None, tag: str = ""
) -> tuple[ListChange, dict[int, str]]:
    """As `change_many`; and by id why those that were not changed were not."""
    return _change(ids, action, actor, user_id, tag, None)


def _change(
    ids: Sequence[int],
    action: ListAction,
    actor: Actor,
    user_id: int | None,
    tag: str,
    client_key: str | None,
) -> tuple[ListChange, dict[int, str]]:
    wish = Wish(action, actor, user_id, _tag(action, tag))
    change = ListChange(
        client_key=client_key,
        user_id=actor.user.id if actor.user else None,
        action=action,
        details=wish.details,
    )
    db.session.add(change)
    try:
        db.session.flush()
    except IntegrityError:
        # A twin was faster.
        db.session.rollback()
        return _by_key(client_key), {}
    told = _Told()
    for slice_ in _slices(sorted(set(ids))):
        _change_slice(change, slice_, wish, told)
    return change, told.skipped


def _change_slice(change: ListChange, ids: Sequence[int], wish: Wish, told: _Told) -> None:
    before = Counter(told.changed)
    found = lock_many(ids, wish.scope)
    told.skipped.update(dict.fromkeys(set(ids) - {one.id for one in found}, NOT_THERE))
    for conversation in found:
        was = values_of(conversation, wish.action)
        problem = act(wish, conversation)
        if problem:
            told.skipped[conversation.id] = problem
            continue
        told.changed[conversation.account_id] += 1
        conversation.version = Conversation.version + 1
        db.session.add(
            ListChangeItem(
                change_id=change.id,
                conversation_id=conversation.id,
                before=was,
                after=values_of(conversation, wish.action),
            )
        )
    change.changed = told.changed.total()
    change.skipped = dict(Counter(told.skipped.values()))
    for account_id, count in (told.changed - before).items():
        note(wish.actor, "conversations.changed", account_id, count, change)
    db.session.commit()


def lock_many(ids: Sequence[int], scope: AccountScope) -> list[Conversation]:
    """Those of them that can be changed, by id. The caller commits."""
    statement = (
        visible(select(Conversation), scope)
        .where(Conversation.id.in_(ids))
        .order_by(Conversation.id)
        .with_for_update(of=Conversation, key_share=True)
        .execution_options(populate_existing=True)
    )
    return list(db.session.scalars(statement))


def note(actor: Actor, action: str, account_id: int, count: int, change: ListChange) -> None:
    """Into the audit log: one entry for an account."""
    audit.record(
        actor,
        action,
        account_id=account_id,
        object_type="list_change",
        object_id=change.id,
        details={"action": change.action.value.replace("_", " "), **change.details, "conversations": count},
    )


def find_by_key(client_key: str | None) -> ListChange | None:
    if not client_key:
        return None
    return db.session.scalar(select(ListChange).where(ListChange.client_key == client_key))


def _by_key(client_key: str | None) -> ListChange:
    kept = find_by_key(client_key)
    if kept is None:
        raise LookupError("a change vanished while it was being stored")
    return kept


def _slices(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), _AT_A_TIME):
        yield ids[start : start + _AT_A_TIME]


def _tag(action: ListAction, tag: str) -> str:
    if action not in (ListAction.ADD_TAG, ListAction.REMOVE_TAG):
        return ""
    tidy = tidy_tag(tag)
    if not tidy:
        raise InvalidFields([FieldProblem("tag", "Write the tag. Nothing was changed.")])
    return tidy
