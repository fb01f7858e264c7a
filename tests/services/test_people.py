"""Adding people, changing what they may do, and shutting them out."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from app.errors import InvalidFields, NotFound
from app.extensions import db
from app.models import AuditEntry, Role, User, UserSession
from app.queries.access import SYSTEM, Actor, actor_of_user
from app.services import people
from app.services.passwords import hash_password, password_fits
from config import Settings
from tests.support.factories import Factory

PASSWORD = "four unrelated words"


@pytest.fixture
def owner(make: Factory) -> Actor:
    return actor_of_user(make.user(role="owner"), "203.0.113.7")


def problems_of(error: pytest.ExceptionInfo[InvalidFields]) -> set[str]:
    return {problem.field for problem in error.value.problems}


def test_a_person_gets_a_role_in_exactly_the_named_accounts(make: Factory) -> None:
    account, _ = make.account(), make.account()
    user = people.create_user(
        email="Lena@Example.com ", password=PASSWORD, role=Role.AGENT, account_ids=[account.id, account.id]
    )
    assert user.email == "lena@example.com"
    assert [(row.account_id, row.role) for row in user.memberships] == [(account.id, Role.AGENT)]
    assert password_fits(user.password_hash, PASSWORD)


def test_an_owner_needs_no_memberships(make: Factory) -> None:
    account = make.account()
    user = people.create_user(
        email="o@example.com", password=PASSWORD, role=Role.OWNER, account_ids=[account.id]
    )
    assert user.memberships == []


@pytest.mark.parametrize(
    "email", ["", "x", "x@", "@x.example", "a b@x.example", "a@b@c.example", "a\x00@x.example"]
)
def test_what_is_no_address_is_refused(make: Factory, email: str) -> None:
    with pytest.raises(InvalidFields) as refused:
        people.create_user(email=email, password=PASSWORD, role=Role.OWNER)
    assert problems_of(refused) == {"email"}


def test_all_problems_are_named_at_once(make: Factory) -> None:
    with pytest.raises(InvalidFields) as refused:
        people.create_user(email="x", password="short", role=Role.OWNER, name="n" * 101)
    assert problems_of(refused) == {"email", "password", "name"}


def test_an_address_is_taken_once(make: Factory) -> None:
    make.user(email="lena@example.com")
    with pytest.raises(InvalidFields) as refused:
        people.create_user(email="LENA@example.com", password=PASSWORD, role=Role.OWNER)
    assert problems_of(refused) == {"email"}


def test_an_account_that_is_not_there_is_refused(make: Factory) -> None:
    with pytest.raises(InvalidFields) as refused:
        people.create_user(email="l@example.com", password=PASSWORD, role=Role.AGENT, account_ids=[99])
    assert problems_of(refused) == {"account_ids"}
    assert db.session.scalar(select(User.id)) is None


def test_a_person_added_by_an_owner_gets_a_one_time_password(owner: Actor) -> None:
    user, password = people.add_person(
        email="n@example.com", name="Nuru", role=Role.VIEWER, account_ids=[], actor=owner
    )
    assert user.has_temporary_password
    assert password_fits(user.password_hash, password.reveal())
    assert password.reveal() not in repr(password)


def test_another_password_signs_out_all_other_sessions(make: Factory) -> None:
    user = make.user(password_hash=hash_password(PASSWORD))
    for _ in range(3):
        make.session_token(user)
    kept = db.session.scalars(select(UserSession.id)).first()
    people.change_password(
        user=user, current=PASSWORD, new="another good one", keep_session_id=kept, actor=SYSTEM
    )
    open_ids = db.session.scalars(select(UserSession.id).where(UserSession.revoked_at.is_(None))).all()
    assert open_ids == [kept]


def test_a_change_wants_the_present_password(make: Factory) -> None:
    user = make.user(password_hash=hash_password(PASSWORD))
    with pytest.raises(InvalidFields) as refused:
        people.change_password(
            user=user, current="a guess", new="another good one", keep_session_id=None, actor=SYSTEM
        )
    assert problems_of(refused) == {"current_password"}


def test_the_file_with_the_first_password_goes_when_that_password_does(
    make: Factory, settings: Settings
) -> None:
    file = Path(settings.instance_path) / "first-sign-in.txt"
    file.write_text("email=owner@example.com\npassword=x\n")
    other = make.user(password_hash=hash_password(PASSWORD))
    people.choose_password(user=other, new="another good one", keep_session_id=None, actor=SYSTEM)
    assert file.exists()
    first = make.user(email="owner@example.com", password_hash=hash_password(PASSWORD))
    people.choose_password(user=first, new="another good one", keep_session_id=None, actor=SYSTEM)
    assert not file.exists()


def test_rights_are_replaced_as_a_whole(make: Factory, owner: Actor) -> None:
    first, second = make.account(), make.account()
    user = make.user(role="agent", accounts=[first])
    people.set_rights(user=user, role=Role.MANAGER, account_ids=[first.id, second.id], actor=owner)
    db.session.expire_all()
    assert user.role is Role.MANAGER
    assert {(row.account_id, row.role) for row in user.memberships} == {
        (first.id, Role.MANAGER),
        (second.id, Role.MANAGER),
    }


def test_the_last_owner_can_neither_be_demoted_nor_switched_off(make: Factory) -> None:
    only = make.user(role="owner")
    make.user(role="owner", is_active=False)
    with pytest.raises(people.LastOwner):
        people.set_rights(user=only, role=Role.VIEWER, account_ids=[], actor=SYSTEM)
    with pytest.raises(people.LastOwner):
        people.switch_off(user=only, actor=SYSTEM)


def test_nobody_takes_away_their_own_access(make: Factory, owner: Actor) -> None:
    make.user(role="owner")
    assert owner.user is not None
    with pytest.raises(people.NotOneself):
        people.switch_off(user=owner.user, actor=owner)
    with pytest.raises(people.NotOneself):
        people.set_rights(user=owner.user, role=Role.VIEWER, account_ids=[], actor=owner)


def test_switching_off_ends_all_sessions(make: Factory, owner: Actor) -> None:
    user = make.user(role="agent")
    make.session_token(user)
    people.switch_off(user=user, actor=owner)
    session = db.session.scalars(select(UserSession).where(UserSession.user_id == user.id)).one()
    assert session.revoked_at is not None
    people.switch_on(user=user, actor=owner)
    assert user.is_active


def test_only_ones_own_session_can_be_signed_out(make: Factory) -> None:
    mine, theirs = make.user(), make.user()
    make.session_token(theirs)
    session_id = db.session.scalars(select(UserSession.id)).one()
    with pytest.raises(NotFound):
        people.sign_out_session(user=mine, session_id=session_id, actor=SYSTEM)
    people.sign_out_session(user=theirs, session_id=session_id, actor=SYSTEM)


def test_each_change_stands_in_the_audit_log_without_secrets(make: Factory, owner: Actor) -> None:
    user, password = people.add_person(
        email="n@example.com", name="", role=Role.AGENT, account_ids=[], actor=owner
    )
    people.change_profile(user=user, name="Nuru", time_zone="", actor=owner)
    people.set_rights(user=user, role=Role.VIEWER, account_ids=[], actor=owner)
    fresh = people.give_one_time_password(user=user, actor=owner)
    people.switch_off(user=user, actor=owner)
    people.switch_on(user=user, actor=owner)
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [entry.action for entry in entries] == [
        "person.added",
        "person.profile_changed",
        "person.rights_changed",
        "person.password_reset",
        "person.switched_off",
        "person.switched_on",
    ]
    assert entries[2].details == {
        "before": {"role": "agent", "accounts": []},
        "after": {"role": "viewer", "accounts": []},
    }
    assert {entry.ip_address for entry in entries} == {"203.0.113.7"}
    said = str([entry.details for entry in entries])
    assert password.reveal() not in said
    assert fresh.reveal() not in said
