"""The owner's page of people."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.models import Role, User
from app.services.passwords import password_fits
from tests.support.factories import Factory
from tests.support.pages import PageClient


def test_a_new_person_gets_a_one_time_password_that_is_shown_once(
    page: PageClient, make: Factory, sign_in: Callable[..., User]
) -> None:
    sign_in("owner")
    account = make.account(name="Meridian Insurance")
    data = {"email": "lena@example.com", "name": "Lena", "role": "agent", "account_ids": [account.id]}
    answer = page.post("settings.add_person", data=data, status=201)
    password = answer.soup.select_one("#one-time-password-value")["value"]
    lena = db.session.scalars(select(User).where(User.email == "lena@example.com")).one()
    assert lena.has_temporary_password
    assert password_fits(lena.password_hash, password)
    assert [row.account_id for row in lena.memberships] == [account.id]
    listing = page.get("settings.people")
    assert password not in listing.html
    assert any("Lena" in row and "Meridian Insurance" in row for row in listing.texts("tbody tr"))


def test_what_is_wrong_with_a_new_person_is_said(page: PageClient, sign_in: Callable[..., User]) -> None:
    owner = sign_in("owner")
    answer = page.post("settings.add_person", data={"email": owner.email, "role": "agent"}, status=422)
    assert "already here" in answer.text()
    answer = page.post("settings.add_person", data={"email": "x", "role": "king"}, status=422)
    assert len(answer.texts("#form-errors li")) == 1 or answer.texts("#form-errors")


def test_rights_hold_from_the_next_click_on(
    app: Flask, page: PageClient, make: Factory, sign_in: Callable[..., User]
) -> None:
    sign_in("owner")
    promoted = make.user(role="viewer")
    theirs = PageClient(app)
    theirs.sign_in(promoted)
    theirs.get("settings.people", status=403)
    page.post("settings.set_rights", user_id=promoted.id, data={"role": "owner"}, status=303)
    theirs.get("settings.people", status=200)
    page.post("settings.set_rights", user_id=promoted.id, data={"role": "viewer"}, status=303)
    theirs.get("settings.people", status=403)


def test_a_form_without_a_role_changes_nothing(
    page: PageClient, make: Factory, sign_in: Callable[..., User]
) -> None:
    """An empty post is no choice, whatever a form shows at first."""
    sign_in("owner")
    account = make.account()
    tom = make.user(role="manager", accounts=[account])
    headers = {"X-CSRFToken": page.csrf_token()}
    page.post("settings.set_rights", user_id=tom.id, csrf=False, headers=headers, status=422)
    assert tom.role is Role.MANAGER
    assert [row.account_id for row in tom.memberships] == [account.id]


def test_switching_off_and_on(
    app: Flask, page: PageClient, make: Factory, sign_in: Callable[..., User]
) -> None:
    sign_in("owner")
    tom = make.user(role="agent", name="Tom")
    theirs = PageClient(app)
    theirs.sign_in(tom)
    page.post("settings.switch_off", user_id=tom.id, status=303)
    theirs.get("settings.profile", status=302)
    assert "Switched off" in page.get("settings.people").text()
    assert page.get("settings.person", user_id=tom.id).texts("button.btn-danger") == []
    page.post("settings.switch_on", user_id=tom.id, status=303)
    assert tom.is_active


def test_the_page_says_which_keys_stop_with_a_person(
    page: PageClient, make: Factory, sign_in: Callable[..., User]
) -> None:
    sign_in("owner")
    tom = make.user(role="owner")
    make.api_key(created_by_id=tom.id)
    assert "1 API key they made stop working" in page.get("settings.person", user_id=tom.id).text()


def test_a_forgotten_password_is_replaced_by_a_one_time_one(
    page: PageClient, make: Factory, sign_in: Callable[..., User]
) -> None:
    sign_in("owner")
    tom = make.user(role="agent")
    answer = page.post("settings.give_one_time_password", user_id=tom.id, status=200)
    assert password_fits(tom.password_hash, answer.soup.select_one("#one-time-password-value")["value"])


@pytest.mark.parametrize(
    "endpoint", ["settings.switch_off", "settings.set_rights", "settings.give_one_time_password"]
)
def test_ones_own_access_is_for_another_owner_to_change(
    page: PageClient, sign_in: Callable[..., User], endpoint: str
) -> None:
    owner = sign_in("owner")
    page.post(endpoint, user_id=owner.id, data={"role": "viewer"}, status=303)
    assert (owner.role, owner.is_active) == (Role.OWNER, True)
    assert "Another owner can" in page.get("settings.person", user_id=owner.id).text()


@pytest.mark.parametrize("role", ["manager", "agent", "viewer"])
def test_only_owners_may_come_here(
    page: PageClient, make: Factory, sign_in: Callable[..., User], role: str
) -> None:
    sign_in(role, accounts=[make.account()])
    page.get("settings.people", status=403)
    page.get("settings.api_keys", status=403)


def test_names_with_markup_are_shown_as_text(
    page: PageClient, make: Factory, sign_in: Callable[..., User]
) -> None:
    sign_in("owner")
    make.user(name="<script>alert(1)</script>")
    assert "&lt;script&gt;" in page.get("settings.people").html


def test_the_table_of_rights_is_the_one_that_is_checked(
    page: PageClient, sign_in: Callable[..., User]
) -> None:
    sign_in("owner")
    rows = page.get("settings.people").soup.select("table")[-1].select("tbody tr")
    marks = [[bool(cell.select("svg")) for cell in row.select("td")[1:]] for row in rows]
    assert marks == [
        [True, True, True, True],
        [False, True, True, True],
        [False, False, True, True],
        [False, False, False, True],
    ]
