"""One's own profile, password and sessions."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.models import AuditEntry, User, UserSession
from app.services.passwords import hash_password, password_fits
from app.settings.browsers import browser_name
from tests.support.factories import Factory
from tests.support.pages import PageClient

PASSWORD = "four unrelated words"


@pytest.fixture
def amara(make: Factory, page: PageClient) -> User:
    user = make.user(role="agent", email="amara@example.com", name="", password_hash=hash_password(PASSWORD))
    page.sign_in(user)
    return user


def test_the_name_can_be_changed(page: PageClient, amara: User) -> None:
    page.post("settings.save_profile", data={"name": " Amara Okafor "}, status=303)
    assert page.get("settings.profile").soup.select_one("#name")["value"] == "Amara Okafor"


def test_a_name_that_is_too_long_is_refused(page: PageClient, amara: User) -> None:
    answer = page.post("settings.save_profile", data={"name": "n" * 101}, status=422)
    assert "Use at most 100 characters." in answer.text()


def test_fields_that_are_not_on_the_form_change_nothing(page: PageClient, amara: User) -> None:
    extra = {"name": "x", "role": "owner", "is_active": "", "id": "7", "email": "x@example.com"}
    page.post("settings.save_profile", data=extra, status=303)
    assert (amara.role.value, amara.is_active, amara.email) == ("agent", True, "amara@example.com")


def change(
    page: PageClient, current: str = PASSWORD, new: str = "another good one", again: str | None = None
):
    data = {"current_password": current, "new_password": new, "repeated": new if again is None else again}
    return page.post("settings.change_password", data=data)


def test_a_new_password_signs_out_everywhere_else(app: Flask, page: PageClient, amara: User) -> None:
    elsewhere = PageClient(app)
    elsewhere.sign_in(amara)
    assert change(page).status == 303
    page.get("settings.profile", status=200)
    elsewhere.get("settings.profile", status=302)
    assert password_fits(amara.password_hash, "another good one")


@pytest.mark.parametrize(
    "values,said",
    [
        ({"current": "a guess"}, "not your current password"),
        ({"new": "short"}, "Use at least 10"),
        ({"again": "something else"}, "not the same"),
        ({"new": PASSWORD}, "the password you have now"),
    ],
)
def test_what_is_wrong_with_a_change_is_said_at_the_field(
    page: PageClient, amara: User, values: dict[str, str], said: str
) -> None:
    answer = change(page, **values)
    assert answer.status == 422
    assert said in " ".join(answer.texts(".wc-err"))
    assert not [field["value"] for field in answer.soup.select("[type=password]") if field.get("value")]


def test_sessions_are_listed_and_one_can_be_signed_out(app: Flask, page: PageClient, amara: User) -> None:
    elsewhere = PageClient(app)
    elsewhere.sign_in(amara)
    profile = page.get("settings.profile")
    assert len(profile.texts("tbody tr")) == 2
    assert len(profile.texts(".wc-badge")) == 1
    theirs = db.session.scalars(select(UserSession.id).order_by(UserSession.id.desc())).first()
    page.post("settings.sign_out_session", session_id=theirs, status=303)
    elsewhere.get("settings.profile", status=302)
    page.get("settings.profile", status=200)


def test_all_other_sessions_can_be_signed_out_at_once(app: Flask, page: PageClient, amara: User) -> None:
    others = [PageClient(app), PageClient(app)]
    for other in others:
        other.sign_in(amara)
    page.post("settings.sign_out_others", status=303)
    for other in others:
        other.get("settings.profile", status=302)
    page.get("settings.profile", status=200)


def test_somebody_elses_session_does_not_exist_here(page: PageClient, make: Factory, amara: User) -> None:
    make.session_token(make.user())
    theirs = db.session.scalars(select(UserSession.id).order_by(UserSession.id.desc())).first()
    page.post("settings.sign_out_session", session_id=theirs, status=404)


def test_who_may_not_manage_people_and_keys_sees_no_tabs_for_them(page: PageClient, amara: User) -> None:
    assert page.get("settings.profile").texts(".wc-tabs a") == [
        "Profile", "Notifications", "API", "Failures"
    ]  # fmt: skip


WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) (KHTML, like Gecko) Chrome/156.0 Safari/537.36"


@pytest.mark.parametrize(
    "user_agent,name",
    [
        (WINDOWS, "Chrome on Windows"),
        (WINDOWS + " Edg/156.0", "Edge on Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0", "Firefox on Linux"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1",
            "Safari on iPhone",
        ),
        ("curl/8.1", "Unknown browser"),
        ("<script>alert(1)</script>", "Unknown browser"),
    ],
)
def test_browsers_are_called_by_name(user_agent: str, name: str) -> None:
    assert browser_name(user_agent) == name


def test_times_are_shown_in_the_persons_own_zone(page: PageClient, make: Factory) -> None:
    user = make.user(role="owner")
    page.sign_in(user)
    noon = datetime(2024, 7, 1, 12, tzinfo=UTC)
    db.session.add(AuditEntry(action="flow.created", actor_name="system", at=noon))
    db.session.commit()
    assert "1 Jul 2024, 12:00:00" in page.get("settings.audit_log").text()
    page.post("settings.save_profile", data={"name": "A", "time_zone": "Asia/Kolkata"}, status=303)
    shown = page.get("settings.audit_log").text()
    assert "1 Jul 2024, 17:30:00" in shown
    assert "Times in Asia/Kolkata" in shown
    assert user.time_zone == "Asia/Kolkata"


def test_a_zone_that_is_none_is_refused(page: PageClient, make: Factory) -> None:
    user = make.user(role="owner")
    page.sign_in(user)
    page.post("settings.save_profile", data={"name": "A", "time_zone": "Mars/Olympus"}, status=422)
    assert user.time_zone == ""
