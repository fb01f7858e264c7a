"""One thing done to many conversations, and taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from app.errors import InvalidFields, NotFound
from app.extensions import db
from app.models import (
    AuditEntry,
    BotConversation,
    ContactTag,
    Conversation,
    ConversationEvent,
    ListAction,
    ListChange,
    utcnow,
)
from app.queries.access import Actor, actor_of_user
from app.services import list_changes, list_undo
from app.services.list_changes import change_many
from tests.support.retention import purge


@pytest.fixture
def account(make: Any) -> Any:
    return make.account(auto_reply_enabled=True)


@pytest.fixture
def ana(make: Any, account: Any) -> Actor:
    return actor_of_user(make.user(role="agent", accounts=[account], name="Ana"))


@pytest.fixture
def three(make: Any, account: Any) -> list[Any]:
    waiting = {"unread_count": 2, "waiting_since": utcnow() - timedelta(hours=1)}
    return [make.conversation(account, **waiting) for _ in range(3)]


def ids_of(rows: list[Any]) -> list[int]:
    return [row.id for row in rows]


def kept(row: Any) -> Conversation:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(Conversation, row.id)


def states(rows: list[Any]) -> list[Any]:
    return [(one.closed_at is None, one.unread_count, one.waiting_since) for one in map(kept, rows)]


def test_closing_many_is_told_and_undone_but_not_where_the_customer_wrote_since(
    ana: Actor, three: list[Any]
) -> None:
    before = states(three)
    three[0].closed_at = utcnow()
    db.session.commit()
    change = change_many(ids=ids_of(three), action=ListAction.CLOSE, actor=ana)
    assert (change.changed, change.skipped) == (2, {"already closed": 1})
    assert states(three)[1:] == [(False, 0, None)] * 2
    # As the customer's next message does.
    row = kept(three[1])
    row.closed_at, row.unread_count = None, 1
    db.session.commit()
    undone = list_undo.undo(change=change, actor=ana)
    assert (undone.restored, undone.kept) == (1, 1)
    assert states(three)[2] == before[2]
    assert kept(three[1]).unread_count == 1
    again = list_undo.undo(change=db.session.get_one(ListChange, change.id), actor=ana)
    assert (again.restored, again.kept) == (1, 1)
    actions = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == ["conversations.changed", "conversations.change_undone"]
    assert db.session.scalar(select(func.count()).select_from(ConversationEvent)) == 3


@pytest.mark.parametrize(
    "action, before, after",
    [
        (ListAction.REOPEN, {"closed_at": utcnow(), "unread_count": 0}, {"closed_at": None}),
        (ListAction.MARK_READ, {}, {"unread_count": 0}),
        (ListAction.MARK_UNREAD, {"unread_count": 0}, {"unread_count": 1}),
    ],
)
def test_each_action_and_its_undo(
    ana: Actor, three: list[Any], action: ListAction, before: dict[str, Any], after: dict[str, Any]
) -> None:
    for row in three:
        for name, value in before.items():
            setattr(row, name, value)
    db.session.commit()
    was, version = states(three), kept(three[0]).version
    change = change_many(ids=ids_of(three), action=action, actor=ana)
    assert change.changed == 3
    assert all(getattr(kept(row), name) == value for row in three for name, value in after.items())
    assert kept(three[0]).version == version + 1
    assert change_many(ids=ids_of(three), action=action, actor=ana).changed == 0
    assert list_undo.undo(change=db.session.get_one(ListChange, change.id), actor=ana).restored == 3
    assert states(three) == was


def test_assigning_asks_for_each_account_whether_that_person_answers_there(
    make: Any, account: Any, three: list[Any]
) -> None:
    other = make.account()
    owner = actor_of_user(make.user(role="owner"))
    ben = make.user(role="agent", accounts=[account], name="Ben")
    rows = [*three, make.conversation(other)]
    change = change_many(ids=ids_of(rows), action=ListAction.ASSIGN, actor=owner, user_id=ben.id)
    assert (change.changed, change.skipped) == (3, {"this person may not answer in that account": 1})
    nobody = change_many(ids=ids_of(rows), action=ListAction.ASSIGN, actor=owner)
    assert (nobody.changed, nobody.skipped) == (3, {"already so": 1})
    assert list_undo.undo(change=nobody, actor=owner).restored == 3
    assert {kept(row).assigned_to_id for row in three} == {ben.id}


def test_tags_come_and_go_and_an_undo_leaves_what_somebody_else_changed(ana: Actor, three: list[Any]) -> None:
    def tagged() -> list[int]:
        db.session.rollback()
        return list(db.session.scalars(select(ContactTag.contact_id).order_by(ContactTag.contact_id)))

    people = [row.contact_id for row in three]
    db.session.add(ContactTag(contact_id=people[0], tag="vip"))
    db.session.commit()
    change = change_many(ids=ids_of(three), action=ListAction.ADD_TAG, actor=ana, tag=" VIP ")
    assert (change.changed, change.details) == (2, {"tag": "vip"})
    assert tagged() == people
    gone = change_many(ids=ids_of(three[:2]), action=ListAction.REMOVE_TAG, actor=ana, tag="vip")
    assert tagged() == people[2:]
    assert list_undo.undo(change=db.session.get_one(ListChange, change.id), actor=ana).restored == 1
    assert tagged() == []
    assert list_undo.undo(change=db.session.get_one(ListChange, gone.id), actor=ana).restored == 2
    assert tagged() == people[:2]
    for tag in ("", "a,b", "x" * 41):
        with pytest.raises(InvalidFields):
            change_many(ids=ids_of(three), action=ListAction.ADD_TAG, actor=ana, tag=tag)
        db.session.rollback()


def test_the_bot_is_kept_quiet_and_set_back_as_it_was(make: Any, ana: Actor, three: list[Any]) -> None:
    first, handed_over = three[0], utcnow() - timedelta(hours=2)
    db.session.add(
        BotConversation(
            conversation_id=first.id,
            account_id=first.account_id,
            handed_over_at=handed_over,
            hand_over_reason="They asked.",
            waits_since=handed_over,
        )
    )
    db.session.commit()
    without = make.conversation(make.account())
    owner = actor_of_user(make.user(role="owner", name="Olga"))
    change = change_many(ids=ids_of([*three, without]), action=ListAction.BOT_OFF, actor=owner)
    assert (change.changed, change.skipped) == (3, {"its account has no bot": 1})
    state = db.session.get_one(BotConversation, first.id)
    assert (state.hand_over_reason, state.waits_since) == ("Olga took over.", None)
    # Meanwhile a colleague gave one of them back.
    change_many(ids=[three[2].id], action=ListAction.BOT_ON, actor=ana)
    assert list_undo.undo(change=db.session.get_one(ListChange, change.id), actor=owner).restored == 2
    state = db.session.get_one(BotConversation, first.id)
    assert (state.handed_over_at, state.waits_since) == (handed_over, handed_over)


def test_what_one_may_not_see_is_not_changed_and_the_answer_tells_no_more(
    make: Any, ana: Actor, three: list[Any]
) -> None:
    foreign = make.conversation(make.account())
    archived = make.conversation(make.account(status="archived"))
    wanted = [*ids_of(three), foreign.id, archived.id, 10**12]
    change = change_many(ids=wanted, action=ListAction.CLOSE, actor=ana)
    assert (change.changed, change.skipped) == (3, {"no longer there, or not yours to change": 3})
    assert kept(foreign).closed_at is None
    stranger = actor_of_user(make.user(role="agent", accounts=[]))
    with pytest.raises(NotFound):
        list_undo.get_change(change.id, stranger)


def test_the_same_key_is_the_same_change(ana: Actor, three: list[Any]) -> None:
    first = change_many(ids=ids_of(three), action=ListAction.CLOSE, actor=ana, client_key="k")
    again = change_many(ids=ids_of(three), action=ListAction.CLOSE, actor=ana, client_key="k")
    assert (again.id, again.changed) == (first.id, 3)


def test_after_ten_minutes_it_is_too_late_and_after_a_day_forgotten(
    ana: Actor, three: list[Any], settings: Any
) -> None:
    change = change_many(ids=ids_of(three), action=ListAction.CLOSE, actor=ana)
    change.created_at = utcnow() - list_undo.UNDO_WITHIN
    db.session.commit()
    assert not list_undo.can_undo(change)
    with pytest.raises(list_undo.TooLate):
        list_undo.undo(change=change, actor=ana)
    change.created_at = utcnow() - timedelta(days=2)
    db.session.commit()
    assert purge("list-changes", 1) == 1
    assert db.session.scalar(select(func.count()).select_from(ListChange)) == 0


def test_many_go_in_slices_and_all_are_counted(
    make: Any, ana: Actor, three: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_changes, "_AT_A_TIME", 2)
    monkeypatch.setattr(list_undo, "_AT_A_TIME", 2)
    change = change_many(ids=ids_of(three), action=ListAction.CLOSE, actor=ana)
    assert change.changed == 3
    assert list_undo.undo(change=change, actor=ana).restored == 3


def test_an_answer_ends_the_wait_and_a_notice_does_not(
    make: Any, three: list[Any], ana: Actor, read_waiting: Callable[[Any], Any]
) -> None:
    from app.services import messages

    messages.queue_text(conversation=three[0], body="Yes, we do.", actor=ana)
    assert read_waiting(three[0]) is None
    assert read_waiting(three[1]) is not None


@pytest.fixture
def read_waiting() -> Callable[[Any], Any]:
    return lambda row: kept(row).waiting_since
