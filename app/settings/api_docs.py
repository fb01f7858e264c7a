"""The JSON API's documentation, served by the console itself: a page to begin with, one for each noun."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, current_app, make_response, render_template, request

from app.settings.api_reference import KEY_VARIABLE, SLUGS, Group, find_calls, read_groups
from app.settings.blueprint import blueprint
from app.web.identity import current_actor
from app.web.permissions import PUBLIC, declared_access, signed_in

_LONGEST_QUERY = 100
_ENDPOINTS = "api."
_SLUGS = ",".join(f'"{slug}"' for slug in SLUGS)


@blueprint.get("/api-docs/")
@signed_in
def api_docs() -> Response:
    """How to begin, and all calls; with `q` those that have these words."""
    words = request.args.get("q", "").strip()[:_LONGEST_QUERY]
    groups = _groups()
    return _page(
        "settings/api_docs.html", groups, words=words, found=find_calls(groups, words) if words else []
    )


@blueprint.get(f"/api-docs/<any({_SLUGS}):slug>/")
@signed_in
def api_docs_group(slug: str) -> Response:
    """All calls about one noun."""
    groups = _groups()
    group = next(group for group in groups if group.slug == slug)
    return _page("settings/api_docs_group.html", groups, group=group)


def _page(template: str, groups: tuple[Group, ...], **values: Any) -> Response:
    html = render_template(
        template,
        groups=groups,
        base=_base(),
        key_variable=KEY_VARIABLE,
        calls_per_minute=current_app.config["SETTINGS"].api_calls_per_minute,
        may_make_keys=current_actor().may("keys.manage"),
        **values,
    )
    return make_response(html)


def _base() -> str:
    base: str = current_app.config["SETTINGS"].public_base_url
    return base


def _groups() -> tuple[Group, ...]:
    """Read once for the process: the API does not change while it runs."""
    app: Any = current_app
    groups: tuple[Group, ...] | None = app.extensions.get("waba_api_docs")
    if groups is None:
        groups = app.extensions["waba_api_docs"] = read_groups(app.spec, _base(), _permissions(app))
    return groups


def _permissions(app: Flask) -> dict[str, str]:
    """What each call needs, by its name in the description."""
    found = {
        endpoint.removeprefix(_ENDPOINTS): declared_access(view)
        for endpoint, view in app.view_functions.items()
        if endpoint.startswith(_ENDPOINTS)
    }
    return {name: access for name, access in found.items() if access and access != PUBLIC}
