"""The password once more, on pages of who is signed in: slowed down as signing in is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select

from app.extensions import db
from app.models import SignInAttempt, User, utcnow
from app.services import second_factor
from app.services.passwords import hash_password
from config import Settings
from tests.auth.test_second_factor import turn_on
from tests.support.factories import Factory
from tests.support.pages import Page, PageClient

PASSWORD = "four unrelated words"
NEW = {"new_password": "another five unrelated words", "repeated": "another five unrelated words"}
FORMS: dict[str, Callable[[str], dict[str, Any]]] = {
    "settings.change_password": lambda typed: {"current_password": typed, **NEW},
    "settings.make_recovery_codes": lambda typed: {"password": typed},
    "settings.turn_off_second_factor": lambda typed: {"password": typed},
    "settings.add_passkey": lambda typed: {"password": typed, "name": "Phone", "credential": "{}"},
}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """With a host name: without one the page of passkeys has no form."""
    return replace(settings, public_base_url="http://localhost:5000")


@pytest.fixture
def tom(make: Factory, page: PageClient) -> User:
    user = make.user(role="agent", email="tom@example.com", password_hash=hash_password(PASSWORD))
    page.sign_in(user)
    return user


@pytest.fixture
def frozen() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(utcnow(), tick=False) as clock:
        yield clock


def type_(page: PageClient, endpoint: str, typed: str) -> Page:
    return page.post(endpoint, data=FORMS[endpoint](typed))


@pytest.mark.parametrize("endpoint", FORMS)
def test_after_five_wrong_ones_even_the_right_one_waits(
    page: PageClient, tom: User, endpoint: str, frozen: Any
) -> None:
    turn_on(tom)
    assert [type_(page, endpoint, "wrong").status for _ in range(5)] == [422] * 5
    answer = type_(page, endpoint, PASSWORD)
    assert (answer.status, answer.response.headers["Retry-After"]) == (429, "2")
    assert "Wait 2 seconds" in answer.text()
    assert second_factor.is_on(tom.id)
    frozen.shift(timedelta(seconds=2))
    assert type_(page, endpoint, PASSWORD).status != 429


def test_forms_and_the_door_count_together(page: PageClient, tom: User, frozen: Any) -> None:
    for endpoint in ("settings.change_password", "settings.add_passkey"):
        assert [type_(page, endpoint, "wrong").status for _ in range(2)] == [422, 422]
    data = {"email": "tom@example.com", "password": "wrong"}
    page.post("auth.check_sign_in", data=data, status=422)
    assert type_(page, "settings.change_password", PASSWORD).status == 429
    page.post("auth.check_sign_in", data=data, status=429)


def test_the_right_one_sets_the_count_back(page: PageClient, tom: User, frozen: Any) -> None:
    turn_on(tom)
    for _ in range(3):
        assert [type_(page, "settings.make_recovery_codes", "wrong").status for _ in range(4)] == [422] * 4
        frozen.shift(timedelta(minutes=1))
        assert type_(page, "settings.make_recovery_codes", PASSWORD).status == 201
    assert db.session.scalar(select(func.count(SignInAttempt.id)).where(SignInAttempt.succeeded)) == 3
