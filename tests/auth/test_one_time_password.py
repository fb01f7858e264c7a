"""A one-time password opens the page on which it is replaced, and nothing else."""

from __future__ import annotations

import pytest

from app.models import User
from app.services.passwords import hash_password, password_fits
from tests.support.factories import Factory
from tests.support.pages import PageClient

ONE_TIME = "4f2a1c-99b0de-77aa12-0c3d4e"
OWN = "four unrelated words"


@pytest.fixture
def newcomer(make: Factory, page: PageClient) -> User:
    user = make.user(
        role="owner",
        email="new@example.com",
        password_hash=hash_password(ONE_TIME),
        has_temporary_password=True,
    )
    page.post("auth.sign_in", data={"email": "new@example.com", "password": ONE_TIME}, status=303)
    return user


def choose(page: PageClient, new: str, repeated: str | None = None, **options: int):
    return page.post(
        "auth.choose_password", data={"new_password": new, "repeated": repeated or new}, **options
    )


@pytest.mark.parametrize("endpoint", ["settings.profile", "settings.people", "settings.api_keys"])
def test_it_opens_no_other_page(page: PageClient, newcomer: User, endpoint: str) -> None:
    assert page.get(endpoint, status=303).response.location == "/login/new-password"


def test_htmx_requests_are_led_there_too(page: PageClient, newcomer: User) -> None:
    answer = page.get("settings.people", htmx=True, status=204)
    assert answer.response.headers["HX-Redirect"] == "/login/new-password"


def test_choosing_a_password_opens_the_console(page: PageClient, newcomer: User) -> None:
    page.get("auth.choose_password", status=200)
    choose(page, OWN, status=303)
    page.get("settings.people", status=200)
    assert password_fits(newcomer.password_hash, OWN)


@pytest.mark.parametrize(
    "new,said",
    [
        ("short", "Use at least 10"),
        ("password1234", "first that are tried"),
        ("new@example.com", "is the email address"),
        (ONE_TIME, "the password you have now"),
    ],
)
def test_a_poor_password_is_refused_with_the_reason(
    page: PageClient, newcomer: User, new: str, said: str
) -> None:
    answer = choose(page, new, status=422)
    assert said in answer.text()
    page.get("settings.profile", status=303)


def test_two_different_passwords_are_refused(page: PageClient, newcomer: User) -> None:
    assert "not the same" in choose(page, OWN, "four unrelated worms", status=422).text()


def test_somebody_with_their_own_password_has_no_use_for_the_page(page: PageClient, make: Factory) -> None:
    page.sign_in(make.user())
    page.get("auth.choose_password", status=303)


def test_signing_out_stays_possible(page: PageClient, newcomer: User) -> None:
    assert page.post("auth.sign_out", status=303).response.location == "/login"
