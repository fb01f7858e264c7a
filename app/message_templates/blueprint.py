"""The blueprint of message templates; the views stand in the files beside it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request, session

from app.services.message_templates.reading import LARGEST_FILE

blueprint = Blueprint("message_templates", __name__, url_prefix="/message-templates")

_LARGEST_FORM = LARGEST_FILE + 256 * 1024


@blueprint.url_value_preprocessor
def _take_long_files(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Before anything reads the form. Only from browsers that hold a session of ours: nobody else may fill
    the memory."""
    if request.method == "POST" and endpoint == "message_templates.import_file" and "_user_id" in session:
        request.max_content_length = _LARGEST_FORM
        request.max_form_memory_size = _LARGEST_FORM
