"""The page for who tried too often."""

from __future__ import annotations

from app.services.passwords import hash_password
from tests.support.factories import Factory
from tests.support.pages import PageClient


def test_too_many_failures_get_a_page_that_says_how_long_to_wait(page: PageClient, make: Factory) -> None:
    make.user(email="amara@example.com", password_hash=hash_password("four unrelated words"))
    for _ in range(5):
        page.post("auth.sign_in", data={"email": "amara@example.com", "password": "wrong"}, status=422)
    form = {"email": "amara@example.com", "password": "four unrelated words"}
    answer = page.post("auth.sign_in", data=form, status=429)
    assert answer.texts("h1") == ["Sign-in is paused"]
    assert "Wait 2 seconds, then try again." in answer.text()
    assert answer.response.headers["Retry-After"] in {"1", "2"}


def test_an_unknown_name_waits_just_the_same(page: PageClient) -> None:
    for _ in range(5):
        page.post("auth.sign_in", data={"email": "nobody@example.com", "password": "wrong"}, status=422)
    page.post("auth.sign_in", data={"email": "nobody@example.com", "password": "wrong"}, status=429)
