"""What holds for every source file of the application."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "app"
FILES = sorted(APP.rglob("*.py"))
MAX_LINES = 400

# Transactions of their own, beside the session's: one only notes that somebody was here, the other keeps the
# bytes of files, in many small ones.
TOUCHES = {"app/web/identity.py", "app/media_store/tables.py"}


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def room(path: Path) -> str:
    return path.relative_to(APP).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(APP)))
def test_a_file_stays_within_400_lines(path: Path) -> None:
    count = len(path.read_text(encoding="utf-8").splitlines())
    assert count <= MAX_LINES, f"{count} lines: often two nouns"


def calls(path: Path, name: str) -> bool:
    """True when something's method of that name is called."""
    return any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == name
        for node in ast.walk(tree(path))
    )


def test_no_page_makes_a_scope_of_its_own() -> None:
    """It would forget what the person may not see: scopes come from the actor, and are narrowed."""
    making = {
        path.relative_to(ROOT).as_posix()
        for path in FILES
        if room(path) not in {"queries", "services"} and "AccountScope(" in path.read_text(encoding="utf-8")
    }
    assert not making


def test_only_services_commit() -> None:
    committing = {
        path.relative_to(ROOT).as_posix()
        for path in FILES
        if room(path) not in {"services", "sandbox"} and calls(path, "commit")
    }
    assert not committing


def test_outside_of_services_only_a_visit_is_written() -> None:
    writing = {
        path.relative_to(ROOT).as_posix()
        for path in FILES
        if room(path) not in {"services", "sandbox"}
        and re.search(
            r"writes=True|db\.session\.(add|delete|merge|flush)\(", path.read_text(encoding="utf-8")
        )
    }
    assert writing == TOUCHES


def test_every_module_says_what_it_is_for() -> None:
    """Empty package files need no words."""
    silent = {
        path.relative_to(ROOT).as_posix()
        for path in FILES
        if path.read_text(encoding="utf-8").strip() and ast.get_docstring(tree(path)) is None
    }
    assert not silent


def test_a_template_of_whatsapps_is_always_called_a_message_template() -> None:
    """A bare "template" would mean Jinja's. Meta's own edge and our API's fixed paths are exempt."""
    named = {
        f"{path.relative_to(ROOT)}: {node.name}"
        for path in FILES
        if room(path) in {"models", "services", "queries", "web", "console", "message_templates", "setup"}
        for node in ast.walk(tree(path))
        if isinstance(node, (ast.FunctionDef, ast.ClassDef))
        and re.search(r"(?<!message_)(?<!Message)[tT]emplate", node.name)
    }
    assert not named


def test_nothing_names_a_machine_or_a_registry() -> None:
    tracked = [*FILES, *(APP / "templates").rglob("*.html"), *APP.rglob("*.js"), *ROOT.glob("*.py")]
    own = [path for path in tracked if "vendor" not in path.parts]
    found = {
        path.relative_to(ROOT).as_posix()
        for path in own
        if re.search(r"/work/|/root/|/home/\w|pypi\.org|registry\.npmjs", path.read_text(encoding="utf-8"))
    }
    assert not found
