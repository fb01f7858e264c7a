"""Who may use what: every cell of reviewed table `permission_matrix.txt` (reliability C1).

A route that is not in the table, or is no longer there, fails. When a change is meant, put the lines
this test prints into the table, and review them.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.models import Role
from app.models.roles import role_allows
from app.web.permissions import PUBLIC, SIGNED_IN, declared_access
from tests.rules.walking import Step, Walker, World, build_world, steps
from tests.support.factories import Factory

TABLE = Path(__file__).with_name("permission_matrix.txt")
COLUMNS = ("anonymous", "switched-off", "viewer", "agent", "manager", "owner")
NO = {"login", "401", "403"}

# Not by role: the handshake goes by its verify token, events go by their signature.
SEPARATE = {
    "GET /webhooks/whatsapp",
    "POST /webhooks/whatsapp",
    "GET /api/whatsapp/api/webhook/webhook/",
    "POST /api/whatsapp/api/webhook/webhook/",
}


@pytest.fixture
def world(make: Factory) -> World:
    return build_world(make, "A")


@pytest.fixture
def walkers(app: Flask, make: Factory, world: World) -> dict[str, Walker]:
    found = {"anonymous": Walker(app)}
    off = make.user(role="owner", is_active=False)
    found["switched-off"] = Walker(app, user=off, key=make.api_key(created_by_id=off.id))
    for role in Role:
        accounts = [world.account, world.draft]
        user = make.user(role=role.value, accounts=accounts)
        found[role.value] = Walker(app, user=user, key=make.api_key(role=role.value, accounts=accounts))
    return found


def word_for(step: Step, answer: TestResponse) -> str:
    """login, yes, or a status: 401 and 403 say no; any other is a fault, and stands in no reviewed line."""
    status = answer.status_code
    if status == 302 and answer.headers.get("Location", "").startswith("/login"):
        return "login"
    is_refused = status in {401, 403}
    is_broken = status == 500 or (step.method == "GET" and status >= 400)
    return str(status) if is_refused or is_broken else "yes"


def line_for(step: Step, walkers: dict[str, Walker], world: World) -> str:
    words = (word_for(step, walkers[column].take(step, world.values_for(step))) for column in COLUMNS)
    return " ".join(f"{word:<12}" for word in words) + step.name


def in_order(app: Flask) -> list[Step]:
    """Reading comes first: what is archived, deleted or signed out on the way must have been seen before."""
    ending = ("/archive", "/delete", "/discard", "/switch-off", "/sign-out")
    return sorted(
        steps(app),
        key=lambda step: (
            step.name == "POST /logout",
            step.method != "GET",
            step.method == "DELETE" or any(word in step.name for word in ending),
        ),
    )


@pytest.mark.timeout(600)
def test_every_route_opens_to_exactly_those_the_table_names(
    app: Flask, walkers: dict[str, Walker], world: World
) -> None:
    walked = {
        step.name: line_for(step, walkers, world) for step in in_order(app) if step.name not in SEPARATE
    }
    found = [walked[step.name] for step in steps(app) if step.name in walked]
    reviewed = [line for line in TABLE.read_text().splitlines() if line and not line.startswith("#")]
    difference = [f"+ {line}" for line in found if line not in reviewed]
    difference += [f"- {line}" for line in reviewed if line not in found]
    assert not difference, "\n" + "\n".join(difference)
    assert found == reviewed, "the lines stand in another order"


def reviewed_rows() -> dict[str, dict[str, str]]:
    """The words of each line by column; the line's name is its method and address."""
    rows = {}
    for line in TABLE.read_text().splitlines():
        if line and not line.startswith("#"):
            words = line.split()
            rows[" ".join(words[len(COLUMNS) :])] = dict(zip(COLUMNS, words, strict=False))
    return rows


def test_what_the_table_says_is_what_the_routes_declare(app: Flask) -> None:
    """The cells of the roles follow from each route's permission and the one table of permissions."""
    rows = reviewed_rows()
    for step in steps(app):
        access = declared_access(app.view_functions[step.rule.endpoint])
        if step.name in SEPARATE or access in {None, PUBLIC, SIGNED_IN}:
            continue
        words = rows[step.name]
        assert {words["anonymous"], words["switched-off"]} <= NO, step.name
        allowed = {role for role in Role if words[role.value] == "yes"}
        assert allowed == {role for role in Role if role_allows(role, str(access))}, step.name
