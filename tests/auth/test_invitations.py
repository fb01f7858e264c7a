"""Invitations: from the owner's form over the link to being signed in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import select

from app.errors import InvalidFields
from app.extensions import db
from app.models import AuditEntry, Invitation, Role, User, utcnow
from app.queries.access import SYSTEM, Actor, actor_of_user
from app.services import invitations, people
from app.services.invitations import UnusableInvitation
from app.services.sign_in import Visitor
from tests.support.factories import Factory
from tests.support.pages import PageClient

PASSWORD = "four unrelated words"
CHOSEN = {"name": "Lena", "new_password": PASSWORD, "repeated": PASSWORD}


@pytest.fixture
def owner(make: Factory) -> Actor:
    return actor_of_user(make.user(role="owner", name="Amara"))


def made(actor: Actor, email: str = "lena@example.com", role: Role = Role.AGENT) -> tuple[Invitation, str]:
    invitation, token = invitations.invite(email=email, name="", role=role, account_ids=[], actor=actor)
    return invitation, token.reveal()


def test_an_owner_invites_and_the_person_is_in(
    app: Flask, page: PageClient, make: Factory, sign_in: Callable[..., User]
) -> None:
    sign_in("owner")
    first, second = make.account(name="First"), make.account(name="Second")
    data = {
        "email": "Lena@example.com",
        "role": "agent",
        "account_ids": [first.id, second.id],
        f"role_in_{second.id}": "manager",
        "how": "link",
    }
    answer = page.post("settings.add_person", data=data, status=201)
    link = str(answer.soup.select_one("#invitation-link")["value"])
    assert link.startswith("http://127.0.0.1:5000/invitation/")
    listing = page.get("settings.people")
    assert link not in listing.html
    assert any("lena@example.com" in row and "Works until" in row for row in listing.texts("tbody tr"))

    theirs = PageClient(app)
    path = urlsplit(link).path
    shown = theirs.open(path, status=200)
    assert "as agent" in shown.text()
    assert shown.response.headers["Cache-Control"] == "no-store"
    assert shown.response.headers["Referrer-Policy"] == "same-origin"
    theirs.post("auth.accept_invitation", token=path.rsplit("/", 1)[1], data=CHOSEN, status=303)
    assert "lena@example.com" in theirs.get("settings.profile").text()
    lena = db.session.scalars(select(User).where(User.email == "lena@example.com")).one()
    assert {row.account_id: row.role for row in lena.memberships} == {
        first.id: Role.AGENT,
        second.id: Role.MANAGER,
    }
    again = PageClient(app).open(path, status=410)
    assert "has been used" in again.text()
    assert not page.get("settings.people").soup.select("#invitations-title")


def test_what_is_wrong_is_said_at_its_field_and_the_link_still_works(
    app: Flask, page: PageClient, owner: Actor
) -> None:
    _, token = made(owner)
    for data, said in (
        ({**CHOSEN, "new_password": "short", "repeated": "short"}, "Use at least 10"),
        ({**CHOSEN, "repeated": "another"}, "not the same"),
        ({**CHOSEN, "name": "x" * 101}, "at most 100"),
        ({}, "Choose a password"),
    ):
        assert said in page.post("auth.accept_invitation", token=token, data=data, status=422).text()
    page.post("auth.accept_invitation", token=token, data=CHOSEN, status=303)


def test_a_link_says_why_it_does_not_open_and_what_to_do(
    page: PageClient, make: Factory, owner: Actor
) -> None:
    run_out, run_out_token = made(owner, "a@example.com")
    run_out.expires_at = utcnow() - timedelta(seconds=1)
    withdrawn, withdrawn_token = made(owner, "b@example.com")
    invitations.withdraw(invitation_id=withdrawn.id, actor=owner)
    _, replaced_token = made(owner, "c@example.com")
    _, new_token = made(owner, "c@example.com")
    leaver = make.user(role="owner")
    _, leavers_token = made(actor_of_user(leaver), "d@example.com")
    leaver.role = Role.MANAGER
    db.session.commit()
    for token, said in (
        (run_out_token, "run out"),
        (withdrawn_token, "withdrawn"),
        (replaced_token, "withdrawn"),
        (leavers_token, "withdrawn"),
        ("no-such-token", "not right"),
    ):
        closed = page.get("auth.invitation", token=token, status=410)
        assert said in closed.text()
        assert "Ask whoever invited you" in closed.text()
    page.get("auth.invitation", token=new_token, status=200)


def test_a_new_link_ends_the_old_one(page: PageClient, sign_in: Callable[..., User]) -> None:
    user = sign_in("owner")
    invitation, old = made(actor_of_user(user))
    answer = page.post("settings.renew_invitation", invitation_id=invitation.id, status=200)
    link = str(answer.soup.select_one("#invitation-link")["value"])
    page.get("auth.invitation", token=old, status=410)
    page.open(urlsplit(link).path, status=200)
    page.post("settings.withdraw_invitation", invitation_id=invitation.id, status=303)
    page.open(urlsplit(link).path, status=410)
    page.post("settings.renew_invitation", invitation_id=invitation.id, status=404)


def test_guessing_links_slows_down_like_guessing_passwords(page: PageClient) -> None:
    statuses = [
        page.post("auth.accept_invitation", token=f"guess-{number}", data=CHOSEN).status
        for number in range(8)
    ]
    assert statuses == [410] * 5 + [429] * 3


def test_only_who_may_manage_people_invites(
    page: PageClient, make: Factory, sign_in: Callable[..., User], owner: Actor
) -> None:
    invitation, _ = made(owner)
    sign_in("manager", accounts=[make.account()])
    page.post("settings.renew_invitation", invitation_id=invitation.id, status=403)
    page.post("settings.withdraw_invitation", invitation_id=invitation.id, status=403)


@pytest.mark.both_databases
def test_a_link_makes_one_person_only(make: Factory, owner: Actor) -> None:
    _, token = made(owner)
    visitor = Visitor("203.0.113.1")
    invitations.accept(token=token, name="One", password=PASSWORD, visitor=visitor)
    with pytest.raises(UnusableInvitation):
        invitations.accept(token=token, name="Two", password=PASSWORD, visitor=visitor)
    assert [user.name for user in db.session.scalars(select(User).order_by(User.id))] == ["Amara", "One"]


@pytest.mark.both_databases
def test_an_address_that_came_here_meanwhile_is_not_taken_over(make: Factory, owner: Actor) -> None:
    invitation, token = made(owner)
    make.user(email="lena@example.com")
    with pytest.raises(InvalidFields):
        invitations.accept(token=token, name="Lena", password=PASSWORD, visitor=Visitor("203.0.113.1"))
    assert invitation.used_at is None
    with pytest.raises(InvalidFields):
        made(owner)


def test_an_account_that_is_gone_meanwhile_is_left_out(make: Factory, owner: Actor) -> None:
    account = make.account()
    _, token = invitations.invite(
        email="l@example.com", name="", role=Role.AGENT, account_ids=[account.id], actor=owner
    )
    db.session.delete(account)
    db.session.commit()
    session, _ = invitations.accept(
        token=token.reveal(), name="", password=PASSWORD, visitor=Visitor("203.0.113.1")
    )
    assert session.user.memberships == []


def test_the_log_says_who_invited_whom_and_never_the_link(owner: Actor) -> None:
    _, token = made(owner)
    invitations.accept(token=token, name="Lena", password=PASSWORD, visitor=Visitor("203.0.113.1"))
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [entry.action for entry in entries] == ["invitation.made", "person.added", "session.signed_in"]
    assert entries[1].details["by"] == "invitation"
    assert not any(token in str(entry.details) for entry in entries)


def test_nobody_is_owner_of_one_account(make: Factory, owner: Actor) -> None:
    account = make.account()
    user = make.user(role="agent")
    with pytest.raises(InvalidFields):
        people.set_rights(
            user=user,
            role=Role.AGENT,
            account_ids=[account.id],
            other_roles={account.id: Role.OWNER},
            actor=SYSTEM,
        )


def test_a_person_has_another_role_in_one_account(
    page: PageClient, make: Factory, sign_in: Callable[..., User]
) -> None:
    sign_in("owner")
    desk, other = make.account(name="Desk"), make.account(name="Other")
    tom = make.user(role="viewer")
    data = {"role": "agent", "account_ids": [desk.id, other.id], f"role_in_{other.id}": "manager"}
    page.post("settings.set_rights", user_id=tom.id, data=data, status=303)
    assert {row.account_id: row.role for row in tom.memberships} == {
        desk.id: Role.AGENT,
        other.id: Role.MANAGER,
    }
    shown = page.get("settings.person", user_id=tom.id)
    assert shown.texts(f'select[name="role_in_{other.id}"] option[selected]') == ["Manager"]
    assert "Other (manager)" in page.get("settings.people").text()
    wrong = page.post("settings.set_rights", user_id=tom.id, data={**data, f"role_in_{other.id}": "owner"})
    assert wrong.status == 422
