"""`next=` leads to pages of ours only: reliability C10."""

from __future__ import annotations

import pytest
from flask import Flask

from app.web.redirects import own_path
from tests.support.factories import Factory
from tests.support.pages import PageClient

TRICKY = (
    "//evil.example",
    "///evil.example",
    "////evil.example/%2f..",
    "//evil.example/settings/",
    "//evil.example\\@localhost/",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/\\/evil.example",
    "/%5cevil.example",
    "/%5c%5cevil.example",
    "/%255cevil.example",
    "/%2fevil.example",
    "/%2f%2fevil.example",
    "/%252f%252fevil.example",
    "/settings/..//evil.example",
    "/\tevil.example",
    "/\t/evil.example",
    "/%09/evil.example",
    "/\n/evil.example",
    "/%0d%0aLocation:%20//evil.example",
    "/settings/\r\nSet-Cookie: a=b",
    "\t//evil.example",
    " //evil.example",
    " /settings/",
    "/ /evil.example",
    "http://evil.example",
    "https://evil.example/settings/",
    "https:evil.example",
    "https:/evil.example",
    "HTTPS:///evil.example",
    "http://localhost@evil.example",
    "http://localhost.evil.example/",
    "http://localhost/settings/",
    "@evil.example",
    "evil.example",
    "settings/",
    "javascript:alert(1)",
    "data:text/html,x",
    "/javascript:alert(1)",
    "?next=//evil.example",
    "#//evil.example",
    "//[::1]/",
    "//0x7f000001/",
    "/\u2028/evil.example",
    "\u3000//evil.example",
    "/／evil.example",
    "/logout",
    "/no-such-page",
    "/" + "a" * 5000,
)


@pytest.mark.parametrize("target", TRICKY)
def test_tricky_targets_lead_home(page: PageClient, make: Factory, target: str) -> None:
    make.account()
    page.sign_in(make.user())
    answer = page.open("/login", query_string={"next": target}, status=303)
    assert answer.response.headers["Location"] == "/"


@pytest.mark.parametrize("role,place", [("owner", "/setup/new"), ("agent", "/")])
def test_a_console_without_an_account_begins_at_its_set_up(
    page: PageClient, make: Factory, role: str, place: str
) -> None:
    page.sign_in(make.user(role=role))
    answer = page.open("/login", query_string={"next": "/"}, status=303)
    assert answer.response.headers["Location"] == place


@pytest.mark.parametrize(
    "target", ["/", "/settings/", "/settings/people?x=//evil.example", "/settings/api-keys?a=b&c=%2F%2Fd"]
)
def test_our_own_pages_are_kept_with_their_query(app: Flask, target: str) -> None:
    with app.test_request_context("/login"):
        assert own_path(target) == target


@pytest.mark.parametrize("target", [None, ""])
def test_no_target_is_none(app: Flask, target: str | None) -> None:
    with app.test_request_context("/login"):
        assert own_path(target) is None
