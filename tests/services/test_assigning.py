"""Conversations that wait find somebody by themselves; how long customers waited is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.extensions import db
from app.models import (
    Account,
    AccountDesk,
    AssignBy,
    BotSettings,
    Conversation,
    ConversationCase,
    ConversationEvent,
    DeskPresence,
    TeamEvent,
    User,
    utcnow,
)
from app.queries.access import SYSTEM, actor_of_user
from app.services import assigning, desks, event_work, messages, people, presence, teams, teamwork
from app.services.bot.hours import Hours
from app.services.business_time import after, seconds_between
from config import Settings
from tests.chaos.workers import close, more_apps
from tests.support.factories import Factory
from tests.support.webhooks import Meta, text_message

CLOSED = {"has_hours": True, "time_zone": "UTC", "hours": [[[0, 1]]] * 7, "holidays": []}


@pytest.fixture
def account(make: Factory) -> Account:
    account = make.account()
    db.session.add(AccountDesk(account_id=account.id, assign_by=AssignBy.LOAD, answer_target_min=15))
    db.session.commit()
    return account


@pytest.fixture
def person(make: Factory, account: Account) -> Callable[..., User]:
    """Somebody who may answer, with a page open."""

    def person(name: str, **values: Any) -> User:
        user = make.user(role="agent", accounts=[account], name=name, **values)
        presence.note(user_id=user.id, conversation_id=None, is_answering=False)
        return user

    return person


@pytest.fixture
def waiting(make: Factory, account: Account) -> Callable[..., Conversation]:
    return lambda **values: make.conversation(account, **{"case_since": utcnow(), **values})


def holder(conversation: Conversation) -> int | None:
    db.session.expire_all()
    found = db.session.get_one(Conversation, conversation.id).assigned_to_id
    db.session.commit()
    return found


def given() -> int:
    db.session.commit()
    return assigning.work_off()


def test_it_goes_to_whoever_has_fewest_then_got_none_for_longest_and_never_to_the_away(
    person: Any, waiting: Any, make: Factory, account: Account
) -> None:
    ana, ben, cleo = person("Ana"), person("Ben"), person("Cleo")
    gone = person("Gone")
    db.session.get_one(DeskPresence, gone.id).seen_at = utcnow() - timedelta(minutes=10)
    desks.set_away(user_id=cleo.id, is_away=True)
    make.conversation(account, assigned_to_id=ana.id)
    now = utcnow()
    new = [waiting(case_since=now + timedelta(seconds=at)) for at in range(4)]
    others = [waiting(answered_at=now), waiting(closed_at=now), waiting(case_since=None)]
    assert given() == 4
    assert [holder(one) for one in new] == [ben.id, ana.id, ben.id, ana.id]
    assert {holder(one) for one in others} == {None}
    assert given() == 0


def test_a_number_s_team_has_it_and_its_hours_hold(
    person: Any, waiting: Any, make: Factory, account: Account
) -> None:
    person("Ana")
    ben = person("Ben")
    values: dict[str, Any] = {"name": "Sales", "places": [(account.id, None)], "actor": SYSTEM}
    sales = teams.save_team(team=None, user_ids=[ben.id], hours={}, **values)
    first = waiting()
    assert given() == 1
    assert (holder(first), first.assigned_team_id) == (ben.id, sales.id)
    far = (utcnow().hour + 11) % 23 * 60  # ten hours away at least, whatever time it is
    closed_now = {**CLOSED, "hours": [[[far, far + 60]]] * 7}
    teams.save_team(team=sales, user_ids=[ben.id], hours=closed_now, **values)
    night = waiting()
    assert (given(), holder(night)) == (0, None)
    teams.save_team(team=sales, user_ids=[ben.id], hours={"has_hours": False}, **values)
    db.session.add(BotSettings(account_id=account.id, **{**closed_now, "hours": [[]] * 6 + [[[0, 1]]]}))
    day = utcnow().weekday()
    if day != 6:
        assert (given(), holder(night)) == (0, None)
    db.session.get_one(BotSettings, account.id).has_hours = False
    assert (given(), holder(night)) == (1, ben.id)


def test_what_the_bot_answers_waits_for_nobody_until_it_hands_over_and_goes_back_to_it(
    person: Any, waiting: Any, account: Account
) -> None:
    ana = person("Ana")
    account.auto_reply_enabled = True
    one = waiting()
    assert given() == 0
    teamwork.take_over(conversation=one, actor=actor_of_user(ana))
    assert holder(one) == ana.id
    people.switch_off(user=ana, actor=SYSTEM)
    ben = person("Ben")
    assert holder(one) is None
    # The bot keeps quiet here, so it is people's.
    assert (given(), holder(one)) == (1, ben.id)
    teamwork.give_back(conversation=one, actor=actor_of_user(ben))
    assert (given(), holder(one)) == (0, None)


def test_who_loses_the_account_loses_its_conversations_and_no_others(
    person: Any, waiting: Any, make: Factory, account: Account
) -> None:
    ana, other = person("Ana"), make.account()
    mine = waiting(assigned_to_id=ana.id)
    kept = make.conversation(other, assigned_to_id=ana.id)
    people.set_rights(user=ana, role=ana.role, account_ids=[other.id], actor=SYSTEM)
    assert (holder(mine), holder(kept)) == (None, ana.id)


@pytest.fixture
def workers(settings: Settings) -> Iterator[list[Flask]]:
    apps = more_apps(settings, 2)
    yield apps
    close(apps)


def test_two_workers_at_once_give_each_conversation_once_and_evenly(
    person: Any, waiting: Any, workers: list[Flask]
) -> None:
    crew = {person(name).id for name in ("Ana", "Ben", "Cleo")}
    new = [waiting() for _ in range(30)]
    db.session.commit()

    def work_off(app: Flask) -> int:
        with app.app_context():
            return sum(assigning.work_off() for _ in range(5))

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(work_off, workers)) + given() == 30
    held = [holder(one) for one in new]
    assert {held.count(id_) for id_ in crew} == {10}


def test_times_are_kept_from_the_customers_first_message_to_a_persons_answer_and_the_end(
    app: Flask, person: Any, account: Account
) -> None:
    ana = person("Ana")
    began = utcnow().replace(microsecond=0) - timedelta(minutes=9)

    def write(at: datetime) -> None:
        value = text_message(account, timestamp=int(at.timestamp()))
        assert Meta(app).tell(account, value).status_code == 200
        while event_work.work_off(10):
            continue
        db.session.expire_all()

    def answer(actor: Any) -> None:
        messages.queue_text(conversation=one, body="Hello", actor=actor)

    write(began)
    write(began + timedelta(minutes=5))
    one = db.session.scalars(select(Conversation)).one()
    assert one.case_since == began
    answer(SYSTEM)
    assert one.answered_at is None
    answer(actor_of_user(ana))
    answer(actor_of_user(ana))
    case = db.session.scalars(select(ConversationCase)).one()
    assert (case.answered_by_id, case.answer_target_s) == (ana.id, 900)
    assert 539 <= (case.answer_s or 0) <= 570
    teamwork.close(conversation=one, actor=actor_of_user(ana))
    db.session.expire_all()
    assert (case.closed_by_id, one.case_since, case.resolution_target_s) == (ana.id, None, None)
    teamwork.reopen(conversation=one, actor=actor_of_user(ana))
    assert (one.case_since, one.answered_at is None, case.closed_at) == (began, False, None)
    teamwork.close(conversation=one, actor=actor_of_user(ana))
    write(utcnow())
    assert one.case_since is not None
    assert one.case_since > began
    assert one.answered_at is None


def test_what_a_customer_opens_again_is_not_kept_for_somebody_who_is_away_or_gone(
    app: Flask, person: Any, make: Factory, account: Account
) -> None:
    ana, ben, cleo = person("Ana"), person("Ben"), person("Cleo")
    kinds = (ana.id, ben.id, cleo.id)
    at = utcnow().replace(microsecond=0) - timedelta(minutes=1)
    tell = Meta(app).tell

    def write(sender: int, ahead: int) -> None:
        value = text_message(account, wa_id=f"1555010000{sender}", timestamp=int(at.timestamp()) + ahead)
        assert tell(account, value).status_code == 200
        while event_work.work_off(10):
            continue
        db.session.expire_all()

    for sender, _ in enumerate(kinds):
        write(sender, 0)
    ids = list(db.session.scalars(select(Conversation.id).order_by(Conversation.id)))
    for id_, user_id in zip(ids, kinds, strict=True):
        one = db.session.get_one(Conversation, id_)
        teamwork.assign(conversation=one, user_id=user_id, actor=SYSTEM)
        teamwork.close(conversation=one, actor=SYSTEM)
    desks.set_away(user_id=ben.id, is_away=True)
    # As by hand in the database: the usual way gives back what they have, the closed ones too.
    db.session.execute(update(User).where(User.id == cleo.id).values(is_active=False))
    db.session.commit()
    for sender, _ in enumerate(kinds):
        write(sender, 30)
    found = [db.session.get_one(Conversation, id_) for id_ in ids]
    assert [(one.assigned_to_id, one.is_closed) for one in found] == [
        (ana.id, False),
        (None, False),
        (None, False),
    ]
    assert given() == 2
    told = select(ConversationEvent.kind, ConversationEvent.assignee_name).where(
        ConversationEvent.conversation_id == ids[1]
    )
    assert db.session.execute(told.order_by(ConversationEvent.id)).all()[-3:] == [
        (TeamEvent.REOPENED, ""),
        (TeamEvent.UNASSIGNED, "Ben"),
        (TeamEvent.ASSIGNED, "Ana"),
    ]


def test_business_time_leaves_out_nights_and_holidays_and_keeps_summer_time() -> None:
    week = [[(9 * 60, 17 * 60)]] * 5 + [[], [(22 * 60, 2 * 60)]]
    friday = datetime(2026, 10, 23, 15, 0, tzinfo=UTC)
    hours = Hours("Europe/London", week, {datetime(2026, 10, 26, tzinfo=UTC).date(): "Off"})
    # 16:00 in London, an hour to go; Sunday's stretch ends at the holiday's midnight.
    assert seconds_between(hours, friday, friday + timedelta(hours=2)) == 3600
    assert after(hours, friday, 3600) == friday + timedelta(hours=1)
    assert after(hours, friday, 3600 + 60) == datetime(2026, 10, 25, 22, 1, tzinfo=UTC)
    tuesday = datetime(2026, 10, 27, 9, 0, tzinfo=UTC)
    assert seconds_between(hours, friday, tuesday) == 3600 + 2 * 3600
    assert seconds_between(None, friday, friday - timedelta(hours=1)) == 0
