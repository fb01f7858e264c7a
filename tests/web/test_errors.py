"""Error answers: reliability E9, and an answer whatever is broken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask, abort, request
from sqlalchemy import delete, select, text
from sqlalchemy.exc import IntegrityError

from app import create_app
from app.errors import FieldProblem, InvalidFields, NotReady
from app.extensions import db
from app.models import Role, User
from app.web.permissions import public
from app.web.security import CONTENT_SECURITY_POLICY
from config import Settings
from tests.support.pages import IsolatedClient, Page, PageClient

INSIDE = ("Traceback", "sqlalchemy", "SELECT ", "/work/", "site-packages", "CANARY", "Werkzeug", "Flask/")


def _boom() -> str:
    raise RuntimeError("CANARY inside of things")


def _integrity() -> str:
    raise IntegrityError("SELECT CANARY", {}, Exception("CANARY"))


def _missing_table() -> str:
    return str(db.session.execute(text("SELECT * FROM canary_table")).all())


def _invalid() -> str:
    raise InvalidFields([FieldProblem("name", "Too long."), FieldProblem("name", "Too odd.")])


def _half_done() -> str:
    """A service that says no after it has begun: what it began must not be stored by the error page."""
    db.session.add(User(email="half@example.com", role=Role.VIEWER, password_hash=None))
    raise NotReady("The account has no token.")


def _not_ready() -> str:
    raise NotReady("The account has no token.")


def _kept(email: str) -> User:
    user = User(email=email, role=Role.VIEWER, password_hash="-")
    db.session.add(user)
    db.session.commit()
    return user


def _deleted_meanwhile() -> User:
    """A row in hand that somebody else's request has deleted since."""
    user = _kept("gone@example.com")
    db.session.execute(delete(User).where(User.email == "gone@example.com"))
    db.session.commit()
    return user


def _change_deleted() -> str:
    user = _kept("gone@example.com")
    user.name = "still here?"
    with db.engine.begin() as elsewhere:
        elsewhere.execute(delete(User).where(User.email == "gone@example.com"))
    db.session.commit()
    return user.name


FAULTS: dict[str, Callable[[], str]] = {
    "boom": _boom,
    "integrity": _integrity,
    "missing-table": _missing_table,
    "invalid": _invalid,
    "not-ready": _not_ready,
    "half-done": _half_done,
    "read-deleted": lambda: _deleted_meanwhile().email,
    "refresh-deleted": lambda: str(db.session.refresh(_deleted_meanwhile())),
    "change-deleted": _change_deleted,
    "wrong-use": lambda: str(db.session.scalars(select(User)).one()),
    "too-large": lambda: abort(413),
    "bad-type": lambda: abort(415),
    "teapot": lambda: abort(418),
}


@pytest.fixture
def faulty(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The application with a few more routes, each with its own fault, for people and for programs."""
    app = create_app(settings)
    for name, fault in FAULTS.items():
        for prefix in ("/faults", "/api/whatsapp/faults"):
            app.add_url_rule(f"{prefix}/{name}", f"{prefix}-{name}", public(lambda fault=fault: fault()))
    return app


@pytest.fixture
def client(faulty: Flask) -> IsolatedClient:
    return IsolatedClient(faulty, faulty.response_class)


@pytest.mark.parametrize(
    "name,status",
    [
        ("boom", 500),
        ("integrity", 500),
        ("missing-table", 500),
        ("invalid", 422),
        ("not-ready", 409),
        ("read-deleted", 409),
        ("refresh-deleted", 409),
        ("change-deleted", 409),
        ("wrong-use", 500),
        ("too-large", 413),
        ("bad-type", 415),
        ("teapot", 418),
    ],
)
def test_a_fault_says_nothing_of_the_inside(client: IsolatedClient, name: str, status: int) -> None:
    page = client.get(f"/faults/{name}")
    program = client.get(f"/api/whatsapp/faults/{name}")
    assert (page.status_code, program.status_code) == (status, status)
    for answer in (page, program):
        assert not [word for word in INSIDE if word in answer.text]
        assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
        assert answer.headers["Cache-Control"] == "no-store"
    assert set(program.json["error"]) == {"code", "message", "details"}
    assert Page(page).texts("h1")


def test_an_unexpected_error_has_a_reference_that_stands_in_the_log(
    client: IsolatedClient, caplog: pytest.LogCaptureFixture
) -> None:
    reference = client.get("/api/whatsapp/faults/boom").json["error"]["details"]["reference"]
    assert f"unexpected error, reference {reference}" in caplog.text
    caplog.clear()
    page = Page(client.get("/faults/boom"))
    assert page.texts("#error-reference")[0] in caplog.text


def test_programs_are_told_every_field(client: IsolatedClient) -> None:
    error = client.get("/api/whatsapp/faults/invalid").json["error"]
    assert error["code"] == "invalid_fields"
    assert error["details"]["fields"] == {"name": ["Too long.", "Too odd."]}
    assert [one["message"] for one in error["details"]["problems"]] == ["Too long.", "Too odd."]


@pytest.mark.parametrize(
    "method,path,status,code",
    [
        ("GET", "/api/whatsapp/no-such-thing/", 404, "not_found"),
        ("DELETE", "/api/whatsapp/faults/boom", 405, "method_not_allowed"),
        ("POST", "/api/whatsapp/faults/boom", 405, "method_not_allowed"),
    ],
)
def test_programs_get_json_for_addresses_and_methods_that_do_not_exist(
    client: IsolatedClient, method: str, path: str, status: int, code: str
) -> None:
    answer = client.open(path, method=method)
    assert (answer.status_code, answer.json["error"]["code"]) == (status, code)
    assert status != 405 or "GET" in answer.headers["Allow"]


def test_people_get_a_page_for_an_address_that_does_not_exist(page: PageClient) -> None:
    shown = page.open("/no-such-page", status=404)
    assert "Nothing is kept under this address" in shown.text()


def test_a_signed_in_person_keeps_the_navigation_on_an_error_page(
    page: PageClient, sign_in: Callable[..., User]
) -> None:
    sign_in("owner")
    assert page.open("/no-such-page", status=404).soup.select("nav .wc-nav")


def test_what_was_half_done_does_not_get_in_the_way_of_the_error_page(
    faulty: Flask, sign_in: Callable[..., User]
) -> None:
    faulty.test_client_class = IsolatedClient
    page = PageClient(faulty)
    sign_in("owner", client=page)
    answer = page.open("/faults/half-done", status=409)
    assert answer.soup.select("nav .wc-nav")
    assert db.session.scalars(select(User.email).where(User.email == "half@example.com")).all() == []


def test_a_form_that_is_too_large_is_a_413(page: PageClient) -> None:
    data = {"email": "x" * (1024 * 1024 + 1), "password": "x"}
    page.post("auth.sign_in", data=data, csrf=False, status=413)


def test_while_the_database_is_away_pages_answer_503(settings: Settings, tmp_path: Path) -> None:
    app = create_app(replace(settings, database_url=f"sqlite:///{tmp_path}/missing/x.sqlite"))
    client = IsolatedClient(app, app.response_class)
    with client.session_transaction() as cookie:
        cookie["_user_id"] = "somebody"
    answer = client.get("/settings/")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert str(tmp_path) not in answer.text
    assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY


def test_an_error_page_that_cannot_be_built_goes_out_bare(
    client: IsolatedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object, **_values: object) -> str:
        raise RuntimeError("CANARY")

    monkeypatch.setattr("app.web.errors.render_template", broken)
    answer = client.get("/faults/boom")
    assert answer.status_code == 500
    assert "This page could not be built" in answer.text
    assert "CANARY" not in answer.text


HOSTS = (
    "evil.example",
    "evil.example:5000",
    "127.0.0.1.evil.example",
    "localhost@evil.example",
    "",
    "a b",
    "[::",
)


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("path", ["/login", "/settings/", "/healthz", "/api/whatsapp/no-such-thing/"])
def test_a_foreign_host_is_refused_and_no_link_is_built_from_it(
    client: IsolatedClient, host: str, path: str
) -> None:
    answer = client.get(path, headers={"Host": host})
    assert answer.status_code == 400
    assert "evil" not in answer.text + str(answer.headers)
    assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:5000", "console.example.com", "a.b.example.net"])
def test_our_own_names_and_the_listed_ones_are_answered(settings: Settings, host: str) -> None:
    app = create_app(
        replace(settings, public_base_url="http://console.example.com", trusted_hosts=(".example.net",))
    )
    assert IsolatedClient(app, app.response_class).get("/healthz", headers={"Host": host}).status_code == 200


def test_without_a_trusted_proxy_forwarded_headers_mean_nothing(faulty: Flask) -> None:
    faulty.add_url_rule("/seen", "seen", public(_seen))
    headers = {"X-Forwarded-For": "1.2.3.4", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    answer = IsolatedClient(faulty, faulty.response_class).get("/seen", headers=headers)
    assert answer.text == "127.0.0.1 localhost http"


def test_behind_one_proxy_only_its_own_entry_counts(settings: Settings) -> None:
    app = create_app(replace(settings, trusted_proxies=1))
    app.add_url_rule("/seen", "seen", public(_seen))
    client = IsolatedClient(app, app.response_class)
    headers = {"X-Forwarded-For": "6.6.6.6, 203.0.113.7", "X-Forwarded-Proto": "https"}
    assert client.get("/seen", headers=headers).text == "203.0.113.7 localhost https"
    assert client.get("/seen", headers={"X-Forwarded-Host": "evil.example"}).status_code == 400


def _seen() -> str:
    return f"{request.remote_addr} {request.host} {request.scheme}"


@pytest.mark.parametrize("row_id", ["9223372036854775808", "9" * 400, "0" * 400, "-1", "1e3", "٣"])
def test_ids_that_no_row_can_have_lead_nowhere(
    page: PageClient, sign_in: Callable[..., User], row_id: str
) -> None:
    sign_in("owner")
    page.open(f"/settings/people/{row_id}", status=404)
