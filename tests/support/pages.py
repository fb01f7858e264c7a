"""A client that asks by endpoint and checks every page it gets: valid, one h1, unique ids, nothing inline."""

from __future__ import annotations

import contextvars
import secrets
from collections import Counter
from contextlib import AbstractContextManager
from functools import cached_property
from typing import Any

import html5lib
from bs4 import BeautifulSoup
from bs4.builder import HTML5TreeBuilder
from flask import Flask, has_app_context, session, url_for
from flask.testing import FlaskClient
from flask_wtf.csrf import generate_csrf
from werkzeug.exceptions import HTTPException
from werkzeug.test import Cookie, TestResponse

from app.crypto import hash_token
from app.extensions import db
from app.models import User, UserSession

_HX_URLS = frozenset({"hx-get", "hx-post", "hx-put", "hx-patch", "hx-delete"})


class _Listening(HTML5TreeBuilder):
    """Beautiful Soup's builder, which also keeps what the parser found wrong."""

    errors: list[str]

    def feed(self, markup: Any) -> None:
        parser = html5lib.HTMLParser(tree=self.create_treebuilder)
        builder: Any = self.underlying_builder
        builder.parser = parser
        parser.parse(markup).original_encoding = None
        builder.parser = None
        self.errors = [code for _, code, _ in parser.errors]


class Page:
    """An answer, and its HTML when it has some; it is parsed when somebody looks."""

    def __init__(self, response: TestResponse) -> None:
        self.response = response
        self.status = response.status_code
        self.html = response.get_data(as_text=True) if response.mimetype.startswith("text/") else ""

    @cached_property
    def _builder(self) -> _Listening:
        return _Listening()

    @cached_property
    def soup(self) -> BeautifulSoup:
        return BeautifulSoup(self.html, builder=self._builder)

    @property
    def faults(self) -> list[str]:
        """Of its HTML, by html5lib's words."""
        return self._builder.errors if self.soup else []

    def texts(self, selector: str) -> list[str]:
        return [" ".join(element.get_text(" ").split()) for element in self.soup.select(selector)]

    def text(self) -> str:
        return " ".join(self.soup.get_text(" ").split())


class IsolatedClient(FlaskClient):
    """Runs each request in an empty context, as a server does.

    Under the app context that a test's `make` holds open, Flask would share `g`, and with it the
    signed-in person, between all clients; and the test's own transaction would lock the app out.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        if has_app_context():
            db.session.rollback()
        parent = super()
        return contextvars.Context().run(lambda: parent.open(*args, **kwargs))


class PageClient:
    """One browser. `get("console.index")`, `post("auth.sign_in", data={…}, htmx=True)`."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._client = app.test_client()

    def sign_in(self, user: User) -> None:
        """Give this browser a session of that person, as the sign-in page does."""
        token = secrets.token_urlsafe(16)
        db.session.add(UserSession(user_id=user.id, token_hash=hash_token(token)))
        db.session.commit()
        with self._client.session_transaction() as cookie:
            cookie["_user_id"] = token
            cookie["_fresh"] = True

    def cookie(self) -> AbstractContextManager[Any]:
        """What this browser's session cookie holds: `with page.cookie() as cookie: …`; changes are kept."""
        return self._client.session_transaction()

    def session_cookie(self) -> Cookie:
        """As a real browser would send it."""
        cookie = self._client.get_cookie(self._app.config["SESSION_COOKIE_NAME"])
        assert cookie is not None, "nobody is signed in"
        return cookie

    def get(
        self,
        endpoint: str,
        *,
        htmx: bool = False,
        status: int = 200,
        headers: dict[str, str] | None = None,
        **values: Any,
    ) -> Page:
        return self.open(self.url(endpoint, **values), htmx=htmx, status=status, headers=headers or {})

    def post(
        self,
        endpoint: str,
        *,
        data: dict[str, Any] | None = None,
        htmx: bool = False,
        status: int | None = None,
        csrf: bool = True,
        headers: dict[str, str] | None = None,
        **values: Any,
    ) -> Page:
        form = dict(data or {})
        if csrf:
            form["csrf_token"] = self.csrf_token()
        options = {"method": "POST", "data": form, "headers": headers or {}}
        return self.open(self.url(endpoint, **values), htmx=htmx, status=status, **options)

    def open(self, url: str, *, htmx: bool = False, status: int | None = None, **options: Any) -> Page:
        headers = {**({"HX-Request": "true"} if htmx else {}), **options.pop("headers", {})}
        page = Page(self._client.open(url, headers=headers, **options))
        if status is not None:
            assert page.status == status, f"{url}: {page.status} instead of {status}\n{page.text()[:800]}"
        if page.html and page.response.mimetype == "text/html":
            check_html(self._app, page, fragment=htmx)
        return page

    def url(self, endpoint: str, **values: Any) -> str:
        with self._app.test_request_context():
            return url_for(endpoint, **values)

    def csrf_token(self) -> str:
        """The token this browser's session stands for."""
        with self._client.session_transaction() as cookie:
            stored = dict(cookie)
        # Flask-WTF keeps the token in `g`: in the test's own context it would be an earlier session's.
        token, updated = contextvars.Context().run(self._generate_csrf, stored)
        with self._client.session_transaction() as cookie:
            cookie.update(updated)
        return token

    def _generate_csrf(self, stored: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        with self._app.test_request_context():
            session.update(stored)
            return str(generate_csrf()), dict(session)


def check_html(app: Flask, page: Page, *, fragment: bool = False) -> None:
    """What must hold for each page; the assertion names what does not. Each element is looked at once."""
    soup = page.soup
    elements = soup.find_all(True)
    if not fragment:
        assert not page.faults, f"invalid HTML: {page.faults[:5]}"
        assert sum(element.name == "h1" for element in elements) == 1, "a page has exactly one h1"
        assert soup.title is not None
        assert soup.title.get_text().strip()
    ids = Counter(element["id"] for element in elements if "id" in element.attrs)
    assert not [id_ for id_, count in ids.items() if count > 1], f"ids twice: {ids.most_common(3)}"
    for element in elements:
        is_inline = element.name == "style" or (element.name == "script" and "src" not in element.attrs)
        assert not is_inline, "nothing inline: the policy forbids it"
        inline = [name for name in element.attrs if name == "style" or name.startswith("on")]
        assert not inline, f"{inline} on <{element.name}>: nothing inline, the policy forbids it"
    _check_htmx(app, elements, set(ids), fragment=fragment)


def _check_htmx(app: Flask, elements: list[Any], ids: set[str], *, fragment: bool) -> None:
    adapter = app.url_map.bind("localhost")
    for element in elements:
        for attribute in _HX_URLS & element.attrs.keys():
            path = str(element[attribute]).split("?")[0]
            try:
                adapter.match(path, method=attribute.removeprefix("hx-").upper())
            except HTTPException as error:
                raise AssertionError(f"{attribute}={path} leads nowhere: {error}") from None
        target = str(element.attrs.get("hx-target", ""))
        if target.startswith("#") and not fragment:
            assert target[1:] in ids, f"hx-target {target} is not on the page"
