"""What holds for every route, whoever adds it: access, spelling, form tokens, headers, reading only."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Blueprint, Flask
from werkzeug.routing import BaseConverter
from werkzeug.test import TestResponse

from app.web.permissions import (
    PUBLIC,
    UndeclaredRoute,
    check_routes,
    declared_access,
    permission_required,
    public,
)
from app.web.security import CONTENT_SECURITY_POLICY
from tests.rules.walking import (
    API,
    UNSAFE,
    WEBHOOK,
    Step,
    Walker,
    build_world,
    changes,
    everything_stored,
    steps,
)
from tests.support.factories import Factory
from tests.support.pages import IsolatedClient, PageClient

# Everybody, without signing in. Each has its reason; a new one is a decision.
PUBLIC_ROUTES = {
    "auth.sign_in": "the way in",
    "auth.invitation": "whoever holds the link becomes somebody",
    "auth.accept_invitation": "whoever holds the link becomes somebody",
    "auth.check_sign_in": "the way in",
    "auth.second_step": "after the password, before the session",
    "auth.check_second_step": "after the password, before the session",
    "auth.passkey_options": "the way in",
    "auth.check_passkey": "the way in",
    "auth.sign_out": "a session that ran out meanwhile ends on the same page",
    "health.healthz": "asked by machines before anybody is signed in",
    "health.readyz": "asked by machines before anybody is signed in",
    "health.metrics": "checks address and owner's key itself",
    "openapi.spec": "what the API can do is no secret",
    "webhook.receive": "Meta: by verify token and signature",
}
WORD = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(\.(csv|json))?")
# Paths that are fixed from outside: the JSON API's and its description.
FIXED = "/api/whatsapp/"


def test_every_route_says_who_may_use_it(app: Flask) -> None:
    silent = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if not declared_access(app.view_functions[rule.endpoint])
    }
    assert silent == {"static"}


def test_the_public_routes_are_exactly_those_of_the_list(app: Flask) -> None:
    open_to_all = {name for name, view in app.view_functions.items() if declared_access(view) == PUBLIC}
    assert open_to_all == set(PUBLIC_ROUTES)


def test_a_route_without_a_permission_stops_the_start(app: Flask) -> None:
    door = Blueprint("forgotten", __name__)
    door.add_url_rule("/forgotten", "page", lambda: "")
    bare = Flask("bare")
    bare.register_blueprint(door)
    with pytest.raises(UndeclaredRoute, match=r"forgotten\.page"):
        check_routes(bare)


def test_a_permission_that_does_not_exist_cannot_be_asked_for() -> None:
    with pytest.raises(ValueError, match="no permission called"):
        permission_required("accounts.frobnicate")


def test_public_marks_the_view_and_leaves_it_as_it_is() -> None:
    def view() -> str:
        return "x"

    assert public(view) is view


def test_addresses_are_kebab_case(app: Flask) -> None:
    odd = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if not rule.rule.startswith(FIXED) and rule.endpoint != "static"
        for part in rule.rule.strip("/").split("/")
        if part and not part.startswith("<") and not WORD.fullmatch(part)
    ]
    assert odd == []


def test_parameters_are_typed(app: Flask) -> None:
    """A bare <name> takes any text; ids are numbers."""
    loose = [
        rule.rule
        for rule in app.url_map.iter_rules()
        for converter in rule._converters.values()
        if type(converter) is BaseConverter or converter.__class__.__name__ == "UnicodeConverter"
    ]
    assert loose == []


def test_endpoints_are_snake_case(app: Flask) -> None:
    assert all(re.fullmatch(r"[a-z_]+(\.[a-z_]+)?", rule.endpoint) for rule in app.url_map.iter_rules())


# --- form tokens -------------------------------------------------------------------------------------------


def is_exempt(step: Step) -> bool:
    """The webhook goes by signature, the JSON API by key: a browser sends neither by itself."""
    return step.rule.endpoint == WEBHOOK or step.is_api


def writing_steps(app: Flask) -> list[Step]:
    return [step for step in steps(app) if step.method in UNSAFE]


def test_exactly_the_webhook_and_the_api_do_without_a_form_token(app: Flask) -> None:
    exempt = {step.rule.rule for step in writing_steps(app) if is_exempt(step)}
    assert all(address.startswith(API) or address == "/webhooks/whatsapp" for address in exempt)


@pytest.fixture
def owner(app: Flask, make: Factory) -> Walker:
    return Walker(app, user=make.user(role="owner"))


def is_refused(answer: TestResponse) -> bool:
    return answer.status_code == 400 and "This form is no longer valid" in answer.text


def test_a_form_without_its_token_is_refused_everywhere(
    app: Flask, make: Factory, owner: Walker, monkeypatch: pytest.MonkeyPatch
) -> None:
    # On a busy machine the walk takes minutes, and a visit is noted each minute.
    monkeypatch.setattr("app.web.identity._TOUCH_EVERY", timedelta(hours=1))
    world = build_world(make, "A")
    stolen = PageClient(app).csrf_token()
    before = everything_stored()
    through = [
        (step.name, token)
        for step in writing_steps(app)
        if not is_exempt(step)
        for token in ("", "x", stolen)
        for options in ({"headers": {"X-CSRFToken": token}}, _form(token))
        if not is_refused(owner.take(step, world.values_for(step), **options))
    ]
    assert through == []
    assert list(changes(before, everything_stored())) == []


def _form(token: str) -> dict[str, Any]:
    """The token as a field, and none in the header, as a foreign page's form has it."""
    return {"headers": {"X-CSRFToken": ""}, "data": {"csrf_token": token}}


def test_a_signed_in_browser_is_nobody_to_the_api(app: Flask, make: Factory, owner: Walker) -> None:
    """Cookies mean nothing there, or a foreign page could use them without a form token."""
    world = build_world(make, "A")
    answers = {
        step.name: owner.take(step, world.values_for(step)).status_code for step in steps(app) if step.is_api
    }
    assert set(answers.values()) == {401}


# --- headers, and reading only ------------------------------------------------------------------------------

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


# A stranger's bytes: a stricter policy, and a browser may keep what never changes.
FILES = {
    "console.media_file",
    "console.media_thumbnail",
    "console.outgoing_file",
    "api.show_media",
    "message_templates.sample",
}
FILE_HEADERS = {**HEADERS, "Content-Security-Policy": "default-src 'none'; sandbox"}
FILE_CACHING = "private, max-age=31536000, immutable"


def lacking(answer: TestResponse, *, is_static: bool = False, is_file: bool = False) -> set[str]:
    wanted = FILE_HEADERS if is_file else HEADERS
    missing = {name for name, value in wanted.items() if answer.headers.get(name) != value}
    if "Permissions-Policy" not in answer.headers:
        missing.add("Permissions-Policy")
    caching = FILE_CACHING if is_file else "no-store"
    if not is_static and answer.headers.get("Cache-Control") != caching:
        missing.add("Cache-Control")
    return missing


def test_the_policy_allows_nothing_inline_and_nothing_from_elsewhere() -> None:
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert "*" not in CONTENT_SECURITY_POLICY
    assert "http" not in CONTENT_SECURITY_POLICY
    assert CONTENT_SECURITY_POLICY.startswith("default-src 'none';")


def test_reading_writes_nothing_and_every_answer_carries_the_headers(
    app: Flask, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As above; and a key's last use.
    monkeypatch.setattr("app.web.identity._TOUCH_EVERY", timedelta(hours=1))
    monkeypatch.setattr("app.services.api_keys._TOUCH_EVERY", timedelta(hours=1))
    world = build_world(make, "A")
    owner = Walker(app, user=make.user(role="owner"), key=make.api_key(role="owner"))
    anonymous = Walker(app)
    reading = [step for step in steps(app) if step.method == "GET"]
    # A key's last use and a session's last visit are noted once a minute, which is now over with.
    for step in reading[:1] + [step for step in reading if step.is_api][:1]:
        owner.take(step, world.values_for(step))
    before = everything_stored()
    bare = {}
    for step in reading:
        for who in (owner, anonymous):
            for headers in ({}, {"HX-Request": "true"}):
                answer = who.take(step, world.values_for(step), headers=headers)
                is_file = step.rule.endpoint in FILES and answer.status_code == 200
                missing = lacking(answer, is_static=step.rule.endpoint == "static", is_file=is_file)
                if missing:
                    bare[step.name] = missing
    assert bare == {}
    assert list(changes(before, everything_stored())) == []


@pytest.mark.parametrize(
    "path,options,status",
    [
        ("/no-such-page", {}, 404),
        ("/static/no-such-file.js", {}, 404),
        ("/api/whatsapp/no-such-thing/", {}, 404),
        ("/login", {"method": "PUT"}, 405),
        ("/login", {"method": "OPTIONS"}, 200),
        ("/login", {"headers": {"Host": "evil.example"}}, 400),
        ("/webhooks/whatsapp", {"method": "POST", "data": b"{}"}, 403),
        ("/webhooks/whatsapp", {}, 403),
        ("/static/app.js", {}, 200),
    ],
)
def test_errors_and_files_carry_the_headers_too(
    app: Flask, path: str, options: dict[str, Any], status: int
) -> None:
    answer = IsolatedClient(app, app.response_class).open(path, **options)
    answer.get_data()
    answer.close()
    assert answer.status_code == status
    missing = lacking(answer, is_static=path.startswith("/static/"))
    assert missing == set()


def test_pages_that_answer_htmx_with_a_part_say_so_to_caches(app: Flask) -> None:
    answer = IsolatedClient(app, app.response_class).get("/login")
    assert "HX-Request" in answer.headers["Vary"]
