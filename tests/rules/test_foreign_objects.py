"""Ids of another account lead nowhere, show nothing and change nothing (reliability C2)."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from werkzeug.test import TestResponse

from app.models import Role
from app.models.roles import PERMISSIONS
from app.web.permissions import declared_access
from tests.rules.walking import (
    BODIES,
    CANARY,
    NOT_OF_AN_ACCOUNT,
    Step,
    Walker,
    World,
    build_world,
    changes,
    everything_stored,
    steps,
)
from tests.support.factories import Factory

ABSENT = 987_654_321
ONLY_OWNERS = PERMISSIONS[Role.OWNER] - PERMISSIONS[Role.MANAGER]


@pytest.fixture
def ours(make: Factory) -> World:
    return build_world(make, "ours")


@pytest.fixture
def theirs(make: Factory) -> World:
    return build_world(make, CANARY)


@pytest.fixture
def manager(app: Flask, make: Factory, ours: World, theirs: World) -> Walker:
    """May do everything in our accounts, and nothing in theirs."""
    accounts = [ours.account, ours.draft]
    user = make.user(role="manager", accounts=accounts)
    return Walker(app, user=user, key=make.api_key(role="manager", accounts=accounts))


def naming_objects(app: Flask) -> list[Step]:
    """Routes that name something of an account; what only owners may open is not for managers to try."""
    return [
        step
        for step in steps(app)
        if step.rule.arguments - NOT_OF_AN_ACCOUNT
        and not step.rule.rule.startswith("/settings/")
        and declared_access(app.view_functions[step.rule.endpoint]) not in ONLY_OWNERS
    ]


def says_nothing(answer: TestResponse) -> bool:
    return CANARY.encode() not in answer.get_data() and CANARY.lower().encode() not in answer.get_data()


def test_an_id_of_another_account_is_a_404_and_changes_nothing(
    app: Flask, manager: Walker, ours: World, theirs: World
) -> None:
    before = everything_stored()
    wrong = {}
    for step in naming_objects(app):
        answer = manager.take(step, theirs.values_for(step))
        if answer.status_code != 404 or not says_nothing(answer):
            wrong[step.name] = answer.status_code
    assert wrong == {}
    touched = set(changes(before, everything_stored()))
    assert touched <= {"api_keys"}, "only the key's last use may be noted"


def test_another_accounts_object_under_our_own_is_a_404(
    app: Flask, manager: Walker, ours: World, theirs: World
) -> None:
    """Addresses with two ids: each in turn is theirs, the other ours."""
    wrong = {}
    for step in naming_objects(app):
        names = step.rule.arguments - NOT_OF_AN_ACCOUNT
        for name in names if len(names) > 1 else ():
            values = {**ours.values_for(step), name: theirs.values_for(step)[name]}
            answer = manager.take(step, values)
            if answer.status_code != 404 or not says_nothing(answer):
                wrong[f"{step.name} with their {name}"] = answer.status_code
    assert wrong == {}


def test_an_id_that_is_not_there_gets_the_same_answer(app: Flask, manager: Walker, theirs: World) -> None:
    """Word for word: nobody can tell a foreign id from one that does not exist."""
    different = {}
    for step in naming_objects(app):
        foreign = theirs.values_for(step)
        absent = {name: value if name in NOT_OF_AN_ACCOUNT else ABSENT for name, value in foreign.items()}
        answers = [manager.take(step, foreign), manager.take(step, absent)]
        texts = [
            _without_address(answer.text, values)
            for answer, values in zip(answers, (foreign, absent), strict=True)
        ]
        if answers[0].status_code != answers[1].status_code or texts[0] != texts[1]:
            different[step.name] = [answer.status_code for answer in answers]
    assert not different


def _without_address(text: str, values: dict[str, Any]) -> str:
    """An error page links to itself, and a form token is new each time."""

    soup = BeautifulSoup(text, "html5lib")
    body = soup.main or soup
    plain = body.get_text(" ")
    for value in values.values():
        plain = plain.replace(str(value), "…")
    return " ".join(plain.split())


FIELDS = ("account", "account_id", "waba_account_id", "account_ids", "number_id", "phone_number_id")
MORE_FIELDS = ("contact", "contact_id", "conversation_id", "message_id", "message_template_id", "template_id")


def foreign_fields(theirs: World) -> dict[str, Any]:
    """Every name by which a form, a query or a JSON body might mean an object of theirs."""
    values = {name: theirs.ids.get(name, theirs.ids["account_id"]) for name in (*FIELDS, *MORE_FIELDS)}
    return {
        **values,
        "phone_number_id": theirs.ids["number_id"],
        "contact": theirs.ids["contact_id"],
        "phone_number": theirs.ids["number_id"],
        "template": theirs.ids["template_id"],
        "id": theirs.ids["account_id"],
        "to_phone_number": "+447700900123",
        "message_type": "text",
        "text_content": "Hello",
        "body": "Hello",
        "name": "a_new_name",
        "q": CANARY,
        "search": CANARY,
    }


def test_their_ids_in_queries_show_nothing(app: Flask, manager: Walker, ours: World, theirs: World) -> None:
    leaking = []
    for step in steps(app):
        if step.method != "GET" or step.rule.endpoint == "static":
            continue
        answer = manager.take(step, ours.values_for(step), query_string=_plain(foreign_fields(theirs)))
        # A search box says what was searched for; that is no leak.
        said = answer.text.replace(f'value="{CANARY}"', "")
        if "account" in said and (f"{CANARY} " in said or CANARY.lower().replace("-", "_") in said):
            leaking.append(step.name)
    assert not leaking


def test_their_ids_in_forms_and_bodies_change_nothing_of_theirs(
    app: Flask, manager: Walker, ours: World, theirs: World
) -> None:
    before = rows_of(theirs)
    leaking = []
    for step in steps(app):
        if step.method == "GET" or step.rule.rule == "/logout" or step.rule.endpoint == "webhook.receive":
            continue
        fields = foreign_fields(theirs)
        right = BODIES.get(step.rule.endpoint, {})
        body: dict[str, Any] = {"json": {**right, **fields}} if step.is_api else {"data": fields}
        answer = manager.take(step, ours.values_for(step), **body)
        if f"{CANARY} " in answer.text or answer.status_code == 500:
            leaking.append((step.name, answer.status_code))
    assert not leaking
    assert rows_of(theirs) == before


def rows_of(world: World) -> list[str]:
    """Everything stored that carries their canary or hangs on their account."""
    stored = everything_stored()
    account_id = world.ids["account_id"]
    tables = ("whatsapp_messages", "conversations", "contacts", "whatsapp_message_templates")
    hanging = [row for name in tables for row in stored[name] if row.split(", ")[1] == str(account_id)]
    marked = [row for rows in stored.values() for row in rows if CANARY in row]
    return sorted({*hanging, *marked})


def _plain(fields: dict[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in fields.items()}
