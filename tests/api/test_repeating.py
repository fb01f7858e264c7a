"""Idempotency-Key: what a program asks for twice is done once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.extensions import db
from app.models import Account, ApiKey, KnowledgeArticle, RepeatableRequest, Role, utcnow
from app.services import repeatable
from tests.api.conftest import Program
from tests.support.factories import Factory

pytestmark = pytest.mark.both_databases  # two at once meet in a unique index

PATH = "knowledge/articles/"
KEY = {"Idempotency-Key": "articles-2026-11"}


@pytest.fixture
def account(make: Factory) -> Account:
    return make.account()


@pytest.fixture
def body(account: Account) -> dict[str, Any]:
    return {
        "waba_account_id": account.id,
        "title": "Opening hours",
        "short_answer": "From 8 to 18.",
        "language": "en",
    }


@pytest.fixture
def caller(program: Callable[..., Program]) -> Program:
    return program()


def count_articles() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(KnowledgeArticle)) or 0


def test_the_same_request_gets_the_same_answer_and_is_carried_out_once(
    caller: Program, body: dict[str, Any]
) -> None:
    first = caller.open("POST", PATH, json=body, headers=KEY)
    again = caller.open("POST", PATH, json=body, headers=KEY)
    assert (first.status_code, again.status_code, again.json) == (201, 201, first.json)
    assert (first.headers.get("Idempotency-Replayed"), again.headers["Idempotency-Replayed"]) == (
        None,
        "true",
    )
    assert count_articles() == 1


def test_without_a_key_each_request_is_one_of_its_own(caller: Program, body: dict[str, Any]) -> None:
    for _ in range(2):
        caller.call("POST", PATH, json=body, status=201)
    assert count_articles() == 2


def test_another_body_or_address_under_the_same_key_is_refused(
    caller: Program, body: dict[str, Any], account: Account
) -> None:
    caller.call("POST", PATH, json=body, headers=KEY, status=201)
    other = {**body, "title": "Closing hours"}
    assert caller.refused("POST", PATH, 409, json=other, headers=KEY)["code"] == "idempotency_key_reused"
    rule = {"waba_account_id": account.id, "name": "Price", "phrases": ["price"]}
    assert (
        caller.refused("POST", "bot/rules/", 409, json=rule, headers=KEY)["code"] == "idempotency_key_reused"
    )
    assert count_articles() == 1


def test_keys_of_two_programs_are_not_the_same(program: Callable[..., Program], body: dict[str, Any]) -> None:
    for _ in range(2):
        program().call("POST", PATH, json=body, headers=KEY, status=201)
    assert count_articles() == 2


def test_a_refusal_frees_the_key(caller: Program, body: dict[str, Any]) -> None:
    caller.refused_fields("POST", PATH, json={**body, "title": ""}, headers=KEY)
    caller.refused("POST", PATH, 400, data="{", content_type="application/json", headers=KEY)
    caller.refused("POST", PATH, 415, data="x", headers=KEY)
    caller.call("POST", PATH, json=body, headers=KEY, status=201)


def test_ten_at_once_do_it_once(app: Flask, make: Factory, body: dict[str, Any]) -> None:
    key = make.api_key()

    def ask(_: int) -> int:
        return Program(app, key).open("POST", PATH, json=body, headers=KEY).status_code

    db.session.rollback()
    with ThreadPoolExecutor(10) as pool:
        statuses = set(pool.map(ask, range(10)))
    assert 201 in statuses <= {201, 409}
    assert count_articles() == 1


def test_while_the_first_is_under_way_the_second_is_told_to_wait(
    caller: Program, body: dict[str, Any]
) -> None:
    caller.call("POST", PATH, json=body, headers=KEY, status=201)
    as_if(status=None)
    assert caller.refused("POST", PATH, 409, json=body, headers=KEY)["code"] == "request_in_progress"


def test_when_the_answer_was_lost_with_the_process_it_is_not_done_again(
    caller: Program, body: dict[str, Any]
) -> None:
    caller.call("POST", PATH, json=body, headers=KEY, status=201)
    as_if(status=None, started_at=utcnow() - timedelta(minutes=3))
    error = caller.refused("POST", PATH, 409, json=body, headers=KEY)
    assert (error["code"], "may or may not" in error["message"]) == ("outcome_unknown", True)
    assert count_articles() == 1


def test_after_a_day_the_key_is_new(caller: Program, body: dict[str, Any]) -> None:
    caller.call("POST", PATH, json=body, headers=KEY, status=201)
    as_if(started_at=utcnow() - timedelta(hours=25))
    caller.call("POST", PATH, json={**body, "title": "Closing hours"}, headers=KEY, status=201)
    assert count_articles() == 2


def test_what_is_older_than_a_day_is_forgotten(caller: Program, body: dict[str, Any]) -> None:
    caller.call("POST", PATH, json=body, headers=KEY, status=201)
    repeatable.forget_old()
    assert db.session.scalar(select(func.count()).select_from(RepeatableRequest)) == 1
    as_if(started_at=utcnow() - timedelta(hours=25))
    repeatable.forget_old()
    assert db.session.scalar(select(func.count()).select_from(RepeatableRequest)) == 0


def test_an_answer_is_kept_encrypted(caller: Program, body: dict[str, Any]) -> None:
    caller.call("POST", PATH, json=body, headers=KEY, status=201)
    stored = db.session.connection().exec_driver_sql("SELECT answer FROM repeatable_requests").scalar_one()
    assert "Opening hours" not in stored


def test_a_key_that_lost_its_rights_hears_no_earlier_answer(
    program: Callable[..., Program], body: dict[str, Any], account: Account
) -> None:
    caller = program(role="manager", accounts=[account])
    caller.call("POST", PATH, json=body, headers=KEY, status=201)
    db.session.scalars(select(ApiKey)).one().role = Role.VIEWER
    db.session.commit()
    caller.refused("POST", PATH, 403, json=body, headers=KEY)


@pytest.mark.parametrize("key", ["", "x" * 256, "schlüssel", "a\tb"])
def test_a_key_of_other_characters_is_refused(caller: Program, body: dict[str, Any], key: str) -> None:
    header = {"Idempotency-Key": key.encode().decode("latin-1")}
    assert "Idempotency-Key" in caller.refused_fields("POST", PATH, json=body, headers=header)
    assert count_articles() == 0


def test_the_description_names_it_on_every_post(app: Flask) -> None:
    with app.app_context():
        paths = app.spec["paths"]
    for path, operations in paths.items():
        if "post" in operations and "/webhook/webhook/" not in path:
            names = [parameter["name"] for parameter in operations["post"].get("parameters", [])]
            assert names.count("Idempotency-Key") == 1, path


def as_if(**values: Any) -> None:
    """The one request kept, with other values."""
    row = db.session.scalars(select(RepeatableRequest)).one()
    for name, value in values.items():
        setattr(row, name, value)
    db.session.commit()
