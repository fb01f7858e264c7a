"""A bare app with our filters, globals and components: enough to render any macro, no database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask_wtf import CSRFProtect

from app.web.filters import init_filters
from app.web.rendering import init_rendering

APP = Path(__file__).resolve().parents[2] / "app"
Render = Callable[..., BeautifulSoup]


@pytest.fixture
def kit() -> Flask:
    """Templates, static files, CSRF; a route for the frame's sign-out form."""
    app = Flask("kit", static_folder=str(APP / "static"), template_folder=str(APP / "templates"))
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.config.update(SECRET_KEY="k" * 40, TESTING=True)
    CSRFProtect(app)
    init_filters(app)
    init_rendering(app)
    app.add_url_rule("/sign-out", "auth.sign_out", lambda: "", methods=["POST"])
    return app


@pytest.fixture
def render(kit: Flask) -> Iterator[Render]:
    """Render a piece of Jinja inside a request: `render('{% from … %}{{ note(…) }}', form=form)`."""

    def from_string(source: str, **context: Any) -> BeautifulSoup:
        html = kit.jinja_env.from_string(source).render(**context)
        return BeautifulSoup(html, "html.parser")

    with kit.test_request_context():
        yield from_string
