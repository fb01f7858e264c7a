"""What holds for every page template."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import nodes

from app.web.errors import _PAGES

TEMPLATES = Path(__file__).resolve().parents[2] / "app" / "templates"
FILES = sorted(TEMPLATES.rglob("*.html"))
IDS = [path.relative_to(TEMPLATES).as_posix() for path in FILES]

COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
HANDLER = re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE)
FORBIDDEN = {
    "safe filter": re.compile(r"\|\s*safe\b"),
    "autoescape switched": re.compile(r"\{%-?\s*autoescape"),
    "inline style": re.compile(r"\sstyle\s*="),
    "style element": re.compile(r"<style\b", re.IGNORECASE),
    "inline script": re.compile(r"<script(?![^>]*\ssrc=)", re.IGNORECASE),
    "javascript: address": re.compile(r"javascript:", re.IGNORECASE),
    "inline handler": HANDLER,
    "hx-on": re.compile(r"\shx-on"),
    "something from elsewhere": re.compile(r"(src|href)=\"(https?:)?//", re.IGNORECASE),
}


def markup(path: Path) -> str:
    return COMMENT.sub("", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_a_template_holds_nothing_that_the_policy_forbids(path: Path) -> None:
    text = markup(path)
    assert [name for name, pattern in FORBIDDEN.items() if pattern.search(text)] == []


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_a_form_that_is_posted_carries_its_token(path: Path) -> None:
    for form in re.findall(r"<form\b.*?</form>", markup(path), re.DOTALL | re.IGNORECASE):
        if re.search(r"method=\"post\"", form, re.IGNORECASE):
            assert re.search(r"csrf\(\)|csrf_token", form), form[:120]


def test_links_lead_to_pages_that_exist_with_the_values_they_need(app: Flask) -> None:
    wrong = [
        f"{path.relative_to(TEMPLATES)}: {endpoint}"
        for path in FILES
        for endpoint, call in _links(app, path)
        if not _leads_somewhere(app, endpoint, call)
    ]
    assert wrong == []


def _links(app: Flask, path: Path) -> Iterator[tuple[str, nodes.Call]]:
    """Each url_for with a page's name written out."""
    for call in app.jinja_env.parse(path.read_text(encoding="utf-8")).find_all(nodes.Call):
        is_link = isinstance(call.node, nodes.Name) and call.node.name == "url_for"
        if is_link and call.args and isinstance(call.args[0], nodes.Const):
            yield call.args[0].value, call


def _leads_somewhere(app: Flask, endpoint: str, call: nodes.Call) -> bool:
    """One of the endpoint's rules takes its values from this call; a ** may bring any."""
    given = {keyword.key for keyword in call.kwargs}
    rules = list(app.url_map.iter_rules(endpoint)) if endpoint in app.view_functions else []
    return any(call.dyn_kwargs is not None or rule.arguments <= given for rule in rules)


def test_what_a_template_includes_is_there(app: Flask) -> None:
    kinds = (nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)
    named = {
        node.template.value
        for path in FILES
        for node in app.jinja_env.parse(path.read_text(encoding="utf-8")).find_all(kinds)
        if isinstance(node.template, nodes.Const)
    }
    assert {name for name in named if not (TEMPLATES / name).is_file()} == set()


def test_every_template_a_view_names_is_there() -> None:
    app_folder = TEMPLATES.parent
    named = {
        name
        for path in app_folder.rglob("*.py")
        if "sandbox" not in path.relative_to(app_folder).parts
        for name in re.findall(r"\"([a-z_]+/_?[a-z_0-9]+\.html)\"", path.read_text(encoding="utf-8"))
    }
    assert named
    assert {name for name in named if not (TEMPLATES / name).is_file()} == set()


def test_every_error_has_its_page() -> None:
    assert {f"{status}.html" for status in _PAGES} <= {path.name for path in (TEMPLATES / "errors").iterdir()}


def test_file_names_are_snake_case() -> None:
    assert [name for name in IDS if not re.fullmatch(r"[a-z_]+/_?[a-z0-9_]+\.html", name)] == []
