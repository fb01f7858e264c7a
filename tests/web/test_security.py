"""What is refused before any view sees it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.web.security import CONTENT_SECURITY_POLICY
from tests.support.pages import PageClient


def test_a_nul_in_an_address_is_refused_with_a_page(sign_in: Callable[..., Any], page: PageClient) -> None:
    sign_in(role="owner")
    answer = page.open("/console/?search=a%00b", status=400)
    assert answer.response.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY


def test_a_nul_in_a_form_is_refused_and_nothing_is_saved(
    sign_in: Callable[..., Any], page: PageClient
) -> None:
    user = sign_in(role="viewer")
    before = user.name
    page.post("settings.save_profile", data={"name": "a\0b"}, status=400)
    assert user.name == before
