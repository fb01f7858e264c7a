"""The blueprint of Flows; the views stand in the files beside it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request, session

blueprint = Blueprint("flows", __name__, url_prefix="/flows")

_LARGEST_FORM = 12 * 1024 * 1024
"""Meta takes 10 MB of Flow JSON, which may hold pictures."""
_WITH_TEXT = frozenset({"flows.create", "flows.save"})


@blueprint.url_value_preprocessor
def _take_long_texts(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Before anything reads the form. Only from browsers that hold a session of ours: nobody else may fill
    the memory."""
    if request.method == "POST" and endpoint in _WITH_TEXT and "_user_id" in session:
        request.max_content_length = _LARGEST_FORM
        request.max_form_memory_size = _LARGEST_FORM
