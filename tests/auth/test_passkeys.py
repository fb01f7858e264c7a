"""Passkeys: what is kept, what opens, and above all what does not (reliability C11)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.models import AuditEntry, Passkey, User, UserSession
from app.queries.access import actor_of_user
from app.services import passkeys, second_factor
from app.services.passwords import hash_password
from config import Settings
from tests.support.authenticator import Authenticator
from tests.support.factories import Factory
from tests.support.pages import PageClient

ORIGIN = "http://localhost:5000"
PASSWORD = "four unrelated words"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A console with a name."""
    return replace(settings, public_base_url=ORIGIN)


@pytest.fixture
def tom(make: Factory) -> User:
    return make.user(role="agent", email="tom@example.com", password_hash=hash_password(PASSWORD))


def ask(page: PageClient, endpoint: str) -> dict[str, Any]:
    answer = page._client.post(page.url(endpoint), headers={"X-CSRFToken": page.csrf_token()})
    assert answer.status_code == 200, answer.text
    options: dict[str, Any] = answer.get_json()
    return options


def add(page: PageClient, device: Authenticator, status: int = 303, password: str = PASSWORD) -> None:
    answer = device.create(ask(page, "settings.passkey_options"))
    data = {"name": "Phone", "password": password, "credential": answer}
    page.post("settings.add_passkey", data=data, status=status)


def come_in(page: PageClient, answer: str) -> int:
    return page.post("auth.check_passkey", data={"credential": answer}).status


@pytest.fixture
def device(app: Flask, tom: User) -> Authenticator:
    """Tom's, which the console knows."""
    device, theirs = Authenticator(ORIGIN), PageClient(app)
    theirs.sign_in(tom)
    add(theirs, device)
    return device


def test_a_passkey_is_kept_and_opens(page: PageClient, tom: User, device: Authenticator) -> None:
    assert come_in(page, device.get(ask(page, "auth.passkey_options"))) == 303
    assert "tom@example.com" in page.get("settings.profile").text()
    row = db.session.scalars(select(Passkey)).one()
    assert (row.name, row.sign_count) == ("Phone", 1)
    assert row.last_used_at is not None
    assert "Phone" in page.get("settings.passkeys").text()


def test_it_stands_for_both_factors(page: PageClient, tom: User, device: Authenticator) -> None:
    actor = actor_of_user(tom)
    second_factor.begin(user=tom, actor=actor)
    factor = second_factor.find(tom.id)
    assert factor is not None
    factor.confirmed_at = factor.created_at
    db.session.commit()
    assert come_in(page, device.get(ask(page, "auth.passkey_options"))) == 303
    page.get("settings.profile", status=200)


def test_an_answer_opens_once(app: Flask, page: PageClient, device: Authenticator) -> None:
    """Also not with the cookie of before, which holds the same challenge."""
    options = ask(page, "auth.passkey_options")
    with page.cookie() as cookie:
        kept = dict(cookie)
    assert come_in(page, device.get(options)) == 303
    thief = PageClient(app)
    with thief.cookie() as cookie:
        cookie.update(kept)
    assert come_in(thief, device.get(options)) == 422


def test_a_challenge_belongs_to_the_browser_that_asked(
    app: Flask, page: PageClient, device: Authenticator
) -> None:
    other = PageClient(app)
    ask(other, "auth.passkey_options")
    assert come_in(other, device.get(ask(page, "auth.passkey_options"))) == 422
    assert come_in(PageClient(app), device.get(ask(page, "auth.passkey_options"))) == 422


def test_the_passkey_of_one_person_never_opens_another(
    app: Flask, page: PageClient, make: Factory, device: Authenticator
) -> None:
    ben = make.user(role="owner", password_hash=hash_password(PASSWORD))
    bens, theirs = Authenticator(ORIGIN), PageClient(app)
    theirs.sign_in(ben)
    add(theirs, bens)
    before = db.session.query(UserSession).filter_by(user_id=ben.id).count()
    # Tom's key with Ben's handle, Tom's signature under the id of Ben's passkey.
    assert come_in(page, device.get(ask(page, "auth.passkey_options"), handle=bens.handle)) == 422
    forged = json.loads(device.get(ask(page, "auth.passkey_options"), handle=bens.handle))
    forged["id"] = forged["rawId"] = json.loads(bens.get({"rpId": "x", "challenge": "eA"}))["id"]
    assert come_in(page, json.dumps(forged)) == 422
    assert db.session.query(UserSession).filter_by(user_id=ben.id).count() == before
    page.get("settings.profile", status=302)


def test_another_site_an_unverified_person_and_a_copied_key_are_refused(
    app: Flask, page: PageClient, tom: User, device: Authenticator
) -> None:
    device.origin = "http://localhost.evil.example:5000"
    assert come_in(page, device.get(ask(page, "auth.passkey_options"))) == 422
    device.origin = ORIGIN
    device._flags = 0x01
    assert come_in(page, device.get(ask(page, "auth.passkey_options"))) == 422
    device._flags, device.count = 0x05, 10
    assert come_in(page, device.get(ask(page, "auth.passkey_options"))) == 303
    device.count = 3
    assert come_in(PageClient(app), device.get(ask(page, "auth.passkey_options"))) == 422
    unverified, theirs = Authenticator(ORIGIN, is_verifying=False), PageClient(app)
    theirs.sign_in(tom)
    add(theirs, unverified, status=422)


@pytest.mark.parametrize(
    "answer",
    ["", "x", "[]", "{}", '{"id": 3}', '{"id": "a", "response": {}}', "[" * 9_000, '{"id": "\\ud800"}'],
)
def test_nonsense_is_refused(page: PageClient, tom: User, answer: str) -> None:
    ask(page, "auth.passkey_options")
    assert come_in(page, answer) == 422
    page.sign_in(tom)
    ask(page, "settings.passkey_options")
    data = {"name": "Phone", "password": PASSWORD, "credential": answer}
    page.post("settings.add_passkey", data=data, status=422)


def test_a_removed_passkey_and_a_switched_off_person_stay_out(
    app: Flask, page: PageClient, tom: User, device: Authenticator
) -> None:
    tom.is_active = False
    db.session.commit()
    assert come_in(page, device.get(ask(page, "auth.passkey_options"))) == 422
    tom.is_active = True
    db.session.commit()
    theirs = PageClient(app)
    theirs.sign_in(tom)
    row = db.session.scalars(select(Passkey)).one()
    theirs.post("settings.remove_passkey", passkey_id=row.id, status=303)
    assert come_in(page, device.get(ask(page, "auth.passkey_options"))) == 422
    actions = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert list(actions) == ["passkey.added", "passkey.removed"]


def test_only_ones_own_passkey_is_removed(
    page: PageClient, device: Authenticator, sign_in: Callable[..., User]
) -> None:
    sign_in("owner")
    row = db.session.scalars(select(Passkey)).one()
    page.post("settings.remove_passkey", passkey_id=row.id, status=404)
    assert db.session.query(Passkey).count() == 1


def test_adding_one_needs_the_password(page: PageClient, tom: User) -> None:
    page.sign_in(tom)
    add(page, Authenticator(ORIGIN), status=422, password="wrong")
    assert db.session.query(Passkey).count() == 0


def test_failed_tries_slow_down(page: PageClient) -> None:
    assert [come_in(page, "{}") for _ in range(7)] == [422] * 5 + [429] * 2


def test_an_owners_reset_takes_the_passkeys_too(page: PageClient, tom: User, device: Authenticator) -> None:
    second_factor.reset(user=tom, actor=actor_of_user(tom))
    assert passkeys.list_of(tom.id) == []


def test_the_page_works_without_javascript_and_says_so(page: PageClient, tom: User) -> None:
    form = page.get("auth.sign_in").soup.select_one('form[data-passkey="get"]')
    assert form.has_attr("hidden")
    page.sign_in(tom)
    assert "needs JavaScript" in page.get("settings.passkeys").text()
