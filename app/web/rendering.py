"""What Jinja gets from Python beside filters: icons, static addresses, a form's errors, charts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, Response, request
from wtforms import Field, FieldList, Form, FormField, HiddenField

from app.web.assets import Assets
from app.web.charts import DELIVERY_SERIES, share, stack_bars
from app.web.redirects import this_page

# A failed form (422) comes back as the fragment to show; 204 means nothing changed; any other error
# leaves the page alone and app.js says so. Nothing of a page is kept in the browser's storage.
HTMX_CONFIG = json.dumps(
    {
        "includeIndicatorStyles": False,
        "allowEval": False,
        "selfRequestsOnly": True,
        "historyCacheSize": 0,
        "refreshOnHistoryMiss": True,
        "timeout": 30_000,
        "responseHandling": [
            {"code": "204", "swap": False},
            {"code": "[23]..", "swap": True},
            {"code": "422", "swap": True},
            {"code": "[45]..", "swap": False, "error": True},
        ],
    }
)


@dataclass(frozen=True)
class FieldError:
    """One line of an error summary; field_id is None for what concerns the whole form."""

    field_id: str | None
    label: str
    text: str


def init_rendering(app: Flask) -> None:
    """Register the globals, and let fingerprinted files be cached for good."""
    assets = Assets(Path(app.static_folder or "static"), is_live=app.debug)
    app.jinja_env.globals.update(
        icon=assets.icon,
        asset_url=assets.url,
        htmx_config=HTMX_CONFIG,
        summary_errors=summary_errors,
        stack_bars=stack_bars,
        delivery_series=DELIVERY_SERIES,
        share=share,
        this_page=this_page,
    )

    @app.after_request
    def keep_static_files(response: Response) -> Response:
        if request.endpoint == "static" and response.status_code in (200, 206, 304):
            path = (request.view_args or {}).get("filename", "")
            kept = assets.cache_control(path, request.args.get("v"))
            response.headers["Cache-Control"] = kept or "no-cache"
        return response


def summary_errors(form: Form) -> list[FieldError]:
    """Every error of a form, nested ones too, in the order of its fields; the form's own come first."""
    own = [FieldError(None, "", str(text)) for text in form.form_errors]
    return [*own, *(error for field in form for error in _field_errors(field))]


def _field_errors(field: Field) -> Iterator[FieldError]:
    if isinstance(field, FormField):
        yield from summary_errors(field.form)
        return
    if isinstance(field, FieldList):
        for entry in field.entries:
            yield from _field_errors(entry)
    # A list's errors also repeat those of its entries, as lists and dicts: they came out above.
    texts = [str(error) for error in field.errors if not isinstance(error, dict | list | tuple)]
    if isinstance(field, HiddenField):  # nothing one could be led to
        yield from (FieldError(None, "", text) for text in texts)
    else:
        yield from (FieldError(field.id, str(field.label.text), text) for text in texts)
