"""The sign-in page, the session it opens, and what ends it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import argon2
import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app import create_app
from app.crypto import hash_token
from app.extensions import db
from app.models import AuditEntry, User, UserSession, utcnow
from app.services.passwords import hash_password
from config import Settings
from tests.support.factories import Factory
from tests.support.pages import IsolatedClient, Page, PageClient

PASSWORD = "four unrelated words"
SAME_WORDS = "The email address or the password is not right."


@pytest.fixture
def amara(make: Factory) -> User:
    return make.user(email="amara@example.com", password_hash=hash_password(PASSWORD))


def try_to_sign_in(
    page: PageClient, email: str = "amara@example.com", password: str = PASSWORD, **options: Any
) -> Page:
    return page.post("auth.sign_in", data={"email": email, "password": password}, **options)


def test_the_right_password_opens_the_console(page: PageClient, make: Factory, amara: User) -> None:
    make.account()
    answer = try_to_sign_in(page)
    assert (answer.status, answer.response.location) == (303, "/")
    page.get("settings.profile")


def test_the_address_is_taken_in_any_case_and_with_spaces(page: PageClient, amara: User) -> None:
    assert try_to_sign_in(page, " Amara@Example.COM ").status == 303


@pytest.mark.parametrize(
    "email,password", [("amara@example.com", "not the password"), ("nobody@example.com", PASSWORD)]
)
def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(
    page: PageClient, amara: User, email: str, password: str
) -> None:
    answer = try_to_sign_in(page, email, password, status=422)
    assert SAME_WORDS in answer.text()
    assert password not in answer.html


def test_somebody_switched_off_gets_that_answer_too(page: PageClient, make: Factory) -> None:
    make.user(email="off@example.com", password_hash=hash_password(PASSWORD), is_active=False)
    assert SAME_WORDS in try_to_sign_in(page, "off@example.com", status=422).text()


def test_empty_fields_are_named(page: PageClient) -> None:
    answer = try_to_sign_in(page, "", "", status=422)
    assert "Enter your email address." in answer.text()
    assert "Enter your password." in answer.text()


def test_only_the_hash_of_the_session_is_stored(app: Flask, page: PageClient, amara: User) -> None:
    try_to_sign_in(page)
    with page.cookie() as cookie:
        token = cookie["_user_id"]
    row = db.session.scalars(select(UserSession)).one()
    assert row.token_hash == hash_token(token)
    assert token not in row.token_hash


def test_a_cookie_planted_before_signing_in_is_replaced(page: PageClient, amara: User) -> None:
    with page.cookie() as cookie:
        cookie["planted"] = "yes"
        cookie["_user_id"] = "known-to-somebody-else"
    try_to_sign_in(page)
    with page.cookie() as cookie:
        assert "planted" not in cookie
        assert cookie["_user_id"] != "known-to-somebody-else"


def test_signing_in_again_ends_the_session_the_cookie_had(page: PageClient, amara: User) -> None:
    try_to_sign_in(page, status=303)
    page.get("settings.profile")
    try_to_sign_in(page, status=303)
    states = [
        row.revoked_at is None for row in db.session.scalars(select(UserSession).order_by(UserSession.id))
    ]
    assert states == [False, True]


def test_the_cookie_ends_with_the_browser_unless_asked_to_stay(page: PageClient, amara: User) -> None:
    plain = try_to_sign_in(page).response.headers["Set-Cookie"]
    assert "Expires" not in plain
    page.post("auth.sign_out")
    data = {"email": "amara@example.com", "password": PASSWORD, "is_remembered": "y"}
    kept = page.post("auth.sign_in", data=data).response.headers["Set-Cookie"]
    assert "Expires" in kept
    assert "HttpOnly" in kept
    assert "SameSite=Lax" in kept


def test_a_copy_of_the_cookie_is_worth_nothing_after_signing_out(
    app: Flask, page: PageClient, amara: User
) -> None:
    try_to_sign_in(page)
    thief = PageClient(app)
    with page.cookie() as cookie, thief.cookie() as copy:
        copy.update(cookie)
    thief.get("settings.profile")
    page.post("auth.sign_out", status=303)
    assert thief.get("settings.profile", status=302).response.location.startswith("/login")


def test_signing_out_without_a_session_leads_to_the_same_page(page: PageClient) -> None:
    assert page.post("auth.sign_out", status=303).response.location == "/login"


def test_signing_out_by_a_link_is_not_possible(page: PageClient) -> None:
    page.open("/logout", status=405)


@pytest.mark.parametrize("role,minutes,status", [("agent", 59, 200), ("agent", 61, 302), ("owner", 31, 302)])
def test_an_unused_session_runs_out(
    page: PageClient, make: Factory, role: str, minutes: int, status: int
) -> None:
    page.sign_in(make.user(role=role))
    with time_machine.travel(utcnow() + timedelta(minutes=minutes), tick=False):
        page.get("settings.profile", status=status)


def test_a_session_in_use_runs_out_after_twelve_hours(page: PageClient, make: Factory) -> None:
    page.sign_in(make.user(role="agent"))
    started = utcnow()
    for minutes in range(30, 12 * 60, 30):
        with time_machine.travel(started + timedelta(minutes=minutes), tick=False):
            page.get("settings.profile", status=200)
    with time_machine.travel(started + timedelta(hours=12, minutes=1), tick=False):
        page.get("settings.profile", status=302)


def test_polling_keeps_nobody_signed_in(page: PageClient, make: Factory) -> None:
    page.sign_in(make.user(role="agent"))
    started = utcnow()
    for minutes in (30, 59):
        with time_machine.travel(started + timedelta(minutes=minutes), tick=False):
            page.get("settings.profile", poll="1", status=200)
    with time_machine.travel(started + timedelta(minutes=61), tick=False):
        page.get("settings.profile", status=302)


def test_a_visit_is_noted_by_posts_as_well_without_waiting_for_their_own_lock(
    page: PageClient, make: Factory
) -> None:
    page.sign_in(make.user(role="agent"))
    later = utcnow() + timedelta(minutes=5)
    with time_machine.travel(later, tick=False):
        page.post("settings.save_profile", data={"name": "Amara"}, status=303)
    assert db.session.scalars(select(UserSession.last_seen_at)).one() == later


def test_a_second_browser_is_not_signed_in_by_the_first(app: Flask, page: PageClient, make: Factory) -> None:
    page.sign_in(make.user(role="owner"))
    page.get("settings.profile", status=200)
    PageClient(app).get("settings.profile", status=302)


def test_a_switched_off_person_is_out_at_the_next_click(page: PageClient, make: Factory) -> None:
    user = make.user(role="agent")
    page.sign_in(user)
    page.get("settings.profile", status=200)
    user.is_active = False
    db.session.commit()
    page.get("settings.profile", status=302)


def test_a_lapsed_session_sends_people_to_sign_in_and_back(page: PageClient, amara: User) -> None:
    answer = page.get("settings.api_keys", status=302)
    assert answer.response.location == "/login?next=/settings/api-keys"
    login = page.open(answer.response.location, status=200)
    action = login.soup.select_one("form")["action"]
    form = {"email": "amara@example.com", "password": PASSWORD, "csrf_token": page.csrf_token()}
    assert page.open(action, method="POST", data=form).response.location == "/settings/api-keys"


def test_a_lapsed_session_answers_htmx_with_a_whole_new_page(page: PageClient) -> None:
    headers = {"HX-Current-URL": "http://localhost/settings/people?x=1"}
    answer = page.get("settings.people", htmx=True, headers=headers, status=204)
    assert answer.response.headers["HX-Redirect"] == "/login?next=/settings/people?x%3D1"


def test_a_lapsed_session_answers_a_form_with_the_page_it_stood_on(page: PageClient) -> None:
    headers = {"Referer": "http://localhost/settings/"}
    answer = page.post("settings.change_password", headers=headers, status=302)
    assert answer.response.location == "/login?next=/settings/"


def test_who_is_signed_in_already_is_led_on(page: PageClient, make: Factory) -> None:
    page.sign_in(make.user())
    assert page.open("/login?next=/settings/", status=303).response.location == "/settings/"


def test_a_hash_with_older_settings_is_renewed_at_sign_in(page: PageClient, make: Factory) -> None:
    weaker = argon2.PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    user = make.user(email="old@example.com", password_hash=weaker)
    try_to_sign_in(page, "old@example.com")
    assert "m=19456,t=2,p=1" in user.password_hash


def test_signing_in_and_out_is_in_the_audit_log(page: PageClient, amara: User) -> None:
    try_to_sign_in(page)
    page.post("auth.sign_out")
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [entry.action for entry in entries] == ["session.signed_in", "session.signed_out"]
    assert entries[0].ip_address == "127.0.0.1"
    assert PASSWORD not in str([entry.details for entry in entries])


def test_a_form_without_its_token_is_refused(page: PageClient, amara: User) -> None:
    answer = try_to_sign_in(page, csrf=False, status=400)
    assert "no longer valid" in answer.text()


def test_a_form_with_another_sessions_token_is_refused(app: Flask, page: PageClient, amara: User) -> None:
    stolen = PageClient(app).csrf_token()
    data = {"email": "amara@example.com", "password": PASSWORD, "csrf_token": stolen}
    page.open("/login", method="POST", data=data, status=400)


def test_over_https_the_cookie_is_bound_to_the_host(settings: Settings, amara: User) -> None:
    app = create_app(replace(settings, public_base_url="https://console.example.com"))
    client = IsolatedClient(app, app.response_class)
    address = "https://console.example.com/login"
    token = Page(client.get(address)).soup.select_one("[name=csrf_token]")["value"]
    data = {"email": "amara@example.com", "password": PASSWORD, "csrf_token": token}
    answer = client.post(address, data=data, headers={"Referer": address})
    assert answer.status_code == 303
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-waba=")
    assert "Secure" in cookie
    assert "Strict-Transport-Security" in answer.headers
    with app.app_context():
        db.engine.dispose()
