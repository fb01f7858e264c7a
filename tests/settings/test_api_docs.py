"""The API's documentation, read by an integrator who has nothing else."""

from __future__ import annotations

import json
import re
import shlex
from typing import Any

import pytest
from flask import Flask

from app.settings.api_docs import _groups
from app.settings.api_reference import SLUGS, Call, Group, find_calls

_NOTHING_THERE = {404, 409, 410, 422}
"""Examples name things by the id 1, or hand in values that Meta would have to know."""


def _calls(groups: tuple[Group, ...]) -> list[Call]:
    return [call for group in groups for call in group.calls]


@pytest.fixture
def groups(app: Flask) -> tuple[Group, ...]:
    with app.test_request_context("/"):
        return _groups()


def test_every_call_of_the_api_stands_in_one_group(app: Flask, groups: tuple[Group, ...]) -> None:
    with app.test_request_context("/"):
        paths = app.spec["paths"]  # type: ignore[attr-defined]
    described = {(method.upper(), path) for path, methods in paths.items() for method in methods}
    shown = [(call.method, call.path) for call in _calls(groups)]
    assert sorted(shown) == sorted(described)


def test_every_noun_has_a_page(groups: tuple[Group, ...]) -> None:
    assert [group.slug for group in groups] == list(SLUGS)


def test_every_call_says_which_roles_may_make_it(groups: tuple[Group, ...]) -> None:
    silent = {call.name for call in _calls(groups) if not call.roles}
    assert silent == {"verify_webhook", "receive_webhook"}


def test_each_page_opens_and_has_its_calls(page: Any, sign_in: Any, groups: tuple[Group, ...]) -> None:
    sign_in("viewer")
    for group in groups:
        shown = page.get("settings.api_docs_group", slug=group.slug)
        assert shown.texts("h2") == [call.title for call in group.calls]
    page.open("/settings/api-docs/nothing/", status=404)


def test_a_call_is_found_by_words_of_its_fields(page: Any, sign_in: Any) -> None:
    sign_in("viewer")
    found = page.get("settings.api_docs", q="dry_run SEND")
    assert found.texts(".wc-api-list .wc-main-link") == [
        "POST /api/whatsapp/api/accounts/{account_id}/send_message/"
    ]
    assert "No call has these words" in page.get("settings.api_docs", q="<b>xyzzy").text()


def test_no_words_find_nothing_by_chance(groups: tuple[Group, ...]) -> None:
    assert [call.name for call in find_calls(groups, "limits set")] == ["set_limits"]


def _run_curl(app: Flask, key: str, text: str) -> Any:
    """What curl would send, sent to this app."""
    words = shlex.split(text.replace("\\\n", " ").replace("$WABA_API_KEY", key))
    assert words.pop(0) == "curl"
    method, headers, body, url = "GET", {}, None, ""
    while words:
        word = words.pop(0)
        if word == "-X":
            method = words.pop(0)
        elif word == "-H":
            name, _, value = words.pop(0).partition(": ")
            headers[name] = value
        elif word == "-d":
            body = words.pop(0)
            json.loads(body)
        else:
            url = word
    path = re.sub(r"^https?://[^/]+", "", url)
    return app.test_client().open(path, method=method, headers=headers, data=body)


def test_every_example_runs_and_gets_an_answer_that_is_described(
    app: Flask, make: Any, groups: tuple[Group, ...]
) -> None:
    key = make.api_key(role="owner")
    make.account()
    for call in _calls(groups):
        if call.is_open:
            continue
        answer = _run_curl(app, key, call.curl)
        statuses = {found.status for found in call.answers}
        assert str(answer.status_code) in statuses, f"{call.name}: {answer.status_code} {answer.text[:300]}"
        assert answer.status_code < 400 or answer.status_code in _NOTHING_THERE | {503}, (
            f"{call.name}: {answer.status_code} {answer.text[:300]}"
        )


def test_every_python_example_is_python_that_makes_the_same_call(groups: tuple[Group, ...]) -> None:
    for call in _calls(groups):
        if call.is_open:
            continue
        compile(call.python, call.name, "exec")
        assert f"requests.{call.method.lower()}(" in call.python
        assert call.address in call.python
        if call.body_example is not None:
            body = call.python.split("body = ", 1)[1].split("\nanswer = ")[0]
            assert eval(body, {}) == call.body_example  # noqa: S307 - our own text
