"""An owner requires a second factor: who has none sets one up, and does nothing else before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.models import AuditEntry, SecondFactor, SecondFactorFor, User, utcnow
from app.queries import second_factors
from app.queries.access import SYSTEM, actor_of_user
from app.services import console_rules, second_factor
from tests.support.factories import Factory
from tests.support.pages import PageClient

API = "/api/whatsapp/api"


def code_of(user: User, ago_s: int = 0) -> str:
    factor = db.session.get(SecondFactor, user.id)
    assert factor is not None
    assert factor.secret is not None
    return pyotp.TOTP(factor.secret.reveal()).at(utcnow() - timedelta(seconds=ago_s))


def turn_on(user: User) -> None:
    actor = actor_of_user(user)
    second_factor.begin(user=user, actor=actor)
    second_factor.confirm(user=user, code=code_of(user, ago_s=30), actor=actor)


def require(of: SecondFactorFor) -> None:
    console_rules.require_second_factor(of=of, actor=SYSTEM)


def test_who_has_none_is_led_to_set_one_up_and_is_in_afterwards(
    page: PageClient, make: Factory, sign_in: Callable[..., User]
) -> None:
    tom = sign_in("agent", accounts=[make.account()])
    page.get("console.index")
    require(SecondFactorFor.EVERYBODY)
    for endpoint in ("console.index", "settings.profile", "analytics.overview", "settings.passkeys"):
        assert page.get(endpoint, status=303).response.location == "/settings/second-factor/"
    page.post("settings.save_profile", data={"name": "Another"}, status=303)
    assert tom.name != "Another"
    shown = page.get("settings.second_factor")
    assert "requires one" in shown.text()
    assert shown.soup.select("nav") == []
    page.post("settings.start_second_factor", status=303)
    codes = page.post("settings.confirm_second_factor", data={"code": code_of(tom)}, status=201)
    assert codes.soup.select_one("#recovery-codes")
    page.get("console.index")


def test_what_polls_is_led_there_as_a_whole_page(
    page: PageClient, make: Factory, sign_in: Callable[..., User]
) -> None:
    sign_in("agent", accounts=[make.account()])
    require(SecondFactorFor.EVERYBODY)
    answer = page.get("analytics.line_state", htmx=True, status=204)
    assert answer.response.headers["HX-Redirect"] == "/settings/second-factor/"


@pytest.mark.parametrize(
    "of, asked",
    [
        (SecondFactorFor.NOBODY, set()),
        (SecondFactorFor.OWNERS, {"owner"}),
        (SecondFactorFor.MANAGERS, {"owner", "manager"}),
        (SecondFactorFor.EVERYBODY, {"owner", "manager", "agent", "viewer"}),
    ],
)
def test_it_is_asked_of_the_roles_that_were_chosen(
    app: Flask, make: Factory, of: SecondFactorFor, asked: set[str]
) -> None:
    require(of)
    stopped = set()
    for role in ("owner", "manager", "agent", "viewer"):
        theirs = PageClient(app)
        theirs.sign_in(make.user(role=role))
        if theirs.open("/settings/").status == 303:
            stopped.add(role)
    assert stopped == asked


def test_a_manager_of_one_account_counts_as_a_manager(page: PageClient, make: Factory) -> None:
    tom = make.user(role="viewer", accounts=[make.account()])
    tom.memberships[0].role = "manager"
    db.session.commit()
    page.sign_in(tom)
    require(SecondFactorFor.MANAGERS)
    page.get("settings.profile", status=303)


def test_an_owner_with_a_second_factor_requires_it(
    page: PageClient, make: Factory, sign_in: Callable[..., User]
) -> None:
    owner = sign_in("owner")
    make.user(role="agent", name="Tom")
    turn_on(owner)
    page.post("settings.require_second_factor", data={"second_factor_for": "everybody"}, status=303)
    shown = page.get("settings.people")
    rows = {row.split()[0]: row for row in shown.texts("tbody tr")}
    assert "Has to set up a second factor" in next(row for row in rows.values() if "Tom" in row)
    assert shown.soup.select_one("option[value=everybody]").has_attr("selected")
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "second_factor.required")).one()
    assert (entry.user_id, entry.details) == (owner.id, {"from": "nobody", "to": "everybody"})


def test_an_owner_without_one_cannot_lock_themselves_out(
    page: PageClient, sign_in: Callable[..., User]
) -> None:
    sign_in("owner")
    answer = page.post("settings.require_second_factor", data={"second_factor_for": "owners"}, status=422)
    assert "Set one up first" in answer.text()
    page.get("settings.people")


@pytest.mark.parametrize("value", ["", "kings"])
def test_a_choice_that_is_none_changes_nothing(
    page: PageClient, sign_in: Callable[..., User], value: str
) -> None:
    turn_on(sign_in("owner"))
    page.post("settings.require_second_factor", data={"second_factor_for": value}, status=422)
    assert second_factors.get_requirement() is SecondFactorFor.NOBODY


def test_turning_it_off_leads_to_setting_up_the_next(page: PageClient, sign_in: Callable[..., User]) -> None:
    user = sign_in("owner")
    turn_on(user)
    require(SecondFactorFor.EVERYBODY)
    assert "set up the next one" in page.get("settings.second_factor").text()
    second_factor.reset(user=user, actor=SYSTEM)
    page.get("settings.people", status=303)


def test_keys_are_not_affected(app: Flask, make: Factory) -> None:
    key = make.api_key(role="owner")
    require(SecondFactorFor.EVERYBODY)
    answer = app.test_client().get(f"{API}/accounts/", headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 200
