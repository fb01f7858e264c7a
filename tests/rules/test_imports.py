"""Imports point down: which room may know which."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

APP = Path(__file__).resolve().parents[2] / "app"
BASE = {"crypto", "errors", "extensions", "log_fields", "models"}
PAGES = {"web", "services", "queries", "models", "errors"}

# A room's own files may always know each other; what is not named here may not be known.
ROOMS: dict[str, set[str]] = {
    "__init__": {"cli", "crypto", "database", "extensions", "web", "worker"},
    "crypto": set(),
    "errors": set(),
    "log_fields": set(),
    "failpoints": set(),
    "database": set(),
    "extensions": {"models"},
    "models": {"crypto", "failpoints"},  # a chaos test's wrong clock
    "graph": set(),
    "queries": BASE - {"crypto", "log_fields"},
    "media_store": {"models"},
    "services": BASE | {"failpoints", "queries", "graph", "media_store"},
    "web": BASE | {"queries"},
    "worker": {"services", "queries", "models", "extensions", "log_fields"},
    "cli": {"services", "queries", "models", "errors", "worker", "sandbox"},
    "sandbox": set(),
    "accounts": PAGES,
    "admin": PAGES,
    "analytics": PAGES,
    "auth": PAGES,
    "bot": PAGES,
    "console": PAGES,
    "contacts": PAGES,
    "flows": PAGES,
    "health": PAGES,
    "knowledge": PAGES,
    "message_templates": PAGES,
    "settings": PAGES | {"crypto"},
    "webhook_events": PAGES,
    "setup": PAGES,
    "webhook": {"graph", "services", "web", "errors", "extensions"},
    "api": PAGES | {"crypto", "extensions"},
}

# Single files that may know one more module: the API words Meta's refusals, and its JSON has the
# same limits as a webhook's.
EXCEPTIONS = {
    ("api/errors.py", "app.graph.errors"),
    ("api/json_body.py", "app.graph.json_limits"),
}

# Packages from outside that a room keeps clear of.
STRANGERS: dict[str, set[str]] = {
    "crypto": {"flask", "sqlalchemy", "requests"},
    "errors": {"flask", "sqlalchemy", "requests"},
    "models": {"flask", "flask_sqlalchemy", "flask_login", "requests", "wtforms"},
    "graph": {"flask", "sqlalchemy", "flask_sqlalchemy", "huey"},
    "queries": {"flask", "requests", "wtforms", "huey"},
    "media_store": {"flask", "flask_sqlalchemy", "requests", "wtforms", "huey"},
    "services": {"wtforms", "flask_wtf", "flask_login", "htmx_flask", "apiflask", "huey"},
    "web": {"requests", "huey", "apiflask"},
    "worker": {"wtforms", "flask_wtf", "flask_login", "htmx_flask", "apiflask", "requests"},
    "sandbox": {"sqlalchemy", "flask_sqlalchemy", "huey", "config"},
}
DOORS = set(ROOMS) - set(STRANGERS) - {"__init__", "database", "extensions", "cli"}

# Of Flask, a service may know where it is; who is asking, and how, comes as arguments.
REQUEST_BOUND = {"request", "session", "g", "url_for", "render_template", "flash", "abort", "redirect"}

FILES = sorted(path for path in APP.rglob("*.py") if "__pycache__" not in path.parts)


def room_of(path: Path) -> str:
    first = path.relative_to(APP).parts[0]
    return first.removesuffix(".py")


def imported(path: Path) -> Iterator[tuple[str, str]]:
    """Each import as (module, name); relative ones are spelt out."""
    package = ["app", *path.relative_to(APP).parts[:-1]]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*above, *([node.module] if node.module else [])])
            yield from ((module, alias.name) for alias in node.names)


def known_rooms(path: Path) -> Iterator[tuple[str, str]]:
    """(room, full name) of everything of ours that a file imports."""
    for module, name in imported(path):
        if module == "app":
            yield name, f"app.{name}"
        elif module.startswith("app."):
            yield module.split(".")[1], module


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(APP)))
def test_a_file_knows_only_rooms_beneath_its_own(path: Path) -> None:
    room = room_of(path)
    assert room in ROOMS, f"the room {room} is not in the table; say what it may know"
    name = path.relative_to(APP).as_posix()
    wrong = {
        full
        for known, full in known_rooms(path)
        if known != room and known not in ROOMS[room] and (name, full) not in EXCEPTIONS
    }
    assert not wrong, f"app/{name} imports {sorted(wrong)}"


@pytest.mark.parametrize("room", sorted(STRANGERS))
def test_a_room_keeps_clear_of_packages_that_are_not_its_business(room: str) -> None:
    found = {
        f"{path.relative_to(APP)}: {module}"
        for path in FILES
        if room_of(path) == room
        for module, _ in imported(path)
        if module.split(".")[0] in STRANGERS[room]
    }
    assert not found


def test_services_and_workers_do_not_look_at_the_request() -> None:
    found = {
        f"{path.relative_to(APP)}: {name}"
        for path in FILES
        if room_of(path) in {"services", "worker", "cli"}
        for module, name in imported(path)
        if module == "flask" and name in REQUEST_BOUND
    }
    assert not found


def test_every_exception_is_still_needed() -> None:
    used = {(path.relative_to(APP).as_posix(), full) for path in FILES for _, full in known_rooms(path)}
    assert used >= EXCEPTIONS


def test_the_table_names_only_rooms_that_exist() -> None:
    assert {room_of(path) for path in FILES} == set(ROOMS)
    assert {room for allowed in ROOMS.values() for room in allowed} <= set(ROOMS)


def test_doors_do_not_know_each_other() -> None:
    assert not {door for door in DOORS if ROOMS[door] & DOORS}


def test_the_table_has_no_circles() -> None:
    """What a room may know may not know it: taken from the bottom, every room finds its place."""
    placed: set[str] = set()
    waiting = dict(ROOMS)
    while waiting:
        ready = {room for room, known in waiting.items() if known <= placed}
        assert ready, f"these know each other: {sorted(waiting)}"
        placed |= ready
        waiting = {room: known for room, known in waiting.items() if room not in ready}
