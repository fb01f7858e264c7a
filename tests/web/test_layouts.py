"""The frames, and rules that hold for every file of templates."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace

import html5lib
import pytest
from bs4 import BeautifulSoup
from flask import Flask, flash, render_template, render_template_string

from tests.web.conftest import APP

ROOT = APP.parent
TEMPLATES = sorted((APP / "templates").rglob("*.html"))
FRAME = {
    "current_user": SimpleNamespace(
        is_authenticated=True,
        user=SimpleNamespace(display_name="Amara Okafor", email="amara@meridian.example"),
    ),
    "nav": [
        {
            "heading": "",
            "items": [{"label": "Home", "icon": "home", "url": "/", "is_current": True, "count": 0}],
        },
        {
            "heading": "Connection",
            "items": [
                {"label": "Accounts", "icon": "building-store", "url": "/a", "is_current": False, "count": 3}
            ],
        },
    ],
    "line_state": SimpleNamespace(state="ok", text="Line to Meta is up", last_event_at=None),
    "is_sandbox": False,
    "health_banners": [],
}
PAGE = (
    '{% extends "layouts/base.html" %}{% block head_title %}Keys & more{% endblock %}'
    "{% block content %}<p>One</p>{% endblock %}"
)


def show(kit: Flask, source: str, **context: object) -> BeautifulSoup:
    with kit.test_request_context():
        html = render_template_string(source, **{**FRAME, **context})
    html5lib.HTMLParser(strict=True).parse(html)
    return BeautifulSoup(html, "html5lib")


def test_page_has_one_heading_a_title_and_landmarks(kit: Flask) -> None:
    page = show(kit, PAGE)
    assert [heading.text for heading in page.find_all("h1")] == ["Keys & more"]
    assert page.title.text == "Keys & more · waba-console"
    assert page.select_one("a.wc-skip")["href"] == "#main"
    assert page.main["id"] == "main"
    assert page.select_one("nav [aria-current=page]").text == "Home"


def test_sandbox_is_marked_in_the_title_and_in_the_frame(kit: Flask) -> None:
    page = show(kit, PAGE, is_sandbox=True, sandbox_url="http://127.0.0.1:5001")
    assert page.title.text.startswith("[Sandbox] ")
    assert {link["href"] for link in page.select("a.wc-sandbox")} == {"http://127.0.0.1:5001"}
    assert show(kit, PAGE).select("a.wc-sandbox") == []


def test_sign_out_is_a_post_with_a_token(kit: Flask) -> None:
    forms = show(kit, PAGE).select('form[action="/sign-out"]')
    assert {form["method"] for form in forms} == {"post"}
    assert all(form.select_one("input[name=csrf_token]")["value"] for form in forms)


def test_htmx_swaps_failed_forms_and_never_evaluates_text(kit: Flask) -> None:
    page = show(kit, PAGE)
    config = json.loads(page.select_one("meta[name=htmx-config]")["content"])
    assert config["allowEval"] is False
    assert config["includeIndicatorStyles"] is False
    assert {"code": "422", "swap": True} in config["responseHandling"]
    assert json.loads(page.body["hx-headers"])["X-CSRFToken"]
    assert page.body["hx-ext"] == "morph"


def test_content_stands_beside_an_aside_once(kit: Flask) -> None:
    page = show(kit, PAGE + "{% block aside %}<p>Two</p>{% endblock %}")
    assert [text.text for text in page.select(".wc-cols p")] == ["One", "Two"]
    assert show(kit, PAGE).select(".wc-cols") == []


def test_confirmations_are_toasts_and_warnings_stay_in_the_page(kit: Flask) -> None:
    with kit.test_request_context():
        flash("Saved.", "ok")
        flash("The token expires.", "warn")
        page = BeautifulSoup(render_template_string(PAGE, **FRAME), "html5lib")
    assert [toast.p.text for toast in page.select("#toasts .wc-toast")] == ["Saved."]
    assert [note.text.strip() for note in page.select("main .wc-note")] == ["The token expires."]


@pytest.mark.parametrize("status", [400, 403, 404, 405, 413, 429, 500, 503])
def test_error_page_says_what_is_safe_and_what_to_do(kit: Flask, status: int) -> None:
    with kit.test_request_context("/somewhere"):
        html = render_template(f"errors/{status}.html", **FRAME, message="It failed.", reference="7f3a91c2")
    html5lib.HTMLParser(strict=True).parse(html)
    page = BeautifulSoup(html, "html5lib")
    assert len(page.find_all("h1")) == 1
    assert [term.text for term in page.find_all("dt")] == ["What is safe", "What to do", "Reference"]
    assert page.select_one("#error-reference").text == "7f3a91c2"
    assert bool(page.select("nav")) == (status < 500)


def test_error_page_comes_out_without_anybody_signed_in(kit: Flask) -> None:
    with kit.test_request_context("/somewhere"):
        assert "There is nothing at this address" in render_template("errors/404.html", nav=[])


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: str(file.relative_to(APP / "templates")))
def test_templates_hold_nothing_that_the_content_security_policy_forbids(file: Path) -> None:
    source = re.sub(r"{#.*?#}", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert not re.search(r"<[^>{]*\sstyle\s*=", source)
    assert not re.search(r"<[^>{]*\son\w+\s*=", source)
    assert "<style" not in source
    assert "javascript:" not in source
    assert not re.search(r"<script(?![^>]*\ssrc=)", source)


def test_every_icon_that_is_named_is_installed() -> None:
    listed = set((ROOT / "icons.txt").read_text(encoding="utf-8").split())
    named = {
        name
        for file in TEMPLATES
        for name in re.findall(
            r"""\bicon\(\s*["']([a-z0-9-]+)["']\s*[,)]""", file.read_text(encoding="utf-8")
        )
    }
    assert named <= listed
