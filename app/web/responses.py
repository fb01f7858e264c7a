"""One URL, two faces: the whole page for browsers, the fragment for HTMX."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Flask, Response, current_app, make_response, render_template, request


def wants_fragment() -> bool:
    """True for HTMX's partial requests; boosted and history-restore requests want the page."""
    headers = request.headers
    return (
        headers.get("HX-Request") == "true"
        and headers.get("HX-Boosted") != "true"
        and headers.get("HX-History-Restore-Request") != "true"
    )


def respond(*, page: str, fragment: str, status: int = 200, **context: Any) -> Response:
    """Render `fragment` for HTMX and `page` otherwise, from the same context."""
    name = fragment if wants_fragment() else page
    return make_response(render_template(name, **context), status)


def go_to(url: str) -> Response:
    """See-other after a POST; HTMX is told to load the whole page there."""
    if wants_fragment():
        return Response(status=204, headers={"HX-Redirect": url})
    return Response(status=303, headers={"Location": url})


def stream(parts: Iterator[str], mimetype: str) -> Response:
    """An answer that is written while it is read. The request has ended by then, so each part is made in a
    context of its own: no database session is open while a slow reader takes it in."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]

    def run() -> Iterator[str]:
        while True:
            with app.app_context():
                part = next(parts, None)
            if part is None:
                return
            yield part

    return Response(run(), mimetype=mimetype)
